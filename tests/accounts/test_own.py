"""One's own account: links, passwords, authenticator, recovery codes, language."""

from __future__ import annotations

import unicodedata

import pytest
from sqlalchemy import select

from evalapp.accounts.contact_details import UnusableEmail
from evalapp.accounts.credentials.check_new_password import WeakPassword, check_new_password
from evalapp.accounts.credentials.links import DeadLink, get_link
from evalapp.accounts.credentials.totp import show_secret
from evalapp.accounts.end_sign_in import living_sign_ins
from evalapp.accounts.hold_account import hold_account
from evalapp.accounts.limit_attempts import TooManyAttempts
from evalapp.accounts.own.accept_link import accept_link
from evalapp.accounts.own.change_email import accept_email_change, ask_email_change
from evalapp.accounts.own.change_language import change_language
from evalapp.accounts.own.change_name import change_name
from evalapp.accounts.own.change_password import change_password
from evalapp.accounts.own.renew_recovery_codes import renew_recovery_codes
from evalapp.accounts.own.set_up_second_factor import propose_secret, read_proposal, set_up_second_factor
from evalapp.accounts.queries import count_recovery_codes, get_account
from evalapp.accounts.resume_sign_in import find_sign_in
from evalapp.accounts.signing_in.give_second_factor import give_second_factor
from evalapp.accounts.signing_in.sign_in import sign_in
from evalapp.accounts.staff.invite_account import invite_account
from evalapp.accounts.staff.issue_link import issue_link
from evalapp.accounts.tables import AccountLink, RecoveryCode
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.errors import AppError
from tests.accounts.conftest import EMAIL, PASSWORD


def test_a_link_works_once(db):
    invitation = invite_account(db, EMAIL, "Kim Hana", ["trainer"])
    accept_link(db, invitation.token, "join", PASSWORD)
    assert get_account(db, invitation.code).state == "active"
    with pytest.raises(DeadLink, match="has been used"):
        accept_link(db, invitation.token, "join", "another long sentence")
    assert sign_in(db, EMAIL, PASSWORD, "test")


def test_a_link_ends_after_72_hours(db, clock):
    invitation = invite_account(db, EMAIL, "Kim Hana", ["trainer"])
    clock.forward(hours=72, seconds=-1)
    get_link(db, invitation.token, "join")
    clock.forward(seconds=1)
    with pytest.raises(DeadLink, match="has expired"):
        accept_link(db, invitation.token, "join", PASSWORD)


def test_a_link_of_another_kind_or_from_nowhere_is_not_one_of_ours(db):
    invitation = invite_account(db, EMAIL, "Kim Hana", ["trainer"])
    for token, kind in ((invitation.token, "reset"), ("x" * 43, "join")):
        with pytest.raises(DeadLink, match="not one of ours"):
            get_link(db, token, kind)


def test_only_the_hash_of_a_link_is_kept(db):
    invitation = invite_account(db, EMAIL, "Kim Hana", ["trainer"])
    kept = db.scalars(select(AccountLink)).one()
    assert invitation.token not in str(vars(kept).values())


def test_a_newer_link_ends_the_older_and_a_reset_ends_every_sign_in_but_asks_for_the_authenticator_still(db, join):
    person = join("administrator", set_up=True)
    account = hold_account(db, person.code)
    older, newer = issue_link(db, person.code), issue_link(db, person.code)
    assert newer.kind == "reset"
    assert living_sign_ins(db, account)
    with pytest.raises(DeadLink):
        accept_link(db, older.token, "reset", PASSWORD)
    accept_link(db, newer.token, "reset", "four other words here")
    assert living_sign_ins(db, account) == []
    assert sign_in(db, EMAIL, PASSWORD, "test") is None
    assert sign_in(db, EMAIL, "four other words here", "test").asks_for == "code"


def test_a_weak_password_leaves_the_link_as_it_was(db):
    invitation = invite_account(db, EMAIL, "Kim Hana", ["trainer"])
    with pytest.raises(WeakPassword):
        accept_link(db, invitation.token, "join", "password1234")
    accept_link(db, invitation.token, "join", PASSWORD)


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("eleven-long", "at least 12"),
        ("x" * 201, "at most 200"),
        ("Password2024!!", "first that are guessed"),
        ("qwertyuiopas", "first that are guessed"),
        ("abcdabcdabcd", "first that are guessed"),
        ("aaaaaaaabbbb", "first that are guessed"),
        ("안녕하세요2026!!!", "first that are guessed"),
        ("my hana@example.org", "e-mail address"),
        ("HANA and her goats", "e-mail address"),
    ],
)
def test_passwords_that_are_guessed_first_are_refused(password, words):
    with pytest.raises(WeakPassword, match=words):
        check_new_password(password, EMAIL)


@pytest.mark.parametrize("password", ["alllowercaseletters", "비 오는 날의 빨간 우산", "tk and the blue goat"])
def test_length_is_enough_for_a_password(password):
    check_new_password(password, "tk@example.org")


def test_hangul_typed_in_two_ways_is_one_password(db):
    invitation = invite_account(db, EMAIL, "Kim Hana", ["trainer"])
    composed, apart = (unicodedata.normalize(form, "비 오는 날의 빨간 우산") for form in ("NFC", "NFD"))
    accept_link(db, invitation.token, "join", composed)
    assert composed != apart
    assert sign_in(db, EMAIL, apart, "test")


def test_a_password_is_changed_with_the_present_one_and_ends_other_sign_ins_and_links(db, join):
    person = join("trainer")
    here, there = (find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token).sign_in_id for _ in range(2))
    link = issue_link(db, person.code)
    assert not change_password(db, person.code, here, "wrong", "four other words here")
    assert hold_account(db, person.code).failed_attempts == 1
    with pytest.raises(WeakPassword):
        change_password(db, person.code, here, PASSWORD, "short")
    assert change_password(db, person.code, here, PASSWORD, "four other words here")
    assert living_sign_ins(db, hold_account(db, person.code)) == [here] != [there]
    with pytest.raises(DeadLink):
        get_link(db, link.token, "reset")
    assert sign_in(db, EMAIL, "four other words here", "test")


def test_an_authenticator_counts_once_its_code_is_shown(db, join, clock):
    person = join("administrator")
    opened = sign_in(db, EMAIL, PASSWORD, "test")
    half = find_sign_in(db, opened.token)
    sealed = propose_secret(db, person.code, half.sign_in_id)
    assert set_up_second_factor(db, person.code, half.sign_in_id, sealed, "000000") is None
    assert get_account(db, person.code).second_factor_at is None
    person.secret = read_proposal(db, person.code, half.sign_in_id, sealed, EMAIL).text
    done = set_up_second_factor(db, person.code, half.sign_in_id, sealed, person.present_code(clock))
    assert find_sign_in(db, opened.token) is None
    assert not find_sign_in(db, done.token).must_set_up_second_factor
    assert len(set(done.recovery_codes)) == count_recovery_codes(db, person.code) == 10
    kept = set(db.scalars(select(RecoveryCode.code_hash)))
    assert not kept & set(done.recovery_codes)


def test_the_code_that_set_an_authenticator_up_does_not_open_a_sign_in(db, join, clock):
    person = join("administrator", set_up=True)
    half = find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token)
    clock.forward(minutes=-1)
    assert give_second_factor(db, person.code, half.sign_in_id, person.present_code(clock)) is None


def test_a_password_alone_cannot_replace_an_authenticator(db, join, clock):
    person = join("administrator", set_up=True)
    before = hold_account(db, person.code).totp_sealed
    half = find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token)
    sealed = propose_secret(db, person.code, half.sign_in_id)
    person.secret = read_proposal(db, person.code, half.sign_in_id, sealed, EMAIL).text
    with pytest.raises(AppError, match="present authenticator first"):
        set_up_second_factor(db, person.code, half.sign_in_id, sealed, person.present_code(clock))
    assert hold_account(db, person.code).totp_sealed == before


@pytest.mark.parametrize("sealed", ["", "k1:", "k1:AAAA", "k9:AAAA", "nonsense"])
def test_a_proposal_that_was_altered_is_refused(db, join, sealed):
    person = join("trainer")
    key = find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token).sign_in_id
    with pytest.raises(AppError, match="too old"):
        set_up_second_factor(db, person.code, key, sealed, "000000")


def test_a_proposal_of_another_sign_in_is_refused(db, join):
    person = join("trainer")
    mine, other = (find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token).sign_in_id for _ in range(2))
    with pytest.raises(AppError, match="too old"):
        read_proposal(db, person.code, mine, propose_secret(db, person.code, other), EMAIL)


def test_new_recovery_codes_end_the_old_ones(db, join):
    person = join("administrator", set_up=True)
    old, new = renew_recovery_codes(db, person.code), renew_recovery_codes(db, person.code)
    for typed, expected in ((old[0], False), (new[0], True)):
        half = find_sign_in(db, sign_in(db, EMAIL, PASSWORD, "test").token)
        assert (give_second_factor(db, person.code, half.sign_in_id, typed) is not None) is expected


def test_recovery_codes_stand_in_for_something(db, join):
    with pytest.raises(AppError, match="Set one up first"):
        renew_recovery_codes(db, join("trainer").code)


def test_a_secret_is_shown_as_a_picture_and_in_groups():
    shown = show_secret("JBSWY3DPEHPK3PXP", EMAIL)
    assert shown.typed == "JBSW Y3DP EHPK 3PXP"
    assert shown.image.startswith("data:image/svg+xml")


def test_a_language_stays_with_the_account(db, join):
    person = join("trainer")
    change_language(db, person.code, "en")
    assert get_account(db, person.code).language == "en"
    with pytest.raises(ValueError, match="xx"):
        change_language(db, person.code, "xx")


def test_a_name_is_changed_and_the_log_does_not_hold_it(db, join):
    person = join("trainer")
    change_name(db, person.code, "  Lee \u1112\u1161\u11ab ")
    assert get_account(db, person.code).name == "Lee 한"
    change_name(db, person.code, "Lee 한")
    assert entries(db, "name_changed") == [("{}", "{}")], "the same name once more is no change"
    for wrong in ("", " ", "x" * 81):
        with pytest.raises(AppError, match="1 to 80"):
            change_name(db, person.code, wrong)


def test_another_address_counts_once_its_link_was_opened(db, join):
    person = join("trainer")
    assert ask_email_change(db, person.code, "new@example.org", "wrong") is None
    assert hold_account(db, person.code).failed_attempts == 1
    change = ask_email_change(db, person.code, " New@Example.org ", PASSWORD)
    assert change.email == "new@example.org"
    assert get_account(db, person.code).email == EMAIL
    assert sign_in(db, "new@example.org", PASSWORD, "test") is None
    assert accept_email_change(db, person.code, change.token) == EMAIL
    assert get_account(db, person.code).email == "new@example.org"
    assert sign_in(db, EMAIL, PASSWORD, "test") is None
    assert sign_in(db, "NEW@example.org", PASSWORD, "test")
    with pytest.raises(DeadLink, match="has been used"):
        accept_email_change(db, person.code, change.token)
    assert entries(db, "email_change_asked") == entries(db, "email_changed") == [("{}", "{}")]


def test_a_link_to_change_an_address_is_for_one_account_and_the_newest_counts(db, join, clock):
    person, other = join("trainer"), join("trainer", email="other@example.org")
    older = ask_email_change(db, person.code, "one@example.org", PASSWORD)
    newer = ask_email_change(db, person.code, "two@example.org", PASSWORD)
    with pytest.raises(DeadLink):
        accept_email_change(db, person.code, older.token)
    with pytest.raises(DeadLink, match="another account"):
        accept_email_change(db, other.code, newer.token)
    clock.forward(hours=72)
    with pytest.raises(DeadLink, match="Enter the new address once more"):
        accept_email_change(db, person.code, newer.token)


@pytest.mark.parametrize(
    "email",
    ["none", "a@b", "a,b@example.org", "a@example.org,b@example.org", "<a@example.org>", "a@example.org\nBcc: b@example.org"],
)
def test_what_is_not_one_address_is_refused(db, join, email):
    person = join("trainer")
    with pytest.raises(UnusableEmail, match="not an e-mail address"):
        ask_email_change(db, person.code, email, PASSWORD)


def test_two_accounts_never_share_an_address_however_late_that_shows(db, join):
    person = join("trainer")
    change = ask_email_change(db, person.code, "new@example.org", PASSWORD)
    join("trainer", email="new@example.org")
    with pytest.raises(UnusableEmail, match="already"):
        accept_email_change(db, person.code, change.token)
    with pytest.raises(UnusableEmail, match="already"):
        ask_email_change(db, person.code, EMAIL, PASSWORD)


def test_no_mailbox_is_flooded_with_links(db, join):
    person = join("trainer")
    for number in range(5):
        ask_email_change(db, person.code, f"new{number}@example.org", PASSWORD)
    with pytest.raises(TooManyAttempts):
        ask_email_change(db, person.code, "new@example.org", PASSWORD)


def entries(db, action):
    found = db.scalars(select(AuditEntry).where(AuditEntry.action == action))
    return [(entry.before, entry.after) for entry in found]
