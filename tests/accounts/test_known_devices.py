"""Browsers that are known: what strangers try does not keep an account's owner out, and a mark opens nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import select

from evalapp.accounts.hold_account import hold_account
from evalapp.accounts.limit_attempts import TooManyAttempts
from evalapp.accounts.resume_sign_in import find_sign_in
from evalapp.accounts.signing_in.confirm_password import confirm_password
from evalapp.accounts.signing_in.give_second_factor import give_second_factor
from evalapp.accounts.signing_in.known_devices import OF_ONE_DEVICE, find_device, new_mark
from evalapp.accounts.signing_in.lockout import FAILURES, is_locked_for_strangers
from evalapp.accounts.signing_in.sign_in import FROM_ONE_ADDRESS, sign_in
from evalapp.core.audit.tables import AuditEntry
from tests.accounts.conftest import EMAIL, PASSWORD
from tests.conftest import ACTOR, KEYS


def sit_at(db, *marks, address="127.0.0.1"):
    """Go on from a browser that keeps these marks."""
    db.info["actor"] = replace(ACTOR, address=address, device_marks=tuple(marks))


def fail(db, times, email=EMAIL):
    for _ in range(times):
        assert sign_in(db, email, "not the password", "test") is None


@pytest.fixture
def at_work(db, join):
    """Somebody with both factors, and the mark in their own browser."""
    person = join("administrator", set_up=True)
    person.mark = new_mark(KEYS, person.code)
    sit_at(db)
    return person


def lock(db, person):
    sit_at(db, address="10.0.0.66")
    fail(db, FAILURES)
    assert is_locked_for_strangers(hold_account(db, person.code))
    assert sign_in(db, EMAIL, PASSWORD, "test") is None


def test_a_stranger_locks_strangers_out_and_not_the_owner_at_a_known_browser(db, at_work, clock):
    lock(db, at_work)
    sit_at(db, at_work.mark)
    half = find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token)
    sit_at(db, at_work.mark)
    clock.forward(minutes=1)
    done = give_second_factor(db, at_work.code, half.sign_in_id, at_work.present_code(clock))
    opened = find_sign_in(db, done.token)
    assert confirm_password(db, at_work.code, opened.sign_in_id, PASSWORD)
    assert is_locked_for_strangers(hold_account(db, at_work.code)), "a guesser gets no new tries by it"
    sit_at(db, address="10.0.0.66")
    assert sign_in(db, EMAIL, PASSWORD, "test") is None


def test_a_known_browser_has_tries_of_its_own_and_then_is_a_stranger(db, at_work, clock):
    sit_at(db, at_work.mark)
    fail(db, OF_ONE_DEVICE.most)
    assert hold_account(db, at_work.code).failed_attempts == 0
    fail(db, FAILURES)
    assert sign_in(db, EMAIL, PASSWORD, "test") is None
    clock.forward(hours=1)
    assert sign_in(db, EMAIL, PASSWORD, "test")


def test_wrong_codes_and_passwords_of_a_known_browser_count_for_it(db, at_work):
    sit_at(db, at_work.mark)
    half = find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token)
    sit_at(db, at_work.mark)
    for _ in range(OF_ONE_DEVICE.most):
        assert give_second_factor(db, at_work.code, half.sign_in_id, "000000") is None
    assert hold_account(db, at_work.code).failed_attempts == 0
    assert give_second_factor(db, at_work.code, half.sign_in_id, "000000") is None
    assert hold_account(db, at_work.code).failed_attempts == 1


def test_a_neighbour_who_uses_up_the_tries_of_an_address_does_not_stop_a_known_browser(db, at_work):
    sit_at(db)
    for number in range(FROM_ONE_ADDRESS.most):
        fail(db, 1, f"guess{number}@example.org")
    with pytest.raises(TooManyAttempts):
        sign_in(db, EMAIL, PASSWORD, "test")
    sit_at(db, at_work.mark)
    assert sign_in(db, EMAIL, PASSWORD, "test")


def test_a_mark_is_good_for_one_account_half_a_year_and_unaltered(db, at_work, join, clock):
    other = join("trainer", email="other@example.org")
    name, mark = at_work.mark
    body, _, seal = mark.rpartition(".")
    secret, _, until = body.partition(".")
    for wrong in (
        (name, ""), (name, "."), (name, ".."), (name, f"{secret}.{int(until) + 1}.{seal}"), (name, f"{'0' * 32}.{until}.{seal}"),
        ("other", mark), (new_mark(KEYS, other.code)[0], mark), (name, new_mark(KEYS, other.code)[1]), (name, "é.é.é"),
    ):  # fmt: skip
        sit_at(db, wrong)
        assert find_device(db, at_work.code) is None
        assert find_device(db, other.code) is None
    sit_at(db, at_work.mark)
    assert find_device(db, at_work.code) == secret
    clock.forward(days=180)
    assert find_device(db, at_work.code) is None


def test_a_mark_does_not_say_whose_it_is(at_work):
    assert at_work.code not in "".join(at_work.mark)
    assert new_mark(KEYS, at_work.code)[0] == at_work.mark[0]
    assert new_mark(KEYS, at_work.code)[1] != at_work.mark[1]


def test_two_accounts_in_one_browser_are_noted_for_the_reviewer(db, join):
    one, other = join("trainer"), join("funder", email="other@example.org")
    sit_at(db, new_mark(KEYS, one.code))
    sign_in(db, EMAIL, PASSWORD, "test")
    assert shared(db) == []
    sit_at(db, new_mark(KEYS, one.code), ("unknown", "mark"))
    sign_in(db, "other@example.org", PASSWORD, "test")
    assert shared(db) == [(other.code, f'{{"accounts": ["{one.code}"]}}')]


def shared(db):
    found = db.scalars(select(AuditEntry).where(AuditEntry.action == "browser_shared"))
    return [(entry.object_key, entry.after) for entry in found]
