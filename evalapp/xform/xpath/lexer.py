"""Expressions cut into their smallest parts."""

from __future__ import annotations

import re
from dataclasses import dataclass

from evalapp.xform.faults import N_, FormError

LONGEST_EXPRESSION = 20_000
TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<number>\d+(?:\.\d*)?|\.\d+)
      | (?P<text>"[^"]*"|'[^']*')
      | (?P<name>[^\W\d][\w.\-]*(?::[^\W\d][\w.\-]*)?)
      | (?P<sign>::|//|!=|<=|>=|\.\.|[()\[\]/|+\-=<>*,@.])""",
    re.VERBOSE,
)
WORDS = {"and", "or", "div", "mod"}
# After one of these a name is a name and `*` any element; after anything else they are operators.
BEFORE_A_VALUE = {"", "(", "[", ",", "@", "::", "/", "//", "|", "+", "-", "=", "!=", "<", "<=", ">", ">=", "operator"}


@dataclass(frozen=True)
class Token:
    """One part of an expression: its kind (number, text, name, operator, sign or end), its text, and where it begins."""

    kind: str
    text: str
    at: int


def tokens(expression: str) -> list[Token]:
    """Cut an expression up; the last token is the end."""
    if len(expression) > LONGEST_EXPRESSION:
        raise FormError(N_("The expression is longer than %(most)s characters. Split it up."), most=LONGEST_EXPRESSION)
    found: list[Token] = []
    at = 0
    while at < len(expression):
        matched = TOKEN.match(expression, at)
        if not matched:
            raise FormError(N_("“%(sign)s” cannot stand at character %(at)s."), sign=expression[at], at=at + 1)
        if matched.lastgroup != "space":
            found.append(_token(matched, found[-1] if found else None))
        at = matched.end()
    return [*found, Token("end", "", at)]


def _token(matched: re.Match[str], before: Token | None) -> Token:
    kind, text, at = str(matched.lastgroup), matched[0], matched.start()
    follows = "" if before is None else before.text if before.kind == "sign" else before.kind
    if kind == "text":
        text = text[1:-1]
    elif (text == "*" or text in WORDS) and follows not in BEFORE_A_VALUE:
        kind = "operator"
    return Token(kind, text, at)
