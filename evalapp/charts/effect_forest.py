"""Effects under one another: a point with its interval, the numbers as text, and n, in groups."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalapp.charts.axes import Point, Row, Scale, along, column_width, draw_bottom_axis, draw_point, horizontal_scale, label_rows
from evalapp.charts.canvas import Canvas, Caption, Mark
from evalapp.charts.lettering import ChartError, wrap
from evalapp.charts.tokens import LABEL, NOTE, NOTE_STRONG, STRONG, Colour, TypeStyle

ESTIMATE = Mark(Colour.BRAND, "square", size=2.7)
SUMMARY = Mark(Colour.BRAND, "diamond", size=3.2, line=1.8)


@dataclass(frozen=True)
class ForestRow:
    """One effect: label, point, the numbers as printed ("estimate (low to high)") and n. A summary row is drawn as a diamond."""

    label: str
    point: Point
    text: str
    n: str
    summary: bool = False


@dataclass(frozen=True)
class ForestGroup:
    """Rows under a heading; an empty heading is not drawn."""

    heading: str
    rows: Sequence[ForestRow]


@dataclass(frozen=True)
class EffectForest:
    """The groups, the heads of the two text columns and the axis title, which names the unit."""

    caption: Caption
    groups: Sequence[ForestGroup]
    text_title: str
    n_title: str
    axis_title: str


@dataclass(frozen=True)
class _Columns:
    label: float
    text: float
    n: float
    scale: Scale


def effect_forest(chart: EffectForest) -> str:
    """Draw groups and rows in the order given."""
    rows = [row for group in chart.groups for row in group.rows]
    if not any(row.point.values for row in rows):
        raise ChartError(f"figure {chart.caption.key!r} has no estimates; leave it out of the report")
    canvas = Canvas()
    columns = _columns(canvas, chart, rows)
    top = y = _draw_heads(canvas, chart, columns)
    bands: list[tuple[ForestGroup, float, list[Row]]] = []
    for group in chart.groups:
        start = y + (2 + len(wrap(group.heading, STRONG, canvas.width)) * STRONG.leading + 3 if group.heading else 3)
        bands.append((group, y, _rows(group, columns, start)))
        y = bands[-1][2][-1].bottom if group.rows else start
    bottom = draw_bottom_axis(canvas, columns.scale, top, y + 3, chart.axis_title)
    for group, start, places in bands:
        _draw_group(canvas, group, columns, start, places)
    return canvas.svg(chart.caption, bottom)


def _columns(canvas: Canvas, chart: EffectForest, rows: Sequence[ForestRow]) -> _Columns:
    label = column_width([row.label for row in rows], LABEL, 0.32 * canvas.width)
    text = column_width([chart.text_title, *(row.text for row in rows)], NOTE_STRONG, 0.27 * canvas.width)
    n = column_width([chart.n_title, *(row.n for row in rows)], NOTE_STRONG, 0.1 * canvas.width)
    values = [0.0, *(value for row in rows for value in row.point.values)]
    return _Columns(label, text, n, horizontal_scale(values, label + 16, canvas.width - n - text - 28))


def _draw_heads(canvas: Canvas, chart: EffectForest, columns: _Columns) -> float:
    text = wrap(chart.text_title, NOTE_STRONG, columns.text)
    n = wrap(chart.n_title, NOTE_STRONG, columns.n)
    bottom = max(len(text), len(n)) * NOTE.leading
    canvas.write(canvas.width - columns.n - 12, bottom - len(text) * NOTE.leading / 2, text, NOTE_STRONG, "right")
    canvas.write(canvas.width, bottom - len(n) * NOTE.leading / 2, n, NOTE_STRONG, "right")
    canvas.line((0, bottom + 4), (canvas.width, bottom + 4))
    return bottom + 4


def _rows(group: ForestGroup, columns: _Columns, top: float) -> list[Row]:
    rows: list[Row] = []
    for row in group.rows:
        least = max(17.0, len(wrap(row.text, _style(row), columns.text)) * LABEL.leading + 5)
        rows += label_rows([row.label], columns.label, rows[-1].bottom if rows else top, least)
    return rows


def _style(row: ForestRow) -> TypeStyle:
    return NOTE_STRONG if row.summary else NOTE.coloured(Colour.INK)


def _draw_group(canvas: Canvas, group: ForestGroup, columns: _Columns, top: float, places: Sequence[Row]) -> None:
    if group.heading:
        lines = wrap(group.heading, STRONG, canvas.width)
        canvas.write(0, top + 4 + len(lines) * STRONG.leading / 2, lines, STRONG)
    for row, place in zip(group.rows, places, strict=True):
        canvas.write(0, place.middle, place.lines, STRONG if row.summary else LABEL)
        draw_point(canvas, along(columns.scale, place.middle), row.point, SUMMARY if row.summary else ESTIMATE)
        canvas.write(canvas.width - columns.n - 12, place.middle, wrap(row.text, _style(row), columns.text), _style(row), "right")
        canvas.write(canvas.width, place.middle, row.n, _style(row), "right")
