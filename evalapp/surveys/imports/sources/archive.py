"""Zip archives of CSV files, measured before they are unpacked: a small file can unpack to gigabytes."""

from __future__ import annotations

import io
import zipfile
import zlib
from dataclasses import replace
from pathlib import PurePosixPath

from evalapp.core.errors import RefusedFile
from evalapp.core.faults import printable, refuse
from evalapp.core.language import Message
from evalapp.core.read_table import read_csv
from evalapp.core.sheets import Sheet
from evalapp.core.workbooks import ENCRYPTED_FLAG, MOST_MEMBERS, MOST_RATIO, MOST_UNPACKED

WORKBOOK_PART = "xl/workbook.xml"
LOG_COLUMNS = {"event", "node", "start", "end"}  # how the answering went, which ODK packs beside the answers


def is_archive_of_tables(content: bytes) -> bool:
    """Say whether a zip archive holds CSV files rather than being a workbook."""
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        return False
    return WORKBOOK_PART not in names and any(name.lower().endswith(".csv") for name in names)


def read_archive(content: bytes) -> tuple[list[Sheet], tuple[Message, ...]]:
    """Return the tables of an archive by their file names, and what was left out; refuse one that is hostile or damaged."""
    archive = zipfile.ZipFile(io.BytesIO(content))
    _measure(archive)
    sheets, left = [], 0
    for member in archive.infolist():
        path = PurePosixPath(member.filename)
        if member.is_dir():
            continue
        sheet = _read(archive, member, path.stem) if path.suffix.lower() == ".csv" else None
        if sheet is None or set(sheet.header) >= LOG_COLUMNS:
            left += 1
        else:
            sheets.append(sheet)
    notice = Message("%(count)s files of the archive hold no answers and are left out.", count=left)
    return sheets, (notice,) if left else ()


def _measure(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    if any(member.flag_bits & ENCRYPTED_FLAG for member in members):
        raise refuse(Message("The archive is protected by a password. Remove the password and pack it again."))
    unpacked = sum(member.file_size for member in members)
    packed = sum(member.compress_size for member in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(packed, 1):
        raise refuse(Message("The file would unpack to far more than answers need. Export the answers again, without media files."))


def _read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> Sheet | None:
    try:
        return read_csv(archive.read(member), name, rows_needed=False)
    except RefusedFile as refused:
        raise RefusedFile([replace(fault, sheet=printable(name)) for fault in refused.faults], refused.unlisted) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise refuse(Message("The archive is damaged and cannot be read. Export it again."), sheet=name) from error
