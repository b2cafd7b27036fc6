"""Coefficients of nested models: each term's estimates under one another, so that one sees how they move."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evalapp.charts.axes import Point, Row, along, column_width, draw_bottom_axis, draw_point, horizontal_scale, label_rows
from evalapp.charts.canvas import Canvas, Caption, Mark, Shape
from evalapp.charts.legend import draw_legend
from evalapp.charts.lettering import ChartError
from evalapp.charts.tokens import LABEL, SERIES, Colour

BLOCKS: Final[tuple[tuple[str, Shape], ...]] = tuple(
    zip((*SERIES, Colour.INK), ("circle", "square", "triangle", "wedge", "diamond"), strict=True)
)
STEP: Final = 9.0


@dataclass(frozen=True)
class FittedModel:
    """A model's legend, the number of its block of predictors (0 to 4; its colour and shape), and whether it holds controls equal.

    A model without controls is hollow. The model with all predictors takes the number after the last block's.
    """

    label: str
    block: int
    controlled: bool

    @property
    def mark(self) -> Mark:
        """The sign of its estimates."""
        if not 0 <= self.block < len(BLOCKS):
            raise ChartError(f"model {self.label!r} has block {self.block}; draw at most {len(BLOCKS)} blocks, numbered from 0")
        colour, shape = BLOCKS[self.block]
        return Mark(colour, shape, hollow=not self.controlled, size=2.4)


@dataclass(frozen=True)
class Coefficient:
    """A term and its estimate in each model, in the models' order; None where a model leaves the term out."""

    term: str
    points: Sequence[Point | None]


@dataclass(frozen=True)
class CoefficientPlot:
    """The models, the terms from above, and the axis title, which names the outcome and its unit."""

    caption: Caption
    models: Sequence[FittedModel]
    coefficients: Sequence[Coefficient]
    axis_title: str


def coefficient_plot(chart: CoefficientPlot) -> str:
    """Draw terms and, within each, models in the order given, with the line of no association."""
    values = _values(chart)
    canvas = Canvas()
    top = draw_legend(canvas, [(model.label, model.mark) for model in chart.models])
    room = column_width([coefficient.term for coefficient in chart.coefficients], LABEL, 0.36 * canvas.width)
    scale = horizontal_scale([0, *values], room + 22, canvas.width - 14)
    rows = _rows(chart, room, top)
    for row in rows[::2]:
        canvas.box(0, row.top, canvas.width, row.height, fill=Colour.WASH)
    bottom = draw_bottom_axis(canvas, scale, top, rows[-1].bottom, chart.axis_title)
    for coefficient, row in zip(chart.coefficients, rows, strict=True):
        canvas.write(6, row.middle, row.lines, LABEL)
        fitted = _fitted(chart, coefficient)
        for place, (model, point) in enumerate(fitted):
            y = row.middle + (place - (len(fitted) - 1) / 2) * STEP
            draw_point(canvas, along(scale, y), point, model.mark)
    return canvas.svg(chart.caption, bottom)


def _values(chart: CoefficientPlot) -> list[float]:
    for coefficient in chart.coefficients:
        if len(coefficient.points) != len(chart.models):
            given = f"{len(coefficient.points)} points for {len(chart.models)} models"
            raise ChartError(f"term {coefficient.term!r} has {given}; give one each, None where a model leaves it out")
    values = [value for coefficient in chart.coefficients for point in coefficient.points if point for value in point.values]
    if not values:
        raise ChartError(f"figure {chart.caption.key!r} has no estimates; leave it out of the report")
    return values


def _fitted(chart: CoefficientPlot, coefficient: Coefficient) -> list[tuple[FittedModel, Point]]:
    return [(model, point) for model, point in zip(chart.models, coefficient.points, strict=True) if point]


def _rows(chart: CoefficientPlot, room: float, top: float) -> list[Row]:
    rows: list[Row] = []
    for coefficient in chart.coefficients:
        least = len(_fitted(chart, coefficient)) * STEP + 9
        rows += label_rows([coefficient.term], room, rows[-1].bottom if rows else top, least)
    return rows
