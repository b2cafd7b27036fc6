"""Reads of programmes and the people in them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from itertools import islice

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from evalapp.accounts.viewer import Viewer
from evalapp.core.errors import NotFound
from evalapp.core.ids import PATTERN
from evalapp.core.jobs.queries import get_job, no_such_job
from evalapp.core.jobs.tables import Job
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur, Programme, ProgrammeMember, Registration, StudyIdAlias

IDENTIFIERS_A_QUERY = 5_000  # SQLite binds 32,766 values at most


def get_programme(db: Session, code: str) -> Programme:
    """Return a programme by its code, or raise NotFound."""
    programme = find_programme(db, code)
    if programme is None:
        raise NotFound(Message("There is no programme %(code)s.", code=code))
    return programme


def find_programme(db: Session, code: str) -> Programme | None:
    """Return a programme by its code, or None."""
    return db.scalar(select(Programme).where(Programme.code == code))


def get_programme_for(db: Session, viewer: Viewer, code: str) -> Programme:
    """Return a programme that an account may see, or raise NotFound: what is not theirs is not there for them."""
    programme = db.scalar(programmes_of(viewer).where(Programme.code == code))
    if programme is None:
        raise NotFound(Message("There is no programme %(code)s.", code=code))
    return programme


def list_programmes_of(db: Session, viewer: Viewer) -> Sequence[Programme]:
    """Return the programmes an account may see, the newest first."""
    return db.scalars(programmes_of(viewer).order_by(Programme.created_at.desc(), Programme.id.desc())).all()


def programmes_of(viewer: Viewer) -> Select[Programme]:
    """Return the query of all programmes an account may see."""
    if viewer.sees_every_programme:
        return select(Programme)
    return (
        select(Programme)
        .join(ProgrammeMember, ProgrammeMember.programme_id == Programme.id)
        .where(ProgrammeMember.account_id == viewer.account_id, ProgrammeMember.ended_at.is_(None))
    )


def list_every_programme(db: Session) -> Sequence[Programme]:
    """Return all programmes by code, for administrators who say who may see them."""
    return db.scalars(select(Programme).order_by(Programme.code)).all()


def list_memberships(db: Session) -> dict[int, list[str]]:
    """Return the codes of the programmes that each account, by its key, is a member of now."""
    present = select(ProgrammeMember.account_id, Programme.code).join(Programme, Programme.id == ProgrammeMember.programme_id)
    codes: dict[int, list[str]] = {}
    for account_id, code in db.execute(present.where(ProgrammeMember.ended_at.is_(None)).order_by(Programme.code)):
        codes.setdefault(account_id, []).append(code)
    return codes


def get_job_for(db: Session, viewer: Viewer, key: str) -> Job:
    """Return a background job that an account queued itself, or one of its programmes where it may see runs, or raise NotFound."""
    job = get_job(db, key)
    theirs = viewer.may("run.view") and db.scalar(programmes_of(viewer).where(Programme.code == job.scope)) is not None
    if job.created_by != viewer.code and not theirs:
        raise no_such_job()
    return job


def get_registered(db: Session, programme_id: int, study_id: str) -> Entrepreneur:
    """Return an entrepreneur registered in a programme by study ID or alias, or raise NotFound."""
    person = resolve_people(db, programme_id, [study_id]).get(study_id)
    registered = Registration.programme_id == programme_id, Registration.entrepreneur_id == person
    found = db.scalar(select(Entrepreneur).join(Registration, Registration.entrepreneur_id == Entrepreneur.id).where(*registered))
    if found is None:
        raise NotFound(Message("There is nobody with this study ID in the programme."))
    return found


def plain_identifier(text: str) -> str:
    """Return an identifier as it is stored: our study IDs in capitals, those from elsewhere as they came."""
    capitals = text.upper()
    return capitals if PATTERN.match(capitals) else text


def resolve_people(db: Session, programme_id: int, identifiers: Collection[str]) -> dict[str, int]:
    """Return the entrepreneur's key for each identifier: a study ID, or an alias within the programme. Unknown ones are left out.

    An alias goes before a study ID: the study ID of a merged record is an alias of the record that is kept.
    """
    plain = {identifier: plain_identifier(identifier) for identifier in identifiers}
    found: dict[str, int] = {}
    for some in _chunks(set(plain.values())):
        own = select(Entrepreneur.study_id, Entrepreneur.id).where(Entrepreneur.study_id.in_(some))
        aliases = select(StudyIdAlias.alias, StudyIdAlias.entrepreneur_id)
        of_programme = aliases.where(StudyIdAlias.programme_id == programme_id, StudyIdAlias.alias.in_(some))
        found.update((identifier, key) for identifier, key in db.execute(own))
        found.update((identifier, key) for identifier, key in db.execute(of_programme))
    return {identifier: found[text] for identifier, text in plain.items() if text in found}


def _chunks(values: Collection[str]) -> Iterator[list[str]]:
    rest = iter(sorted(values))
    while some := list(islice(rest, IDENTIFIERS_A_QUERY)):
        yield some


def list_registered(db: Session, programme_id: int) -> set[int]:
    """Return the keys of the entrepreneurs registered in a programme."""
    return set(db.scalars(select(Registration.entrepreneur_id).where(Registration.programme_id == programme_id)))


def list_registration_days(db: Session, programme_id: int) -> dict[int, dt.date]:
    """Return the day each entrepreneur was registered in a programme, by their keys."""
    days = select(Registration.entrepreneur_id, Registration.registered_on).where(Registration.programme_id == programme_id)
    return dict(db.execute(days).all())


def count_registered(db: Session, programme_id: int) -> int:
    """Return how many entrepreneurs are registered in a programme."""
    return db.scalar(select(func.count()).where(Registration.programme_id == programme_id)) or 0
