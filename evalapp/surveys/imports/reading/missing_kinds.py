"""Why an answer is missing, in the ways that tools write it: codes like −99, the letters of Stata, the labels of SPSS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from evalapp.core.cells import choice_key
from evalapp.core.errors import AppError
from evalapp.core.language import Message

KINDS: Final[Mapping[str, Message]] = {
    ".d": Message("Does not know"),
    ".r": Message("Refused"),
    ".n": Message("Not applicable"),
    ".s": Message("Skipped by the form"),
    ".o": Message("Other reason"),
    ".v": Message("Not in this version"),
}
LABELS: Final[Mapping[str, tuple[str, ...]]] = {
    ".d": ("does not know", "don't know", "dont know", "do not know", "dk", "모름", "모르겠다", "잘 모르겠다"),
    ".r": ("refused", "refusal", "refuse", "no answer", "거부", "거절", "응답 거부", "응답 거절", "무응답"),
    ".n": ("not applicable", "n/a", "na", "해당 없음", "비해당"),
    ".s": ("skipped by the form", "skipped", "건너뜀"),
    ".o": ("other reason", "기타 사유"),
    ".v": ("not in this version", "이 판에 없음"),
}
DEFAULT_CODES: Final[Mapping[str, str]] = {"-99": ".d", "-88": ".r", "-77": ".n"}
MARK = "missing:"  # before a code that the file itself declares to be missing
ENTRY = re.compile(r"(-?\d{1,17}|\.[a-z])\s*=\s*(\.[a-z])")
_BY_LABEL = {choice_key(label): kind for kind, labels in LABELS.items() for label in labels}


def kind_of_label(label: str) -> str | None:
    """Return the kind of missing answer that a label says, or None."""
    return _BY_LABEL.get(choice_key(label))


def label_of_kind(kind: str, language: str) -> str:
    """Return the label by which other programs show a kind of missing answer, and by which it is known again."""
    labels = LABELS[kind]
    return labels[0] if language == "en" else next(label for label in labels if not label.isascii())


def written_codes(codes: Mapping[str, str]) -> str:
    """Return codes of missing answers as a person writes them: `-99 = .d, -88 = .r`."""
    return ", ".join(f"{code} = {kind}" for code, kind in codes.items())


def read_codes(text: str) -> dict[str, str]:
    """Read codes of missing answers as `written_codes` writes them, or raise AppError."""
    codes = {}
    for entry in filter(None, (part.strip() for part in re.split(r"[,;\n]", text))):
        found = ENTRY.fullmatch(entry)
        if not found or found[2] not in KINDS:
            raise AppError(
                Message(
                    "The codes of missing answers are not understood. Write them like %(example)s.", example="-99 = .d, -88 = .r"
                )
            )
        codes[found[1]] = found[2]
    return codes
