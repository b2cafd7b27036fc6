"""Coming in: the same answer to every wrong try, limits on guessing, two factors, one sign-in, two clocks."""

from __future__ import annotations

import pytest
from argon2 import PasswordHasher
from sqlalchemy import func, select

from evalapp.accounts.credentials import passwords
from evalapp.accounts.credentials.recovery_codes import replace_recovery_codes
from evalapp.accounts.end_sign_in import end_other_sign_ins, end_sign_in
from evalapp.accounts.hold_account import hold_account
from evalapp.accounts.limit_attempts import Limit, TooManyAttempts, note_attempt, refuse_if_exhausted
from evalapp.accounts.queries import list_sign_ins
from evalapp.accounts.resume_sign_in import find_sign_in, touch_sign_in
from evalapp.accounts.signing_in.confirm_password import confirm_password
from evalapp.accounts.signing_in.give_second_factor import give_second_factor
from evalapp.accounts.signing_in.lockout import FAILURES
from evalapp.accounts.signing_in.sign_in import FROM_ONE_ADDRESS, sign_in
from evalapp.accounts.staff.suspend_account import suspend_account
from evalapp.accounts.tables import Attempt, SignIn
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.errors import NotFound
from tests.accounts.conftest import EMAIL, PASSWORD


def actions(db, code=None):
    entries = select(AuditEntry).order_by(AuditEntry.number)
    return [entry.action for entry in db.scalars(entries) if code is None or entry.object_key == code]


def fail(db, times, email=EMAIL):
    for _ in range(times):
        assert sign_in(db, email, "not the password", "test") is None


def forget_addresses(db):
    """Let the limit by address play no part."""
    db.query(Attempt).delete()


def complete(db, clock, person):
    """Come in with both factors and return the living sign-in."""
    opened = sign_in(db, person.email, PASSWORD, "test")
    half = find_sign_in(db, opened.token)
    clock.forward(minutes=1)
    return find_sign_in(db, give_second_factor(db, person.code, half.sign_in_id, person.present_code(clock)).token)


def test_the_right_password_opens_a_sign_in_however_the_address_is_written(db, join):
    person = join("trainer")
    opened = sign_in(db, f"  {EMAIL.upper()} ", PASSWORD, "Firefox, Linux")
    assert opened.asks_for == "nothing"
    found = find_sign_in(db, opened.token)
    assert (found.viewer.code, found.viewer.name, found.viewer.roles) == (person.code, "Kim Hana", {"trainer"})
    assert (found.needs_second_factor, found.must_set_up_second_factor) == (False, False)
    entry = db.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
    assert (entry.action, entry.account, entry.object_key) == ("sign_in_opened", person.code, person.code)


def test_an_unknown_address_a_wrong_password_and_a_suspended_account_get_the_same_answer(db, join):
    person, other = join("trainer"), join("trainer", email="other@example.org")
    suspend_account(db, other.code)
    for email, password in (("nobody@example.org", PASSWORD), (EMAIL, "wrong"), (other.email, PASSWORD)):
        assert sign_in(db, email, password, "test") is None
    failed = [entry for entry in db.scalars(select(AuditEntry)) if entry.action == "sign_in_failed"]
    assert [entry.object_key for entry in failed] == ["", person.code, other.code]
    assert not any("@" in f"{entry.before}{entry.after}{entry.reason}{entry.object_key}" for entry in failed)


def test_an_unknown_address_costs_the_same_work(db, join, monkeypatch):
    join("trainer")
    compared = []
    matches = passwords.password_matches
    monkeypatch.setattr(
        "evalapp.accounts.signing_in.sign_in.password_matches", lambda *both: compared.append(both) or matches(*both)
    )
    fail(db, 1, "nobody@example.org")
    fail(db, 1)
    assert len(compared) == 2
    monkeypatch.setattr(passwords, "_nobodys_hash", lambda: passwords.hash_password("guessed"))
    assert not passwords.password_matches(None, "guessed"), "nobody's password opens nothing even if it is guessed"


def test_a_password_hashed_with_yesterdays_parameters_is_hashed_anew(db, join):
    person = join("trainer")
    account = hold_account(db, person.code)
    account.password_hash = old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    assert sign_in(db, EMAIL, PASSWORD, "test")
    assert hold_account(db, person.code).password_hash != old
    assert sign_in(db, EMAIL, PASSWORD, "test")


def test_the_tenth_failure_locks_an_account_and_each_further_ten_for_twice_as_long(db, join, clock):
    person = join("trainer")
    for minutes in (15, 30, 60):
        fail(db, FAILURES)
        forget_addresses(db)
        clock.forward(minutes=minutes, seconds=-1)
        assert sign_in(db, EMAIL, PASSWORD, "test") is None
        clock.forward(seconds=1)
    assert sign_in(db, EMAIL, PASSWORD, "test")
    assert actions(db, person.code).count("account_locked") == 3


def test_tries_during_a_lock_do_not_make_it_longer(db, join, clock):
    join("trainer")
    fail(db, FAILURES)
    fail(db, FAILURES)
    clock.forward(minutes=15)
    assert sign_in(db, EMAIL, PASSWORD, "test")


def test_nine_failures_and_a_success_start_the_count_anew(db, join):
    person = join("trainer")
    for _ in range(2):
        fail(db, FAILURES - 1)
        assert sign_in(db, EMAIL, PASSWORD, "test")
    assert hold_account(db, person.code).failed_attempts == 0


def test_an_address_that_tries_too_often_is_stopped_for_every_account(db, join, clock):
    join("trainer")
    for number in range(FROM_ONE_ADDRESS.most):
        fail(db, 1, f"guess{number}@example.org")
    with pytest.raises(TooManyAttempts):
        sign_in(db, EMAIL, PASSWORD, "test")
    clock.forward(minutes=15)
    assert sign_in(db, EMAIL, PASSWORD, "test")


def test_a_limit_counts_each_action_and_each_who_by_itself_and_forgets_after_a_day(db, clock):
    limit = Limit("link", most=1, within=FROM_ONE_ADDRESS.within)
    note_attempt(db, limit, "one")
    with pytest.raises(TooManyAttempts):
        refuse_if_exhausted(db, limit, "one")
    refuse_if_exhausted(db, limit, "two")
    refuse_if_exhausted(db, Limit("other", 1, limit.within), "one")
    clock.forward(days=1, seconds=1)
    note_attempt(db, limit, "two")
    assert db.scalar(select(func.count(Attempt.id))) == 1


def test_with_an_authenticator_the_password_is_only_half(db, join, clock):
    person = join("administrator", set_up=True)
    opened = sign_in(db, EMAIL, PASSWORD, "test")
    half = find_sign_in(db, opened.token)
    assert (opened.asks_for, half.needs_second_factor) == ("code", True)
    completed = give_second_factor(db, person.code, half.sign_in_id, person.present_code(clock))
    assert find_sign_in(db, opened.token) is None, "the token of the half sign-in must be worth nothing after"
    assert not find_sign_in(db, completed.token).needs_second_factor


def test_a_role_that_reaches_identities_asks_for_an_authenticator_first(db, join):
    join("analyst")
    opened = sign_in(db, EMAIL, PASSWORD, "test")
    assert opened.asks_for == "set_up"
    assert find_sign_in(db, opened.token).must_set_up_second_factor


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_a_code_is_good_one_half_minute_early_or_late(db, join, clock, steps, accepted):
    person = join("administrator", set_up=True)
    clock.forward(minutes=5)
    half = find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token)
    given = give_second_factor(db, person.code, half.sign_in_id, person.present_code(clock, steps))
    assert (given is not None) is accepted


def test_a_code_opens_once(db, join, clock):
    person = join("administrator", set_up=True)
    typed = person.present_code(clock)
    for expected in (True, False):
        half = find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token)
        assert (give_second_factor(db, person.code, half.sign_in_id, typed) is not None) is expected


def test_a_code_older_than_the_last_accepted_one_does_not_open(db, join, clock):
    person = join("administrator", set_up=True)
    complete(db, clock, person)
    half = find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token)
    assert give_second_factor(db, person.code, half.sign_in_id, person.present_code(clock, -1)) is None


def test_a_recovery_code_opens_once_however_it_is_typed(db, join):
    person = join("administrator", set_up=True)
    code = replace_recovery_codes(db, hold_account(db, person.code))[0]
    for typed, expected in ((code.lower().replace("-", " "), True), (code, False)):
        half = find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token)
        completed = give_second_factor(db, person.code, half.sign_in_id, typed)
        assert (completed is not None) is expected
        assert completed is None or completed.by_recovery_code
    assert actions(db, person.code)[-1] == "second_factor_failed"


def test_wrong_codes_lock_an_account_although_the_password_is_right(db, join, clock):
    person = join("administrator", set_up=True)
    for _ in range(FAILURES):
        half = find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token)
        assert give_second_factor(db, person.code, half.sign_in_id, "000 000") is None
    assert give_second_factor(db, person.code, half.sign_in_id, person.present_code(clock)) is None
    assert sign_in(db, EMAIL, PASSWORD, "test") is None


def test_a_new_sign_in_ends_the_older_one_for_roles_that_reach_identities(db, join, clock):
    person = join("administrator", set_up=True)
    first = complete(db, clock, person)
    opened = sign_in(db, EMAIL, PASSWORD, "test")
    assert [row.id for row in list_sign_ins(db, person.code)][-1] == first.sign_in_id, "a password alone ends nothing"
    clock.forward(minutes=1)
    half = find_sign_in(db, opened.token)
    assert give_second_factor(db, person.code, half.sign_in_id, person.present_code(clock)).ended == 1
    assert [row.id for row in list_sign_ins(db, person.code)] == [half.sign_in_id]


def test_other_roles_may_be_signed_in_twice_and_end_one_or_the_others(db, join):
    person, stranger = join("trainer"), join("trainer", email="other@example.org")
    keys = [find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token).sign_in_id for _ in range(3)]
    strange = find_sign_in(db, sign_in(db, stranger.email, PASSWORD, "test").token).sign_in_id
    end_sign_in(db, person.code, keys[0])
    for gone in (keys[0], strange):
        with pytest.raises(NotFound):
            end_sign_in(db, person.code, gone)
    assert end_other_sign_ins(db, person.code, keys[2]) == 1
    assert [row.id for row in list_sign_ins(db, person.code)] == [keys[2]]
    assert db.get(SignIn, strange).ended_at is None


def test_a_sign_in_ends_after_half_an_hour_without_use(db, join, clock):
    join("trainer")
    opened = sign_in(db, EMAIL, PASSWORD, "test")
    clock.forward(minutes=30)
    found = find_sign_in(db, opened.token)
    assert found.is_stale
    touch_sign_in(db, found.sign_in_id)
    clock.forward(minutes=30)
    assert not find_sign_in(db, opened.token).viewer.may("account.manage")
    clock.forward(seconds=1)
    assert find_sign_in(db, opened.token) is None


def test_a_sign_in_ends_after_twelve_hours_however_much_it_is_used(db, join, clock):
    person = join("trainer")
    opened = sign_in(db, EMAIL, PASSWORD, "test")
    for _ in range(12 * 60 // 20):
        clock.forward(minutes=20)
        touch_sign_in(db, find_sign_in(db, opened.token).sign_in_id)
    clock.forward(seconds=1)
    assert find_sign_in(db, opened.token) is None
    assert list_sign_ins(db, person.code) == []


def test_the_password_entered_again_counts_for_ten_minutes_and_a_wrong_one_towards_the_lock(db, join, clock):
    person = join("trainer")
    opened = sign_in(db, EMAIL, PASSWORD, "test")
    clock.forward(minutes=10, seconds=1)
    found = find_sign_in(db, opened.token)
    assert not found.recently_confirmed
    renewed = confirm_password(db, person.code, found.sign_in_id, PASSWORD)
    assert find_sign_in(db, renewed).recently_confirmed
    assert find_sign_in(db, opened.token) is None, "a token seen before is worth nothing after"
    for _ in range(FAILURES):
        assert not confirm_password(db, person.code, found.sign_in_id, "wrong")
    assert not confirm_password(db, person.code, found.sign_in_id, PASSWORD)
    assert actions(db, person.code)[-1] == "account_locked"
