"""The variables of a panel: what they are called, what they mean, and how the derived ones follow from the answers.

A derivation takes the answers of one wave as a frame of texts and numbers (one row a submission, missing as NaN or None) and returns one
number a row. Yes/no variables become 1 and 0. A derivation whose questions were not asked gives missing values, never a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

Derivation = Callable[[pd.DataFrame], pd.Series]

BORDERLAND = ("north_pyongan", "chagang", "ryanggang", "north_hamgyong")
SERVICES = ("retail", "catering", "individual_services", "entertainment")
DIFFICULTY_ITEMS = ("financing", "competition", "sales", "supplies", "recruitment", "quality_control", "marketing", "regulations")
PI_TRAITS = ("self_starting", "future_thinking", "overcoming_barriers")
LARGE_FIRM_EMPLOYEES = 150
MINIMUM_TRAIT_ITEMS = 2


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for "mark, translate later"
    """Mark a text for the catalogue."""
    return text


@dataclass(frozen=True)
class Variable:
    """A variable of the panel. `label` and `definition` are message ids; `derive` is None where the answer itself is the variable."""

    name: str
    label: str
    unit: str
    definition: str
    derive: Derivation | None = None


def _column(answers: pd.DataFrame, name: str) -> pd.Series:
    if name in answers:
        return answers[name]
    return pd.Series(np.nan, index=answers.index, dtype=object)


def _number(answers: pd.DataFrame, name: str) -> pd.Series:
    return pd.to_numeric(_column(answers, name), errors="coerce").astype(float)


def _one_of(name: str, values: tuple[str, ...]) -> Derivation:
    def derive(answers: pd.DataFrame) -> pd.Series:
        given = _column(answers, name)
        known = given.notna() & ~given.astype("string").str.startswith(".").fillna(value=True)
        return given.isin(values).astype(float).where(known)

    return derive


def _years_since(name: str) -> Derivation:
    return lambda answers: answers["survey_year"].astype(float) - _number(answers, name)


def _years_north(answers: pd.DataFrame) -> pd.Series:
    return _number(answers, "left_year") - _number(answers, "birth_year")


def _party_background(answers: pd.DataFrame) -> pd.Series:
    members = pd.concat([_column(answers, name) for name in ("kwp_member", "kwp_mother", "kwp_father")], axis=1)
    return (members == "yes").any(axis=1).astype(float).where(members.notna().any(axis=1))


def _lower_class(answers: pd.DataFrame) -> pd.Series:
    standard = _number(answers, "living_standard_north")
    return (standard >= 4).astype(float).where(standard.notna())  # noqa: PLR2004 - 4 and 5 are the two lowest of five


def _employees_without_largest(answers: pd.DataFrame) -> pd.Series:
    employees = _number(answers, "employees_max")
    return employees.where(employees <= LARGE_FIRM_EMPLOYEES)


def _sole_proprietor(answers: pd.DataFrame) -> pd.Series:
    employees = _number(answers, "employees_max")
    return (employees == 0).astype(float).where(employees.notna())


def _trait(trait: str) -> Derivation:
    def derive(answers: pd.DataFrame) -> pd.Series:
        items = pd.concat([_number(answers, f"pi_{trait}_{item}") for item in (1, 2, 3)], axis=1)
        return items.mean(axis=1).where(items.notna().sum(axis=1) >= MINIMUM_TRAIT_ITEMS)

    return derive


def _pi_score(answers: pd.DataFrame) -> pd.Series:
    return pd.concat([_trait(trait)(answers) for trait in PI_TRAITS], axis=1).mean(axis=1, skipna=False)


def _log(name: str) -> Derivation:
    def derive(answers: pd.DataFrame) -> pd.Series:
        values = _number(answers, name)
        return pd.Series(np.log(values.where(values > 0)))

    return derive


def _difficulty(item: str, label: str) -> Variable:
    return Variable(f"difficulty_{item}", label, "points", N_("How difficult it is, from 1 (not difficult) to 5 (very difficult)"))


_YES_NO = "share"
_ALL = (
    Variable("age", N_("Age (years)"), "years", N_("Survey year minus year of birth"), _years_since("birth_year")),
    Variable(
        "age_decades",
        N_("Age (decades)"),
        "",
        N_("Age divided by ten"),
        lambda answers: (answers["survey_year"].astype(float) - _number(answers, "birth_year")) / 10,
    ),
    Variable("female", N_("Female"), _YES_NO, N_("Gender is female"), _one_of("gender", ("female",))),
    Variable(
        "borderland",
        N_("Born in a border province"),
        _YES_NO,
        N_("Born in North Pyongan, Chagang, Ryanggang or North Hamgyong"),
        _one_of("birth_province", BORDERLAND),
    ),
    Variable("years_north", N_("Years in the North"), "years", N_("Year of leaving minus year of birth"), _years_north),
    Variable(
        "party_background",
        N_("Party background"),
        _YES_NO,
        N_("Respondent, mother or father was a party member; “don't know” is not a yes"),
        _party_background,
    ),
    Variable(
        "market_experience",
        N_("Market experience in the North"),
        _YES_NO,
        N_("Any market-related activity before leaving"),
        _one_of("market_experience", ("yes",)),
    ),
    Variable(
        "university",
        N_("University in the North"),
        _YES_NO,
        N_("University before leaving"),
        _one_of("education_north", ("university",)),
    ),
    Variable(
        "lower_class", N_("Low living standard in the North"), _YES_NO, N_("One of the two lowest living standards"), _lower_class
    ),
    Variable(
        "lived_prc",
        N_("Lived in China a year or more"),
        _YES_NO,
        N_("At least one year in China"),
        _one_of("china_stay", ("1_3", "4_5", "over_5")),
    ),
    Variable(
        "prc_exposure",
        N_("More than three years in China"),
        _YES_NO,
        N_("More than three years in China"),
        _one_of("china_stay", ("4_5", "over_5")),
    ),
    Variable(
        "years_south", N_("Years in the South"), "years", N_("Survey year minus year of arrival"), _years_since("arrival_year")
    ),
    Variable(
        "previous_firm",
        N_("Closed a firm before"),
        _YES_NO,
        N_("Closed an earlier firm in South Korea"),
        _one_of("previous_firm", ("yes",)),
    ),
    Variable(
        "employees",
        N_("Employees (largest number, firms up to 150)"),
        "count",
        N_("Largest number of employees at one time; firms above 150 left out of the mean"),
        _employees_without_largest,
    ),
    Variable(
        "firm_age",
        N_("Firm age (years)"),
        "years",
        N_("Survey year minus start of the current firm"),
        _years_since("firm_start_year"),
    ),
    Variable("sole_proprietor", N_("Sole proprietor"), _YES_NO, N_("No employees"), _sole_proprietor),
    Variable(
        "service_industry",
        N_("Service industry"),
        _YES_NO,
        N_("Retail, catering, individual services or entertainment"),
        _one_of("industry", SERVICES),
    ),
    _difficulty("financing", N_("Financing")),
    _difficulty("competition", N_("Competition")),
    _difficulty("sales", N_("Sales")),
    _difficulty("supplies", N_("Supplies")),
    _difficulty("recruitment", N_("Recruitment")),
    _difficulty("quality_control", N_("Quality control")),
    _difficulty("marketing", N_("Marketing")),
    _difficulty("regulations", N_("Regulations and institutions")),
    Variable("pi_self_starting", N_("Self-starting"), "points", N_("Mean of three items, 1 to 5"), _trait("self_starting")),
    Variable("pi_future_thinking", N_("Future thinking"), "points", N_("Mean of three items, 1 to 5"), _trait("future_thinking")),
    Variable(
        "pi_overcoming_barriers",
        N_("Overcoming barriers"),
        "points",
        N_("Mean of three items, 1 to 5"),
        _trait("overcoming_barriers"),
    ),
    Variable("pi_score", N_("Personal initiative"), "points", N_("Mean of the three traits, 1 to 5"), _pi_score),
    Variable("revenue_krw", N_("Monthly revenue"), "krw", N_("As answered")),
    Variable("costs_krw", N_("Monthly costs"), "krw", N_("As answered")),
    Variable("profit_krw", N_("Monthly profit"), "krw", N_("As answered")),
    Variable("hours_per_week", N_("Hours worked a week"), "count", N_("As answered")),
    Variable("paid_employees", N_("Paid employees"), "count", N_("As answered")),
    Variable(
        "changed_operations",
        N_("Changed operations or management"),
        _YES_NO,
        N_("Answered yes at follow-up"),
        _one_of("changed_operations", ("yes",)),
    ),
    Variable(
        "better_communication",
        N_("Better communication with customers"),
        _YES_NO,
        N_("Answered yes at follow-up"),
        _one_of("better_communication", ("yes",)),
    ),
    Variable(
        "better_profitability",
        N_("Better profitability"),
        _YES_NO,
        N_("Answered yes at follow-up"),
        _one_of("better_profitability", ("yes",)),
    ),
    Variable(
        "new_capital", N_("New source of capital"), _YES_NO, N_("Answered yes at follow-up"), _one_of("new_capital", ("yes",))
    ),
    Variable("firm_operating", N_("Firm still operating"), _YES_NO, N_("Answered yes"), _one_of("firm_operating", ("yes",))),
    Variable("scrap", N_("Scrap rate (per 100 items)"), "", N_("As answered")),
    Variable("log_scrap", N_("Log scrap rate"), "log", N_("Natural logarithm of the scrap rate"), _log("scrap")),
    Variable(
        "grant",
        N_("Training grant this year"),
        _YES_NO,
        N_("Received a job-training grant this year"),
        _one_of("grant", ("yes", "1")),
    ),
    Variable(
        "grant_1",
        N_("Training grant last year"),
        _YES_NO,
        N_("Received a job-training grant last year"),
        _one_of("grant_1", ("yes", "1")),
    ),
    Variable("union", N_("Unionised"), _YES_NO, N_("The workforce is unionised"), _one_of("union", ("yes", "1"))),
    Variable("employ", N_("Employees"), "count", N_("As answered")),
    Variable("hrsemp", N_("Training hours per employee"), "count", N_("As answered")),
)
VARIABLES = {variable.name: variable for variable in _ALL}
BASELINE_CHARACTERISTICS = (
    "age", "age_decades", "female", "borderland", "years_north", "party_background", "market_experience", "university", "lower_class",
    "lived_prc", "prc_exposure", "years_south", "previous_firm", "employees", "firm_age", "sole_proprietor", "service_industry", "union",
)  # fmt: skip


def derive_variables(answers: pd.DataFrame) -> pd.DataFrame:
    """Return every variable of the panel for the answers given.

    Parameters
    ----------
    answers
        One row a submission: a column a question (texts, or numbers) and `survey_year`.

    Returns
    -------
    pandas.DataFrame
        Same rows, a float column for every name of `VARIABLES`; missing where the question was not asked or not answered.
    """
    columns = {name: (v.derive(answers) if v.derive else _number(answers, name)) for name, v in VARIABLES.items()}
    return pd.DataFrame(columns, index=answers.index).astype(float)
