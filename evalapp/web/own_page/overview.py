"""The page itself: consents, what comes next, what was handed in, what was asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import g, render_template
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.people.consents.queries import PurposeConsent, find_consent_text, list_consents
from evalapp.people.rights.queries import list_requests_of
from evalapp.surveys.own_page.queries import list_handed_in, list_own_programmes, list_own_surveys
from evalapp.training.sessions.own_sessions import list_coming_days
from evalapp.web.access import public
from evalapp.web.answering.cookie import OWN_PAGE
from evalapp.web.forms import Form
from evalapp.web.own_page.place import Answer, blueprint, own
from evalapp.web.transactions import reading_db


@dataclass(frozen=True)
class Agreed:
    """One purpose as it stands in one programme, with the text that was agreed to, where one is published."""

    programme_id: int
    consent: PurposeConsent
    text: str


@blueprint.get("")
@public
def show() -> Answer:
    """Show a person what concerns them, or to whoever is not known yet the entrance."""
    if not OWN_PAGE.read():
        return render_template("own_page/entrance.html", form=Form(), token="")
    with reading_db() as db:
        person = own(db)
        return render_template(
            "own_page/show.html",
            person=person,
            agreed=list(_agreed(db, person)),
            surveys=list_own_surveys(db, person, today()),
            sessions=list_coming_days(db, person.id, today()),
            handed_in=list_handed_in(db, person),
            requests=list_requests_of(db, person.id),
            today=today(),
        )


def _agreed(db: Session, person: Any) -> Iterator[Agreed]:
    for programme in list_own_programmes(db, person):
        for consent in list_consents(db, programme.id, person.id):
            if consent.state != "not_asked":
                text = find_consent_text(db, programme.id, consent.purpose, consent.version or "", consent.language or g.language)
                yield Agreed(programme.id, consent, text.text if text else "")
