"""A running installation for tests of pages: staff who are signed in, and programmes they are members of."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from evalapp.accounts.resume_sign_in import token_hash
from evalapp.accounts.tables import Account, RoleGrant, SignIn
from evalapp.core.actor import Actor
from evalapp.core.clock import now
from evalapp.core.db import transaction
from evalapp.people.tables import Programme, ProgrammeMember

LONG_AGO = dt.timedelta(hours=1)


class Site:
    """One installation. `client(role)` is a browser of someone who holds the role, second factor given, password just entered."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.engine = app.extensions["evalapp.engine"]
        self.keys = app.extensions["evalapp.keys"]
        self.count = 0

    def transaction(self, account: str = "AC-TEST-1", role: str = "program_officer") -> Any:
        """One transaction with an actor and the installation's keys."""
        return transaction(self.engine, actor=Actor(account, role, "127.0.0.1", "test"), keys=self.keys)

    def account(self, *roles: str, programmes: tuple[str, ...] = ()) -> str:
        """Add an active account and return its code. `programmes` are made where they do not exist."""
        self.count += 1
        code, email = f"AC-T{self.count:03d}", f"staff{self.count}@example.org"
        with self.transaction() as db:
            account = Account(
                code=code,
                email_sealed=self.keys.seal(email, f"account:{code}:email"),
                email_index=self.keys.blind_index(email, "account:email"),
                name_sealed=self.keys.seal(f"Staff {self.count}", f"account:{code}:name"),
                state="active",
                totp_sealed=self.keys.seal("JBSWY3DPEHPK3PXP", f"account:{code}:totp"),
                totp_confirmed_at=now(),
                created_at=now(),
            )
            db.add(account)
            db.flush()
            db.add_all(RoleGrant(account_id=account.id, role=role, granted_by="terminal", granted_at=now()) for role in roles)
            for programme in programmes:
                found = db.query(Programme).filter_by(code=programme).one_or_none() or _programme(programme)
                db.add(found)
                db.flush()
                db.add(ProgrammeMember(programme_id=found.id, account_id=account.id, added_by="terminal", added_at=now()))
        return code

    def client(self, *roles: str, programmes: tuple[str, ...] = (), language: str = "en") -> FlaskClient:
        """Return a browser that is signed in as a new account with these roles; without roles, a visitor's."""
        client = self.app.test_client()
        client.set_cookie("language", language)
        if roles:
            self.sign_in(client, self.account(*roles, programmes=programmes))
        return client

    def sign_in(self, client: FlaskClient, code: str, *, confirmed: bool = True) -> str:
        """Give a browser a living sign-in of an account; returns its token."""
        token = secrets.token_urlsafe(32)
        with self.transaction() as db:
            account = db.query(Account).filter_by(code=code).one()
            db.add(
                SignIn(
                    account_id=account.id,
                    token_hash=token_hash(token),
                    address="127.0.0.1",
                    device="test",
                    started_at=now(),
                    seen_at=now(),
                    second_factor_at=now(),
                    confirmed_at=now() if confirmed else now() - LONG_AGO,
                )
            )
        client.set_cookie("sign-in", token)
        return token


def _programme(code: str) -> Programme:
    return Programme(code=code, name_ko=f"프로그램 {code}", name_en=f"Programme {code}", created_at=now())


def csrf_token(page: str) -> str:
    """Return the token that the forms of a page carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found, "the page has no form with a csrf_token"
    return found[1]


def send(client: FlaskClient, path: str, data: dict[str, Any] | None = None, *, page: str | None = None, **options: Any) -> Any:
    """Open the page that holds the form (default: the address itself) and post it with its token."""
    token = csrf_token(client.get(page or path).text)
    return client.post(path, data={"csrf_token": token, **(data or {})}, **options)


def asks_for_password(answer: Any) -> bool:
    """Say whether an answer to a form is the page that keeps the form and asks for the password first."""
    return answer.status_code == 422 and 'name="held_form"' in answer.text
