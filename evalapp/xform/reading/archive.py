"""What can be known of an uploaded form before it is opened: a small file can unpack to gigabytes."""

from __future__ import annotations

import io
import zipfile
import zlib
from pathlib import Path, PurePosixPath
from typing import Literal

from evalapp.xform.faults import N_, FormFault, RefusedForm

MOST_BYTES = 5 * 1_048_576
MOST_UNPACKED = 20 * 1_048_576
MOST_MEMBERS = 200
MOST_RATIO = 100
SMALLEST_BOMB = 1_048_576  # a part smaller than this does no harm, however well it was packed
ENCRYPTED_FLAG = 1
CHUNK = 65_536
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # how files of Excel before 2007 begin, and those it encrypted
OLD_WORKBOOK, ENCRYPTED = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le")), "EncryptedPackage".encode("utf-16-le")
OLD_MACROS = "_VBA_PROJECT".encode("utf-16-le")
DOCUMENT_TYPES = tuple("<!DOCTYPE".encode(encoding) for encoding in ("ascii", "utf-16-le", "utf-16-be"))
WORKBOOK, MACROS, BINARY, OPEN_DOCUMENT = "xl/workbook.xml", "xl/vbaProject.bin", "xl/workbook.bin", "content.xml"
WORKBOOKS = (".xlsx", ".xls")
SHEETS = ("survey", "choices", "settings", "x_items", "entities", "external_choices", "osm")

Kind = Literal["workbook", "old_workbook", "folder", "parcel"]


def check_archive(content: bytes) -> Kind:
    """Say what an upload is, or refuse it unopened.

    It is a workbook, one of the old .xls kind, a zipped folder of CSV sheets, or a parcel: a zip of a workbook and its tables.
    """
    if len(content) > MOST_BYTES:
        raise _refused(
            N_("The file is larger than %(most)s MB. Remove pictures and old sheets from it."), most=MOST_BYTES // 1_048_576
        )
    if content.startswith(OLE):
        return _old_workbook(content)
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
        _measure(archive.infolist())
        return _kind(archive)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, UnicodeDecodeError, EOFError) as error:
        raise _refused(N_("This is not an Excel workbook. Save the form in Excel as .xlsx and upload that file.")) from error


def _old_workbook(content: bytes) -> Kind:
    if ENCRYPTED in content:
        raise _refused(N_("The workbook is protected by a password. Remove the password in Excel and save it again."))
    if OLD_MACROS in content:
        raise _with_macros()
    if not any(name in content for name in OLD_WORKBOOK):
        raise _refused(N_("This is not an Excel workbook. Save the form in Excel as .xlsx and upload that file."))
    return "old_workbook"


def _measure(members: list[zipfile.ZipInfo]) -> None:
    if any(member.flag_bits & ENCRYPTED_FLAG for member in members):
        raise _refused(N_("The workbook is protected by a password. Remove the password in Excel and save it again."))
    packed_too_well = any(member.file_size > max(SMALLEST_BOMB, MOST_RATIO * member.compress_size) for member in members)
    if len(members) > MOST_MEMBERS or sum(member.file_size for member in members) > MOST_UNPACKED or packed_too_well:
        raise _refused(
            N_("The file would unpack to far more than a form needs. Copy the sheets into a new workbook and save that.")
        )


def _kind(archive: zipfile.ZipFile) -> Kind:
    names = {member.filename for member in archive.infolist()}
    if MACROS in names:
        raise _with_macros()
    if WORKBOOK in names:
        _refuse_entities(archive)
        return "workbook"
    if any(PurePosixPath(name).name.lower() == "survey.csv" for name in names):
        return "folder"
    if len(workbooks_in(archive)) == 1:
        return "parcel"
    if BINARY in names or OPEN_DOCUMENT in names:
        raise _refused(N_("This kind of spreadsheet (.xlsb, .ods) is not read. Save it as .xlsx and upload that file."))
    raise _refused(N_("This is neither a workbook nor a folder with survey.csv. Save the form in Excel as .xlsx."))


def workbooks_in(archive: zipfile.ZipFile) -> list[str]:
    """Return the names of the workbooks in a zip, without what a Mac or Excel leaves beside them."""
    paths = [PurePosixPath(name) for name in archive.namelist()]
    meant = [path for path in paths if path.suffix.lower() in WORKBOOKS and not path.name.startswith(("~", "."))]
    return [str(path) for path in meant if "__MACOSX" not in path.parts]


def _refuse_entities(archive: zipfile.ZipFile) -> None:
    """Refuse a workbook with a document type: entities can name other files, and can grow without end."""
    longest = max(map(len, DOCUMENT_TYPES))
    for member in archive.infolist():
        before = b""
        with archive.open(member) as part:
            while some := part.read(CHUNK):
                if any(sign in before + some for sign in DOCUMENT_TYPES):
                    message = N_("The workbook holds a document type or an entity, which no form needs. Save it anew in Excel.")
                    raise _refused(message)
                before = some[-longest:]


def pack_folder(folder: Path) -> bytes:
    """Return a folder of CSV sheets as the archive that `read_form` takes, the same bytes for the same sheets."""
    sheets = {f"{name}.csv": folder / f"{name}.csv" for name in SHEETS}
    return pack({name: path.read_bytes() for name, path in sheets.items() if path.exists()})


def pack(files: dict[str, bytes]) -> bytes:
    """Return files as a zip, the same bytes for the same files."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _with_macros() -> RefusedForm:
    return _refused(N_("The workbook holds macros, which no form needs and others should not be handed. Save it as .xlsx."))


def _refused(text: str, **facts: object) -> RefusedForm:
    return RefusedForm([FormFault(text, facts)])
