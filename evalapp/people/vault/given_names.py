"""The given name in a name as it was written down, for those who call people by it and need not know more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Final

# Family names of one syllable, those of the North's spelling (리, 림, 량, 렴, 로 …) among them.
FAMILY_NAMES: Final = frozenset(
    "가간갈감강개견경계고곡공곽교구국군궁권금기길김나남낭내노뇌단당대도돈동두등라락란량려련렴령로록뢰룡루류륙륜률리림마만매맹명모목묘묵문미민"
    "박반방배백범변복봉부빈빙사삼상서석선설섭성소손송수순승시신심아안애야양어엄여연염엽영예오옥온옹완왕요용우운원위유육윤은음이익인임"
    "자장저전점정제조종좌주준즙증지진차창채천초최추춘탁탄탕태판팽편평포표풍피필하학한함해허현형호홍화환황후흥"
)
FAMILY_NAMES_OF_TWO: Final = frozenset(
    ("남궁", "황보", "제갈", "사공", "선우", "서문", "독고", "동방", "망절", "어금", "장곡", "강전", "소봉")
)
# 황보라 may be 황 보라 or 황보 라: with three syllables nobody can tell.
EITHER_WAY: Final = frozenset({"황보", "선우", "서문", "동방", "장곡", "강전", "소봉", "어금"})
LATIN_FAMILY_NAMES: Final = frozenset(
    re.findall(
        r"\w+",
        """
        kim lee yi rhee ri li park pak bak choi choe jung jeong chung jong kang gang cho jo yoon yun jang chang lim im rim han oh o
        seo suh so shin sin kwon gwon hwang ahn an song ryu yoo yu hong jeon jun chon ko go koh moon mun yang ryang bae pae baek paek
        paik heo huh ho nam sim shim noh no ro roh ha kwak gwak sung seong cha joo ju chu woo wu koo ku gu na ra min jin chin ji chi
        um eom om won chae cheon chun bang pang kong gong hyun hyon ham byun pyon yeom ryom yeo ryo choo do to seok sok seol sol ma
        gil kil namkung hwangbo jegal sakong sunwoo dokko
        """,
    )
)
HANGUL: Final = re.compile(r"[가-힣]+")
LATIN: Final = re.compile(r"[^\W\d_](?:[^\W\d_]|['’.-])*")
SHORTEST, COMMON, LONG = 2, 3, 4


def given_name(name: str) -> str:
    """Return the given name in a name, or nothing where it cannot be told: then nobody is called by half a family name."""
    plain = " ".join(unicodedata.normalize("NFC", name).split())
    words = plain.split(" ")
    if all(HANGUL.fullmatch(word) for word in words):
        return _in_hangul(words)
    family, comma, rest = plain.partition(",")
    if comma:
        return rest.strip() if _is_latin(family.split()) and _is_latin(rest.split()) else ""
    return _in_latin(words) if _is_latin(words) else ""


def _in_hangul(words: Sequence[str]) -> str:
    if len(words) == 1:
        return _without_space(words[0])
    known = words[0] in FAMILY_NAMES or words[0] in FAMILY_NAMES_OF_TWO
    return words[1] if known and len(words) == 2 and words[1] not in FAMILY_NAMES_OF_TWO else ""  # noqa: PLR2004 - a pair


def _without_space(name: str) -> str:
    beginning = name[:2]
    if beginning in FAMILY_NAMES_OF_TWO:
        unsure = len(name) == SHORTEST or (len(name) == COMMON and beginning in EITHER_WAY)
        return "" if unsure or len(name) > LONG else name[2:]
    return name[1:] if name[0] in FAMILY_NAMES and len(name) in (SHORTEST, COMMON) else ""


def _in_latin(words: Sequence[str]) -> str:
    """Return what is left when exactly one end of a name is a family name that is known."""
    ends = [word.casefold() in LATIN_FAMILY_NAMES for word in (words[0], words[-1])]
    if len(words) == 1 or all(ends) or not any(ends):
        return ""
    return " ".join(words[1:] if ends[0] else words[:-1])


def _is_latin(words: Sequence[str]) -> bool:
    return bool(words) and all(LATIN.fullmatch(word) and word[0].isascii() for word in words)
