"""Say of every variable of a frozen panel and of its forms whether it may leave, and in which shape.

Questions are classed by what their form says of them (sensitivity and class of disclosure control), variables of the panel by
`panel_classes`. Of two sayings the stricter counts, and what nobody classed stays here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from evalapp.core.language import LANGUAGES, Message
from evalapp.panel.microdata.groupings import are_known_industries
from evalapp.panel.microdata.panel_classes import DEFAULT_QUASI_IDENTIFIERS, PANEL_CLASSES, Declared, Handling, SdcClass
from evalapp.panel.variables import VARIABLES
from evalapp.surveys.check_answers import REGISTRATION_NUMBER, REGISTRATION_NUMBER_VALID
from evalapp.surveys.imports.reading.form_variables import Variable as FormVariable
from evalapp.surveys.instruments.definition import Choice, Question

REGION_NAMES: Final = ("region", "residence", "sido", "residence_region")
SECTOR_NAMES: Final = ("industry", "sector")
CODED_SECTOR_NAMES: Final = ("industry_code", "ksic")
MONEY_UNITS: Final = ("krw", "usd", "eur", "cny")
STRICTNESS: Final[Mapping[SdcClass, int]] = {"none": 0, "quasi_identifier": 1, "sensitive": 2, "never": 3}
IDENTIFIES = Message("Identifies a person")
FREE_TEXT = Message("Free text, which may name somebody")
REPEATED = Message("Asked in several rounds, which the panel does not hold")
UNSUITABLE = Message("Pictures, places, times and calculations cannot be made safe")
UNDECLARED = Message("Nobody has said how sensitive it is")
CALENDAR = Message("A calendar year; the days since the person's first answers are there instead")
KEY_LABELS: Final = {
    "round": Message("Number of the wave"),
    "wave": Message("Wave"),
    "arm": Message("Arm"),
    "cohort": Message("Cohort"),
    "first_treated": Message("First wave after the training began"),
    "attended_share": Message("Share of training attended"),
    "completed": Message("Training completed"),
    "state": Message("Answered in this wave"),
    "survey_year": Message("Year of the survey"),
}
BANDED: Final = ("band", "size", "years")


@dataclass(frozen=True)
class Variable:
    """One variable that a panel or its forms hold: how it must be handled to leave, or `why` it never does.

    `source` is its column in the rows read, `released_as` its name in the file; `label` is `{"ko": …, "en": …}`.
    """

    name: str
    source: str
    released_as: str
    label: Mapping[str, str]
    sdc_class: SdcClass
    handling: Handling
    choices: tuple[Choice, ...] = ()
    unit: str = ""
    is_scale: bool = False
    why: Message | None = None


@dataclass(frozen=True)
class Protection:
    """What is done to a panel before it leaves.

    Quasi-identifiers leave only when they are `counted`; variables classed sensitive when they are named in `sensitive`; all others
    unless they are in `left_out`. Anything that leaves may be counted. `band_years` is the width of bands of years.
    """

    counted: frozenset[str] = frozenset()
    sensitive: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()
    k: int = 5
    band_years: int = 5
    suppress: bool = False

    def releases(self, variable: Variable) -> bool:
        """Say whether a variable leaves."""
        if variable.sdc_class == "none":
            return variable.name not in self.left_out
        chosen = {"quasi_identifier": self.counted, "sensitive": self.sensitive, "never": frozenset[str]()}[variable.sdc_class]
        return variable.name in chosen

    def counts(self, variable: Variable) -> bool:
        """Say whether a variable leaves and is one of the quasi-identifiers."""
        return variable.name in self.counted and self.releases(variable)


def default_protection(variables: Iterable[Variable]) -> Protection:
    """Return the protection to begin with: the usual quasi-identifiers counted, nothing sensitive released."""
    return Protection(counted=frozenset(each.name for each in variables) & frozenset(DEFAULT_QUASI_IDENTIFIERS))


def classify_variables(columns: Collection[str], forms: Iterable[Mapping[str, FormVariable]]) -> tuple[Variable, ...]:
    """Return the variables of a panel's columns, then those of its forms that the panel does not hold already.

    A question that a variable of the panel says as well stays here, so that nothing leaves twice in different shapes.
    """
    of_panel = {name: _of_panel(name) for name in columns if name != "study_id"}
    said = {question: name for name in of_panel for question in _declared(name).stands_for}
    found: dict[str, Variable] = {}
    for form in forms:
        for question in form.values():
            if question.name not in columns:
                variable = _of_form(question)
                found[variable.name] = _stricter(found.get(variable.name), variable)
    in_panel = [_unless_said(each, said) for each in of_panel.values()]
    return (*in_panel, *(_unless_said(each, said) for each in found.values()))


def _declared(name: str) -> Declared:
    return PANEL_CLASSES.get(name, Declared("never", "never"))


def _of_panel(name: str) -> Variable:
    declared = _declared(name)
    known = VARIABLES.get(name)
    label = Message(known.label) if known else KEY_LABELS.get(name, Message(name))
    why = None if declared.sdc_class != "never" else CALENDAR if name == "survey_year" else UNDECLARED
    texts = {language: label.within(language) for language in LANGUAGES}
    released_as = "answered" if name == "state" else _released_as(name, declared.handling)
    return Variable(
        name, name, released_as, texts, declared.sdc_class, declared.handling, unit=known.unit if known else "",
        is_scale=known is not None and known.unit == "points", why=why,
    )  # fmt: skip


def _released_as(name: str, handling: Handling) -> str:
    return f"{name}_band" if handling in BANDED else name


def _of_form(variable: FormVariable) -> Variable:
    question = variable.question
    sdc_class, why = _class_of(variable)
    handling = _handling_of(question) if sdc_class != "never" else "never"
    if handling == "never" and why is None:
        sdc_class, why = "never", UNSUITABLE
    name = question.name
    if handling != "never" and (usual := _usual_name(question)):  # whatever a form calls and classes it
        name, sdc_class = usual, "quasi_identifier"
    label = {language: question.label.get(language, "") or question.name for language in LANGUAGES}
    return Variable(
        name, question.name, _released_as(name, handling), label, sdc_class, handling, question.choices, question.unit,
        bool(question.scale), why,
    )  # fmt: skip


def _usual_name(question: Question) -> str:
    """Return the name of a place or a line of business, which tell much of a person in every programme, else nothing."""
    names = {**dict.fromkeys(REGION_NAMES, "region"), **dict.fromkeys((*SECTOR_NAMES, *CODED_SECTOR_NAMES), "sector")}
    return names.get(question.name, "")


def _class_of(variable: FormVariable) -> tuple[SdcClass, Message | None]:
    question = variable.question
    said = {question.sensitivity, question.sdc_class}
    if variable.is_identifier or "direct_identifier" in said or question.name in (REGISTRATION_NUMBER, REGISTRATION_NUMBER_VALID):
        return "never", IDENTIFIES
    if "free_text" in said or question.type == "text":
        return "never", FREE_TEXT
    if variable.repeats:
        return "never", REPEATED
    if question.sdc_class == "quasi_identifier":
        return "quasi_identifier", None
    if "sensitive" in said:
        return "sensitive", None
    return ("none", None) if said == {"ordinary", "none"} else ("never", UNDECLARED)


def _handling_of(question: Question) -> Handling:
    if question.name in REGION_NAMES:
        return "region"
    if question.name in CODED_SECTOR_NAMES:
        return "sector"
    if question.name in SECTOR_NAMES and are_known_industries(choice.name for choice in question.choices):
        return "sector"
    if question.type in ("integer", "decimal", "range"):
        return _handling_of_number(question)
    kinds: Mapping[str, Handling] = {
        "select_one": "keep" if question.scale else "choice",
        "select_multiple": "ticks",
        "date": "days",
    }
    return kinds.get(question.type, "never")


def _handling_of_number(question: Question) -> Handling:
    if question.unit == "year":
        return "years"
    if question.unit in MONEY_UNITS or question.name.endswith(tuple(f"_{unit}" for unit in MONEY_UNITS)):
        return "money"
    if question.scale:
        return "keep"
    return "size" if question.sdc_class == "quasi_identifier" else "measure"


def _stricter(one: Variable | None, other: Variable) -> Variable:
    """Return the stricter of two forms' variables of one name, with the choices of both."""
    if one is None:
        return other
    strict = one if STRICTNESS[one.sdc_class] >= STRICTNESS[other.sdc_class] else other
    known = {choice.name for choice in one.choices}
    return replace(strict, choices=(*one.choices, *(choice for choice in other.choices if choice.name not in known)))


def _unless_said(variable: Variable, said: Mapping[str, str]) -> Variable:
    name = said.get(variable.name)
    if name is None or variable.sdc_class == "never":
        return variable
    label = Message("Left to “%(name)s”, which says the same more coarsely", name=_released_as(name, _declared(name).handling))
    return replace(variable, sdc_class="never", handling="never", why=label)
