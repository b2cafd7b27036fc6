"""What a form must not collect: places on the map, numbers that find a person, and identifiers outside of the vault."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from evalapp.core.korean_formats import holds_phone_number, holds_resident_number
from evalapp.people.vault.check_identity import FIELDS
from evalapp.xform.faults import N_, FormFault
from evalapp.xform.linter.survey_rows import SurveyRow
from evalapp.xform.reading.sheets import Book

PLACES = ("geopoint", "geotrace", "geoshape")
TYPED = ("text", "string", "integer", "int", "decimal")
WORDS = re.compile(r"[a-z]+|\d+")
NEVER = frozenset({"rrn", "ssn", "jumin", "passport"})
NEVER_TOGETHER = (frozenset({"resident", "no"}), frozenset({"resident", "number"}), frozenset({"national", "id"}))
FINDING = frozenset(
    {
        *("name", "names", "fullname", "surname", "address", "addr", "email", "mail", "kakao", "kakaotalk", "whatsapp"),
        *("phone", "phones", "telephone", "tel", "mobile", "cellphone"),
    }
)


def check_collected(book: Book, rows: Sequence[SurveyRow]) -> Iterator[FormFault]:
    """Yield questions that would collect what must not be kept among the answers."""
    marked = {row.cells.get("name", "") for row in book.sheet("x_items").rows if row.cells.get("sensitivity") == "identifier"}
    for row in rows:
        if row.kind in PLACES:
            message = N_(
                "Questions of the type “%(type)s” are not asked here: where people live and work is not kept as a place on the map. "
                "Ask for the region."
            )
            yield FormFault(message, {"type": row.kind}, "survey", row.number, row.columns.get("type"))
        if row.kind == "barcode":
            message = N_("Bar codes are not read here. Ask for the number as text.")
            yield FormFault(message, {}, "survey", row.number, row.columns.get("type"))
        yield from _identifier(row, marked)


def _identifier(row: SurveyRow, marked: set[str]) -> Iterator[FormFault]:
    said = row.cells.get("bind::sensitivity", "") == "identifier"
    if (said or row.name in marked) and row.name not in FIELDS:
        message = N_(
            "“%(name)s” is marked as identifying, but the identity vault keeps only: %(fields)s. Rename it, or do not ask."
        )
        yield FormFault(message, {"name": row.name, "fields": ", ".join(FIELDS)}, "survey", row.number, "name")
    elif said and row.name not in marked:
        message = N_("Write in the sheet x_items that “%(name)s” identifies a person: only then it goes to the identity vault.")
        yield FormFault(message, {"name": row.name}, "survey", row.number, row.columns["bind::sensitivity"])
    elif row.kind in TYPED and row.name not in marked:
        yield from _suspicious(row)


def _suspicious(row: SurveyRow) -> Iterator[FormFault]:
    words = set(WORDS.findall(row.name.lower()))
    if words & NEVER or any(together <= words for together in NEVER_TOGETHER):
        message = N_(
            "“%(name)s” asks for a number by which the state knows a person. It must not be collected. Remove the question."
        )
        yield FormFault(message, {"name": row.name}, "survey", row.number, "name")
    elif words & FINDING:
        message = N_(
            "“%(name)s” sounds as if it asks who someone is or how to reach them. Such answers would stand among the others: do not "
            "ask, or name it as the identity vault does and mark it in x_items."
        )
        yield FormFault(message, {"name": row.name}, "survey", row.number, "name", "warning")


def check_tables(tables: Mapping[str, bytes]) -> Iterator[FormFault]:
    """Yield tables that hold numbers of people: whoever gets the form gets its tables."""
    for file, content in tables.items():
        for row, line in enumerate(content.decode("utf-8-sig", errors="replace").splitlines(), start=1):
            if holds_resident_number(line) or holds_phone_number(line):
                message = N_(
                    "Row %(row)s of the table %(file)s holds a telephone or resident registration number. Remove such numbers."
                )
                yield FormFault(message, {"row": row, "file": file})
                break
