"""Coarse groups that stand for fine ones: provinces for places, sectors of one digit for industries, bands for numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Final

from evalapp.core.language import LANGUAGES, Message

Labels = Mapping[str, str]
OTHER_SECTOR = 9
# The official two-digit codes of provinces and cities of that rank, with the names that forms give them.
_REGIONS: Final[Mapping[int, tuple[str, str]]] = {
    11: ("서울", "Seoul"),
    26: ("부산", "Busan"),
    27: ("대구", "Daegu"),
    28: ("인천", "Incheon"),
    29: ("광주", "Gwangju"),
    30: ("대전", "Daejeon"),
    31: ("울산", "Ulsan"),
    36: ("세종", "Sejong"),
    41: ("경기", "Gyeonggi"),
    43: ("충북", "Chungbuk"),
    44: ("충남", "Chungnam"),
    46: ("전남", "Jeonnam"),
    47: ("경북", "Gyeongbuk"),
    48: ("경남", "Gyeongnam"),
    50: ("제주", "Jeju"),
    51: ("강원", "Gangwon"),
    52: ("전북", "Jeonbuk"),
}
REGION_LABELS: Final[Mapping[float, Labels]] = {
    float(code): dict(zip(LANGUAGES, names, strict=True)) for code, names in _REGIONS.items()
}
_OLD_CODES: Final = {42: 51, 45: 52}  # Gangwon and Jeonbuk changed theirs when they became self-governing
_FULL_NAMES: Final = {"충청북": "충북", "충청남": "충남", "전라북": "전북", "전라남": "전남", "경상북": "경북", "경상남": "경남"}
_BY_NAME: Final = {name.lower(): float(code) for code, names in _REGIONS.items() for name in names}
_DIGITS = re.compile(r"\d{2,10}")

SECTORS: Final[Mapping[int, tuple[Message, tuple[str, ...]]]] = {
    1: (Message("Farming, fishing and mining"), ("agriculture", "fisheries", "mining", "lumber")),
    2: (Message("Manufacturing"), ("manufacturing",)),
    3: (Message("Buying and selling"), ("retail", "wholesale", "distribution", "trade")),
    4: (Message("Transport"), ("haulage",)),
    5: (Message("Food and lodging"), ("catering", "lodging")),
    6: (Message("Services for people"), ("individual_services", "education", "entertainment")),
    7: (Message("Services for firms"), ("industrial_services",)),
    8: (Message("Building"), ()),
    OTHER_SECTOR: (Message("Another sector"), ("other",)),
}
SECTOR_LABELS: Final[Mapping[float, Labels]] = {
    float(code): {language: name.within(language) for language in LANGUAGES} for code, (name, _) in SECTORS.items()
}
_SECTOR_OF: Final = {industry: float(code) for code, (_, industries) in SECTORS.items() for industry in industries}

# Divisions of the Korean standard classification, from the first to the last, and the sector they belong to.
_DIVISIONS: Final = (
    (1, 8, 1), (10, 34, 2), (41, 42, 8), (45, 47, 3), (49, 52, 4), (55, 56, 5), (58, 76, 7), (85, 87, 6), (90, 96, 6),
)  # fmt: skip

_SIZES: Final = ((0, 0), (1, 4), (5, 9), (10, 49), (50, math.inf))


def region_of(text: str) -> float | None:
    """Return the code of the province that a place lies in: from an administrative code, or the name it begins with."""
    if _DIGITS.fullmatch(text):
        code = _OLD_CODES.get(int(text[:2]), int(text[:2]))
        return float(code) if code in _REGIONS else None
    first = re.split(r"[\s_\-,]", text.strip().lower(), maxsplit=1)[0]
    for full, short in _FULL_NAMES.items():
        first = first.replace(full, short)
    return next((code for name, code in _BY_NAME.items() if first.startswith(name)), None)


def are_known_industries(names: Iterable[str]) -> bool:
    """Say whether a list of industries is of our names, whose sectors are known."""
    return all(name in _SECTOR_OF for name in names)


def sector_of(text: str) -> float:
    """Return the sector of an industry by its name, or by its code in the Korean standard classification of industries."""
    if not text.isdecimal():
        return _SECTOR_OF.get(text, float(OTHER_SECTOR))
    division = int(text[:2])
    return float(next((sector for first, last, sector in _DIVISIONS if first <= division <= last), OTHER_SECTOR))


def band_of(value: float, width: int) -> float:
    """Return the lower end of the band that a number of years lies in."""
    return float(math.floor(value / width) * width)


def band_label(lower: float, width: int) -> Labels:
    """Say which years a band holds."""
    return dict.fromkeys(LANGUAGES, f"{lower:.0f}–{lower + width - 1:.0f}")


def size_of(value: float) -> float:
    """Return the lower end of the group of sizes that a number of people lies in."""
    return float(next(low for low, high in reversed(_SIZES) if value >= low or low == 0))


def size_label(lower: float) -> Labels:
    """Say which sizes a group holds."""
    high = next(high for low, high in _SIZES if low == lower)
    text = f"{lower:.0f}+" if math.isinf(high) else f"{lower:.0f}" if high == lower else f"{lower:.0f}–{high:.0f}"
    return dict.fromkeys(LANGUAGES, text)
