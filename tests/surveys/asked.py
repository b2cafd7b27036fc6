"""People who can be asked in a wave that is open today, and messages caught on their way."""

from __future__ import annotations

import datetime as dt
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import select

from evalapp.core.clock import now, today
from evalapp.core.messages.messenger import Messenger, Undelivered
from evalapp.people.tables import Consent, Entrepreneur, Registration
from evalapp.people.vault.write_identity import write_identity
from evalapp.surveys.invitations.plan_invitations import Window, plan_invitations
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.tables import Instrument, Wave

ANSWERED_BY = dt.timedelta(days=14)


@dataclass
class Caught:
    """A transport that keeps messages, or refuses those to some addresses."""

    messages: list = field(default_factory=list)
    refuses: dict = field(default_factory=dict)

    def send(self, message):
        if message.to in self.refuses:
            raise Undelivered(self.refuses[message.to])
        self.messages.append(message)


class Asked:
    """A programme's open wave and its people."""

    def __init__(self, db, programme):
        self.db, self.programme = db, programme
        self.caught = Caught()
        self.messenger = Messenger({"sms": self.caught, "email": self.caught}, "https://survey.example.org")
        self.wave = self.add_wave("fu1", -1, 30)
        self.count = 0

    def add_wave(self, code, opens, closes, **more):
        instrument = self.db.scalar(select(Instrument)) or Instrument(
            code="form", version="2026010101", definition="{}", sha256="0" * 64, published_at=now()
        )
        self.add(instrument)
        count = len(self.db.scalars(select(Wave).where(Wave.programme_id == self.programme.id)).all())
        opens_on, closes_on = (today() + dt.timedelta(days=days) for days in (opens, closes))
        wave = Wave(
            programme_id=self.programme.id, instrument_id=instrument.id, code=code, round=count + 1, label_ko=code, label_en=code,
            opens_on=opens_on, closes_on=closes_on, survey_year=opens_on.year, **{"second_secret": "birth_year", **more},
        )  # fmt: skip
        return self.add(wave)

    def add(self, thing):
        self.db.add(thing)
        self.db.flush()
        return thing

    def person(self, *, consent=True, registered_on=None, **identity):
        """Add someone who consents and has a telephone, unless told otherwise."""
        self.count += 1
        person = self.add(Entrepreneur(study_id=f"PI-{self.count:04d}-0", created_at=now()))
        ids = {"programme_id": self.programme.id, "entrepreneur_id": person.id}
        self.add(Registration(**ids, registered_on=registered_on or today() - dt.timedelta(days=30)))
        if consent:
            self.add(Consent(**ids, purpose="survey", text_version="1", given_on=today() - dt.timedelta(days=30)))
        known = {"phone": f"010-1234-{self.count:04d}", "birth_date": "1985-03-02", **identity}
        write_identity(self.db, person.id, {name: value for name, value in known.items() if value})
        return person

    def invite(self, person, wave=None):
        """Plan an invitation for one person and return it."""
        wave = wave or self.wave
        planned = self.db.scalars(select(Invitation).where(Invitation.wave_id == wave.id)).all()
        windows = {i.entrepreneur_id: Window(i.opens_on, i.due_on, i.closes_on) for i in planned}
        windows[person.id] = Window(wave.opens_on, wave.opens_on + ANSWERED_BY, wave.closes_on)
        plan_invitations(self.db, wave, windows)
        of_person = Invitation.wave_id == wave.id, Invitation.entrepreneur_id == person.id
        return self.db.scalars(select(Invitation).where(*of_person)).one()

    @contextmanager
    def writing(self):
        """Stand in for an edge's transactions: all of a test is one."""
        with self.db.begin_nested():
            yield self.db
