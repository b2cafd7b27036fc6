"""Somebody who has really joined: with a password, and an authenticator where wished."""

from __future__ import annotations

import pyotp
from argon2 import PasswordHasher

from evalapp.accounts.credentials import passwords
from evalapp.accounts.own.accept_link import accept_link
from evalapp.accounts.queries import get_account
from evalapp.accounts.staff.invite_account import invite_account
from evalapp.accounts.tables import Account
from tests.web.site import Site, send

EMAIL, PASSWORD = "hana@example.org", "otter lamp seven rivers"
passwords.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # these tests are about rules, not about time
IN_THE_APP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def join(site: Site, *roles: str, email: str = EMAIL, secret: str = "") -> str:
    """Add an account that has chosen its password and, with a secret, set up an authenticator; returns its code."""
    with site.transaction("terminal") as db:
        invitation = invite_account(db, email, "Kim Hana", roles)
        accept_link(db, invitation.token, "join", PASSWORD)
        if secret:
            account = db.query(Account).filter_by(code=invitation.code).one()
            account.totp_sealed = site.keys.seal(secret, f"account:{account.code}:totp")
            account.totp_confirmed_at = account.created_at
    return invitation.code


def facts(site: Site, code: str):
    """Return an account as administrators see it."""
    with site.transaction() as db:
        return get_account(db, code)


def give_password(client, *, email: str = EMAIL, typed: str = PASSWORD, back: str = ""):
    """Send the form of the sign-in page."""
    return send(client, "/sign-in", {"email": email, "password": typed, "back": back})


def present_code(clock, secret: str = IN_THE_APP) -> str:
    """Return the code an authenticator shows now."""
    return pyotp.TOTP(secret).at(clock.instant)
