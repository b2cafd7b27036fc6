"""Regular expressions in Java's writing, read into trees."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NoReturn

from evalapp.xform.faults import N_, FormError

Test = Callable[[str], bool]
DEEPEST = 40
MOST_TIMES = 1_000


@dataclass(frozen=True)
class Sign:
    """One sign of the text that must pass a test."""

    test: Test


@dataclass(frozen=True)
class Sequence:
    """Patterns one after the other."""

    parts: tuple[Pattern, ...]


@dataclass(frozen=True)
class Alternatives:
    """Patterns of which one must fit."""

    parts: tuple[Pattern, ...]


@dataclass(frozen=True)
class Repetition:
    """A pattern several times; `most` is None for any number."""

    part: Pattern
    least: int
    most: int | None


@dataclass(frozen=True)
class Anchor:
    """A place in the text: its beginning, its end, the edge of a word or not the edge."""

    kind: Literal["^", "$", "b", "B"]


@dataclass(frozen=True)
class Look:
    """A pattern that must (or must not) follow, without being used up."""

    part: Pattern
    negative: bool


LINE_ENDS = "\n\r\u0085\u2028\u2029"
Pattern = Sign | Sequence | Alternatives | Repetition | Anchor | Look


def _is_hangul(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith(("HANGUL", "HALFWIDTH HANGUL", "CIRCLED HANGUL", "PARENTHESIZED HANGUL"))


ANCHORS: dict[str, Anchor] = {"^": Anchor("^"), "$": Anchor("$"), "b": Anchor("b"), "B": Anchor("B")}
CLASSES: dict[str, Test] = {
    "d": lambda sign: sign in string.digits,
    "w": lambda sign: sign in string.ascii_letters + string.digits + "_",
    "s": lambda sign: sign in " \t\n\v\f\r",
    "h": lambda sign: sign in " \t\xa0\u1680\u180e\u202f\u205f\u3000" or "\u2000" <= sign <= "\u200a",
}
CONTROLS = {"t": "\t", "n": "\n", "r": "\r", "f": "\f", "a": "\a", "e": "\x1b"}
NAMED: dict[str, Test] = {
    "Lower": lambda sign: sign in string.ascii_lowercase,
    "Upper": lambda sign: sign in string.ascii_uppercase,
    "Alpha": lambda sign: sign in string.ascii_letters,
    "Digit": lambda sign: sign in string.digits,
    "Alnum": lambda sign: sign in string.ascii_letters + string.digits,
    "Punct": lambda sign: sign in string.punctuation,
    "Space": CLASSES["s"],
    "XDigit": lambda sign: sign in string.hexdigits,
    "ASCII": lambda sign: sign.isascii(),
    "IsAlphabetic": lambda sign: sign.isalpha(),
    "IsLetter": lambda sign: sign.isalpha(),
    "IsDigit": lambda sign: sign.isdecimal(),
    "IsUppercase": lambda sign: sign.isupper(),
    "IsLowercase": lambda sign: sign.islower(),
    "IsHangul": _is_hangul,
    "IsLatin": lambda sign: "LATIN" in unicodedata.name(sign, ""),
    "IsHan": lambda sign: "CJK UNIFIED" in unicodedata.name(sign, ""),
}
CATEGORIES = {"L", "M", "N", "P", "S", "Z", "C"}


def parse_pattern(text: str) -> Pattern:
    """Read a pattern, or say in a FormError what is wrong with it."""
    reader = _Reader(text)
    pattern = reader.alternatives()
    if reader.at < len(text):
        reader.refuse()
    return pattern


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0
        self.any_case = False
        if text.startswith("(?i)"):
            self.any_case, self.at = True, 4

    def peek(self, signs: str = "") -> str:
        """Return the next sign, "" at the end or where it is none of `signs`."""
        sign = self.text[self.at : self.at + 1]
        return sign if not signs or sign in signs else ""

    def accept(self, word: str) -> bool:
        if self.text.startswith(word, self.at):
            self.at += len(word)
            return True
        return False

    def take(self) -> str:
        if self.at >= len(self.text):
            self.refuse()
        self.at += 1
        return self.text[self.at - 1]

    def refuse(self) -> NoReturn:
        raise FormError(
            N_("The pattern “%(pattern)s” of regex() is not understood at character %(at)s."), pattern=self.text, at=self.at + 1
        )

    def alternatives(self) -> Pattern:
        self.depth += 1
        if self.depth > DEEPEST:
            self.refuse()
        ways = [self.sequence()]
        while self.accept("|"):
            ways.append(self.sequence())
        self.depth -= 1
        return ways[0] if len(ways) == 1 else Alternatives(tuple(ways))

    def sequence(self) -> Pattern:
        parts: list[Pattern] = []
        while self.peek() and not self.peek("|)"):
            parts.append(self.repeated(self.one()))
        return Sequence(tuple(parts))

    def repeated(self, part: Pattern) -> Pattern:
        while (sign := self.peek()) and sign in "*+?{":
            least, most = self.times()
            # Reluctant or possessive: for a match of the whole text only the latter would differ.
            if self.peek("?+") and self.take() == "+":
                self.refuse()
            part = Repetition(part, least, most)
        return part

    def times(self) -> tuple[int, int | None]:
        sign = self.take()
        if sign != "{":
            return {"*": (0, None), "+": (1, None), "?": (0, 1)}[sign]
        inside, closed, _ = self.text[self.at :].partition("}")
        low, comma, high = inside.partition(",")
        if not closed or not low.isdecimal() or (high and not high.isdecimal()):
            self.refuse()
        least, most = int(low), (int(high) if high else None) if comma else int(low)
        if least > MOST_TIMES or (most is not None and (most > MOST_TIMES or most < least)):
            self.refuse()
        self.at += len(inside) + 1
        return least, most

    def one(self) -> Pattern:
        sign = self.take()
        if sign in "*+?{":
            self.at -= 1
            self.refuse()
        if sign == "(":
            return self.group()
        if sign in "^$" or (sign == "\\" and self.peek("bB")):
            return ANCHORS[sign if sign in "^$" else self.take()]
        return Sign(self.sign(sign))

    def sign(self, sign: str) -> Test:
        if sign == "[":
            return self.any_of()
        if sign == ".":
            return lambda each: each not in LINE_ENDS
        return self.escape() if sign == "\\" else self.literal(sign)

    def group(self) -> Pattern:
        look: bool | None = None
        if self.accept("?"):
            if self.accept("="):
                look = False
            elif self.accept("!"):
                look = True
            elif not self.accept(":"):
                self.refuse()
        inner = self.alternatives()
        if not self.accept(")"):
            self.refuse()
        return inner if look is None else Look(inner, look)

    def literal(self, sign: str) -> Test:
        if self.any_case:
            folded = sign.lower()
            return lambda each: each.lower() == folded
        return lambda each: each == sign

    def escape(self) -> Test:
        sign = self.take()
        if sign.lower() in CLASSES:
            test = CLASSES[sign.lower()]
            return test if sign.islower() else _negated(test)
        if sign in "pP":
            test = self.named()
            return test if sign == "p" else _negated(test)
        if sign in "xu":
            return self.literal(self.code(2 if sign == "x" else 4))
        if sign in CONTROLS:
            return self.literal(CONTROLS[sign])
        if sign.isalnum():
            self.refuse()
        return self.literal(sign)

    def code(self, digits: int) -> str:
        written = self.text[self.at : self.at + digits]
        if len(written) < digits or any(sign not in string.hexdigits for sign in written):
            self.refuse()
        self.at += digits
        return chr(int(written, 16))

    def named(self) -> Test:
        name = self.take()
        if name == "{":
            name, closed, _ = self.text[self.at :].partition("}")
            if not closed:
                self.refuse()
            self.at += len(name) + 1
        if name in NAMED:
            return NAMED[name]
        category = name.removeprefix("Is")
        if category[:1] not in CATEGORIES or len(category) > 2:  # noqa: PLR2004 - Unicode's categories have two letters
            self.refuse()
        return lambda sign: unicodedata.category(sign).startswith(category)

    def any_of(self) -> Test:
        negative = self.accept("^")
        tests: list[Test] = []
        while not (self.peek("]") and tests):
            if self.peek("[") or self.text.startswith("&&", self.at):
                self.refuse()
            tests.append(self.member())
        self.take()
        return (
            (lambda sign: not any(test(sign) for test in tests)) if negative else (lambda sign: any(test(sign) for test in tests))
        )

    def member(self) -> Test:
        """Read one sign of a class, or a range of them."""
        first = self.take()
        if first == "\\":
            if self.peek("dDwWsShHpP"):
                return self.escape()
            first = self.escaped_sign()
        following = self.text[self.at : self.at + 2]
        if not (following.startswith("-") and len(following) > 1 and following[1] != "]"):
            return self.literal(first)
        self.take()
        last = self.take()
        if last == "\\":
            last = self.escaped_sign()
        if last < first:
            self.refuse()
        if self.any_case:
            return lambda sign: first <= sign <= last or first <= sign.lower() <= last or first <= sign.upper() <= last
        return lambda sign: first <= sign <= last

    def escaped_sign(self) -> str:
        sign = self.take()
        if sign in "xu":
            return self.code(2 if sign == "x" else 4)
        if sign.isalnum() and sign not in CONTROLS:
            self.refuse()
        return CONTROLS.get(sign, sign)


def _negated(test: Test) -> Test:
    return lambda sign: not test(sign)
