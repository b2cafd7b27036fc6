"""Reads of paper forms. Nothing here shows one typist what another typed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.answering.taking_part.survey_consent import ConsentQuestion, get_consent_question, has_consent
from evalapp.surveys.double_entry.compare_entries import Field, compare_entries
from evalapp.surveys.double_entry.tables import NUMBERS, PaperEntry, PaperForm
from evalapp.surveys.double_entry.typed_form import typed_answers
from evalapp.surveys.tables import Wave
from evalapp.xform.engine.instance import Instance

DAY = "/filled_on"  # the place of the day on the paper, which is no question of the form


@dataclass(frozen=True)
class PaperLine:
    """How far a form is: entries begun and finished, fields that differ (None before both are there), one's own entry, who may decide."""

    form_id: int
    begun: int
    finished: int
    differing: int | None
    is_merged: bool
    submission_id: int | None
    own_entry: int | None
    own_is_finished: bool
    typists: tuple[str, ...]

    def waits_for(self, account: str) -> bool:
        """Say whether an account, which typed neither entry, can decide where they differ."""
        return self.differing is not None and not self.is_merged and account not in self.typists


@dataclass(frozen=True)
class Comparison:
    """Two finished entries side by side."""

    entries: tuple[PaperEntry, PaperEntry]
    instances: tuple[Instance, Instance]
    fields: Sequence[Field]

    @property
    def differing(self) -> list[Field]:
        """The fields in which the entries differ, in the order of the form."""
        return [field for field in self.fields if not field.agrees]

    @property
    def days_differ(self) -> bool:
        """Say whether the two typed another day."""
        return self.entries[0].filled_on != self.entries[1].filled_on

    @property
    def compared(self) -> int:
        """How many fields were compared, the day among them."""
        return len(self.fields) + 1

    @property
    def to_decide(self) -> int:
        """How many of them differ."""
        return len(self.differing) + self.days_differ


@dataclass(frozen=True)
class Decision:
    """What stands in a field: as in the `first` or `second` entry, or an `other` value with a reason."""

    chosen: str
    value: str
    reason: str = ""


@dataclass(frozen=True)
class TypistRate:
    """How carefully an account types: forms that were decided, their fields, and the fields in which it was wrong."""

    account: str
    forms: int
    fields: int
    errors: int

    @property
    def errors_per_1000(self) -> float | None:
        """Wrong fields per thousand, or None before there were any."""
        return 1000 * self.errors / self.fields if self.fields else None


def list_paper_lines(db: Session, wave: Wave, account: str) -> dict[int, PaperLine]:
    """Return the forms of a wave that somebody began to type, by person, as an account may know of them."""
    entries: defaultdict[int, list[PaperEntry]] = defaultdict(list)
    of_wave = select(PaperEntry).join(PaperForm, PaperForm.id == PaperEntry.form_id).where(PaperForm.wave_id == wave.id)
    for entry in db.scalars(of_wave.order_by(PaperEntry.number)):
        entries[entry.form_id].append(entry)
    forms = db.scalars(select(PaperForm).where(PaperForm.wave_id == wave.id))
    return {form.entrepreneur_id: _line(form, entries[form.id], account) for form in forms if entries[form.id]}


def _line(form: PaperForm, entries: Sequence[PaperEntry], account: str) -> PaperLine:
    own = next((entry for entry in entries if entry.account == account), None)
    return PaperLine(
        form_id=form.id,
        begun=len(entries),
        finished=sum(entry.finished_at is not None for entry in entries),
        differing=form.differing,
        is_merged=form.merged_at is not None,
        submission_id=form.submission_id,
        own_entry=own.id if own else None,
        own_is_finished=bool(own and own.finished_at),
        typists=tuple(entry.account for entry in entries),
    )


def list_open_entries(db: Session, wave: Wave) -> Sequence[tuple[PaperEntry, str]]:
    """Return the entries of a wave that were begun and not finished, the oldest first, each with the study ID."""
    rows = (
        select(PaperEntry, Entrepreneur.study_id)
        .join(PaperForm, PaperForm.id == PaperEntry.form_id)
        .join(Entrepreneur, Entrepreneur.id == PaperForm.entrepreneur_id)
        .where(PaperForm.wave_id == wave.id, PaperEntry.finished_at.is_(None))
        .order_by(PaperEntry.saved_at)
    )
    return [(entry, study_id) for entry, study_id in db.execute(rows)]


def get_entry(db: Session, programme_id: int, entry_id: int) -> tuple[PaperEntry, PaperForm, Entrepreneur]:
    """Return an entry of a programme with its form and person, or raise NotFound."""
    found = db.execute(
        select(PaperEntry, PaperForm, Entrepreneur)
        .join(PaperForm, PaperForm.id == PaperEntry.form_id)
        .join(Wave, Wave.id == PaperForm.wave_id)
        .join(Entrepreneur, Entrepreneur.id == PaperForm.entrepreneur_id)
        .where(PaperEntry.id == entry_id, Wave.programme_id == programme_id)
    ).one_or_none()
    if found is None:
        raise _no_such_entry()
    return found[0], found[1], found[2]


def get_own_entry(db: Session, programme_id: int, entry_id: int, account: str) -> tuple[PaperEntry, PaperForm, Entrepreneur]:
    """Return an entry that an account types itself, or raise NotFound: another's is not there for it."""
    found = get_entry(db, programme_id, entry_id)
    if found[0].account != account:
        raise _no_such_entry()
    return found


def _no_such_entry() -> NotFound:
    return NotFound(Message("You type no such form in this programme."))


def get_paper_form(db: Session, programme_id: int, form_id: int) -> tuple[PaperForm, Wave, Entrepreneur]:
    """Return a paper form of a programme with its wave and person, or raise NotFound."""
    found = db.execute(
        select(PaperForm, Wave, Entrepreneur)
        .join(Wave, Wave.id == PaperForm.wave_id)
        .join(Entrepreneur, Entrepreneur.id == PaperForm.entrepreneur_id)
        .where(PaperForm.id == form_id, Wave.programme_id == programme_id)
    ).one_or_none()
    if found is None:
        raise NotFound(Message("There is no such paper form in this programme."))
    return found[0], found[1], found[2]


def get_wave_code(db: Session, form: PaperForm) -> str:
    """Return the code of the wave that a form belongs to."""
    return db.get_one(Wave, form.wave_id).code


class _Asked(NamedTuple):
    wave_id: int
    entrepreneur_id: int


def find_missing_consent(db: Session, wave: Wave, person: Entrepreneur, language: str) -> ConsentQuestion | None:
    """Return the consent text that must be signed on a person's form, or None where their consent holds; AppError without a text."""
    asked = _Asked(wave.id, person.id)
    return None if has_consent(db, asked) else get_consent_question(db, asked, language)


def find_paper_form_of(db: Session, submission_id: int) -> PaperForm | None:
    """Return the paper form that a submission came from, or None."""
    return db.scalar(select(PaperForm).where(PaperForm.submission_id == submission_id))


def compare_form(db: Session, form: PaperForm, language: str) -> Comparison:
    """Return the two finished entries of a form side by side, labels in a language; AppError before both are there."""
    entries = db.scalars(select(PaperEntry).where(PaperEntry.form_id == form.id).order_by(PaperEntry.number)).all()
    finished = [entry for entry in entries if entry.finished_at is not None]
    if len(finished) != len(NUMBERS):
        raise AppError(Message("This form has not been typed twice yet."))
    first, second = (typed_answers(db, entry, language) for entry in finished)
    return Comparison((finished[0], finished[1]), (first, second), compare_entries(first, second))


def decisions_context(form_id: int) -> str:
    """Return the context in which a form's decisions are sealed."""
    return f"paper:{form_id}:decisions"


def read_decisions(db: Session, form: PaperForm) -> Mapping[str, Decision]:
    """Return what was decided about a form, by place."""
    if form.decisions_sealed is None:
        return {}
    stored = json.loads(keys_of(db).open(form.decisions_sealed, decisions_context(form.id)))
    return {place: Decision(**decision) for place, decision in stored.items()}


def list_typist_rates(db: Session, programme_id: int) -> list[TypistRate]:
    """Return how carefully each account typed the forms of a programme that were decided, the most fields first."""
    fields = func.sum(PaperForm.compared)
    rows = db.execute(
        select(PaperEntry.account, func.count(), fields, func.sum(PaperEntry.errors))
        .join(PaperForm, PaperForm.id == PaperEntry.form_id)
        .join(Wave, Wave.id == PaperForm.wave_id)
        .where(Wave.programme_id == programme_id, PaperForm.merged_at.is_not(None))
        .group_by(PaperEntry.account)
        .order_by(fields.desc(), PaperEntry.account)
    )
    return [TypistRate(account, forms, typed or 0, errors or 0) for account, forms, typed, errors in rows]


@dataclass(frozen=True)
class PaperWave:
    """A wave with how many of its forms were typed once and twice, decided, and wait for a decision of the one who looks."""

    wave: Wave
    once: int
    twice: int
    merged: int
    to_decide: int


def list_paper_waves(db: Session, programme_id: int, account: str) -> list[PaperWave]:
    """Return the waves of a programme, the last one first, as an account may know of their paper forms."""
    waves = db.scalars(select(Wave).where(Wave.programme_id == programme_id).order_by(Wave.round.desc())).all()
    return [_paper_wave(wave, list(list_paper_lines(db, wave, account).values()), account) for wave in waves]


def count_paper_to_decide(db: Session, programme_id: int, account: str) -> int:
    """Return how many forms of a programme were typed twice and wait for a decision that an account may take."""
    own = select(PaperEntry.form_id).where(PaperEntry.account == account)
    waiting = select(func.count()).select_from(PaperForm).join(Wave, Wave.id == PaperForm.wave_id)
    there = PaperForm.differing.is_not(None), PaperForm.merged_at.is_(None), PaperForm.id.not_in(own)
    return db.scalar(waiting.where(Wave.programme_id == programme_id, *there)) or 0


def _paper_wave(wave: Wave, lines: Sequence[PaperLine], account: str) -> PaperWave:
    return PaperWave(
        wave,
        once=sum(line.finished == 1 for line in lines),
        twice=sum(line.finished == len(NUMBERS) for line in lines),
        merged=sum(line.is_merged for line in lines),
        to_decide=sum(line.waits_for(account) for line in lines),
    )
