"""The drawing surface: a figure measured in points from its top left corner, written out as SVG that stands inside an HTML page."""

from __future__ import annotations

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from threading import Lock
from typing import Any, Final, Literal
from xml.etree import ElementTree as ET

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, FancyArrowPatch, Polygon, Rectangle
from matplotlib.text import Text

from evalapp.charts.lettering import ChartError, cleaned, register_fonts
from evalapp.charts.tokens import FONT_FAMILY, TEXT_WIDTH, Colour, TypeStyle

Anchor = Literal["left", "center", "right"]
Shape = Literal["circle", "square", "diamond", "triangle", "wedge", "block", "line", "bounds"]

SVG: Final = "http://www.w3.org/2000/svg"
KEY: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
CAP_HEIGHT: Final = 0.707  # of Pretendard, in ems: a text centred on its capitals looks centred
CORNERS: Final[dict[str, tuple[tuple[float, float], ...]]] = {
    "square": ((-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)),
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "triangle": ((0, -1.2), (1.1, 0.8), (-1.1, 0.8)),
    "wedge": ((0, 1.2), (1.1, -0.8), (-1.1, -0.8)),
    "block": ((-1.4, -1.4), (1.4, -1.4), (1.4, 1.4), (-1.4, 1.4)),
}
# matplotlib reads these only from its process-wide settings, so two threads must not save at once.
_SAVING = Lock()


@dataclass(frozen=True)
class Caption:
    """What a figure is called. `key` starts with a letter and is unique in its document: the figure's ids are made from it."""

    key: str
    title: str
    description: str

    def __post_init__(self) -> None:
        if not KEY.fullmatch(self.key):
            raise ChartError(f"the figure's key {self.key!r} cannot be an id; use a letter, then letters, digits and hyphens")
        for name, text in (("title", self.title), ("description", self.description)):
            if not cleaned(text):
                raise ChartError(f"the figure {self.key!r} has no {name}; a reader who cannot see it needs one")


@dataclass(frozen=True)
class Mark:
    """A sign for a value. `size` is its half width in points; hollow marks are filled with paper; `line` is its stroke's width."""

    colour: str
    shape: Shape = "circle"
    hollow: bool = False
    size: float = 2.9
    line: float = 1.4


@dataclass
class Canvas:
    """A drawing of the text's width whose height is known when it is finished. Coordinates are points, y grows downwards."""

    width: float = TEXT_WIDTH
    figure: Figure = field(init=False)

    def __post_init__(self) -> None:
        register_fonts()
        self.figure = Figure(frameon=False)
        self.axes = self.figure.add_axes((0, 0, 1, 1), frameon=False, xticks=[], yticks=[])

    def line(
        self, *points: tuple[float, float], colour: str = Colour.RULE, width: float = 0.7, dashes: Sequence[float] | None = None
    ) -> None:
        """Draw a line through the points."""
        xs, ys = zip(*points, strict=True)
        self._add(Line2D(xs, ys, color=colour, linewidth=width, linestyle=(0, dashes) if dashes else "-", solid_capstyle="butt"))

    def arrow(self, start: tuple[float, float], end: tuple[float, float], colour: str = Colour.RULE) -> None:
        """Draw a straight arrow whose tip touches `end`."""
        look: dict[str, Any] = {"arrowstyle": "-|>,head_length=3.6,head_width=1.7", "shrinkA": 0, "shrinkB": 0, "mutation_scale": 1}
        self._add(FancyArrowPatch(start, end, color=colour, linewidth=0.9, **look))

    def box(
        self, left: float, top: float, width: float, height: float, *, fill: str, edge: str = "none", line: float = 0.8
    ) -> None:
        """Draw a rectangle."""
        self._add(Rectangle((left, top), width, height, facecolor=fill, edgecolor=edge, linewidth=line, joinstyle="miter"))

    def mark(self, x: float, y: float, mark: Mark) -> None:
        """Draw a mark centred on a point."""
        if mark.shape in ("line", "bounds"):
            self._stroke_sample(x, y, mark)
            return
        face = Colour.PAPER if mark.hollow else mark.colour
        look = {"facecolor": face, "edgecolor": mark.colour, "linewidth": 0 if mark.shape == "block" else 1.1}
        if mark.shape == "circle":
            self._add(Circle((x, y), mark.size, **look))
        else:
            corners = [(x + mark.size * dx, y + mark.size * dy) for dx, dy in CORNERS[mark.shape]]
            self._add(Polygon(corners, closed=True, joinstyle="miter", **look))

    def _stroke_sample(self, x: float, y: float, mark: Mark) -> None:
        self.line((x - 8, y), (x + 8, y), colour=mark.colour, width=mark.line)
        if mark.shape == "bounds":
            for end in (x - 8, x + 8):
                self.line((end, y - 2.2), (end, y + 2.2), colour=mark.colour, width=mark.line)

    def write(self, x: float, y: float, text: str | Sequence[str], style: TypeStyle, anchor: Anchor = "left") -> None:
        """Write lines whose block is centred on `y`."""
        lines = [text] if isinstance(text, str) else text
        first = y - (len(lines) - 1) / 2 * style.leading + CAP_HEIGHT / 2 * style.size
        font = FontProperties(family=FONT_FAMILY, weight=style.weight.value, size=style.size)
        for number, line in enumerate(lines):
            if words := cleaned(line):
                place = (x, first + number * style.leading)
                look: dict[str, Any] = {"color": style.colour, "ha": anchor, "va": "baseline", "parse_math": False}
                self._add(Text(*place, words, fontproperties=font, **look))

    def _add(self, artist: Artist) -> None:
        """Paint in the order of the calls; matplotlib alone would put every line above every box."""
        artist.set(zorder=len(self.axes.get_children()), clip_on=False)
        self.axes.add_artist(artist)

    def svg(self, caption: Caption, height: float) -> str:
        """Finish the drawing at this height and return it as SVG text, the same bytes every time."""
        self.figure.set_size_inches(self.width / 72, height / 72)
        self.axes.set(xlim=(0, self.width), ylim=(height, 0))
        drawn = BytesIO()
        with _SAVING, mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "evalapp"}), warnings.catch_warnings():
            # A sign that our font lacks is drawn by the reader's fallback font: no reason to stop a report.
            warnings.filterwarnings("ignore", message=r"Glyph .* missing from font")
            FigureCanvasSVG(self.figure).print_svg(drawn, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        return _inline(drawn.getvalue(), caption, self.width, height)


def _inline(drawn: bytes, caption: Caption, width: float, height: float) -> str:
    """Keep the drawn shapes and texts, and say everything else ourselves.

    matplotlib's ids would clash between two figures of a page, its style element would restyle that page, and its style
    attributes would be refused by a content security policy: so ids go and styles become presentation attributes.
    The namespace is written as an attribute, because ElementTree's prefixes are process-wide and any library may take ours.
    """
    title, description = f"{caption.key}-title", f"{caption.key}-description"
    root = ET.Element("svg", {"xmlns": SVG, "viewBox": f"0 0 {width:.2f} {height:.2f}", "width": "100%", "role": "img"})
    root.set("aria-labelledby", f"{title} {description}")
    root.attrib.update({"font-family": f"{FONT_FAMILY}, sans-serif", "stroke-linejoin": "round"})
    ET.SubElement(root, "title", {"id": title}).text = cleaned(caption.title)
    ET.SubElement(root, "desc", {"id": description}).text = cleaned(caption.description)
    for element in ET.fromstring(drawn).iter():  # noqa: S314 - our own drawing
        if element.tag in (f"{{{SVG}}}path", f"{{{SVG}}}text"):
            root.append(_with_attributes(element))
    return ET.tostring(root, encoding="unicode")


def _with_attributes(element: ET.Element) -> ET.Element:
    tag = element.tag.removeprefix(f"{{{SVG}}}")
    plain = ET.Element(tag, {name: value for name, value in element.attrib.items() if name not in ("id", "style", "transform")})
    for declaration in element.get("style", "").split(";"):
        name, _, value = declaration.partition(":")
        if name.strip() not in ("", "font-family"):
            plain.set(name.strip(), value.strip().removesuffix("px"))
    plain.text, plain.tail = element.text, "\n"
    return plain
