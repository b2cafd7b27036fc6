"""What administrators do with accounts, and what nobody can do: lock everybody out, or widen their own rights."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from evalapp.accounts.contact_details import UnusableEmail
from evalapp.accounts.credentials.links import DeadLink, get_link
from evalapp.accounts.hold_account import hold_account
from evalapp.accounts.queries import get_account, list_accounts, list_history, list_role_grants, list_sign_ins
from evalapp.accounts.signing_in.sign_in import sign_in
from evalapp.accounts.staff.grant_role import grant_role, refuse_own_rights, revoke_role
from evalapp.accounts.staff.invite_account import invite_account
from evalapp.accounts.staff.issue_link import issue_link
from evalapp.accounts.staff.reset_second_factor import reset_second_factor
from evalapp.accounts.staff.suspend_account import reactivate_account, suspend_account
from evalapp.accounts.tables import Account
from evalapp.core.actor import TERMINAL, Actor
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.errors import AppError, NotFound
from tests.accounts.conftest import EMAIL, PASSWORD


def act_as(db, code):
    db.info["actor"] = Actor(code, "administrator", "127.0.0.1", "test")


def test_an_invited_account_holds_its_name_and_address_sealed(db):
    invitation = invite_account(db, " Hana@Example.org ", "  Kim   Hana ", ["analyst", "trainer"])
    account = get_account(db, invitation.code)
    assert (account.name, account.email, account.state, account.roles) == ("Kim Hana", EMAIL, "invited", ("analyst", "trainer"))
    kept = db.scalars(select(Account)).one()
    assert not {"Hana", "hana"} & set(str(vars(kept)).replace("@", " ").split())
    assert sign_in(db, EMAIL, "", "test") is None


@pytest.mark.parametrize(
    ("email", "name", "roles", "words"),
    [
        ("hana", "Hana", ["trainer"], "not an e-mail"),
        ("hana@example", "Hana", ["trainer"], "not an e-mail"),
        ("a b@example.org", "Hana", ["trainer"], "not an e-mail"),
        ("x" * 250 + "@example.org", "Hana", ["trainer"], "not an e-mail"),
        (EMAIL, " ", ["trainer"], "A name has"),
        (EMAIL, "Hana", [], "at least one role"),
        (EMAIL, "Hana", ["king"], "no role “king”"),
    ],
)
def test_an_invitation_that_cannot_be_is_refused(db, email, name, roles, words):
    with pytest.raises(AppError, match=words):
        invite_account(db, email, name, roles)
    assert list_accounts(db) == []


def test_an_address_has_one_account(db):
    invite_account(db, EMAIL, "Hana", ["trainer"])
    with pytest.raises(UnusableEmail, match="already"):
        invite_account(db, EMAIL.upper(), "Hana", ["trainer"])


def test_roles_come_and_go_and_their_history_stays(db, join):
    join("administrator", email="admin@example.org")
    person = join("trainer")
    grant_role(db, person.code, "analyst")
    grant_role(db, person.code, "analyst")
    revoke_role(db, person.code, "trainer")
    revoke_role(db, person.code, "trainer")
    assert get_account(db, person.code).roles == ("analyst",)
    grants = {grant.role: (grant.granted_by, grant.revoked_by) for grant in list_role_grants(db, person.code)}
    assert grants == {"analyst": ("AC-TEST-1", None), "trainer": ("AC-TEST-1", "AC-TEST-1")}
    told = [(entry.action, json.loads(entry.after)) for entry in list_history(db, person.code)]
    assert told[0][0] == "role_revoked"
    assert told[1] == ("role_granted", {"role": "analyst"})


def test_the_last_active_administrator_stays_one(db, join):
    first = join("administrator")
    join("trainer", email="trainer@example.org")
    invited = invite_account(db, "second@example.org", "Second", ["administrator"])
    with pytest.raises(AppError, match="last active administrator"):
        suspend_account(db, first.code)
    with pytest.raises(AppError, match="last active administrator"):
        revoke_role(db, first.code, "administrator")
    suspend_account(db, invited.code)
    assert get_account(db, first.code).roles == ("administrator",)


def test_one_of_two_administrators_may_go_and_then_the_other_stays(db, join):
    first, second = join("administrator"), join("administrator", email="second@example.org")
    suspend_account(db, first.code)
    with pytest.raises(AppError, match="last active administrator"):
        suspend_account(db, second.code)
    reactivate_account(db, first.code)
    revoke_role(db, second.code, "administrator")


def test_administrators_do_not_widen_their_own_rights_not_even_alone(db, join):
    first = join("administrator")
    act_as(db, first.code)
    with pytest.raises(AppError, match="widens their own rights"):
        grant_role(db, first.code, "analyst")
    db.info["actor"] = TERMINAL
    grant_role(db, first.code, "analyst")
    act_as(db, first.code)
    second = join("administrator", email="second@example.org")
    with pytest.raises(AppError, match="widens their own rights"):
        grant_role(db, first.code, "program_officer")
    with pytest.raises(AppError, match="widens their own rights"):
        refuse_own_rights(db, first.code)
    act_as(db, second.code)
    grant_role(db, first.code, "program_officer")
    assert get_account(db, first.code).roles == ("administrator", "analyst", "program_officer")


def test_who_manages_accounts_is_not_the_one_who_reviews_it(db, join):
    first, second = join("administrator"), join("privacy_officer", email="second@example.org")
    for person, role in ((first, "privacy_officer"), (second, "administrator")):
        with pytest.raises(AppError, match="cannot be privacy officer"):
            grant_role(db, person.code, role)
    with pytest.raises(AppError, match="cannot be privacy officer"):
        invite_account(db, "third@example.org", "Third", ["administrator", "privacy_officer"])


def test_the_second_of_two_people_who_change_an_account_at_once_is_told(db, join):
    join("administrator", email="admin@example.org")
    person = join("trainer")
    seen = get_account(db, person.code).version
    grant_role(db, person.code, "funder", version=seen)
    for change in (
        lambda: grant_role(db, person.code, "analyst", version=seen),
        lambda: revoke_role(db, person.code, "funder", version=seen),
        lambda: suspend_account(db, person.code, version=seen),
        lambda: reactivate_account(db, person.code, version=seen),
        lambda: issue_link(db, person.code, version=seen),
        lambda: reset_second_factor(db, person.code, version=seen),
    ):
        with pytest.raises(AppError, match="Someone else has changed"):
            change()
    assert get_account(db, person.code).roles == ("funder", "trainer")


def test_signing_in_does_not_disturb_an_administrator_who_looks_at_the_account(db, join):
    person = join("trainer")
    seen = get_account(db, person.code).version
    sign_in(db, EMAIL, "wrong", "test")
    sign_in(db, EMAIL, PASSWORD, "test")
    db.info["actor"] = TERMINAL
    grant_role(db, person.code, "funder", version=seen)


def test_a_suspended_account_is_out_at_once_and_comes_back_as_it_was(db, join):
    join("administrator", email="admin@example.org")
    person = join("trainer")
    sign_in(db, EMAIL, PASSWORD, "test")
    link = issue_link(db, person.code)
    suspend_account(db, person.code)
    assert list_sign_ins(db, person.code) == []
    assert sign_in(db, EMAIL, PASSWORD, "test") is None
    with pytest.raises(DeadLink):
        get_link(db, link.token, "reset")
    with pytest.raises(AppError, match="Reactivate it first"):
        issue_link(db, person.code)
    reactivate_account(db, person.code)
    assert sign_in(db, EMAIL, PASSWORD, "test")


def test_an_account_that_never_joined_is_invited_again_after_a_suspension(db):
    invitation = invite_account(db, EMAIL, "Hana", ["trainer"])
    suspend_account(db, invitation.code)
    reactivate_account(db, invitation.code)
    assert get_account(db, invitation.code).state == "invited"
    assert issue_link(db, invitation.code).kind == "join"


def test_an_administrator_removes_anothers_authenticator_but_not_their_own(db, join):
    person = join("administrator", set_up=True)
    act_as(db, person.code)
    with pytest.raises(AppError, match="your own authenticator"):
        reset_second_factor(db, person.code)
    db.info["actor"] = TERMINAL
    reset_second_factor(db, person.code)
    assert list_sign_ins(db, person.code) == []
    assert sign_in(db, EMAIL, PASSWORD, "test").asks_for == "set_up"


def test_the_first_role_that_demands_an_authenticator_ends_sign_ins(db, join):
    person = join("trainer")
    sign_in(db, EMAIL, PASSWORD, "test")
    db.info["actor"] = TERMINAL
    grant_role(db, person.code, "funder")
    assert len(list_sign_ins(db, person.code)) == 1
    grant_role(db, person.code, "analyst")
    assert list_sign_ins(db, person.code) == []


def test_an_unknown_account_is_not_there(db):
    for verb in (hold_account, get_account, suspend_account, issue_link, reset_second_factor):
        with pytest.raises(NotFound):
            verb(db, "AC-NONE")


def test_no_entry_of_the_audit_log_holds_a_name_or_an_address(db, join):
    person = join("administrator", set_up=True)
    issue_link(db, person.code)
    written = " ".join(f"{e.before}{e.after}{e.reason}{e.object_key}{e.subject}" for e in db.scalars(select(AuditEntry)))
    assert "@" not in written
    assert "Hana" not in written
