"""Estimates as rows with one fixed set of columns: a readable table on screen, every digit in JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from evalapp.analysis.estimation.rows import plain
from evalapp.cli.edge import Edge
from evalapp.core.language import Message
from evalapp.stats.warnings import CAUTIONS, Caution

COLUMNS = (
    "estimand", "aggregate", "group", "time", "event_time", "term", "model", "value", "std_error", "conf_low", "conf_high",
    "p_value", "n", "clusters", "warning",
)  # fmt: skip
SHOWN = ("value", "std_error", "conf_low", "conf_high", "p_value", "n")
COUNTS = ("n", "clusters")


@dataclass
class Answer:
    """What an estimator answered: `meta` (settings, versions, notes), `rows` with `COLUMNS` and further keys, and cautions."""

    meta: dict[str, Any]
    rows: list[dict[str, Any]] = field(default_factory=list)
    cautions: list[Caution] = field(default_factory=list)

    def add(self, *, cautions: Iterable[Caution] = (), **values: Any) -> None:
        """Add a row; columns that are not named are empty. Cautions become the row's warning, in words."""
        own = list(cautions)
        row = dict.fromkeys(COLUMNS) | {key: _number(value) for key, value in values.items()}
        row["warning"] = "; ".join(dict.fromkeys(c.econometrician for c in own)) or None
        row["warning_codes"] = list(dict.fromkeys(c.code for c in own))
        self.rows.append(row)
        self.cautions += [caution for caution in own if caution not in self.cautions]


def write_json(answer: Answer, path: Path) -> None:
    """Write `{"meta": …, "rows": […]}` with every digit; missing numbers are null."""
    path.write_text(
        json.dumps({"meta": answer.meta, "rows": answer.rows}, ensure_ascii=False, indent=1, allow_nan=False), encoding="utf-8"
    )


def print_rows(edge: Edge, answer: Answer) -> None:
    """Print the rows as a table, then every caution once, in the terminal's language."""
    heads = [_head(row) for row in answer.rows]
    width = max([len(head) for head in heads] + [len("term")])
    click.echo(f"{'':{width}}" + "".join(f"{name:>12}" for name in SHOWN))
    for head, row in zip(heads, answer.rows, strict=True):
        mark = " *" if row["warning"] else ""
        click.echo(f"{head:{width}}" + "".join(f"{_shown(name, row[name]):>12}" for name in SHOWN) + mark)
    if answer.cautions:
        edge.say("* Warnings:")
        for text in dict.fromkeys(_said(edge, caution) for caution in answer.cautions):
            click.echo(f"  - {text}")


def _said(edge: Edge, caution: Caution) -> str:
    return edge.within(Message(CAUTIONS[caution.code].econometrician, **caution.facts))


def _head(row: Mapping[str, Any]) -> str:
    places = [(name, row[name]) for name in ("model", "aggregate", "term", "group", "time", "event_time") if row[name] is not None]
    return " ".join(str(value) if name in ("aggregate", "term") else f"{name} {value}" for name, value in places)


def _shown(name: str, value: Any) -> str:
    if value is None:
        return ""
    return str(value) if name in COUNTS or isinstance(value, str) else f"{value:.6g}"


def _number(value: Any) -> Any:
    value = plain(value)
    if isinstance(value, str) and value in ("nan", "inf", "-inf"):
        return None
    if isinstance(value, float) and value.is_integer() and math.fabs(value) < 1e15:  # noqa: PLR2004 - whole doubles
        return value
    return value
