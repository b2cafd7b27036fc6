"""What must hold of cohorts, enrolments, sessions and attendance before any of it is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from evalapp.core.clock import today
from evalapp.core.language import Message
from evalapp.training.queries import TrainingRecords
from evalapp.training.tables import ATTENDED

Faults = Iterator[tuple[str, Message]]
IN_TRAINING = ("enrolled", "active", "completed", "withdrawn")


def check_cohort(values: Mapping[str, Any], _records: TrainingRecords) -> Faults:
    """Demand training dates of treatment cohorts and of no other, in their order."""
    arm, starts_on, ends_on = values["arm"], values["starts_on"], values["ends_on"]
    if arm == "treatment":
        for name in ("starts_on", "ends_on"):
            if values[name] is None:
                yield name, Message("A treatment cohort needs its first and its last training date. Fill in this one.")
    elif starts_on or ends_on:
        yield "starts_on", Message("Only treatment cohorts have training dates. Empty them for arm “%(arm)s”.", arm=arm)
    if starts_on and ends_on and ends_on < starts_on:
        yield "ends_on", Message("The training ends on %(end)s, before it starts on %(start)s.", end=ends_on, start=starts_on)


def check_enrolment(values: Mapping[str, Any], records: TrainingRecords) -> Faults:
    """Demand a cohort that exists, for whoever has a place in one, and a date that is past."""
    if values["cohort"] is None and values["stage"] in IN_TRAINING:
        yield "cohort", Message("Who is enrolled is enrolled in a cohort. Fill it in.")
    yield from _check_cohort_exists(values["cohort"], records)
    yield from _check_past("stage_on", values["stage_on"])


def check_session(values: Mapping[str, Any], records: TrainingRecords) -> Faults:
    """Demand a cohort with training dates, and a date within them that is past for a session that was held."""
    yield from _check_cohort_exists(values["cohort"], records)
    cohort = records.cohorts.get(values["cohort"])
    held_on = values["held_on"]
    if cohort and not cohort["starts_on"]:
        yield (
            "cohort",
            Message("Cohort %(cohort)s has no training dates, so it has no sessions. Mend the cohort.", cohort=values["cohort"]),
        )
    elif cohort and held_on and not cohort["starts_on"] <= held_on <= (cohort["ends_on"] or dt.date.max):
        facts = {"date": held_on, "start": cohort["starts_on"], "end": cohort["ends_on"]}
        yield "held_on", Message("%(date)s lies outside the cohort's training from %(start)s to %(end)s.", **facts)
    if values["state"] == "held":
        yield from _check_past("held_on", held_on)


def check_attendance(values: Mapping[str, Any], records: TrainingRecords) -> Faults:
    """Demand a session that was held, a person of its cohort, and minutes that fit both the session and the status."""
    yield from _check_cohort_exists(values["cohort"], records)
    session = records.sessions.get((values["cohort"], values["number"]))
    facts = {"number": values["number"], "cohort": values["cohort"]}
    if session is None:
        if values["cohort"] in records.cohorts:
            yield "number", Message("Cohort %(cohort)s has no session %(number)s. Add the session first.", **facts)
    elif session["state"] != "held":
        yield "number", Message("Session %(number)s of cohort %(cohort)s was not held, so nobody attended it.", **facts)
    enrolment = records.enrolments.get(values["study_id"])
    if enrolment is None or enrolment["cohort"] != values["cohort"] or enrolment["stage"] not in IN_TRAINING:
        yield (
            "study_id",
            Message("The person is not enrolled in cohort %(cohort)s. Enrol the person first.", cohort=values["cohort"]),
        )
    yield from _check_minutes(values["status"], values["minutes"], session["planned_minutes"] if session else None)


def _check_minutes(status: str | None, minutes: int | None, planned: int | None) -> Faults:
    if status in ATTENDED and not minutes:
        yield "minutes", Message("Someone who came was there for some minutes. Write how many.")
    if status and status not in ATTENDED and minutes:
        yield "minutes", Message("Someone who was absent has 0 minutes. Mend the minutes or the status.")
    if planned is not None and minutes is not None and minutes > planned:
        yield "minutes", Message("%(minutes)s minutes are more than the %(planned)s planned.", minutes=minutes, planned=planned)


def _check_cohort_exists(cohort: str | None, records: TrainingRecords) -> Faults:
    if cohort and cohort not in records.cohorts:
        yield "cohort", Message("There is no cohort “%(cohort)s” in this programme. Add the cohort first.", cohort=cohort)


def _check_past(column: str, date: dt.date | None) -> Faults:
    if date and date > today():
        yield column, Message("%(date)s lies in the future.", date=date)
