"""What a form needs to say of itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

from evalapp.xform.faults import N_, FormFault
from evalapp.xform.reading.sheets import Book

FORM_ID = re.compile(r"[A-Za-z_][A-Za-z0-9_.\-]{0,62}")
VERSION = re.compile(r"[A-Za-z0-9_.\-]{1,40}")


def check_settings(book: Book) -> Iterator[FormFault]:
    """Yield what is missing in the settings: without a code and a version, answers cannot be told apart later."""
    rows = book.sheet("settings").rows
    if len(rows) > 1:
        yield FormFault(N_("The settings have more than one row. Keep one."), sheet="settings", row=rows[1].number)
    cells = {column.lower().replace(" ", "_"): cell for column, cell in rows[0].cells.items()} if rows else {}
    row = rows[0].number if rows else 2
    form_id = cells.get("form_id") or cells.get("id_string", "")
    if not FORM_ID.fullmatch(form_id):
        message = N_(
            "“%(form_id)s” cannot be the code of a form. Write Latin letters, digits and underscores, for example baseline."
        )
        yield FormFault(message, {"form_id": form_id}, "settings", row, "form_id")
    version = cells.get("version", "")
    if not VERSION.fullmatch(version):
        message = N_("“%(version)s” is not a version. Write a date and a running number, for example 2026090101.")
        yield FormFault(message, {"version": version}, "settings", row, "version")
    if "public_key" in cells:
        message = N_("The answers would be encrypted on the device and could not be read here. Remove the public key.")
        yield FormFault(message, sheet="settings", row=row, column="public_key")
