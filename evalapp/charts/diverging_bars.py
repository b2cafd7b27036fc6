"""Shares of answers on a five-step scale, as bars that part at the middle of the neutral answer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from evalapp.charts.axes import column_width, label_rows
from evalapp.charts.canvas import Canvas, Caption, Mark
from evalapp.charts.legend import draw_legend
from evalapp.charts.lettering import ChartError, width, wrap
from evalapp.charts.tokens import LABEL, LIKERT, LIKERT_TEXT, NOTE, NOTE_STRONG, STRONG, Colour

STEPS: Final = 5
BAR: Final = 14.0
HEADING: Final = 66.0
SUM_TOLERANCE: Final = 0.025  # five shares rounded to two decimals may miss one by this much


@dataclass(frozen=True)
class AnswerShares:
    """An item and the shares (0 to 1, easiest first) of its answers."""

    item: str
    shares: tuple[float, float, float, float, float]

    def __post_init__(self) -> None:
        if len(self.shares) != STEPS or not all(0 <= share <= 1 for share in self.shares):
            raise ChartError(f"item {self.item!r}: {self.shares} are not five shares between 0 and 1; divide counts by their sum")
        if not math.isclose(sum(self.shares), 1, abs_tol=SUM_TOLERANCE):
            raise ChartError(f"item {self.item!r}: its shares sum to {sum(self.shares):.3f}; divide counts by their sum")

    @property
    def easy(self) -> float:
        """Share of the two easiest answers."""
        return sum(self.shares[:2])

    @property
    def hard(self) -> float:
        """Share of the two hardest answers."""
        return sum(self.shares[3:])

    @property
    def left(self) -> float:
        """Length of the bar left of the middle."""
        return self.easy + self.shares[2] / 2


@dataclass(frozen=True)
class DivergingBars:
    """Items with their answers; five category names, easiest first; headings of the totals of answers 1 and 2, and of 4 and 5."""

    caption: Caption
    items: Sequence[AnswerShares]
    categories: tuple[str, str, str, str, str]
    easy_heading: str
    hard_heading: str


def diverging_bars(chart: DivergingBars) -> str:
    """Draw the hardest item first; percentages stand in the segments that have room for them."""
    if not chart.items:
        raise ChartError(f"figure {chart.caption.key!r} has no items; leave it out of the report")
    items = sorted(chart.items, key=lambda item: -item.hard)
    canvas = Canvas()
    top = draw_legend(canvas, [(name, Mark(fill, "block")) for name, fill in zip(chart.categories, LIKERT, strict=True)])
    labels = column_width([item.item for item in items], LABEL, 0.36 * canvas.width)
    start = labels + 20 + column_width([chart.easy_heading], NOTE_STRONG, HEADING)
    end = canvas.width - 10 - column_width([chart.hard_heading], NOTE_STRONG, HEADING)
    top = _draw_headings(canvas, chart, start - 10, end + 10, top)
    unit = (end - start) / (max(item.left for item in items) + max(1 - item.left for item in items))
    middle = start + unit * max(item.left for item in items)
    rows = label_rows([item.item for item in items], labels, top, BAR + 7)
    # Behind the bars, so that it does not strike through the percentages of the neutral answers.
    canvas.line((middle, top - 2), (middle, rows[-1].bottom + 2), colour=Colour.MUTED, width=0.8)
    for item, row in zip(items, rows, strict=True):
        canvas.write(0, row.middle, row.lines, LABEL)
        canvas.write(start - 10, row.middle, percent(item.easy), STRONG.coloured(LIKERT[0]), "right")
        canvas.write(end + 10, row.middle, percent(item.hard), STRONG.coloured(LIKERT[-1]))
        _draw_bar(canvas, item, middle, row.middle, unit)
    return canvas.svg(chart.caption, rows[-1].bottom + 4)


def percent(share: float) -> str:
    """Write a share in whole percent."""
    return f"{share:.0%}"


def _draw_headings(canvas: Canvas, chart: DivergingBars, left: float, right: float, top: float) -> float:
    easy, hard = (wrap(heading, NOTE_STRONG, HEADING) for heading in (chart.easy_heading, chart.hard_heading))
    bottom = top + max(len(easy), len(hard)) * NOTE.leading
    canvas.write(left, bottom - len(easy) * NOTE.leading / 2, easy, NOTE_STRONG.coloured(LIKERT[0]), "right")
    canvas.write(right, bottom - len(hard) * NOTE.leading / 2, hard, NOTE_STRONG.coloured(LIKERT[-1]))
    return bottom + 4


def _draw_bar(canvas: Canvas, item: AnswerShares, middle: float, y: float, unit: float) -> None:
    x = middle - unit * item.left
    for share, fill, ink in zip(item.shares, LIKERT, LIKERT_TEXT, strict=True):
        canvas.box(x, y - BAR / 2, unit * share, BAR, fill=fill, edge=Colour.PAPER, line=0.5)
        if width(percent(share), NOTE) + 4 <= unit * share:
            canvas.write(x + unit * share / 2, y, percent(share), NOTE.coloured(ink), "center")
        x += unit * share
