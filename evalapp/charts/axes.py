"""Values to places: scales with round ticks, axes, points with intervals, and the rows that horizontal figures stand in."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from matplotlib.ticker import MaxNLocator

from evalapp.charts.canvas import Canvas, Mark
from evalapp.charts.lettering import ChartError, widest, width, wrap
from evalapp.charts.tokens import LABEL, NOTE, Colour, TypeStyle

Track = Callable[[float], tuple[float, float]]

LARGEST: Final = 1e12
TICK_STEPS: Final = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Point:
    """An estimate and its interval, in the axis's unit. NaN ends: no interval is known. NaN estimate: an empty (suppressed) row."""

    estimate: float
    low: float = math.nan
    high: float = math.nan

    def __post_init__(self) -> None:
        if any(abs(value) > LARGEST for value in (self.estimate, self.low, self.high)):
            raise ChartError(f"the point {self} leaves any axis; give finite values in a larger unit")
        if math.isnan(self.low) != math.isnan(self.high):
            raise ChartError(f"the interval of {self} has one end; give both, or neither")
        if self.low > self.high:
            raise ChartError(f"the interval of {self} ends before it starts; swap its ends")

    @property
    def values(self) -> tuple[float, ...]:
        """The finite numbers among the three."""
        return tuple(value for value in (self.low, self.estimate, self.high) if not math.isnan(value))


@dataclass(frozen=True)
class Scale:
    """A linear map from values to points, whose `ticks` are round numbers."""

    ticks: tuple[float, ...]
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Place of a value, in points."""
        low, high = self.ticks[0], self.ticks[-1]
        return self.start + (value - low) / (high - low) * (self.end - self.start)

    @property
    def labels(self) -> list[str]:
        """The ticks as text, with the decimals that their step needs."""
        return tick_labels(self.ticks)


def tick_labels(ticks: Sequence[float]) -> list[str]:
    """Write ticks with true minus signs and the fewest decimals that tell them apart."""
    step = ticks[1] - ticks[0]
    decimals = next(digits for digits in range(16) if abs(round(step, digits) - step) <= 1e-6 * step)
    texts = [f"{tick:,.{decimals}f}" for tick in ticks]
    return [text.removeprefix("-") if float(text.replace(",", "")) == 0 else text.replace("-", "\N{MINUS SIGN}") for text in texts]


def round_ticks(values: Sequence[float], count: int) -> tuple[float, ...]:
    """Choose about `count` round ticks that enclose the values."""
    low, high = min(values), max(values)
    if high - low <= 1e-9 * max(abs(low), abs(high)):
        margin = 0.1 * abs(high) or 1.0
        low, high = low - margin, high + margin
    return tuple(float(tick) for tick in MaxNLocator(nbins=count, steps=TICK_STEPS).tick_values(low, high))


def horizontal_scale(values: Sequence[float], start: float, end: float) -> Scale:
    """Scale to the right, with as many ticks as have room for their labels."""
    for count in range(7, 0, -1):
        scale = Scale(round_ticks(values, count), start, end)
        if (widest(scale.labels, NOTE) + 10) * (len(scale.ticks) - 1) <= end - start:
            return scale
    return scale


def vertical_scale(values: Sequence[float], top: float, bottom: float) -> Scale:
    """Scale upwards."""
    return Scale(round_ticks(values, 6), bottom, top)


def draw_bottom_axis(canvas: Canvas, scale: Scale, top: float, bottom: float, title: str) -> float:
    """Draw gridlines, ticks and the wrapped title of a horizontal scale; return the lower edge of all that."""
    for tick, label in zip(scale.ticks, scale.labels, strict=True):
        canvas.line((scale(tick), top), (scale(tick), bottom), colour=Colour.GRID)
        canvas.write(scale(tick), bottom + 9, label, NOTE, "center")
    if scale.ticks[0] < 0 < scale.ticks[-1]:
        canvas.line((scale(0), top), (scale(0), bottom), colour=Colour.INK, width=0.8)
    lines = wrap(title, NOTE, 1.6 * (scale.end - scale.start))
    half = widest(list(lines), NOTE) / 2
    middle = min(max((scale.start + scale.end) / 2, half), canvas.width - half)
    depth = len(lines) * NOTE.leading
    canvas.write(middle, bottom + 17 + depth / 2, lines, NOTE, "center")
    return bottom + 19 + depth


def draw_left_axis(canvas: Canvas, scale: Scale, left: float, right: float) -> None:
    """Draw gridlines and tick labels of a vertical scale, the labels in the margin left of `left`."""
    for tick, label in zip(scale.ticks, scale.labels, strict=True):
        zero = tick == 0
        canvas.line(
            (left, scale(tick)), (right, scale(tick)), colour=Colour.INK if zero else Colour.GRID, width=0.8 if zero else 0.7
        )
        canvas.write(left - 6, scale(tick), label, NOTE, "right")


def along(scale: Scale, y: float) -> Track:
    """Places of a horizontal scale's values at the height `y`."""
    return lambda value: (scale(value), y)


def draw_point(canvas: Canvas, track: Track, point: Point, mark: Mark) -> None:
    """Draw the interval along the track, then the estimate's mark. A point without estimate leaves its place empty."""
    if not math.isnan(point.low):
        canvas.line(track(point.low), track(point.high), colour=mark.colour, width=mark.line)
    if not math.isnan(point.estimate):
        canvas.mark(*track(point.estimate), mark)


@dataclass(frozen=True)
class Row:
    """A wrapped label and the band it stands in: upper edge and height, in points."""

    lines: tuple[str, ...]
    top: float
    height: float

    @property
    def middle(self) -> float:
        """The line on which the row's marks stand."""
        return self.top + self.height / 2

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height


def column_width(texts: Sequence[str], style: TypeStyle, most: float) -> float:
    """Width of a text column: its longest text, though not more than `most` points (longer ones wrap)."""
    return min(max((width(text, style) for text in texts), default=0.0) + 1, most)


def label_rows(labels: Sequence[str], room: float, top: float, least: float) -> list[Row]:
    """Stack one row per label, each at least `least` points high and high enough for its wrapped label."""
    rows: list[Row] = []
    for label in labels:
        lines = wrap(label, LABEL, room)
        rows.append(Row(lines, rows[-1].bottom if rows else top, max(least, len(lines) * LABEL.leading + 5)))
    return rows
