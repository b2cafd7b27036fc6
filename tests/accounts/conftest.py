"""An account that can sign in, and a clock to set."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pyotp
import pytest

from evalapp.accounts.credentials import passwords
from evalapp.accounts.own.accept_link import accept_link
from evalapp.accounts.own.set_up_second_factor import propose_secret, read_proposal, set_up_second_factor
from evalapp.accounts.resume_sign_in import find_sign_in
from evalapp.accounts.signing_in.sign_in import sign_in
from evalapp.accounts.staff.invite_account import invite_account
from tests.clock import stop_clock

HALF_MINUTE = dt.timedelta(seconds=30)
EMAIL, PASSWORD = "hana@example.org", "otter lamp seven rivers"


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch):
    """Passwords hashed with the least work: these tests are about rules, not about time."""
    monkeypatch.setattr(passwords, "HASHER", passwords.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


@pytest.fixture
def clock(monkeypatch):
    return stop_clock(monkeypatch)


@dataclass
class Person:
    """Somebody with an account, and the secret in their authenticator."""

    code: str
    email: str
    secret: str = ""

    def present_code(self, clock, steps=0):
        return pyotp.TOTP(self.secret).at(clock.instant + steps * HALF_MINUTE)


@pytest.fixture
def join(db, clock):
    """Add people who have joined: `join("administrator", email=…)`; with `set_up` they have an authenticator too."""

    def add(*roles, email=EMAIL, set_up=False):
        invitation = invite_account(db, email, "Kim Hana", roles)
        accept_link(db, invitation.token, "join", PASSWORD)
        person = Person(invitation.code, email)
        if set_up:
            opened = find_sign_in(db, sign_in(db, email, PASSWORD, "test").token)
            sealed = propose_secret(db, person.code, opened.sign_in_id)
            person.secret = read_proposal(db, person.code, opened.sign_in_id, sealed, email).text
            assert set_up_second_factor(db, person.code, opened.sign_in_id, sealed, person.present_code(clock))
            clock.forward(minutes=1)
        return person

    return add
