"""A run's rows, found by the words of docs/result-rows.md."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evalapp.analysis.queries import Row

Warnings = tuple[tuple[str, Mapping[str, Any]], ...]


@dataclass(frozen=True)
class Estimate:
    """An estimate with everything that must stand beside it. Numbers are in the row's own unit; absent ones are None."""

    outcome: str
    estimand: str
    model: str
    term: str
    value: float | None
    std_error: float | None
    low: float | None
    high: float | None
    p_value: float | None
    unit: str
    n: int | None
    clusters: int | None
    warnings: Warnings

    @property
    def has_interval(self) -> bool:
        """Whether a margin of error could be given."""
        return self.low is not None and self.high is not None

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


class RowIndex:
    """Look-up of rows; the order in which terms were written is kept."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = tuple(rows)
        self._found = {(r.family, r.outcome, r.model, r.term, r.subgroup, r.statistic): r for r in self.rows}

    def family(self, family: str, **words: str) -> tuple[Row, ...]:
        """Return a family's rows whose columns equal `words`."""
        return tuple(r for r in self.rows if r.family == family and all(getattr(r, k) == v for k, v in words.items()))

    def distinct(self, column: str, family: str, **words: str) -> tuple[str, ...]:
        """Return the different words of one column of a family, in the order of writing."""
        return tuple(dict.fromkeys(getattr(r, column) for r in self.family(family, **words)))

    def find(
        self, family: str, statistic: str, *, outcome: str = "", model: str = "", term: str = "", subgroup: str = ""
    ) -> Row | None:
        """Return one row, or None."""
        return self._found.get((family, outcome, model, term, subgroup, statistic))

    def value(self, family: str, statistic: str, **words: str) -> float | None:
        """Return one row's value, or None."""
        row = self.find(family, statistic, **words)
        return None if row is None else row.value

    def estimate(self, family: str, outcome: str, model: str, term: str, subgroup: str = "") -> Estimate | None:
        """Gather an estimate's rows into one, with the warnings of all of them; None where there is no row `estimate`."""
        head = self.find(family, "estimate", outcome=outcome, model=model, term=term, subgroup=subgroup)
        if head is None:
            return None
        around = self.family(family, outcome=outcome, model=model, term=term, subgroup=subgroup)
        values = {r.statistic: r.value for r in around}
        return Estimate(
            outcome=outcome,
            estimand=head.estimand,
            model=model,
            term=term,
            value=head.value,
            std_error=values.get("std_error"),
            low=values.get("conf_low"),
            high=values.get("conf_high"),
            p_value=values.get("p_value"),
            unit=head.unit,
            n=head.n,
            clusters=head.clusters,
            warnings=gather_warnings(around),
        )


def gather_warnings(rows: Iterable[Row]) -> Warnings:
    """Return the rows' warnings without repetitions, in order."""
    found: list[tuple[str, Mapping[str, Any]]] = []
    for row in rows:
        found.extend(w for w in row.warnings if w not in found)
    return tuple(found)
