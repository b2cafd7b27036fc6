"""The people of a programme by how their consent to the survey stands, in SQL, so that a list of any length can be narrowed by it.

The groups part everybody; `consents.consent_states` says the same of one person, and a test holds the two together.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased

from evalapp.people.consents.queries import consenting_people, ending_consents
from evalapp.people.tables import Consent, Registration

PURPOSE = "survey"
ENDING_DAYS: Final = 14
GROUPS: Final = ("valid", "ending", "expired", "requested", "said_no", "not_asked")


def in_consent_group(programme_id: int, group: str, on: dt.date) -> ColumnElement[bool]:
    """Return the condition that a registered person is in one of GROUPS on a day; `ending` is the part of `valid` that ends soon."""
    person = Registration.entrepreneur_id
    standing = person.in_(consenting_people(programme_id, PURPOSE, on, expired_too=True))
    asked, refused = person.in_(_asked(programme_id, on)), person.in_(_said_no(programme_id, on))
    conditions = {
        "valid": person.in_(consenting_people(programme_id, PURPOSE, on)),
        "ending": person.in_(ending_consents(programme_id, PURPOSE, on, ENDING_DAYS)),
        "expired": and_(standing, person.not_in(consenting_people(programme_id, PURPOSE, on))),
        "requested": and_(~standing, asked),
        "said_no": and_(~standing, ~asked, refused),
        "not_asked": and_(~standing, ~asked, ~refused),
    }
    return conditions[group]


def _asked(programme_id: int, on: dt.date) -> Select[int]:
    """Select the people with an open question: asked by a day, not answered, and no no at the same time or since."""
    question, no = aliased(Consent), aliased(Consent)
    no_since = or_(
        *(
            and_(day <= on, or_(day > question.asked_on, and_(day == question.asked_on, no.id >= question.id)))
            for day in (no.withdrawn_on, no.refused_on)
        )
    )
    of_the_same = (
        no.programme_id == programme_id, no.entrepreneur_id == question.entrepreneur_id, no.purpose == PURPOSE,
    )  # fmt: skip
    return select(question.entrepreneur_id).where(
        question.programme_id == programme_id,
        question.purpose == PURPOSE,
        question.asked_on <= on,
        question.given_on.is_(None),
        question.refused_on.is_(None),
        ~select(no.id).where(*of_the_same, no_since).exists(),
    )


def _said_no(programme_id: int, on: dt.date) -> Select[int]:
    no = aliased(Consent)
    return select(no.entrepreneur_id).where(
        no.programme_id == programme_id, no.purpose == PURPOSE, or_(no.withdrawn_on <= on, no.refused_on <= on)
    )
