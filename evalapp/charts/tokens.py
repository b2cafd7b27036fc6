"""The look, in one place: colours, letter sizes and widths shared by figures, pages and the PDF.

Pages and the PDF take them as CSS custom properties from `css_variables()`; figures take them as attributes, because the PDF's
inline SVG sees no style sheet.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final

FONT_FAMILY: Final = "Pretendard"

# The text width of an A4 page with 20 mm margins (170 mm). Figures are drawn at this size, so that a point is a point in print.
TEXT_WIDTH: Final = 170 / 25.4 * 72


class Colour(StrEnum):
    """Every colour of the product. `LIKERT_1` to `LIKERT_5` run from easy (cool) over neutral to hard (warm)."""

    PAPER = "#FFFFFF"
    INK = "#16272E"
    MUTED = "#52636A"
    RULE = "#93A2A7"
    GRID = "#DFE5E7"
    WASH = "#F2F5F5"
    BRAND = "#0B6B74"
    BRAND_TINT = "#DCEDED"
    WARM = "#B4510F"
    WARM_TINT = "#FAE8DA"
    PLUM = "#6A4C93"
    PLUM_TINT = "#EBE5F2"
    OCHRE = "#7A6A12"
    OCHRE_TINT = "#F3EFD8"
    LIKERT_1 = "#0B6B74"
    LIKERT_2 = "#8AC4C6"
    LIKERT_3 = "#E3E6E4"
    LIKERT_4 = "#F0B183"
    LIKERT_5 = "#B4510F"


class Weight(IntEnum):
    """The three weights whose font files we ship."""

    REGULAR = 400
    SEMIBOLD = 600
    BOLD = 700


@dataclass(frozen=True)
class TypeStyle:
    """How a text is set: size in points, weight, colour."""

    size: float
    weight: Weight = Weight.REGULAR
    colour: str = Colour.INK

    @property
    def leading(self) -> float:
        """Distance between two baselines, in points."""
        return 1.3 * self.size

    def coloured(self, colour: str) -> TypeStyle:
        """Give the same lettering another colour."""
        return TypeStyle(self.size, self.weight, colour)


LABEL: Final = TypeStyle(8.5)
STRONG: Final = TypeStyle(8.5, Weight.SEMIBOLD)
NOTE: Final = TypeStyle(8.0, colour=Colour.MUTED)
NOTE_STRONG: Final = TypeStyle(8.0, Weight.SEMIBOLD)

LIKERT: Final = (Colour.LIKERT_1, Colour.LIKERT_2, Colour.LIKERT_3, Colour.LIKERT_4, Colour.LIKERT_5)
LIKERT_TEXT: Final = (Colour.PAPER, Colour.INK, Colour.INK, Colour.INK, Colour.PAPER)

# Arms keep their place in this order in every figure: the training first, the comparison second.
SERIES: Final = (Colour.BRAND, Colour.WARM, Colour.PLUM, Colour.OCHRE)
SERIES_TINTS: Final = (Colour.BRAND_TINT, Colour.WARM_TINT, Colour.PLUM_TINT, Colour.OCHRE_TINT)

TYPE_SIZES_PT: Final = {"note": NOTE.size, "label": LABEL.size, "body": 10.0, "lead": 12.0, "heading": 15.0, "title": 24.0}


def css_variables() -> str:
    """Return the tokens as one `:root` rule: `--colour-brand`, `--size-body`, `--weight-bold`, `--font-family`."""
    colours = [f"--colour-{_css_name(colour.name)}: {colour}" for colour in Colour]
    sizes = [f"--size-{name}: {size:g}pt" for name, size in TYPE_SIZES_PT.items()]
    weights = [f"--weight-{_css_name(weight.name)}: {weight.value}" for weight in Weight]
    family = f'--font-family: "{FONT_FAMILY}", sans-serif'
    return ":root {\n" + "".join(f"  {line};\n" for line in [*colours, *sizes, *weights, family]) + "}\n"


def _css_name(name: str) -> str:
    return name.lower().replace("_", "-")
