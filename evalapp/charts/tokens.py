"""The look, in one place: colours, letter sizes and widths shared by figures, pages and the PDF.

Figures take them as attributes, because the PDF's inline SVG sees no style sheet; the PDF takes them as CSS custom properties from
`css_variables()`, and pages, which are light or dark, from `page_variables()`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

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


class Tone(NamedTuple):
    """A colour of the pages by its office, on a light and on a dark page."""

    light: str
    dark: str


# Text stands on ground (the page), surface (cards), sunken (hover, code) and on the tints.
TONES: Final = {
    "ground": Tone("#F5F7F7", "#0F171A"),
    "surface": Tone(Colour.PAPER, "#172125"),
    "sunken": Tone("#EAEFEF", "#212D32"),
    "ink": Tone(Colour.INK, "#E6EDEF"),
    "muted": Tone(Colour.MUTED, "#A0B2B8"),
    "line": Tone("#DCE3E5", "#2B383E"),
    "border": Tone("#7A8B92", "#71848C"),
    "brand": Tone(Colour.BRAND, "#6CCBD0"),
    "brand-strong": Tone("#084F56", "#93DFE2"),
    "brand-tint": Tone("#DFF0F0", "#143A3E"),
    "on-brand": Tone(Colour.PAPER, "#06272B"),
    "good": Tone("#1A6437", "#84D8A4"),
    "good-tint": Tone("#E2F2E8", "#14331F"),
    "warn": Tone("#84470A", "#F0C078"),
    "warn-tint": Tone("#FCEFD9", "#382811"),
    "bad": Tone("#A62A1B", "#FFA597"),
    "bad-tint": Tone("#FBE9E6", "#401B16"),
    "on-bad": Tone(Colour.PAPER, "#3A0D07"),
    "info": Tone("#1F568C", "#95C5F5"),
    "info-tint": Tone("#E5EFF9", "#152F48"),
    "focus": Tone("#C2540A", "#F5A864"),
}
GROUNDS: Final = ("ground", "surface", "sunken")
TINTS: Final = ("brand-tint", "good-tint", "warn-tint", "bad-tint", "info-tint")
TEXT_CONTRAST, EDGE_CONTRAST = 4.5, 3.0  # WCAG 2.2 AA: 1.4.3 for letters, 1.4.11 for edges of controls and the focus

# Every pair that pages use: what stands on what, with the contrast it must have on light and dark pages alike.
PAIRS: Final = (
    *((text, ground, TEXT_CONTRAST) for text in ("ink", "muted", "brand", "brand-strong") for ground in GROUNDS),
    *((text, tint, TEXT_CONTRAST) for text in ("ink", "muted") for tint in TINTS),
    *((tone, on, TEXT_CONTRAST) for tone in ("good", "warn", "bad", "info") for on in (f"{tone}-tint", "surface", "ground")),
    ("brand", "brand-tint", TEXT_CONTRAST),
    ("on-brand", "brand", TEXT_CONTRAST),
    ("on-brand", "brand-strong", TEXT_CONTRAST),
    ("on-bad", "bad", TEXT_CONTRAST),
    *((edge, on, EDGE_CONTRAST) for edge in ("border", "focus") for on in ("ground", "surface")),
    ("focus", "sunken", EDGE_CONTRAST),
)

SPACES_REM: Final = {"1": 0.25, "2": 0.5, "3": 0.75, "4": 1.0, "5": 1.5, "6": 2.0, "7": 3.0, "8": 4.5}
RADII_REM: Final = {"small": 0.375, "medium": 0.625, "large": 1.0}
PAGE_SIZES: Final = {
    "note": "0.8125rem",
    "small": "0.875rem",
    "body": "1rem",
    "lead": "1.0625rem",
    "heading": "1.1875rem",
    "title": "clamp(1.5rem, 1.25rem + 1.1vw, 1.9375rem)",
    "display": "clamp(2rem, 1.35rem + 2.9vw, 3.125rem)",
}


def css_variables() -> str:
    """Return the tokens as one `:root` rule: `--colour-brand`, `--size-body`, `--weight-bold`, `--font-family`."""
    colours = [f"--colour-{_css_name(colour.name)}: {colour}" for colour in Colour]
    sizes = [f"--size-{name}: {size:g}pt" for name, size in TYPE_SIZES_PT.items()]
    weights = [f"--weight-{_css_name(weight.name)}: {weight.value}" for weight in Weight]
    family = f'--font-family: "{FONT_FAMILY}", sans-serif'
    return _rule(":root", [*colours, *sizes, *weights, family])


def page_variables() -> str:
    """Return the tokens of the pages: `--ink`, `--space-4`, `--size-lead`. Dark by the device, unless `data-theme` says otherwise."""
    spaces = [f"--space-{name}: {rem:g}rem" for name, rem in SPACES_REM.items()]
    radii = [f"--radius-{name}: {rem:g}rem" for name, rem in RADII_REM.items()]
    sizes = [f"--size-{name}: {size}" for name, size in PAGE_SIZES.items()]
    paper = [f"--paper: {Colour.PAPER}", f"--paper-ink: {Colour.INK}"]  # figures keep their paper on a dark page
    dark = _tones("dark", lambda tone: tone.dark)
    return (
        _rule(":root", [*_tones("light", lambda tone: tone.light), *spaces, *radii, *sizes, *paper])
        + "@media screen and (prefers-color-scheme: dark) {\n"
        + _rule(':root:not([data-theme="light"])', dark)
        + "}\n@media screen {\n"
        + _rule(':root[data-theme="dark"]', dark)
        + "}\n"
    )


def _tones(scheme: str, pick: Callable[[Tone], str]) -> list[str]:
    return [f"color-scheme: {scheme}", *(f"--{name}: {pick(tone)}" for name, tone in TONES.items())]


def _rule(selector: str, lines: list[str]) -> str:
    return f"{selector} {{\n" + "".join(f"  {line};\n" for line in lines) + "}\n"


def _css_name(name: str) -> str:
    return name.lower().replace("_", "-")
