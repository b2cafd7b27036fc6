"""How strongly each item goes with each component: a panel of bars per component, the items in rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evalapp.charts.axes import Row, Scale, column_width, draw_bottom_axis, horizontal_scale, label_rows
from evalapp.charts.canvas import Canvas, Caption
from evalapp.charts.lettering import ChartError, width, wrap
from evalapp.charts.tokens import LABEL, NOTE, NOTE_STRONG, SERIES, SERIES_TINTS, STRONG

BAR: Final = 11.0
GAP: Final = 20.0
ROUNDING: Final = 1e-6  # by which a computed correlation may pass 1


@dataclass(frozen=True)
class Component:
    """A component's name and a note under it, such as its share of variance."""

    name: str
    note: str = ""


@dataclass(frozen=True)
class ItemLoadings:
    """An item and its loadings (correlations, -1 to 1), one per component in the components' order."""

    item: str
    loadings: Sequence[float]

    def __post_init__(self) -> None:
        if not all(abs(loading) <= 1 + ROUNDING for loading in self.loadings):
            raise ChartError(f"item {self.item!r}: {tuple(self.loadings)} are not loadings between -1 and 1; give correlations")

    @property
    def strongest(self) -> int:
        """Position of the component that the item goes with most."""
        return max(range(len(self.loadings)), key=lambda place: abs(self.loadings[place]))


@dataclass(frozen=True)
class LoadingsPlot:
    """The components, the items, and the title of the axes."""

    caption: Caption
    components: Sequence[Component]
    items: Sequence[ItemLoadings]
    axis_title: str


def loadings_plot(chart: LoadingsPlot) -> str:
    """Draw the items by component, strongest first. An item's strongest loading is filled, the others are tints."""
    _refuse_gaps(chart)
    items = sorted(chart.items, key=lambda item: (item.strongest, -abs(item.loadings[item.strongest])))
    canvas = Canvas()
    room = column_width([item.item for item in items], LABEL, 0.34 * canvas.width)
    panels = _panels(canvas, chart, room + 14)
    top = _draw_heads(canvas, chart.components, panels)
    rows = label_rows([item.item for item in items], room, top, BAR + 8)
    bottoms = [draw_bottom_axis(canvas, scale, top, rows[-1].bottom, chart.axis_title) for scale in panels]
    for item, row in zip(items, rows, strict=True):
        canvas.write(0, row.middle, row.lines, LABEL)
        for place in range(len(panels)):
            _draw_loading(canvas, panels[place], item, place, row)
    return canvas.svg(chart.caption, max(bottoms))


def loading_label(loading: float) -> str:
    """Write a loading with two decimals and a true minus sign."""
    return f"{loading:z.2f}".replace("-", "\N{MINUS SIGN}")


def _refuse_gaps(chart: LoadingsPlot) -> None:
    if not chart.items:
        raise ChartError(f"figure {chart.caption.key!r} has no items; leave it out of the report")
    if not 1 <= len(chart.components) <= len(SERIES):
        raise ChartError(f"figure {chart.caption.key!r} has {len(chart.components)} components; draw 1 to {len(SERIES)}")
    for item in chart.items:
        if len(item.loadings) != len(chart.components):
            given = f"{len(item.loadings)} loadings for {len(chart.components)} components"
            raise ChartError(f"item {item.item!r} has {given}; give one each")


def _panels(canvas: Canvas, chart: LoadingsPlot, left: float) -> list[Scale]:
    values = [0.0, 1.0, *(loading for item in chart.items for loading in item.loadings)]
    step = (canvas.width - left + GAP) / len(chart.components)
    # A bar to the end of the scale still has its number beside it.
    margin = width(loading_label(-1), NOTE_STRONG) + 4
    starts = [left + place * step + (margin if min(values) < 0 else 0) for place in range(len(chart.components))]
    ends = [left + (place + 1) * step - GAP - margin for place in range(len(chart.components))]
    return [horizontal_scale(values, start, end) for start, end in zip(starts, ends, strict=True)]


def _draw_heads(canvas: Canvas, components: Sequence[Component], panels: Sequence[Scale]) -> float:
    bottoms = []
    for component, scale, colour in zip(components, panels, SERIES, strict=False):
        most = scale.end - scale.start + GAP
        name, note = wrap(component.name, STRONG, most), wrap(component.note, NOTE, most)
        middle = len(name) * STRONG.leading
        bottoms.append(middle + len(note) * NOTE.leading)
        canvas.write(scale.start, middle / 2, name, STRONG.coloured(colour))
        canvas.write(scale.start, (middle + bottoms[-1]) / 2, note, NOTE)
    return max(bottoms) + 5


def _draw_loading(canvas: Canvas, scale: Scale, item: ItemLoadings, place: int, row: Row) -> None:
    loading, strongest = item.loadings[place], place == item.strongest
    left, right = sorted((scale(0), scale(loading)))
    fill = SERIES[place] if strongest else SERIES_TINTS[place]
    canvas.box(left, row.middle - BAR / 2, right - left, BAR, fill=fill, edge=SERIES[place], line=0.6)
    style = NOTE_STRONG if strongest else NOTE
    if loading < 0:
        canvas.write(left - 3, row.middle, loading_label(loading), style, "right")
    else:
        canvas.write(right + 3, row.middle, loading_label(loading), style)
