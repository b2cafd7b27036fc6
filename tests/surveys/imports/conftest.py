"""A form with every type of question, repeated groups in each other, and people to answer it."""

from __future__ import annotations

import datetime as dt

import pytest

from evalapp.people.import_people import import_people
from evalapp.people.queries import resolve_people
from evalapp.surveys.instruments.definition import Choice, InstrumentDefinition, Question, Relevance, definition_to_json
from evalapp.surveys.tables import Instrument, Wave

NOON = dt.datetime(2026, 3, 5, 3, tzinfo=dt.UTC)
YES_NO = (("yes", "예", "Yes"), ("no", "아니요", "No"))
WAYS = (("sales", "매출이 늘었다", "Higher sales"), ("cost", "비용이 줄었다", "Lower costs"), ("other", "그 밖", "Other"))
LONG = "가" * 60  # 180 bytes: more than SPSS keeps of a value label
FORMS = (("sole", f"개인 {LONG}", "Sole proprietor"), ("company", f"법인 {LONG}", "Company"), ("none", "없음", "None"))
SCALE = tuple((str(n), f"{n}점", f"{n} points") for n in range(1, 6))


def question(name, kind, choices=(), **facts):
    """Return a question with the facts that are given and plain ones otherwise."""
    plain = {
        "label": {"ko": f"{name} 질문", "en": f"Question {name}"},
        "hint": {}, "required": False, "relevant": None, "constraint": "", "constraint_message": {},
        "minimum": None, "maximum": None, "scale": "", "reverse": False, "sensitivity": "ordinary", "sdc_class": "none",
        "construct": "", "unit": "",
    }  # fmt: skip
    listed = tuple(Choice(code, {"ko": ko, "en": en}) for code, ko, en in choices)
    return Question(name=name, type=kind, choices=listed, **{**plain, **facts})


EVERYTHING = InstrumentDefinition(
    "everything",
    "2026030101",
    {"ko": "모든 것", "en": "Everything"},
    (
        question("operating", "select_one", YES_NO, required=True),
        question("profit", "integer", minimum=-1000, maximum=1000),
        question("hours", "decimal", minimum=0, maximum=168),
        question("opened", "date", relevant=Relevance("operating", "yes")),
        question("ways", "select_multiple", WAYS),
        question("form", "select_one", FORMS),
        question("hard", "select_one", SCALE, scale="difficulty"),
        question("remark", "text", sensitivity="free_text"),
        question("a_name_of_a_variable_longer_than_any", "integer"),
        question("good", "text", repeat="trade", sensitivity="ordinary"),
        question("price", "integer", repeat="trade"),
        question("kinds", "select_multiple", WAYS, repeat="trade"),
    ),
)


def publish(db, definition):
    """Store a form as published."""
    instrument = Instrument(
        code=definition.code,
        version=definition.version,
        definition=definition_to_json(definition),
        sha256="0" * 64,
        published_at=NOON,
    )
    db.add(instrument)
    db.flush()
    return instrument


def add_wave(db, programme, instrument, code="fu1", round_=1):
    """Open a wave of a form."""
    wave = Wave(
        programme_id=programme.id, instrument_id=instrument.id, code=code, round=round_, label_ko="첫 조사", label_en="First follow-up",
        opens_on=dt.date(2026, 3, 1), closes_on=dt.date(2026, 4, 1), survey_year=2026,
    )  # fmt: skip
    db.add(wave)
    db.flush()
    return wave


@pytest.fixture
def everything(db, programme):
    """Open a wave of the form with every type of question."""
    return add_wave(db, programme, publish(db, EVERYTHING))


@pytest.fixture
def people(db, programme, write):
    """Register A-1 to A-9."""
    names = [f"A-{n}" for n in range(1, 10)]
    import_people(db, programme.code, write("study_id,registered_on", *(f"{name},2018-02-01" for name in names)))
    return resolve_people(db, programme.id, names)
