"""How many people reached each step of a programme, arm by arm, and why the others did not: the CONSORT flow diagram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evalapp.charts.axes import column_width
from evalapp.charts.canvas import Canvas, Caption
from evalapp.charts.lettering import ChartError, wrap
from evalapp.charts.tokens import NOTE, SERIES, SERIES_TINTS, STRONG, Colour, TypeStyle

ARROW: Final = 15.0
SPLIT: Final = 24.0
GUTTER: Final = 14.0
PADDING: Final = 7.0


@dataclass(frozen=True)
class Loss:
    """Why people did not reach a step, and how many of them, as printed."""

    reason: str
    n: str


@dataclass(frozen=True)
class FlowStep:
    """The people who reached a step, as printed, and those who did not, by reason."""

    label: str
    n: str
    lost: Sequence[Loss] = ()


@dataclass(frozen=True)
class FlowArm:
    """An arm's people and its steps. A step that the arm does not have is None: its arrow runs past."""

    label: str
    n: str
    steps: Sequence[FlowStep | None] = ()


@dataclass(frozen=True)
class ParticipantFlow:
    """The steps everyone takes, then the arms, whose steps stand side by side: every arm has as many, in the same order."""

    caption: Caption
    everyone: Sequence[FlowStep]
    arms: Sequence[FlowArm] = ()

    def __post_init__(self) -> None:
        name = f"figure {self.caption.key!r}"
        if not self.everyone and not self.arms:
            raise ChartError(f"{name} has no steps; leave it out of the report")
        if self.everyone and self.everyone[0].lost:
            raise ChartError(f"{name} loses people before its first step; give them to the step they did not reach")
        if len(self.arms) > len(SERIES):
            raise ChartError(f"{name} has {len(self.arms)} arms and room for {len(SERIES)}; join some of them")
        if len({len(arm.steps) for arm in self.arms}) > 1:
            raise ChartError(f"{name} has arms with unequally many steps; give None for a step that an arm does not have")


@dataclass(frozen=True)
class _Entry:
    """Wrapped words at a box's left and their wrapped count at its right."""

    words: tuple[str, ...]
    n: tuple[str, ...]
    style: TypeStyle

    @property
    def height(self) -> float:
        return max(len(self.words), len(self.n)) * self.style.leading


@dataclass(frozen=True)
class _Look:
    fill: str = Colour.PAPER
    edge: str = Colour.RULE


@dataclass(frozen=True)
class _Box:
    """Entries set in a box that is as high as they need. `left` and `width` are its place across the figure."""

    left: float
    width: float
    entries: tuple[_Entry, ...]
    look: _Look

    @property
    def middle(self) -> float:
        return self.left + self.width / 2

    @property
    def height(self) -> float:
        return sum(entry.height for entry in self.entries) + 2 * PADDING - 2


def participant_flow(chart: ParticipantFlow) -> str:
    """Draw everyone's steps downwards, the people who left beside them, then one column of boxes an arm."""
    canvas = Canvas()
    bottom = _draw_everyone(canvas, chart)
    if chart.arms:
        bottom = _draw_arms(canvas, chart, bottom)
    return canvas.svg(chart.caption, bottom + 1)


def _box(steps: Sequence[FlowStep | Loss], left: float, width: float, look: _Look) -> _Box:
    """Wrap the words into what the counts leave of the width; the counts take half of it at most."""
    room = width - 2 * PADDING - 8
    texts = [(step.label, step.n, STRONG) if isinstance(step, FlowStep) else (step.reason, step.n, NOTE) for step in steps]
    counts = max(column_width([n], style, room / 2) for _, n, style in texts)
    entries = tuple(_Entry(wrap(words, style, room - counts), wrap(n, style, counts), style) for words, n, style in texts)
    return _Box(left, width, entries, look)


def _draw_box(canvas: Canvas, box: _Box, top: float, height: float) -> None:
    """Draw the box `height` points high, as high as its row, its entries from the top."""
    canvas.box(box.left, top, box.width, height, fill=box.look.fill, edge=box.look.edge)
    y = top + PADDING - 1
    for entry in box.entries:
        leading = entry.style.leading
        canvas.write(box.left + PADDING, y + len(entry.words) * leading / 2, entry.words, entry.style)
        canvas.write(box.left + box.width - PADDING, y + len(entry.n) * leading / 2, entry.n, entry.style, "right")
        y += entry.height


def _draw_everyone(canvas: Canvas, chart: ParticipantFlow) -> float:
    """Stack everyone's boxes in the middle; return the last one's lower edge, 0 without boxes."""
    width = (canvas.width - GUTTER) / 2
    bottom = 0.0
    for number, step in enumerate(chart.everyone):
        box = _box([FlowStep(step.label, step.n)], (canvas.width - width) / 2, width, _Look())
        top = 0.5
        if number:
            top = bottom + (_draw_losses(canvas, step.lost, bottom) if step.lost else ARROW)
            canvas.arrow((box.middle, bottom), (box.middle, top))
        _draw_box(canvas, box, top, box.height)
        bottom = top + box.height
    return bottom


def _draw_losses(canvas: Canvas, lost: Sequence[Loss], above: float) -> float:
    """Draw those who left in a box right of the arrow; return the arrow's length, which passes the box."""
    middle = canvas.width / 2
    box = _box(lost, middle + 26, middle - 26.5, _Look(Colour.WASH, Colour.GRID))
    top = above + ARROW / 2
    canvas.arrow((middle, top + box.height / 2), (box.left, top + box.height / 2))
    _draw_box(canvas, box, top, box.height)
    return box.height + ARROW + 2


def _draw_arms(canvas: Canvas, chart: ParticipantFlow, above: float) -> float:
    """Part the arms below everyone's steps and draw their rows; return the lower edge."""
    width = (canvas.width - 1 - (len(chart.arms) - 1) * GUTTER) / len(chart.arms)
    lefts = [0.5 + number * (width + GUTTER) for number in range(len(chart.arms))]
    top = _draw_split(canvas, [left + width / 2 for left in lefts], above) if chart.everyone else 0.5
    columns = [
        _column(arm, left, width, tint, colour)
        for arm, left, tint, colour in zip(chart.arms, lefts, SERIES_TINTS, SERIES, strict=False)
    ]
    starts = [top] * len(columns)
    for row in zip(*columns, strict=True):
        height = max((box.height for box in row if box), default=0.0)
        for number, box in enumerate(row):
            if not box:
                continue
            if starts[number] < top:
                canvas.arrow((box.middle, starts[number]), (box.middle, top))
            _draw_box(canvas, box, top, height)
            starts[number] = top + height
        top += height + ARROW if height else 0.0
    return top - ARROW


def _column(arm: FlowArm, left: float, width: float, tint: str, colour: str) -> list[_Box | None]:
    """Set an arm's boxes: its head and its last step, those analysed, in its colour."""
    coloured = _Look(tint, colour)
    looks = [_Look()] * (len(arm.steps) - 1) + [coloured]
    boxes = [_box([step, *step.lost], left, width, look) if step else None for step, look in zip(arm.steps, looks, strict=False)]
    return [_box([FlowStep(arm.label, arm.n)], left, width, coloured), *boxes]


def _draw_split(canvas: Canvas, middles: Sequence[float], above: float) -> float:
    """Lead one arrow to each arm; return where the tips are."""
    fork, tips = above + SPLIT / 2, above + SPLIT
    canvas.line((canvas.width / 2, above), (canvas.width / 2, fork), width=0.9)
    canvas.line((middles[0], fork), (middles[-1], fork), width=0.9)
    for middle in middles:
        canvas.arrow((middle, fork), (middle, tips))
    return tips
