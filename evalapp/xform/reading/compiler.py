"""The process that opens a form and compiles it: `python -m evalapp.xform.reading.compiler`, form in, JSON out.

It gives itself limits first, so that whatever a hostile workbook makes the parsers do ends with this process.
"""

from __future__ import annotations

import json
import resource
import sys
import warnings
from dataclasses import asdict
from typing import Any

from evalapp.xform.faults import N_, FormFault, RefusedForm
from evalapp.xform.reading.sheets import Book, Sheet, read_sheets

MOST_SECONDS = 10
MOST_MEMORY = 768 * 1_048_576
MOST_WRITTEN = 64 * 1_048_576
COMPILED_SHEETS = ("survey", "choices", "settings", "entities", "external_choices", "osm")


def main() -> None:
    """Read the kind of archive from the first line and the archive from the rest; write what became of it."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))  # pyxform writes its result to a temporary file first
    warnings.simplefilter("ignore")  # of openpyxl, about styles and extensions that are not read
    # openpyxl loads numpy where it finds it, only to know its kinds of numbers.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    kind = sys.stdin.buffer.readline().decode().strip()
    answer = open_and_compile(sys.stdin.buffer.read(), kind)
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode())


def open_and_compile(content: bytes, kind: Any) -> dict[str, Any]:
    """Return the sheets and the XForm of an archive as plain data, or its faults."""
    try:
        book = read_sheets(content, kind)
    except RefusedForm as refused:
        return {"faults": [asdict(fault) for fault in refused.faults]}
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a damaged or hostile workbook can make the reader raise anything
        message = N_("The workbook is damaged and cannot be read. Open it in Excel and save it again as .xlsx.")
        return {"faults": [asdict(FormFault(message))]}
    return {"sheets": [asdict(sheet) for sheet in book.sheets.values()], "names": book.names, **_compile(book)}


def _compile(book: Book) -> dict[str, Any]:
    from pyxform.errors import PyXFormError  # noqa: PLC0415 - a second's work that only this process does
    from pyxform.xls2xform import convert  # noqa: PLC0415

    said: list[str] = []
    try:
        made = convert(xlsform=_as_compiled(book), warnings=said, validate=False)
    except PyXFormError as error:
        return {"error": str(error), "warnings": said}
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # noqa: BLE001 - pyxform raises KeyError and others for some forms
        return {"error": f"{type(error).__name__}: {error}", "warnings": said}
    return {"xform": made.xform, "warnings": said}


def _as_compiled(book: Book) -> dict[str, Any]:
    """Return the sheets as pyxform takes them; empty rows are there too, so that its row numbers are right."""
    given: dict[str, Any] = {"sheet_names": list(book.names), "fallback_form_name": "data"}
    for name in COMPILED_SHEETS:
        if name in book.sheets:
            sheet = book.sheets[name]
            given[name] = _rows(sheet)
            given[f"{name}_header"] = [{column: None for column in sheet.columns if column}]
    return given


def _rows(sheet: Sheet) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = [{} for _ in range(2, sheet.rows[-1].number + 1)] if sheet.rows else []
    for row in sheet.rows:
        rows[row.number - 2] = dict(row.cells)
    return rows


if __name__ == "__main__":
    main()
