"""Names of variables in files of Stata and SPSS, which hold 32 characters and keep some words for themselves."""

from __future__ import annotations

import re

LONGEST_NAME = 32
STATA = frozenset(
    {
        *("byte", "double", "float", "if", "in", "int", "long", "strL", "using", "with"),
    }
)
STATA_TEXTS = re.compile(r"str\d{1,4}")
SPSS = frozenset({"all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with"})  # in any case of letters


def fitting_name(name: str) -> str:
    """Return a name that both programs take, the same for both.

    It is cut to 32 characters, but keeps the number of a round behind it; a word of theirs becomes `if_`, and `_n` becomes `v_n`.
    """
    name = f"v{name}" if name.startswith("_") else name  # SPSS wants a letter
    if name in STATA or name.lower() in SPSS or STATA_TEXTS.fullmatch(name):
        return f"{name}_"
    stem, rounds = name, ""
    while (cut := stem.rpartition("_"))[0] and cut[2].isdecimal() and len(name) > LONGEST_NAME:
        stem, rounds = cut[0], f"_{cut[2]}{rounds}"
    return f"{stem[: LONGEST_NAME - len(rounds)]}{rounds}"
