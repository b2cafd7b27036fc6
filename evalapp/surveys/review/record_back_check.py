"""Ask some questions a second time, by someone else, and compare.

Variables are of type 1 (cannot change), 2 (may change a little; interviewer's skill) or 3 (may change; the instrument's quality).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.cells import BadCell
from evalapp.core.clock import now
from evalapp.core.columns import Column, typed_rows
from evalapp.core.errors import AppError
from evalapp.core.faults import FaultLog
from evalapp.core.fingerprint import canonical_json
from evalapp.core.language import Message
from evalapp.core.read_table import read_one_table
from evalapp.core.shipped import BACK_CHECKS
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.check_answers import AnswerReader
from evalapp.surveys.queries import get_instrument_definition
from evalapp.surveys.review.tables import BackCheck
from evalapp.surveys.tables import Answer, Submission, Wave

TYPES = ("1", "2", "3")
COLUMNS = (
    Column("variable", "code", required=True, maximum=40),
    Column("type", "choice", required=True, choices=TYPES),
    Column("okrange", maximum=20),
)


@dataclass(frozen=True)
class BackCheckVariable:
    """A question asked again. An answer within `okrange` of the first, a number or a share such as "10%", is no error."""

    variable: str
    type: str
    okrange: str

    def differs(self, first: str | None, second: str) -> bool:
        """Say whether the second answer is another than the first."""
        if first is None or not self.okrange:
            return first != second
        try:
            apart = abs(float(second) - float(first))
            within = float(self.okrange.removesuffix("%"))
        except ValueError:  # a missing code
            return first != second
        return apart > (abs(float(first)) * within / 100 if self.okrange.endswith("%") else within)


class Comparison(NamedTuple):
    """One variable of a back-check: its type, the first and the second answer, and whether they differ."""

    variable: str
    type: str
    first: str | None
    second: str
    differs: bool


@cache
def back_check_variables() -> tuple[BackCheckVariable, ...]:
    """Return the variables of back-checks that come with the program."""
    sheet = read_one_table(BACK_CHECKS)
    faults = FaultLog()
    rows = typed_rows(sheet, COLUMNS, faults)
    faults.refuse_if_any()
    return tuple(BackCheckVariable(row.values["variable"], row.values["type"], row.values["okrange"] or "") for row in rows)


def record_back_check(db: Session, submission: Submission, answers: Mapping[str, str]) -> BackCheck:
    """Write down second answers and compare them with the first as they were given; corrections are left aside."""
    account = actor_of(db).account
    if submission.account == account:
        raise AppError(Message("Whoever held the interview does not check it. Ask a colleague."))
    declared = {variable.variable: variable for variable in back_check_variables()}
    second = _read(db, submission, {name: text for name, text in answers.items() if name in declared})
    if not second:
        raise AppError(Message("A back-check needs at least one answer."))
    given = select(Answer.variable, Answer.text).where(Answer.submission_id == submission.id, Answer.repeat_path == "")
    first = {variable: text for variable, text in db.execute(given)}  # noqa: C416 - typed pairs out of rows
    compared = [
        Comparison(name, declared[name].type, first.get(name), text, declared[name].differs(first.get(name), text))
        for name, text in second.items()
    ]
    content = canonical_json([each._asdict() for each in compared])
    check = BackCheck(submission_id=submission.id, answers=content, account=account, checked_at=now())
    db.add(check)
    db.flush()
    person = db.get_one(Entrepreneur, submission.entrepreneur_id)
    facts = {"submission": submission.id, "compared": len(compared), "differ": sum(each.differs for each in compared)}
    record_entry(db, "back_check_recorded", "back_check", check.id, subject=person.study_id, after=facts)
    return check


def comparisons(check: BackCheck) -> list[Comparison]:
    """Return what a back-check compared."""
    return [Comparison(**stored) for stored in json.loads(check.answers)]


def _read(db: Session, submission: Submission, answers: Mapping[str, str]) -> dict[str, str]:
    instrument = submission.instrument_id or db.get_one(Wave, submission.wave_id).instrument_id
    questions = get_instrument_definition(db, instrument).by_name
    second = {}
    for name, text in answers.items():
        if name not in questions or not text.strip():
            continue
        try:
            second[name] = AnswerReader(questions[name]).read(text.strip()).text
        except BadCell as bad:
            label = questions[name].label
            raise AppError(Message("%(question)s: %(fault)s", question=label.get("ko") or name, fault=bad.message)) from bad
    return second
