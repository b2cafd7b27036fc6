"""A form with the tables it brings along: CSV files that its choices and pulldata() use, in one zip with it or beside it."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from evalapp.xform.faults import N_, FormFault, RefusedForm
from evalapp.xform.reading.archive import SHEETS, Kind, check_archive, pack, workbooks_in


@dataclass(frozen=True)
class Parcel:
    """The bytes of a form alone, what kind they are, and the tables by file name."""

    content: bytes
    kind: Kind
    tables: Mapping[str, bytes]


def unpack(content: bytes) -> Parcel:
    """Return what an upload holds, or refuse it unopened. Pictures and other files beside a form are left out."""
    kind = check_archive(content)
    if kind == "folder":
        return Parcel(content, kind, _tables(content))
    if kind != "parcel":
        return Parcel(content, kind, {})
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        inner = _read(archive, workbooks_in(archive)[0])
    inner_kind = check_archive(inner)
    if inner_kind == "parcel":
        raise RefusedForm([FormFault(N_("This is a zip within a zip. Pack the workbook and its CSV files once."))])
    return Parcel(inner, inner_kind, _tables(content))


def pack_parcel(form: bytes, name: str, tables: Mapping[str, bytes]) -> tuple[bytes, str]:
    """Return a form with its tables as one file and that file's name: the form itself where it brings no tables."""
    if not tables:
        return form, name
    stem, kind = PurePosixPath(name).stem, check_archive(form)
    if kind == "folder":
        with zipfile.ZipFile(io.BytesIO(form)) as archive:
            files = {PurePosixPath(each).name: _read(archive, each) for each in archive.namelist() if not each.endswith("/")}
    else:
        files = {f"{stem}.xls" if kind == "old_workbook" else f"{stem}.xlsx": form}
    return pack({**files, **{each: tables[each] for each in sorted(tables)}}), f"{stem}.zip"


def _tables(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        paths = {PurePosixPath(name): name for name in archive.namelist()}
        return {
            path.name: _read(archive, name)
            for path, name in paths.items()
            if path.suffix.lower() == ".csv" and path.stem.lower() not in SHEETS and "__MACOSX" not in path.parts
        }


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    try:
        return archive.read(name)
    except (zipfile.BadZipFile, NotImplementedError, EOFError) as error:
        raise RefusedForm([FormFault(N_("The file %(name)s in the zip is damaged. Pack it again."), {"name": name})]) from error
