"""Read what identifies a person, field by field, into the one form in which it is sealed and found again."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

from evalapp.core.cells import BadCell, calendar_date, plain_text
from evalapp.core.clock import today
from evalapp.core.errors import AppError
from evalapp.core.korean_formats import holds_resident_number, is_business_registration_number
from evalapp.core.language import Message
from evalapp.people.vault.tables import ENTERPRISE_FIELDS, PERSON_FIELDS

FIELDS = (*PERSON_FIELDS, *ENTERPRISE_FIELDS)
LONGEST = {"name": 80, "email": 254, "address": 200, "enterprise_name": 120}
EMAIL = re.compile(r"[^\s@<>,;\"]+@[a-z0-9-]+(\.[a-z0-9-]+)+")
MOBILE = re.compile(r"(01[016789])(\d{3,4})(\d{4})")
LANDLINE = re.compile(r"(02|0[3-6]\d|070|050\d)(\d{3,4})(\d{4})")
SEPARATORS = re.compile(r"[\s().·‐‑‒–—−－-]")
WITHOUT_ZERO = re.compile(r"10\d{8}")  # what a spreadsheet makes of a mobile number
ABROAD = re.compile(r"(?:\+|00)?82")


class RefusedIdentity(AppError):  # noqa: N818 - what it is, in words
    """Fields that were refused, each with its message; nothing was written."""

    def __init__(self, faults: Mapping[str, Message]) -> None:
        self.faults = dict(faults)
        super().__init__(next(iter(self.faults.values())))


def check_identity(field: str, text: str) -> str:
    """Return a field's text in its normal form, or raise BadCell with the mend. An unknown field is a KeyError."""
    check = CHECKS[field]
    plain = " ".join(unicodedata.normalize("NFC", text).split())
    if holds_resident_number(plain):
        raise BadCell(Message("This holds a resident registration number, which must not be kept here. Remove it."))
    longest = LONGEST.get(field)
    if longest and len(plain) > longest:
        raise BadCell(
            Message("The text has %(length)s characters; at most %(most)s are kept. Shorten it.", length=len(plain), most=longest)
        )
    return check(plain)


def _name(text: str) -> str:
    if not any(map(str.isalpha, text)) or any(map(str.isdigit, text)) or "@" in text:
        raise BadCell(Message("This is not a name: write letters only, without numbers."))
    return text


def _phone(text: str) -> str:
    digits = SEPARATORS.sub("", text)
    if found := ABROAD.match(digits):
        digits = "0" + digits[found.end() :].removeprefix("0")
    elif WITHOUT_ZERO.fullmatch(digits):
        digits = "0" + digits
    parts = MOBILE.fullmatch(digits) or LANDLINE.fullmatch(digits)
    if parts is None:
        raise BadCell(Message("This is not a Korean telephone number. Write it like 010-1234-5678."))
    return "-".join(parts.groups())


def _email(text: str) -> str:
    address = text.lower()
    if not EMAIL.fullmatch(address):
        raise BadCell(Message("This is not an e-mail address. Write it like someone@example.org."))
    return address


def _birth_date(text: str) -> str:
    try:
        date = calendar_date(text)
    except BadCell:  # its message quotes the cell, which here is half an identity
        raise BadCell(Message("This is not a date. Write year, month and day, for example 1985-03-02.")) from None
    if date > today():
        raise BadCell(Message("A birth date lies in the past. Mend the year."))
    return date.isoformat()


def _registration_number(text: str) -> str:
    digits = SEPARATORS.sub("", text)
    if not is_business_registration_number(digits):
        raise BadCell(
            Message(
                "This is not a business registration number: ten digits like 123-45-67890, the last of which checks the others."
            )
        )
    return f"{digits[:3]}-{digits[3:5]}-{digits[5:]}"


CHECKS: Final[Mapping[str, Callable[[str], str]]] = {
    "name": _name,
    "phone": _phone,
    "email": _email,
    "address": plain_text,
    "birth_date": _birth_date,
    "enterprise_name": plain_text,
    "registration_number": _registration_number,
}
