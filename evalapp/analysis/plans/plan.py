"""What an analysis plan says, read from and checked against plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from evalapp.core.errors import AppError
from evalapp.core.language import LANGUAGES, Message
from evalapp.panel.variables import VARIABLES

SCORES = ("internal_difficulty", "external_difficulty")
UNITS = ("krw", "points", "sd", "share", "count", "years", "log", "percent")
METHODS = ("dr", "ipw", "reg")
CONTROL_GROUPS = ("never_treated", "not_yet_treated")
HEADLINES = ("simple", "dynamic", "group", "calendar")
BASE_PERIODS = ("varying", "universal")
INFERENCES = ("small_sample", "classical")
ENTRIES = {
    "title",
    "question",
    "outcomes",
    "primary",
    "headline",
    "estimator",
    "twfe",
    "difficulty",
    "characteristics",
    "indicators",
}
OUTCOME_ENTRIES = {"variable", "label", "unit", "kind", "good"}
ESTIMATOR_ENTRIES = {"method", "control_group", "base_period", "anticipation", "covariates", "inference"}
TWFE_ENTRIES = {"regressors", "cov"}
DIFFICULTY_ENTRIES = {"items", "drop", "anchors", "reference_wave", "blocks", "controls", "robust"}


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
    _refuse_unknown(specification, ENTRIES, "")
    for text in ("title", "question"):
        _demand(_in_both_languages(specification[text]), text)
    outcomes = tuple(_outcome(entry) for entry in specification["outcomes"])
    names = [outcome.variable for outcome in outcomes]
    _demand(bool(names) and len(set(names)) == len(names), "outcomes")
    _demand(specification["primary"] in names, "primary")
    _demand(specification.get("headline", "simple") in HEADLINES, "headline")
    estimator = dict(specification["estimator"])
    _check_estimator(estimator)
    twfe, difficulty = specification.get("twfe", {}), specification.get("difficulty", {})
    _refuse_unknown(twfe, TWFE_ENTRIES, "twfe.")
    _demand(all(name in VARIABLES for name in twfe.get("regressors", ())), "twfe.regressors")
    if difficulty:
        _refuse_unknown(difficulty, DIFFICULTY_ENTRIES, "difficulty.")
        _demand(set(difficulty) == DIFFICULTY_ENTRIES, "difficulty: " + ", ".join(sorted(DIFFICULTY_ENTRIES - set(difficulty))))
    for entry in ("characteristics", "indicators"):
        _demand(all(name in VARIABLES for name in specification.get(entry, ())), entry)
    return Plan(
        outcomes=outcomes,
        primary=specification["primary"],
        headline=specification.get("headline", "simple"),
        estimator=estimator,
        twfe=twfe,
        difficulty=difficulty,
        characteristics=tuple(specification.get("characteristics", ())),
        indicators=tuple(specification.get("indicators", ())),
    )


def _check_estimator(estimator: Mapping[str, Any]) -> None:
    _refuse_unknown(estimator, ESTIMATOR_ENTRIES, "estimator.")
    _demand(estimator.get("method", METHODS[0]) in METHODS, "estimator.method")
    _demand(estimator.get("control_group", CONTROL_GROUPS[0]) in CONTROL_GROUPS, "estimator.control_group")
    _demand(estimator.get("base_period", BASE_PERIODS[0]) in BASE_PERIODS, "estimator.base_period")
    _demand(estimator.get("inference", INFERENCES[0]) in INFERENCES, "estimator.inference")
    anticipation = estimator.get("anticipation", 0)
    _demand(isinstance(anticipation, int) and anticipation >= 0, "estimator.anticipation")
    covariates = estimator.get("covariates", [])
    _demand(isinstance(covariates, list) and all(name in VARIABLES for name in covariates), "estimator.covariates")


def _refuse_unknown(entries: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(entries) - known)
    if unknown:
        near = get_close_matches(unknown[0], sorted(known), n=1) or sorted(known)
        raise AppError(
            Message(
                "The analysis plan's entry “%(entry)s” is not known. Is “%(near)s” meant?", entry=where + unknown[0], near=near[0]
            )
        )


def _outcome(entry: Mapping[str, Any]) -> OutcomePlan:
    _refuse_unknown(entry, OUTCOME_ENTRIES, "outcomes.")
    _demand("variable" in entry, "outcomes.variable")
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
