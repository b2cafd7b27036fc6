"""What an analysis plan says, read from and checked against plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evalapp.core.errors import AppError
from evalapp.core.language import LANGUAGES, Message
from evalapp.panel.variables import VARIABLES

SCORES = ("internal_difficulty", "external_difficulty")
UNITS = ("krw", "points", "sd", "share", "count", "years", "log", "percent")
METHODS = ("dr", "ipw", "reg")
CONTROL_GROUPS = ("never_treated", "not_yet_treated")
HEADLINES = ("simple", "dynamic", "group", "calendar")


@dataclass(frozen=True)
class OutcomePlan:
    """One outcome: a variable of the panel or a difficulty score, how it is shown and which direction is good."""

    variable: str
    label: Mapping[str, str]
    unit: str
    kind: str
    good: str


@dataclass(frozen=True)
class Plan:
    """A checked plan. `difficulty`, `twfe` and lists that a programme does not use are empty."""

    outcomes: tuple[OutcomePlan, ...]
    primary: str
    headline: str
    estimator: Mapping[str, Any]
    twfe: Mapping[str, Any]
    difficulty: Mapping[str, Any]
    characteristics: tuple[str, ...]
    indicators: tuple[str, ...]


def read_plan(specification: Mapping[str, Any]) -> Plan:
    """Check a plan's plain data and return it, or raise AppError naming the entry at fault."""
    _demand(
        set(specification) >= {"title", "question", "outcomes", "primary", "estimator"},
        "title, question, outcomes, primary, estimator",
    )
    for text in ("title", "question"):
        _demand(_in_both_languages(specification[text]), text)
    outcomes = tuple(_outcome(entry) for entry in specification["outcomes"])
    names = [outcome.variable for outcome in outcomes]
    _demand(bool(names) and len(set(names)) == len(names), "outcomes")
    _demand(specification["primary"] in names, "primary")
    _demand(specification.get("headline", "simple") in HEADLINES, "headline")
    estimator = dict(specification["estimator"])
    _demand(estimator.get("method", "dr") in METHODS, "estimator.method")
    _demand(estimator.get("control_group", CONTROL_GROUPS[0]) in CONTROL_GROUPS, "estimator.control_group")
    for entry in ("characteristics", "indicators"):
        _demand(all(name in VARIABLES for name in specification.get(entry, ())), entry)
    return Plan(
        outcomes=outcomes,
        primary=specification["primary"],
        headline=specification.get("headline", "simple"),
        estimator=estimator,
        twfe=specification.get("twfe", {}),
        difficulty=specification.get("difficulty", {}),
        characteristics=tuple(specification.get("characteristics", ())),
        indicators=tuple(specification.get("indicators", ())),
    )


def _outcome(entry: Mapping[str, Any]) -> OutcomePlan:
    outcome = OutcomePlan(
        entry["variable"], entry.get("label", {}), entry.get("unit", ""), entry.get("kind", ""), entry.get("good", "")
    )
    where = f"outcomes: {outcome.variable}"
    _demand(outcome.variable in VARIABLES or outcome.variable in SCORES, where)
    _demand(_in_both_languages(outcome.label), f"{where}, label")
    _demand(outcome.unit in UNITS, f"{where}, unit")
    _demand(outcome.good in ("higher", "lower"), f"{where}, good")
    return outcome


def _in_both_languages(text: object) -> bool:
    return isinstance(text, Mapping) and all(text.get(language) for language in LANGUAGES)


def _demand(condition: bool, entry: str) -> None:
    if not condition:
        raise AppError(Message("The analysis plan's entry “%(entry)s” is missing or not one of the allowed values.", entry=entry))
