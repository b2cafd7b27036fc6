"""Numbers as Korea writes them: resident registration, telephone, business registration."""

from __future__ import annotations

import re

HYPHEN = r"[-‐‑‒–—−－]"
MONTH_AND_DAY = r"(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
BIRTH_DATE = rf"\d{{2}}{MONTH_AND_DAY}"
RESIDENT_NUMBER = re.compile(rf"(?<!\d)(?:\d{{6}}\s*{HYPHEN}\s*\d{{7}}|{BIRTH_DATE}\s*\d{{7}})(?!\d)")
PHONE_NUMBER = re.compile(
    rf"(?<!\d)(?:0|\+?82\s*{HYPHEN}?\s*0?)\d{{1,2}}[\s.)]*{HYPHEN}?\s*\d{{3,4}}[\s.]*{HYPHEN}?\s*\d{{4}}(?!\d)"
)
# A spreadsheet that takes such a number for a quantity drops its leading zero: 10 1234 5678, or twelve digits born 2000 to 2009.
SHORTENED_NUMBER = re.compile(rf"(?<![\d.,])(?:10\s*{HYPHEN}?\s*\d{{4}}\s*{HYPHEN}?\s*\d{{4}}|\d{MONTH_AND_DAY}\d{{7}})(?!\d)")
BUSINESS_NUMBER = re.compile(rf"(\d{{3}}){HYPHEN}?(\d{{2}}){HYPHEN}?(\d{{5}})")
BUSINESS_WEIGHTS = (1, 3, 7, 1, 3, 7, 1, 3, 5)
SHORTEST_NUMBER = 9


def holds_resident_number(text: str) -> bool:
    """Say whether a text holds a resident registration number: six digits of a birth date and seven more."""
    return len(text) >= SHORTEST_NUMBER and RESIDENT_NUMBER.search(text) is not None


def holds_phone_number(text: str) -> bool:
    """Say whether a text holds a Korean telephone number."""
    return len(text) >= SHORTEST_NUMBER and PHONE_NUMBER.search(text) is not None


def holds_shortened_number(text: str) -> bool:
    """Say whether a text holds a mobile telephone or resident registration number without its leading zero.

    Quantities look the same, so this is to be asked only where no quantity is expected.
    """
    return len(text) >= SHORTEST_NUMBER and SHORTENED_NUMBER.search(text) is not None


def is_business_registration_number(text: str) -> bool:
    """Say whether a text is a business registration number (ten digits, 3-2-5) with a right check digit.

    The first nine digits are weighted by 1 3 7 1 3 7 1 3 5; the tens of the last product count once more; the tenth digit brings
    the sum to a multiple of ten.
    """
    found = BUSINESS_NUMBER.fullmatch(text.strip())
    if not found:
        return False
    digits = [int(digit) for digit in "".join(found.groups())]
    total = sum(digit * weight for digit, weight in zip(digits, BUSINESS_WEIGHTS, strict=False))
    return any(digits) and (total + digits[8] * 5 // 10 + digits[9]) % 10 == 0
