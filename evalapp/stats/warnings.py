"""What a result has to say about itself, in words.

A `Caution` is a code with the facts behind it. It travels beside the number it concerns, through every table, chart and page.
`CAUTIONS` holds two English sentences a code: one for a programme officer, one for an econometrician. Both are message ids of the
application's catalogues, so that this package needs no translation machinery of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


def sentence(text: str) -> str:
    """Mark a text for the translation catalogue and return it unchanged."""
    return text


@dataclass(frozen=True)
class Explanation:
    """The two sentences of a code, each a %-format over the caution's facts."""

    officer: str
    econometrician: str


CAUTIONS: Mapping[str, Explanation] = MappingProxyType(
    {
        "few_treated": Explanation(
            sentence("Only %(treated)s people stand behind this number, too few to lean on it alone."),
            sentence("Treated cell of %(treated)s units (threshold %(threshold)s); flagged and left out of headline aggregates."),
        ),
        "single_treated": Explanation(
            sentence("One person stands behind this number, so no margin of error can be given."),
            sentence("A treated cell of one unit has no within-cohort variance; no standard error or interval."),
        ),
    }
)


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
    """Data or arguments from which no number can be made. The message names the column, the fault and the mend."""
