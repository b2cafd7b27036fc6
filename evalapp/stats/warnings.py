"""What a result has to say about itself, in words.

A `Caution` is a code with the facts behind it. It travels beside the number it concerns, through every table, chart and page.
`CAUTIONS` holds two English sentences a code: one for a program officer, one for an econometrician. Both are message ids of the
application's catalogues, so that this package needs no translation machinery of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalapp.stats.cautions import CAUTIONS, Explanation

__all__ = ["CAUTIONS", "Caution", "Explanation", "StatsError"]


@dataclass(frozen=True)
class Caution:
    """One warning: its `code` (a key of `CAUTIONS`) and the facts its sentences quote (counts, shares, names of variables)."""

    code: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in CAUTIONS:
            raise KeyError(f"unknown caution {self.code!r}")

    @property
    def officer(self) -> str:
        """The English sentence for a programme officer."""
        return CAUTIONS[self.code].officer % self.facts

    @property
    def econometrician(self) -> str:
        """The English sentence for an econometrician."""
        return CAUTIONS[self.code].econometrician % self.facts

    def __str__(self) -> str:
        return self.econometrician


class StatsError(ValueError):
    """Data or arguments from which no number can be made: a sentence that names the column, the fault and the mend.

    `message` is an English template and a message id of the application's catalogues; `facts` are what it quotes, as %(name)s.
    """

    def __init__(self, message: str, /, **facts: object) -> None:
        super().__init__(message % facts if facts else message)
        self.message = message
        self.facts = facts
