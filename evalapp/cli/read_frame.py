"""Read a CSV of any size for the estimators, refusing what cannot be read in words."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from pandas.errors import EmptyDataError, ParserError

from evalapp.core.errors import AppError
from evalapp.core.language import Message

WORKBOOK_BEGINS = b"PK\x03\x04"
CONTENT_CHECKED_BYTES = 8192


def read_frame(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """Return a CSV as a frame with unique column names; every column in `columns` must be there."""
    with path.open("rb") as source:
        begins = source.read(CONTENT_CHECKED_BYTES)
    if begins.startswith(WORKBOOK_BEGINS):
        raise AppError(Message("This file is an Excel workbook. Open it in Excel and save it as CSV (UTF-8), then try again."))
    if b"\0" in begins:
        raise AppError(Message("This file is not text. Save the table as CSV (UTF-8), then try again."))
    frame = _parse(path)
    frame.columns = frame.columns.astype(str).str.strip()
    if frame.empty:
        raise AppError(Message("The file has a header but no rows."))
    absent = [name for name in columns if name not in frame]
    if absent:
        raise AppError(_absent(absent, list(frame.columns)))
    twice = [name for name in columns if (frame.columns == name).sum() > 1]
    if twice:
        raise AppError(Message("The column “%(column)s” stands in the file twice. Rename one of them.", column=twice[0]))
    return frame


def _parse(path: Path) -> pd.DataFrame:
    for encoding in ("utf-8-sig", "cp949"):
        try:
            return pd.read_csv(path, encoding=encoding, low_memory=False)
        except UnicodeDecodeError:
            continue
        except EmptyDataError:
            raise AppError(Message("The file is empty.")) from None
        except ParserError as error:
            raise AppError(Message("The file is not a well-formed CSV: %(reason)s", reason=str(error).strip())) from None
    raise AppError(Message("The file is neither UTF-8 nor Korean (CP949) text. Save it as CSV (UTF-8), then try again."))


def _absent(absent: list[str], there: list[str]) -> Message:
    near = difflib.get_close_matches(absent[0], there, n=1)
    if near:
        return Message("There is no column “%(column)s” in the file. Is “%(near)s” meant?", column=absent[0], near=near[0])
    return Message("There is no column “%(column)s” in the file. It has: %(there)s.", column=absent[0], there=", ".join(there[:20]))
