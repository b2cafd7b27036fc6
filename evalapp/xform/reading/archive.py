"""What can be known of an uploaded form before it is opened: a small file can unpack to gigabytes."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path, PurePosixPath
from typing import Literal

from evalapp.xform.faults import N_, FormFault, RefusedForm

MOST_BYTES = 5 * 1_048_576
MOST_UNPACKED = 20 * 1_048_576
MOST_MEMBERS = 200
MOST_RATIO = 100
SMALLEST_BOMB = 1_048_576  # a part smaller than this does no harm, however well it was packed
ENCRYPTED_FLAG = 1
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WORKBOOK = "xl/workbook.xml"
SHEETS = ("survey", "choices", "settings", "x_items", "entities", "external_choices", "osm")

Kind = Literal["workbook", "folder"]


def check_archive(content: bytes) -> Kind:
    """Say whether an upload is a workbook or a zipped folder of CSV sheets, or refuse it unopened."""
    if len(content) > MOST_BYTES:
        raise _refused(
            N_("The file is larger than %(most)s MB. Remove pictures and old sheets from it."), most=MOST_BYTES // 1_048_576
        )
    if content.startswith(OLE):
        raise _refused(N_("The workbook is of the old .xls kind or protected by a password. Save it as .xlsx without a password."))
    try:
        members = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError) as error:
        raise _refused(N_("This is not an Excel workbook. Save the form in Excel as .xlsx and upload that file.")) from error
    _measure(members)
    names = {member.filename for member in members}
    if WORKBOOK in names:
        return "workbook"
    if any(PurePosixPath(name).name == "survey.csv" for name in names):
        return "folder"
    raise _refused(N_("This is neither a workbook nor a folder with survey.csv. Save the form in Excel as .xlsx."))


def _measure(members: list[zipfile.ZipInfo]) -> None:
    if any(member.flag_bits & ENCRYPTED_FLAG for member in members):
        raise _refused(N_("The workbook is protected by a password. Remove the password in Excel and save it again."))
    packed_too_well = any(member.file_size > max(SMALLEST_BOMB, MOST_RATIO * member.compress_size) for member in members)
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED or packed_too_well:
        raise _refused(
            N_("The file would unpack to far more than a form needs. Copy the sheets into a new workbook and save that.")
        )


def pack_folder(folder: Path) -> bytes:
    """Return a folder of CSV sheets as the archive that `read_form` takes, the same bytes for the same sheets."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in SHEETS:
            path = folder / f"{name}.csv"
            if path.exists():
                archive.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _refused(text: str, **facts: object) -> RefusedForm:
    return RefusedForm([FormFault(text, facts)])
