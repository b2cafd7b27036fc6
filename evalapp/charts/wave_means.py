"""An outcome's mean at each wave, one line an arm, labelled at its end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Final

from evalapp.charts.axes import Point, Scale, column_width, draw_left_axis, draw_point, vertical_scale
from evalapp.charts.canvas import Canvas, Caption, Mark, Shape
from evalapp.charts.lettering import ChartError, widest, wrap
from evalapp.charts.tokens import LABEL, NOTE, SERIES, STRONG

HEIGHT: Final = 175.0
APART: Final = 7.0  # between the marks of two arms at one wave, so that their intervals do not cover each other
SHAPES: Final[tuple[Shape, ...]] = ("circle", "square", "diamond", "triangle")


@dataclass(frozen=True)
class WaveMean:
    """A mean with its interval, and the people behind it, as printed. A point without estimate breaks the line."""

    point: Point
    n: str = ""


@dataclass(frozen=True)
class ArmMeans:
    """An arm's means, one a wave."""

    label: str
    means: Sequence[WaveMean]

    @property
    def last(self) -> int:
        """The last wave with a mean."""
        return max(wave for wave, mean in enumerate(self.means) if not math.isnan(mean.point.estimate))


@dataclass(frozen=True)
class WaveMeans:
    """The waves in order of time, the arms, and the axis title: the outcome, its unit and what the intervals are."""

    caption: Caption
    waves: Sequence[str]
    arms: Sequence[ArmMeans]
    y_title: str
    n_title: str = "n"

    def __post_init__(self) -> None:
        name = f"figure {self.caption.key!r}"
        if not self.waves or not self.arms:
            raise ChartError(f"{name} has no means; leave it out of the report")
        if len(self.arms) > len(SERIES):
            raise ChartError(f"{name} has {len(self.arms)} arms and colours for {len(SERIES)}; join some of them")
        for arm in self.arms:
            if len(arm.means) != len(self.waves):
                raise ChartError(
                    f"{name}: arm {arm.label!r} has {len(arm.means)} means for {len(self.waves)} waves; give one a wave"
                )
            if all(math.isnan(mean.point.estimate) for mean in arm.means):
                raise ChartError(f"{name}: arm {arm.label!r} has no means; leave it out")


@dataclass(frozen=True)
class _Plot:
    x: Scale
    y: Scale
    labels: float

    def place(self, wave: int, shift: float, value: float) -> tuple[float, float]:
        return self.x(wave) + shift, self.y(value)


def wave_means(chart: WaveMeans) -> str:
    """Draw the lines from left to right, the n of each arm under the axis."""
    canvas = Canvas()
    title = wrap(chart.y_title, NOTE, canvas.width)
    canvas.write(0, len(title) * NOTE.leading / 2, title, NOTE)
    plot = _plan(canvas, chart, len(title) * NOTE.leading + 10)
    draw_left_axis(canvas, plot.y, plot.x.start, plot.x.end)
    marks = [Mark(colour, shape) for colour, shape in zip(SERIES, SHAPES, strict=True)]
    shifts = [APART * (number - (len(chart.arms) - 1) / 2) for number in range(len(chart.arms))]
    for arm, mark, shift in zip(chart.arms, marks, shifts, strict=False):
        _draw_arm(canvas, arm, plot, mark, shift)
    _draw_labels(canvas, chart, plot, shifts)
    return canvas.svg(chart.caption, _draw_waves(canvas, chart, plot, marks))


def _plan(canvas: Canvas, chart: WaveMeans, top: float) -> _Plot:
    """Give the labels at the right and the ticks at the left their room, and the lines the rest."""
    labels = column_width([arm.label for arm in chart.arms], STRONG, 0.24 * canvas.width)
    needed = sum(_label_height(arm, labels) for arm in chart.arms)
    values = [value for arm in chart.arms for mean in arm.means for value in mean.point.values]
    y = vertical_scale(values, top, top + max(HEIGHT, needed))
    left = max(widest(y.labels, NOTE), widest([chart.n_title], NOTE) + 10) + 8
    return _Plot(Scale((-0.35, len(chart.waves) - 0.8), left, canvas.width - labels - 8), y, labels)


def _draw_arm(canvas: Canvas, arm: ArmMeans, plot: _Plot, mark: Mark, shift: float) -> None:
    places = [plot.place(wave, shift, mean.point.estimate) for wave, mean in enumerate(arm.means)]
    for start, end in pairwise(places):
        if not math.isnan(start[1] + end[1]):
            canvas.line(start, end, colour=mark.colour, width=1.3)
    for wave, mean in enumerate(arm.means):
        draw_point(canvas, partial(plot.place, wave, shift), mean.point, mark)


def _label_height(arm: ArmMeans, room: float) -> float:
    return len(wrap(arm.label, STRONG, room)) * STRONG.leading + 3


def _draw_labels(canvas: Canvas, chart: WaveMeans, plot: _Plot, shifts: Sequence[float]) -> None:
    """Name each line at its end, and lead a thin line to the names that had to make room for others."""
    ends = [plot.place(arm.last, shift, arm.means[arm.last].point.estimate) for arm, shift in zip(chart.arms, shifts, strict=True)]
    heights = [_label_height(arm, plot.labels) for arm in chart.arms]
    left = canvas.width - plot.labels
    for arm, (x, end), y, colour in zip(chart.arms, ends, spread([y for _, y in ends], heights, plot.y), SERIES, strict=False):
        canvas.line((x + 6, end), (left - 10, y), (left - 4, y), colour=colour, width=0.6)
        canvas.write(left, y, wrap(arm.label, STRONG, plot.labels), STRONG.coloured(colour))


def spread(wanted: Sequence[float], heights: Sequence[float], scale: Scale) -> list[float]:
    """Move centres apart, in their order, until labels of these heights neither overlap nor leave the scale."""
    order = sorted(range(len(wanted)), key=lambda label: wanted[label])
    places = list(wanted)
    least = scale.end
    for label in order:
        places[label] = max(places[label], least + heights[label] / 2)
        least = places[label] + heights[label] / 2
    most = scale.start
    for label in reversed(order):
        places[label] = min(places[label], most - heights[label] / 2)
        most = places[label] - heights[label] / 2
    return places


def _draw_waves(canvas: Canvas, chart: WaveMeans, plot: _Plot, marks: Sequence[Mark]) -> float:
    """Write the waves' names below the axis and one line of n an arm below them; return the lower edge."""
    room = min(plot.x(1) - plot.x(0) - 8, 2 * plot.x(0))
    names = [wrap(wave, LABEL, room) for wave in chart.waves]
    top = plot.y.start + 5
    for wave, lines in enumerate(names):
        canvas.write(plot.x(wave), top + len(lines) * LABEL.leading / 2, lines, LABEL, "center")
    bottom = top + max(map(len, names)) * LABEL.leading + 4
    for arm, mark in zip(chart.arms, marks, strict=False):
        if not any(mean.n for mean in arm.means):
            continue
        y = bottom + NOTE.leading / 2
        canvas.write(plot.x.start - 16, y, chart.n_title, NOTE, "right")
        canvas.mark(plot.x.start - 8, y, mark)
        for wave, mean in enumerate(arm.means):
            canvas.write(plot.x(wave), y, mean.n, NOTE.coloured(mark.colour), "center")
        bottom = y + NOTE.leading / 2 + 2
    return bottom
