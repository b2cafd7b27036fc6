"""A device is let in by its own name and password, for a while, and no further than its interviewer."""

from __future__ import annotations

import base64
import datetime as dt
import json
import zlib

import pytest
from sqlalchemy import select

from evalapp.accounts.limit_attempts import TooManyAttempts
from evalapp.accounts.tables import Account, RoleGrant
from evalapp.core.clock import now, today
from evalapp.core.errors import AppError
from evalapp.people.tables import ProgrammeMember
from evalapp.surveys.openrosa.devices.add_device import LONGEST_LIFE, add_device
from evalapp.surveys.openrosa.devices.open_device import FAILURES, FROM_ONE_ADDRESS, open_device
from evalapp.surveys.openrosa.devices.revoke_device import revoke_device
from evalapp.surveys.openrosa.devices.settings_code import settings_text
from evalapp.surveys.openrosa.tables import OpenRosaDevice

DAY = dt.timedelta(days=1)


def row_of(field):
    return field.db.get_one(OpenRosaDevice, field.added.device_id)


def opened(field, password=None, code=None):
    return open_device(field.db, code or field.programme.code, field.added.username, password or field.added.password)


def test_the_password_is_nowhere_but_on_the_device(field):
    row = row_of(field)
    assert len(field.added.password) == 32
    stored = {column.name: str(getattr(row, column.name)) for column in OpenRosaDevice.__table__.columns}
    assert not any(field.added.password in text for text in stored.values())
    assert opened(field).account == field.account
    assert row.last_used_at is not None


def test_a_wrong_name_or_password_opens_nothing(field):
    assert opened(field, "x" * 32) is None
    assert open_device(field.db, field.programme.code, "d-nobody", field.added.password) is None
    assert open_device(field.db, field.programme.code, "x" * 5_000, "") is None


def test_ten_wrong_passwords_lock_a_device_for_a_while(field):
    for _ in range(FAILURES):
        opened(field, "wrong")
    assert opened(field) is None
    row_of(field).locked_until = now()
    assert opened(field).refusal is None
    assert row_of(field).failed_attempts == 0


def test_an_address_that_tries_and_tries_is_stopped(field):
    for number in range(FROM_ONE_ADDRESS.most):
        open_device(field.db, field.programme.code, f"d-{number}", "x")
    with pytest.raises(TooManyAttempts):
        opened(field)


def shut_out(field):
    revoke_device(field.db, row_of(field))


def expire(field):
    row_of(field).expires_on = today() - DAY


def end_membership(field):
    account = field.db.scalars(select(Account.id).where(Account.code == field.account)).one()
    field.db.scalars(select(ProgrammeMember).where(ProgrammeMember.account_id == account)).one().ended_at = now()


def take_role(field):
    account = field.db.scalars(select(Account.id).where(Account.code == field.account)).one()
    field.db.scalars(select(RoleGrant).where(RoleGrant.account_id == account)).one().revoked_at = now()


def suspend(field):
    field.db.scalars(select(Account).where(Account.code == field.account)).one().state = "suspended"


@pytest.mark.parametrize("end", [shut_out, expire, end_membership, take_role, suspend])
def test_what_ends_a_device_is_said_to_whoever_has_it(field, end):
    end(field)
    field.db.flush()
    assert opened(field).refusal is not None


def test_a_device_opens_no_other_programme(field):
    assert opened(field, code="other").refusal is not None


@pytest.mark.parametrize("days", [-1, LONGEST_LIFE.days + 1])
def test_a_device_lives_half_a_year_at_most(field, days):
    with pytest.raises(AppError):
        add_device(field.db, field.programme, "Tablet", field.account, today() + days * DAY)


def test_only_interviewers_of_the_programme_have_devices(field):
    trainer = field.add_interviewer("trainer")
    for account in (trainer, "AC-NOBODY"):
        with pytest.raises(AppError):
            add_device(field.db, field.programme, "Tablet", account, today())


def test_the_code_to_scan_holds_what_collect_reads():
    text = settings_text("https://x.org/openrosa/pi", "d-1", "secret", "AC-1", "프로그램")
    settings = json.loads(zlib.decompress(base64.b64decode(text)))
    assert settings["general"]["server_url"] == "https://x.org/openrosa/pi"
    assert (settings["general"]["username"], settings["general"]["password"]) == ("d-1", "secret")
    assert settings["general"]["form_update_mode"] == "match_exactly"
    assert settings["project"] == {"name": "프로그램"}
    assert settings["admin"] == {}
