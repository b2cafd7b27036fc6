"""People on their own page, and what a site knows of them."""

from __future__ import annotations

import json
import re

from sqlalchemy import select

from evalapp.people.tables import Entrepreneur
from evalapp.people.vault.write_identity import write_identity
from tests.web.answering.surveys import open_survey
from tests.web.site import send

NAME, PHONE, BORN = "김하늘", "010-1234-5678", "1985-03-02"


class Visitor:
    """Somebody who was invited to a survey, with a browser of their own; `phone` says whether we can send them a code."""

    def __init__(self, site, folder, *, phone=False, **invited):
        self.site, self.folder = site, folder
        site.account("program_officer", programmes=("pi",))
        self.client = site.client()
        self.invited = open_survey(site, **invited)
        self.study_id = self.invited.study_id
        identity = {"name": NAME, "birth_date": BORN, **({"phone": PHONE} if phone else {})}
        with site.transaction() as db:
            write_identity(db, self.person(db).id, identity)

    def person(self, db):
        return db.scalars(select(Entrepreneur).where(Entrepreneur.study_id == self.study_id)).one()

    def enter(self, digits="1985", **fields):
        return send(self.client, "/me", {"number": self.study_id, "secret": digits, **fields})

    @property
    def code(self):
        """The code of the last message that left."""
        last = max((self.folder / "outbox").iterdir())
        return re.search(r"\b\d{6}\b", json.loads(last.read_text(encoding="utf-8"))["text"])[0]
