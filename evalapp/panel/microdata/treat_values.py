"""What is done to the values of one variable before they leave: bands, groups, coded extremes, days instead of dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pandas as pd

from evalapp.core.language import LANGUAGES, Message
from evalapp.panel.microdata.classify_variables import Variable
from evalapp.panel.microdata.groupings import (
    REGION_LABELS,
    SECTOR_LABELS,
    Labels,
    band_label,
    band_of,
    region_of,
    sector_of,
    size_label,
    size_of,
)
from evalapp.surveys.exports.labelled_columns import choice_codes, is_kind
from evalapp.surveys.exports.tool_tables import ticked

EXTREMES = 5  # at least so many people share the largest value that leaves, and the smallest
SIGNIFICANT_DIGITS = 3
OTHER = {"ko": "기타", "en": "Other"}
TENTHS = 10
YES_NO: Final[Mapping[float, Labels]] = {1.0: {"ko": "예", "en": "Yes"}, 0.0: {"ko": "아니요", "en": "No"}}


@dataclass(frozen=True)
class Treated:
    """A variable as it leaves: entries (numbers, texts, kinds of missing answers, None) and what its codes mean.

    `done` says in words what was done to it.
    """

    name: str
    label: Labels
    entries: pd.Series[Any]
    done: Message
    value_labels: Mapping[float, Labels] = field(default_factory=dict)
    measure: str = "nominal"


@dataclass(frozen=True)
class Rows:
    """The rows around a variable's values: whose they are, the year of the first survey and the day of the first answers."""

    people: pd.Series[Any]
    first_year: pd.Series[Any]
    first_day: pd.Series[Any]
    k: int
    band_years: int


Treatment = Callable[[Variable, "pd.Series[Any]", Rows], list[Treated]]


def treat(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    """Return the columns a variable leaves as; none where nothing of it can leave safely."""
    return TREATMENTS[variable.handling](variable, values, rows)


def what_happens(variable: Variable, band_years: int) -> Message:
    """Say what becomes of a variable's values."""
    if variable.handling == "never":
        return variable.why or Message("Stays here")
    if variable.handling in ("band", "years"):
        return Message("In bands of %(years)s years", years=band_years)
    return DONE[variable.handling]


DONE: Final[Mapping[str, Message]] = {
    "keep": Message("As it is"),
    "code": Message("As it is"),
    "answered": Message("Only whether there are approved answers"),
    "tenths": Message("Rounded to tenths"),
    "measure": Message("The largest and smallest values coded together"),
    "money": Message("The largest and smallest amounts coded together, the others rounded to three digits"),
    "size": Message("In groups of sizes"),
    "region": Message("The province only"),
    "sector": Message("The sector only"),
    "choice": Message("Rare answers merged into “other”"),
    "ticks": Message("A column for each choice; rare ones left out"),
    "days": Message("Days since the person's first answers"),
}


def _numbers(values: pd.Series[Any]) -> pd.Series[Any]:
    return pd.to_numeric(values, errors="coerce").astype(float)


def _with_kinds(values: pd.Series[Any], treated: pd.Series[Any]) -> pd.Series[Any]:
    """Return entries with the reasons for missing answers where there are any."""
    entries = treated.astype(object).where(treated.notna(), None)
    return entries.where(~values.map(is_kind), values)


def _done(variable: Variable, entries: pd.Series[Any], rows: Rows, **more: Any) -> list[Treated]:
    return [Treated(variable.released_as, variable.label, entries, what_happens(variable, rows.band_years), **more)]


def _keep(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    codes = choice_codes_of(variable)
    read = values.map(lambda text: codes.get(text, np.nan)) if codes else _numbers(values)
    labels = {codes[choice.name]: choice.label for choice in variable.choices if choice.name in codes}
    labels = labels or (dict(YES_NO) if variable.unit == "share" else {})
    measure = "ordinal" if variable.is_scale else "nominal" if labels else "scale"
    return _done(variable, _with_kinds(values, read), rows, value_labels=labels, measure=measure)


def choice_codes_of(variable: Variable) -> dict[str, float]:
    """Return the number of each choice of a variable."""
    return choice_codes(variable.choices) if variable.choices else {}


def _code(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    return _done(variable, values.astype(object).where(values.notna(), None), rows)


def _answered(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    return _done(variable, (values == "approved").astype(float).astype(object), rows, value_labels=YES_NO)


def _tenths(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    rounded = (_numbers(values) * TENTHS).round() / TENTHS
    return _done(variable, _with_kinds(values, rounded), rows, measure="scale")


def _measure(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    coded = code_extremes(_numbers(values), rows.people)
    return [] if coded is None else _done(variable, _with_kinds(values, coded), rows, measure="scale")


def _money(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    coded = code_extremes(_numbers(values), rows.people)
    if coded is None:
        return []
    return _done(variable, _with_kinds(values, coded.map(round_to_digits)), rows, measure="scale")


def code_extremes(values: pd.Series[float], people: pd.Series[Any]) -> pd.Series[float] | None:
    """Return values cut at the fifth-largest and the fifth-smallest person's; None where fewer than twice five people have any.

    People are compared by their own largest and smallest value, so that five waves of one person are not taken for five people.
    """
    by_person = values.groupby(people)
    largest, smallest = by_person.max().dropna(), by_person.min().dropna()
    if len(largest) < 2 * EXTREMES:
        return None
    return values.clip(smallest.nsmallest(EXTREMES).max(), largest.nlargest(EXTREMES).min())


def round_to_digits(value: float) -> float:
    """Return a number rounded to three significant digits."""
    if not value or np.isnan(value):
        return value
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}")


def _band(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    lower = _numbers(values).map(lambda value: value if np.isnan(value) else band_of(value, rows.band_years))
    return _done(variable, _with_kinds(values, lower), rows, value_labels=_band_labels(lower, rows.band_years), measure="ordinal")


def _years(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    since = rows.first_year.astype(float) - _numbers(values)
    lower = since.map(lambda value: value if np.isnan(value) else band_of(value, rows.band_years))
    return _done(variable, _with_kinds(values, lower), rows, value_labels=_band_labels(lower, rows.band_years), measure="ordinal")


def _band_labels(lower: pd.Series[float], width: int) -> dict[float, Labels]:
    return {float(value): band_label(value, width) for value in sorted(lower.dropna().unique())}


def _size(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    lower = _numbers(values).map(lambda value: value if np.isnan(value) else size_of(value))
    labels = {float(value): size_label(value) for value in sorted(lower.dropna().unique())}
    return _done(variable, _with_kinds(values, lower), rows, value_labels=labels, measure="ordinal")


def _region(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    read = values.map(lambda text: region_of(_plain(text)) if _is_answer(text) else None)
    return _done(variable, _with_kinds(values, read), rows, value_labels=_labels_used(REGION_LABELS, read))


def _sector(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    read = values.map(lambda text: sector_of(_plain(text)) if _is_answer(text) else None)
    return _done(variable, _with_kinds(values, read), rows, value_labels=_labels_used(SECTOR_LABELS, read))


def _is_answer(text: Any) -> bool:
    return isinstance(text, str) and bool(text) and not is_kind(text)


def _plain(text: Any) -> str:
    return str(text).strip()


def _labels_used(labels: Mapping[float, Labels], codes: pd.Series[Any]) -> dict[float, Labels]:
    used = set(codes.dropna())
    return {code: label for code, label in labels.items() if code in used}


def _choice(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    """Merge answers of fewer than k people; where that leaves nothing to tell apart, the variable stays."""
    answers = values.where(values.map(_is_answer))
    rare = rare_answers(answers, rows.people, rows.k)
    if answers.nunique() - len(rare) + bool(rare) < 2:  # noqa: PLR2004 - one answer tells nothing
        return []
    codes = choice_codes_of(variable)
    labels = {codes[choice.name]: choice.label for choice in variable.choices if choice.name not in rare}
    merged = codes.get("other", max(codes.values(), default=0.0) + 1)
    read = answers.map(lambda text: merged if text in rare else codes.get(text, np.nan))
    return _done(variable, _with_kinds(values, read), rows, value_labels={**labels, **({merged: OTHER} if rare else {})})


def rare_answers(answers: pd.Series[Any], people: pd.Series[Any], k: int) -> set[str]:
    """Return the answers to merge: those of fewer than k people, and then the next rare ones until k people stand behind them."""
    counts = people.groupby(answers).nunique()
    order = sorted(counts.index, key=lambda answer: (counts[answer], str(answer)))
    rare: list[str] = [answer for answer in order if counts[answer] < k]
    while rare and people[answers.isin(rare)].nunique() < k and len(rare) < len(order):
        rare.append(order[len(rare)])
    return set(rare)


def _ticks(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    given = values.fillna("").astype(str)
    columns = []
    for choice in variable.choices:
        marks = given.map(lambda text, name=choice.name: np.nan if (tick := ticked(text, name)) == "" else float(int(str(tick))))
        if min(rows.people[marks == 1].nunique(), rows.people[marks == 0].nunique()) < rows.k:
            continue
        label = {language: f"{variable.label[language]}: {choice.label.get(language, choice.name)}" for language in LANGUAGES}
        done = what_happens(variable, rows.band_years)
        columns.append(Treated(f"{variable.name}__{choice.name}", label, _with_kinds(values, marks), done, YES_NO))
    return columns


def _days(variable: Variable, values: pd.Series[Any], rows: Rows) -> list[Treated]:
    days = pd.Series(
        [_days_between(value, first) for value, first in zip(values, rows.first_day, strict=True)], index=values.index, dtype=float
    )
    return _done(variable, _with_kinds(values, days), rows, measure="scale")


def _days_between(value: Any, first: Any) -> float:
    try:
        day = value if isinstance(value, dt.date) else dt.date.fromisoformat(value)
        return float((day - first).days)
    except (TypeError, ValueError):
        return np.nan


TREATMENTS: Final[Mapping[str, Treatment]] = {
    "keep": _keep, "code": _code, "answered": _answered, "tenths": _tenths, "measure": _measure, "money": _money, "band": _band,
    "size": _size, "years": _years, "region": _region, "sector": _sector, "choice": _choice, "ticks": _ticks, "days": _days,
}  # fmt: skip
