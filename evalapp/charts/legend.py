"""Keys to marks, set in lines above a figure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from evalapp.charts.canvas import Canvas, Mark
from evalapp.charts.lettering import widest, wrap
from evalapp.charts.tokens import NOTE_STRONG, Weight

Key = tuple[str, Mark]

STYLE: Final = type(NOTE_STRONG)(NOTE_STRONG.size, Weight.REGULAR)
SAMPLE: Final = 21.0
GAP: Final = 14.0


def draw_legend(canvas: Canvas, keys: Sequence[Key], left: float = 0.0, top: float = 0.0) -> float:
    """Set the keys side by side from `left`, on as many lines as they need; return the lower edge with its margin."""
    x, y, depth = left, top, STYLE.leading
    for label, mark in keys:
        lines = wrap(label, STYLE, canvas.width - left - SAMPLE)
        room = SAMPLE + widest(list(lines), STYLE)
        if x > left and x + room > canvas.width:
            x, y, depth = left, y + depth + 3, STYLE.leading
        depth = max(depth, len(lines) * STYLE.leading)
        canvas.mark(x + 8, y + STYLE.leading / 2, mark)
        canvas.write(x + SAMPLE, y + len(lines) * STYLE.leading / 2, lines, STYLE)
        x += room + GAP
    return y + depth + 8
