"""Effects by time since the training began, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evalapp.charts.axes import Point, Scale, draw_left_axis, draw_point, vertical_scale
from evalapp.charts.canvas import Canvas, Caption, Mark
from evalapp.charts.legend import Key, draw_legend
from evalapp.charts.lettering import ChartError, widest, wrap
from evalapp.charts.tokens import LABEL, NOTE, NOTE_STRONG, Colour

HEIGHT: Final = 185.0
BEFORE: Final = Mark(Colour.MUTED, hollow=True)
AFTER: Final = Mark(Colour.BRAND)


@dataclass(frozen=True)
class EventTime:
    """The effect `time` periods after the start (before it: negative), with its pointwise interval.

    `band` holds the simultaneous interval (NaN: none), `n` the people behind the estimate and `value` its label, both as printed.
    """

    time: int
    point: Point
    band: tuple[float, float] = (math.nan, math.nan)
    n: str = ""
    value: str = ""

    @property
    def mark(self) -> Mark:
        """Hollow before the start, filled after it."""
        return BEFORE if self.time < 0 else AFTER

    @property
    def whole(self) -> Point:
        """The estimate within its simultaneous interval, checked as any other interval."""
        return Point(self.point.estimate, *self.band)


@dataclass(frozen=True)
class EventStudy:
    """Estimates by event time, and the figure's words. `y_title` names the outcome and its unit; `onset` labels the start."""

    caption: Caption
    times: Sequence[EventTime]
    x_title: str
    y_title: str
    onset: str
    before: str
    after: str
    interval: str
    band: str = ""
    n_title: str = "n"


def event_study(chart: EventStudy) -> str:
    """Draw the estimates from left to right, with the zero line and the start between -1 and 0."""
    times = sorted(chart.times, key=lambda event: event.time)
    values = [value for event in times for value in (*event.point.values, *event.whole.values)]
    if not values:
        raise ChartError(f"figure {chart.caption.key!r} has no estimates; leave it out of the report")
    if len({event.time for event in times}) < len(times):
        raise ChartError(f"figure {chart.caption.key!r} has two estimates for one event time; give each time once")
    canvas = Canvas()
    top = _draw_heading(canvas, chart, _keys(chart, times))
    bottom = top + HEIGHT
    y = vertical_scale([0, *values], top, bottom)
    left = max(widest(y.labels, NOTE), widest([chart.n_title], NOTE)) + 8
    x = Scale((min(times[0].time, -1) - 0.6, max(times[-1].time, 0) + 0.6), left, canvas.width)
    draw_left_axis(canvas, y, left, canvas.width)
    canvas.line((x(-0.5), top - 12), (x(-0.5), bottom), colour=Colour.MUTED, width=0.9, dashes=(3, 2))
    labelled = widest([event.value for event in times], NOTE) + 4 <= x(1) - x(0)
    for event in times:
        _draw_event(canvas, event, x, y, labelled=labelled)
    return canvas.svg(chart.caption, _draw_times(canvas, chart, times, x, bottom))


def _keys(chart: EventStudy, times: Sequence[EventTime]) -> list[Key]:
    keys = [(chart.before, BEFORE)] if times[0].time < 0 else []
    keys += [(chart.after, AFTER)] if times[-1].time >= 0 else []
    keys += [(chart.interval, Mark(Colour.INK, "line", line=2.2))]
    return keys + ([(chart.band, Mark(Colour.INK, "bounds", line=0.8))] if any(event.whole.values[1:] for event in times) else [])


def _draw_heading(canvas: Canvas, chart: EventStudy, keys: Sequence[Key]) -> float:
    top = draw_legend(canvas, keys)
    title = wrap(chart.y_title, NOTE, 0.6 * canvas.width)
    canvas.write(0, top + len(title) * NOTE.leading / 2, title, NOTE)
    return top + len(title) * NOTE.leading + 18


def _draw_event(canvas: Canvas, event: EventTime, x: Scale, y: Scale, *, labelled: bool) -> None:
    place = x(event.time)
    if event.whole.values[1:]:
        low, high = (y(value) for value in event.band)
        canvas.line((place, low), (place, high), colour=event.mark.colour, width=0.8)
        for end in (low, high):
            canvas.line((place - 3, end), (place + 3, end), colour=event.mark.colour, width=0.8)
    draw_point(canvas, lambda value: (place, y(value)), event.point, event.mark)
    if labelled and event.whole.values:
        canvas.write(place, y(max(*event.point.values, *event.whole.values)) - 8, event.value, NOTE_STRONG, "center")


def _draw_times(canvas: Canvas, chart: EventStudy, times: Sequence[EventTime], x: Scale, bottom: float) -> float:
    room = widest([time_label(event.time) for event in times] + [event.n for event in times], LABEL) + 6
    every = math.ceil(room / (x(1) - x(0)))
    for event in times:
        if event.time % every == 0:
            canvas.write(x(event.time), bottom + 10, time_label(event.time), LABEL, "center")
            canvas.write(x(event.time), bottom + 22, event.n, NOTE, "center")
    counted = any(event.n for event in times)
    if counted:
        canvas.write(x.start - 8, bottom + 22, chart.n_title, NOTE, "right")
    title = wrap(chart.x_title, NOTE, canvas.width - x.start)
    top = bottom + (32 if counted else 20)
    canvas.write((x.start + x.end) / 2, top + len(title) * NOTE.leading / 2, title, NOTE, "center")
    return top + len(title) * NOTE.leading + 3


def time_label(time: int) -> str:
    """Write an event time with a true minus sign."""
    return f"{time:d}".replace("-", "\N{MINUS SIGN}")
