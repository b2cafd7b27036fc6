"""The sheet on which a run writes its numbers: every number one row, in the words of docs/result-rows.md."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from evalapp.core.fingerprint import canonical_json
from evalapp.stats.warnings import Caution, StatsError

INTERVAL = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "df")


@dataclass
class ResultSheet:
    """Rows in the order they are written; `rows` are dictionaries with the columns of the table `result_rows`."""

    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, family: str, statistic: str, value: Any, *, cautions: Iterable[Caution] = (), **words: Any) -> None:
        """Write one number. A number that is not finite is written as missing: its cautions say why."""
        warning = [{"code": c.code, "facts": {k: plain(v) for k, v in c.facts.items()}} for c in cautions]
        number = None if value is None or not math.isfinite(float(value)) else float(value)
        row = {"family": family, "statistic": statistic, "value": number, "warning": canonical_json(warning) if warning else None}
        for name in ("outcome", "estimand", "model", "term", "subgroup", "unit"):
            row[name] = str(words.pop(name, ""))
        for name in ("n", "clusters"):
            count = words.pop(name, None)
            row[name] = None if count is None or pd.isna(count) else int(count)
        if words:
            raise TypeError(f"unknown words for a result row: {sorted(words)}")
        self.rows.append({**row, "position": len(self.rows)})

    def add_estimate(self, family: str, numbers: Mapping[str, Any], **words: Any) -> None:
        """Write an estimate with its margin of error: those of `INTERVAL` that `numbers` has."""
        for statistic in INTERVAL:
            if statistic in numbers and numbers[statistic] is not None:
                self.add(family, statistic, numbers[statistic], **words)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return a table's rows as dictionaries by column name."""
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def plain(value: Any) -> Any:
    """Turn a number or text of numpy's into Python's, and a refusal into its template and facts, so that it can be written as JSON."""
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(v) for v in value]
    if isinstance(value, StatsError):
        return {"text": value.message, "facts": {name: plain(fact) for name, fact in value.facts.items()}}
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
