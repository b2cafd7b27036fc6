"""Who may call what: every address of the application, tried by visitors, by every role and by those who are only half signed in."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, select

from evalapp.accounts.permissions import EVERY_PROGRAMME, PERMISSIONS, ROLES
from evalapp.accounts.tables import SignIn
from evalapp.app import create_app
from evalapp.core.audit.tables import AuditEntry
from tests.installation import installation_settings
from tests.web.access_table import (
    ADMINISTRATOR,
    ANALYST,
    CALLS,
    CONFIRMED,
    DEVICE,
    DONE,
    FUNDER,
    NAME,
    OF_A_PROGRAMME,
    OFFICER,
    PRIVACY,
    PUBLIC,
    ROLES_OF,
    SEE_EVERY_PROGRAMME,
    SEE_JOBS,
    SIGNED_IN,
    UNFINISHED,
    WITHOUT_FORM,
)
from tests.web.caller import Caller
from tests.web.one_of_everything import add_things
from tests.web.site import asks_for_password

DOCUMENT = Path(__file__).parent.parent.parent / "docs" / "security" / "access.md"


def allowed(call, role):
    """Say whether the table lets a role call an address."""
    return CALLS[call] in (PUBLIC, SIGNED_IN) or role in ROLES_OF.get(CALLS[call], ())


def names_of(call):
    """Return the names in an address that belong to a programme."""
    named = set(re.findall(NAME, call))
    return set() if re.search(r" /(staff|account|s|me|instruments)/", call) else named & OF_A_PROGRAMME


def calls_of(app) -> Iterator[tuple[str, object]]:
    """Yield every call that the application answers, with the mark of its view."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint != "static":
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield f"{method} {rule.rule}", getattr(app.view_functions[rule.endpoint], "access", None)


@pytest.fixture(scope="module")
def app(tmp_path_factory, migrated_file):
    app = create_app(installation_settings(tmp_path_factory.mktemp("access"), f"sqlite:///{migrated_file}"))
    yield app
    app.extensions["evalapp.engine"].dispose()


def test_no_address_appears_vanishes_or_changes_hands_unnoticed(app):
    assert dict(calls_of(app)) == CALLS


def test_the_roles_of_a_permission_are_those_that_were_decided():
    assert {name: set(roles) for name, roles in PERMISSIONS.items()} == ROLES_OF
    assert set(EVERY_PROGRAMME) == SEE_EVERY_PROGRAMME
    assert set(ROLES) == set().union(*ROLES_OF.values())


def test_the_document_says_the_same():
    text = DOCUMENT.read_text(encoding="utf-8")
    written = re.findall(r"^\| ((?:GET|POST|GET, POST)) \| `(/[^`]*)` \| `([\w.]+)` \|", text, re.MULTILINE)
    assert {f"{method} {path}": access for methods, path, access in written for method in methods.split(", ")} == {
        re.sub(r"<any\([^)]*\):", "<", call).replace("<int:", "<"): access for call, access in CALLS.items()
    }
    roles = re.findall(r"^\| `([\w.]+)` \| ([a-z_, ]+) \|$", text, re.MULTILINE)
    assert {name: set(holders.split(", ")) for name, holders in roles} == ROLES_OF


@pytest.mark.parametrize("role", ROLES)
def test_a_role_calls_what_is_its_own_and_nothing_else(site, role):
    caller = Caller(site, role)
    answers = {call: caller.call(call).status_code for call in CALLS}
    right = {}
    for call in CALLS:
        if CALLS[call] == DEVICE:
            right[call] = {401}  # nobody's sign-in counts there
        elif not allowed(call, role):
            right[call] = {403}
        elif "/jobs/" in call and role not in SEE_JOBS:
            right[call] = {404}
        else:
            right[call] = {WITHOUT_FORM.get(call)} if call in WITHOUT_FORM else DONE
    assert {call: status for call, status in answers.items() if status not in right[call]} == {}
    with site.transaction() as db:
        refused = db.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "access_refused"))
    assert refused == sum(status == 403 for status in answers.values()), "whoever tries closed doors is in the audit log"


@pytest.mark.parametrize("role", ROLES)
def test_what_belongs_to_another_programme_is_not_there(site, role):
    caller = Caller(site, role)
    other = add_things(site, "other", site.account(OFFICER))
    found = {}
    for call in CALLS:
        names = names_of(call)
        if not names or not allowed(call, role):
            continue
        if role not in SEE_EVERY_PROGRAMME:
            found[call] = caller.call(call, {name: other[name] for name in (*names, "erased")}).status_code
        if "code" in names:
            for name in names - {"code"}:
                theirs = {name: other[name]} | ({"erased": other["erased"]} if name == "study_id" else {})
                found[f"{call}, their {name} in one's own"] = caller.call(call, theirs).status_code
    assert found or role == ADMINISTRATOR
    assert {call: status for call, status in found.items() if status != 404} == {}


def test_what_cannot_be_undone_asks_for_the_password_again(site):
    caller = Caller(site, OFFICER, ANALYST, ADMINISTRATOR, PRIVACY)
    answers = {call: caller.call(call, confirmed=False) for call in CALLS}
    asked = {
        call for call, answer in answers.items() if (answer.location or "").startswith("/confirm?") or asks_for_password(answer)
    }
    assert asked == CONFIRMED


def test_what_a_colleague_keeps_to_themselves_is_not_there(site):
    caller = Caller(site, OFFICER)
    colleague = site.account(OFFICER, programmes=("pi",))
    theirs = add_things(site, "other", colleague)
    site.sign_in(site.app.test_client(), colleague)
    with site.transaction() as db:
        theirs["sign_in"] = db.scalar(select(func.max(SignIn.id)))
        for table, name in (("identified_exports", "export"), ("saved_views", "view")):
            move = f"UPDATE {table} SET programme_id = (SELECT id FROM programmes WHERE code = 'pi') WHERE id = {theirs[name]}"
            db.connection().exec_driver_sql(move)
    calls = [call for call in CALLS if re.search(r"<int:(export|view|key)>", call) and allowed(call, OFFICER)]
    own = {"code": "pi", **{name: theirs[name] for name in ("export", "view", "sign_in")}}
    assert {call: caller.call(call, own).status_code for call in calls} == dict.fromkeys(calls, 404)


def test_a_report_that_is_not_released_is_not_there_for_funders(site):
    caller = Caller(site, FUNDER)
    with site.transaction() as db:
        db.connection().exec_driver_sql("UPDATE reports SET state = 'in_review'")
    calls = [call for call in CALLS if "<int:report>" in call and allowed(call, FUNDER)]
    assert {call: caller.call(call).status_code for call in calls} == dict.fromkeys(calls, 404)


def test_a_visitor_is_asked_to_sign_in(site):
    caller = Caller(site)
    for call, access in CALLS.items():
        answer = caller.call(call, signed_in=False)
        if access == PUBLIC:
            assert answer.status_code in DONE, call
        elif call.startswith("POST") or access == DEVICE:
            assert answer.status_code == 401, call
        else:
            assert (answer.status_code, answer.location.partition("?")[0]) == (303, "/sign-in"), call


@pytest.mark.parametrize("owed", ["code", "second-factor"])
def test_an_account_that_is_half_signed_in_reaches_only_what_finishes_it(site, owed):
    caller = Caller(site, ADMINISTRATOR, OFFICER)
    with site.transaction() as db:
        if owed == "second-factor":
            db.connection().exec_driver_sql("UPDATE accounts SET totp_confirmed_at = NULL")
    for call in CALLS:
        site.sign_in(caller.client, caller.account)
        with site.transaction() as db:
            db.connection().exec_driver_sql("UPDATE sign_ins SET second_factor_at = NULL")
        answer = caller.call(call, signed_in=False)
        if call in UNFINISHED:
            assert answer.status_code in DONE, call
        elif CALLS[call] == DEVICE:
            assert answer.status_code == 401, call
        else:
            assert answer.status_code == 303, call
            assert answer.location == ("/sign-in/code" if owed == "code" else "/account/second-factor"), call
