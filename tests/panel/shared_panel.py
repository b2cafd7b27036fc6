"""A small programme whose people agreed to sharing, with a form that asks everything a release has to handle."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from evalapp.panel.build_panel import build_panel
from evalapp.panel.freeze_panel import freeze_panel
from evalapp.panel.microdata.classify_variables import classify_variables
from evalapp.panel.microdata.read_rows import DAY, SourceRows
from evalapp.panel.tables import PanelSnapshot
from evalapp.panel.variables import BASELINE_CHARACTERISTICS, derive_variables
from evalapp.people.tables import Consent, Entrepreneur
from evalapp.people.vault.write_identity import write_identity
from evalapp.surveys.imports.reading.form_variables import form_variables
from evalapp.surveys.instruments.definition import Choice, InstrumentDefinition, Question, definition_to_json
from evalapp.surveys.tables import Answer, Instrument, Submission
from tests.programme import SmallProgramme

NAMES = ("김철수", "이영희", "박민준", "최서연")
REGIONS = ("seoul_gangnam", "seoul_mapo", "busan_haeundae", "41110")
INDUSTRIES = ("retail", "wholesale", "catering", "manufacturing")
ANSWERED_ON = dt.date(2020, 1, 11)


def question(name: str, kind: str, sensitivity: str = "ordinary", sdc_class: str = "none", **more: Any) -> Question:
    plain: dict[str, Any] = {"hint": {}, "required": False, "relevant": None, "constraint": "", "constraint_message": {}}
    plain |= {"choices": (), "minimum": None, "maximum": None, "scale": "", "reverse": False, "construct": "", "unit": ""}
    label = {"ko": f"{name} 질문", "en": f"About {name}"}
    return Question(name=name, type=kind, label=label, sensitivity=sensitivity, sdc_class=sdc_class, **{**plain, **more})


def choices(*names: str) -> tuple[Choice, ...]:
    return tuple(Choice(name, {"ko": f"{name} 답", "en": name.capitalize()}) for name in names)


FORM = InstrumentDefinition(
    "small", "2020010101", {"ko": "작은 조사", "en": "Small survey"},
    (
        question("gender", "select_one", "sensitive", "quasi_identifier", choices=choices("female", "male")),
        question("birth_year", "integer", "sensitive", "quasi_identifier", unit="year"),
        question("region", "select_one", "sensitive", "quasi_identifier", choices=choices(*REGIONS)),
        question("industry", "select_one", "ordinary", "quasi_identifier", choices=choices(*INDUSTRIES)),
        question("licence_year", "integer", "sensitive", "quasi_identifier", unit="year"),
        question("profit_krw", "decimal", "sensitive", "sensitive", unit="krw"),
        question("rent", "decimal", "sensitive", "sensitive", unit="krw"),
        question("customers", "integer", unit="count"),
        question("difficulty_financing", "select_one", scale="difficulty", choices=choices("1", "2", "3", "4", "5"), unit="points"),
        question("tool", "select_one", choices=choices("phone", "laptop", "abacus", "other")),
        question("sources", "select_multiple", choices=choices("bank", "family", "lottery")),
        question("loan_on", "date"),
        question("story", "text", "free_text", "free_text"),
        question("nickname", "text", "identifier", "direct_identifier"),
        question("unclassed", "integer", "", ""),
        question("person", "integer", unit="count"),
    ),
)  # fmt: skip


class SharedPanel:
    """Twenty-four people in two cohorts, all with answers at baseline and after three months."""

    def __init__(self, db: Session, people: int = 24) -> None:
        self.db = db
        self.small = SmallProgramme(db)
        self.programme = self.small.programme
        instrument = db.query(Instrument).filter_by(code="small").one()
        instrument.definition = definition_to_json(FORM)
        self.study_ids = [self._person(number) for number in range(people)]

    def freeze(self) -> PanelSnapshot:
        return freeze_panel(self.db, self.programme, build_panel(self.db, self.programme))

    def entrepreneur(self, study_id: str) -> Entrepreneur:
        return self.db.query(Entrepreneur).filter_by(study_id=study_id).one()

    def _person(self, number: int) -> str:
        study_id = self.small.person("C" if number % 2 else "A", {"bl": baseline(number), "fu1": follow_up(number)})
        person = self.entrepreneur(study_id)
        ids = {"programme_id": self.programme.id, "entrepreneur_id": person.id}
        self.small.add(Consent(**ids, purpose="sharing", text_version="1", given_on=dt.date(2020, 1, 2)))
        write_identity(self.db, person.id, {"name": NAMES[number % 4], "phone": f"010-1234-{5000 + number}"})
        for submission in self.db.query(Submission).filter_by(entrepreneur_id=person.id):
            submission.answered_on = answered_on(number, "bl" if submission.wave_id == self.small.waves["bl"].id else "fu1")
        self.db.flush()
        return study_id


def baseline(number: int) -> dict[str, Any]:
    """Return what a person answers at baseline."""
    return {
        "gender": "female" if number % 4 < 2 else "male",
        "birth_year": 1970 + number % 12,
        "region": REGIONS[number % 4],
        "industry": INDUSTRIES[number % 2],
        "licence_year": 2011 + number % 3,
        "profit_krw": 1_234_567 + 98_765 * number,
        "rent": 100_000 + 12_345 * number,
        "customers": 3 * number,
        "difficulty_financing": number % 5 + 1,
        "tool": "abacus" if number == 0 else ("phone", "laptop")[number % 2],
        "sources": "bank family" if number % 2 else "bank lottery",
        "loan_on": (ANSWERED_ON - dt.timedelta(days=100 + number)).isoformat(),
        "story": f"{NAMES[0]} 이야기 {number}",
        "nickname": NAMES[1],
        "unclassed": 7,
        "person": number,
    }


def follow_up(number: int) -> dict[str, Any]:
    """Return what a person answers after three months; one refuses."""
    customers = ".r" if number == 1 else 5 * number
    return {"profit_krw": 1_300_000 + 54_321 * number, "customers": customers, "difficulty_financing": 3}


def answered_on(number: int, wave: str) -> dt.date:
    return ANSWERED_ON + dt.timedelta(days=number % 7 + (0 if wave == "bl" else 91 + number % 3))


def source_rows(people: int = 24) -> SourceRows:
    """Return the rows of the same people as `SharedPanel` without a database."""
    told = [(number, wave, tell(number)) for number in range(people) for wave, tell in (("bl", baseline), ("fu1", follow_up))]
    answers = pd.DataFrame([{name: str(value) for name, value in given.items()} for _, _, given in told])
    keys = pd.DataFrame([_keys(number, wave) for number, wave, _ in told])
    derived = derive_variables(answers.assign(survey_year=2020)).dropna(axis=1, how="all")
    held = [name for name in derived if name in BASELINE_CHARACTERISTICS]
    derived[held] = derived[held].groupby(keys["study_id"]).transform("first")
    panel = keys.drop(columns=DAY).join(derived)
    rows = panel.join(answers.drop(columns=[name for name in answers if name in panel])).assign(**{DAY: keys[DAY]})
    return SourceRows(rows, classify_variables(list(panel.columns), [form_variables(FORM).by_name]), 0)


def _keys(number: int, wave: str) -> dict[str, Any]:
    arm = "comparison" if number % 2 else "treatment"
    facts = {"study_id": f"SM-{number:04d}", "round": 1 + (wave == "fu1"), "wave": wave, "survey_year": 2020, "arm": arm}
    cohort = {"cohort": "C" if number % 2 else "A", "first_treated": 0 if number % 2 else 2, "state": "approved"}
    return {**facts, **cohort, DAY: answered_on(number, wave)}


def change_an_answer(db: Session, variable: str = "profit_krw", text: str = "5") -> None:
    answer = db.query(Answer).filter_by(variable=variable).order_by(Answer.id).first()
    assert answer is not None
    answer.text = text
    db.flush()
