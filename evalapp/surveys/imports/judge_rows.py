"""The answers of a row held against the form itself: its conditions, constraints and choices, as if it had been filled in here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import SEOUL, now
from evalapp.surveys.answering.form_models import get_form
from evalapp.surveys.answering.stored_answers import repeat_path
from evalapp.surveys.check_answers import MISSING_CODES
from evalapp.surveys.imports.reading.read_rows import AnsweredRow
from evalapp.surveys.instruments.definition import InstrumentDefinition
from evalapp.surveys.review.corrections.apply_corrections import Place
from evalapp.surveys.tables import Instrument
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.plan import Form

Faults = list[tuple[Place, str, str]]
NOON = dt.time(12)


class RowJudge:
    """Judges rows by one form. What a file has no column for is not missed in its rows, nor what goes to the vault."""

    def __init__(self, form: Form | None, definition: InstrumentDefinition, read: Collection[str]) -> None:
        self._form = form
        self._paths = {node.name: path for path, node in form.nodes.items()} if form else {}
        identifiers = {question.name for question in definition.questions if question.sensitivity == "identifier"}
        self._missed = set(read) - identifiers
        self._judged: dict[int, Faults] = {}

    def faults(self, row: AnsweredRow) -> Faults:
        """Return what the form would not have let pass: where, of what kind, and the answer that stands there."""
        if self._form is None:
            return []
        if row.number not in self._judged:
            self._judged[row.number] = list(self._found(self._form, row))
        return self._judged[row.number]

    def _found(self, form: Form, row: AnsweredRow) -> Iterator[tuple[Place, str, str]]:
        said = {place: reading.text for place, reading in row.answers.items() if place.variable in self._paths}
        given = {self._address(form, place): text for place, text in said.items() if text not in MISSING_CODES}
        instance = Instance.of_answers(form, lambda: _moment(row), given)
        for address in given:
            element = instance.at(address)
            if not element.live:
                place = Place(element.name, repeat_path(instance, element))
                yield place, "not_asked", said[place]
        for verdict in instance.verdicts():
            place = Place(verdict.element.name, repeat_path(instance, verdict.element))
            if verdict.kind != "required" or (place not in said and place.variable in self._missed - row.unread):
                yield place, verdict.kind, said.get(place, "")

    def _address(self, form: Form, place: Place) -> str:
        """Return where an answer stands in the form: /data/trade[2]/price for price in trade[2]."""
        rounds = [step.partition("[")[2] for step in place.repeat_path.split("/") if step]
        address, path = "", ""
        for step in self._paths[place.variable].strip("/").split("/"):
            path += f"/{step}"
            address += f"/{step}" + (f"[{rounds.pop(0)}" if rounds and form.nodes[path].repeat else "")
        return address


def row_judge(db: Session, instrument_id: int, definition: InstrumentDefinition, read: Collection[str]) -> RowJudge:
    """Return the judge of a form's rows; `read` are the variables that the file has columns for."""
    has_model = db.scalar(select(Instrument.model.is_not(None)).where(Instrument.id == instrument_id))
    return RowJudge(get_form(db, instrument_id) if has_model else None, definition, read)


def _moment(row: AnsweredRow) -> dt.datetime:
    """Return when a row was answered, as far as it says so: today() in the form is that day."""
    day = row.facts["answered_on"]
    moment: dt.datetime = dt.datetime.combine(day, NOON, SEOUL) if day else row.facts["received_at"] or now()
    return moment
