"""Widths and line breaks of text, measured with the font files that the PDF embeds."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Final

from matplotlib.font_manager import FontEntry, fontManager
from matplotlib.ft2font import FT2Font, LoadFlags

from evalapp.charts.tokens import FONT_FAMILY, TypeStyle, Weight

FONT_FILES: Final = {
    weight: Path(__file__).with_name("fonts") / f"{FONT_FAMILY}-{name}.ttf"
    for weight, name in ((Weight.REGULAR, "Regular"), (Weight.SEMIBOLD, "SemiBold"), (Weight.BOLD, "Bold"))
}

UNWRITABLE: Final = re.compile("[\x00-\x08\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class ChartError(ValueError):
    """A figure that cannot be drawn honestly. The message names the figure's part, the fault and the mend."""


@cache
def register_fonts() -> None:
    """Make the three files known to matplotlib as one family.

    The SemiBold file calls its family "Pretendard SemiBold", so reading the names from the files would lose the middle weight.
    """
    for weight, path in FONT_FILES.items():
        fontManager.ttflist.append(FontEntry(fname=str(path), name=FONT_FAMILY, weight=weight.value, size="scalable"))


def cleaned(text: str) -> str:
    """Return the text on one line, or refuse signs that no XML document can carry."""
    line = " ".join(text.split())
    if UNWRITABLE.search(line):
        raise ChartError(f"the text {line!r} holds a control character; remove it")
    return line


@cache
def _font(weight: Weight) -> FT2Font:
    return FT2Font(FONT_FILES[weight])


@cache
def _glyphs(weight: Weight) -> dict[int, int]:
    return dict(_font(weight).get_charmap())


@cache
def _advance(sign: str, weight: Weight) -> float:
    """Width of one sign in ems. A sign our font lacks is set in a reader's fallback font; a full em is room enough for it."""
    if ord(sign) not in _glyphs(weight):
        return 1.0
    font = _font(weight)
    return float(font.load_char(ord(sign), flags=LoadFlags.NO_SCALE).horiAdvance / font.units_per_EM)


def width(text: str, style: TypeStyle) -> float:
    """Width of a line in points."""
    return style.size * sum(_advance(sign, style.weight) for sign in cleaned(text))


def widest(texts: list[str], style: TypeStyle) -> float:
    """Width in points of the longest line, 0 without lines."""
    return max((width(text, style) for text in texts), default=0.0)


def wrap(text: str, style: TypeStyle, room: float) -> tuple[str, ...]:
    """Break a text into lines no wider than `room` points, between words: Korean breaks at spaces only, as its readers expect.

    A single word wider than the room is cut, because text that leaves its box is worse.
    """
    lines: list[str] = []
    for word in cleaned(text).split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if width(joined, style) <= room:
            lines[-1:] = [joined]
        else:
            lines.extend(_cut(word, style, room))
    return tuple(lines)


def _cut(word: str, style: TypeStyle, room: float) -> list[str]:
    pieces = [""]
    for sign in word:
        if pieces[-1] and width(pieces[-1] + sign, style) > room:
            pieces.append("")
        pieces[-1] += sign
    return pieces
