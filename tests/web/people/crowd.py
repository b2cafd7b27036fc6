"""People put into a site's programme, for tests of their pages."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import today
from evalapp.people.consents.answer_consent import Asked, give_consent
from evalapp.people.consents.publish_consent_text import publish_consent_text
from evalapp.people.queries import get_programme
from evalapp.people.registration.person_details import read_person
from evalapp.people.registration.register_people import register_entrepreneur
from evalapp.people.tables import Entrepreneur

PEOPLE = "/programmes/pi/people"
TEXTS = {"ko": "설문에 동의합니다.", "en": "I agree to the survey."}


def enter(site, *, key="1", days_ago=10, **cells):
    """Register somebody in `pi` and return the study ID; the name is made up unless given."""
    with site.transaction() as db:
        details = read_person({"name": "김하늘", **cells})
        person = register_entrepreneur(db, get_programme(db, "pi"), details, f"crowd-{key}", today() - dt.timedelta(days=days_ago))
        return person.study_id


def publish(site, *purposes, version="v1", months=12):
    """Publish a text for some purposes."""
    with site.transaction() as db:
        for purpose in purposes:
            publish_consent_text(db, get_programme(db, "pi"), purpose, version, TEXTS, months)


def consent(site, study_id, purpose="survey", *, days_ago=5, version="v1"):
    """Let somebody consent some days ago."""
    with site.transaction() as db:
        asked = Asked(purpose, version, "ko")
        give_consent(db, get_programme(db, "pi"), person_of(db, study_id), asked, today() - dt.timedelta(days=days_ago))


def person_of(db, study_id):
    return db.scalars(select(Entrepreneur).where(Entrepreneur.study_id == study_id)).one()


def count_people(site):
    with site.transaction() as db:
        return len(db.scalars(select(Entrepreneur.id)).all())


def entries(site, action):
    with site.transaction() as db:
        return db.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.number)).all()


def everything_logged(site):
    """Return all that the audit log holds, as one text."""
    with site.transaction() as db:
        rows = db.scalars(select(AuditEntry)).all()
        return " ".join(f"{row.object_key} {row.subject} {row.before} {row.after} {row.reason}" for row in rows)
