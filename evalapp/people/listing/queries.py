"""Reads of the people of a programme, a page at a time, and of the lists that someone keeps."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased

from evalapp.accounts.viewer import Viewer
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.consents.consent_states import State, consent_state
from evalapp.people.contacts.queries import due_contacts, seoul_day
from evalapp.people.contacts.tables import ContactAttempt, ProgrammeExit
from evalapp.people.listing.consent_groups import PURPOSE, in_consent_group
from evalapp.people.tables import Consent, Entrepreneur, Programme, Registration, SavedView, StudyIdAlias

PEOPLE_A_PAGE: Final = 50
CONTACTS: Final = ("due", "planned", "never")
PRESENCE: Final = ("here", "left")
SORTS: Final = ("registered", "study_id", "last_contact", "next_contact")


@dataclass(frozen=True)
class PeopleFilter:
    """Whom to list: by consent (GROUPS), way of recruitment, contact (CONTACTS), presence (PRESENCE); None asks nothing.

    `among` narrows the list to the people of another query: a cohort, what a search found.
    """

    consent: str | None = None
    channel: str | None = None
    contact: str | None = None
    presence: str | None = None
    among: Select[int] | Collection[int] | None = None


@dataclass(frozen=True)
class PersonLine:
    """One person as a list shows them. `consent` is the state of the consent to the survey."""

    id: int
    study_id: str
    registered_on: dt.date
    recruitment_channel: str | None
    last_contact_at: dt.datetime | None
    next_on: dt.date | None
    left_on: dt.date | None
    consent: State

    @property
    def last_contact_on(self) -> dt.date | None:
        """The day of the last try at reaching the person, in Seoul."""
        return seoul_day(self.last_contact_at) if self.last_contact_at else None


@dataclass(frozen=True)
class PeoplePage:
    """One page of a list: its people, its number, how many pages and how many people there are."""

    lines: Sequence[PersonLine]
    page: int
    pages: int
    people: int


def list_people(
    db: Session, programme_id: int, wanted: PeopleFilter, on: dt.date, sort: str = "registered", page: int = 1
) -> PeoplePage:
    """Return a page of a programme's people as they stand on a day; a page beyond the last is the last."""
    conditions = _conditions(programme_id, wanted, on)
    people = db.scalar(select(func.count()).select_from(Registration).where(*conditions)) or 0
    pages = max(1, -(-people // PEOPLE_A_PAGE))
    shown = min(max(page, 1), pages)
    of_page = _rows(programme_id, sort).where(*conditions).limit(PEOPLE_A_PAGE).offset((shown - 1) * PEOPLE_A_PAGE)
    rows = db.execute(of_page).mappings().all()
    states = _consent_states(db, programme_id, [row["id"] for row in rows], on)
    return PeoplePage([PersonLine(**row, consent=states[row["id"]]) for row in rows], shown, pages, people)


def _conditions(programme_id: int, wanted: PeopleFilter, on: dt.date) -> list[ColumnElement[bool]]:
    person = Registration.entrepreneur_id
    conditions: list[ColumnElement[bool]] = [Registration.programme_id == programme_id]
    if wanted.consent:
        conditions.append(in_consent_group(programme_id, wanted.consent, on))
    if wanted.channel:
        conditions.append(Registration.recruitment_channel == wanted.channel)
    if wanted.contact:
        conditions.append(_contacted(programme_id, wanted.contact, on))
    if wanted.presence:
        gone = aliased(ProgrammeExit)
        left = person.in_(select(gone.entrepreneur_id).where(gone.programme_id == programme_id))
        conditions.append(left if wanted.presence == "left" else ~left)
    if wanted.among is not None:
        conditions.append(person.in_(wanted.among))
    return conditions


def _contacted(programme_id: int, contact: str, on: dt.date) -> ColumnElement[bool]:
    person = Registration.entrepreneur_id
    if contact == "due":
        return person.in_(due_contacts(programme_id, on))
    if contact == "planned":
        return person.in_(due_contacts(programme_id, dt.date.max)) & person.not_in(due_contacts(programme_id, on))
    attempt = aliased(ContactAttempt)
    return person.not_in(select(attempt.entrepreneur_id).where(attempt.programme_id == programme_id))


def _rows(programme_id: int, sort: str) -> Select[Any]:
    attempt = aliased(ContactAttempt)
    newest = (
        func.row_number()
        .over(partition_by=attempt.entrepreneur_id, order_by=(attempt.at.desc(), attempt.id.desc()))
        .label("newest")
    )
    attempts = select(attempt.entrepreneur_id, attempt.at, attempt.next_on, newest).where(attempt.programme_id == programme_id)
    last, left = attempts.subquery(), aliased(ProgrammeExit)
    order = {
        "registered": (Registration.registered_on.desc(), Registration.id.desc()),
        "study_id": (Entrepreneur.study_id,),
        "last_contact": (last.c.at.is_not(None), last.c.at, Registration.id),
        "next_contact": (last.c.next_on.is_(None), last.c.next_on, Registration.id),
    }
    return (
        select(
            Entrepreneur.id, Entrepreneur.study_id, Registration.registered_on, Registration.recruitment_channel,
            last.c.at.label("last_contact_at"), last.c.next_on, left.left_on,
        )
        .join(Registration, Registration.entrepreneur_id == Entrepreneur.id)
        .outerjoin(last, (last.c.entrepreneur_id == Entrepreneur.id) & (last.c.newest == 1))
        .outerjoin(left, (left.entrepreneur_id == Entrepreneur.id) & (left.programme_id == programme_id))
        .order_by(*order[sort])
    )  # fmt: skip


def _consent_states(db: Session, programme_id: int, people: Collection[int], on: dt.date) -> dict[int, State]:
    rows: dict[int, list[Consent]] = defaultdict(list)
    of_page = Consent.programme_id == programme_id, Consent.purpose == PURPOSE, Consent.entrepreneur_id.in_(people)
    for row in db.scalars(select(Consent).where(*of_page).order_by(Consent.id)):
        rows[row.entrepreneur_id].append(row)
    return {person: consent_state(rows[person], on) for person in people}


@dataclass(frozen=True)
class RegistrationFacts:
    """How a person came to a programme, what else they are known by there, and in how many other programmes they are."""

    registered_on: dt.date
    recruitment_channel: str | None
    aliases: tuple[str, ...]
    other_programmes: int


def get_registration(db: Session, programme_id: int, person: Entrepreneur) -> RegistrationFacts:
    """Return the facts of a registration, or raise NotFound."""
    found = select(Registration.registered_on, Registration.recruitment_channel)
    here = db.execute(
        found.where(Registration.programme_id == programme_id, Registration.entrepreneur_id == person.id)
    ).one_or_none()
    if here is None:
        raise NotFound(Message("There is nobody with this study ID in the programme."))
    known = select(StudyIdAlias.alias).where(StudyIdAlias.programme_id == programme_id, StudyIdAlias.entrepreneur_id == person.id)
    elsewhere = select(func.count()).where(Registration.entrepreneur_id == person.id, Registration.programme_id != programme_id)
    return RegistrationFacts(*here, tuple(db.scalars(known.order_by(StudyIdAlias.alias))), db.scalar(elsewhere) or 0)


def find_registered_by_key(db: Session, programme_id: int, key: str) -> Entrepreneur | None:
    """Return whom a form registered in a programme, or None where it was not sent before."""
    registered = select(Entrepreneur).join(Registration, Registration.entrepreneur_id == Entrepreneur.id)
    return db.scalar(registered.where(Registration.programme_id == programme_id, Registration.key == key))


def list_saved_views(db: Session, viewer: Viewer, programme: Programme) -> Sequence[SavedView]:
    """Return the lists that an account keeps in a programme, by name."""
    return db.scalars(_views(viewer, programme).order_by(SavedView.name)).all()


def get_saved_view(db: Session, viewer: Viewer, programme: Programme, view_id: int) -> SavedView:
    """Return one list that an account keeps, or raise NotFound."""
    found = db.scalar(_views(viewer, programme).where(SavedView.id == view_id))
    if found is None:
        raise NotFound(Message("You keep no such list."))
    return found


def _views(viewer: Viewer, programme: Programme) -> Select[SavedView]:
    return select(SavedView).where(SavedView.programme_id == programme.id, SavedView.account_id == viewer.account_id)
