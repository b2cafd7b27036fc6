"""Identities on pages: masked, shown one field at a time for a reason, written without being shown."""

from __future__ import annotations

import pytest
from flask import render_template_string
from sqlalchemy import select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import now, today
from evalapp.people.tables import Enterprise, Entrepreneur, Programme, Registration
from evalapp.people.vault.queries import list_identity_fields
from evalapp.people.vault.tables import IdentityField
from evalapp.people.vault.write_identity import write_identity
from tests.web.site import csrf_token, send

PERSON = "/programmes/pi/people/PI-7K3Q-4"
REVEAL, EDIT = f"{PERSON}/identity/phone", f"{PERSON}/identity/edit"
WHY = {"purpose": "contact", "reason": "call-back agreed for today"}


@pytest.fixture
def officer(site):
    client = site.client("program_officer", programmes=("pi",))
    with site.transaction() as db:
        programme = db.scalars(select(Programme)).one()
        person = Entrepreneur(study_id="PI-7K3Q-4", created_at=now())
        db.add(person)
        db.flush()
        firm = Enterprise(entrepreneur_id=person.id)
        db.add_all([firm, Registration(programme_id=programme.id, entrepreneur_id=person.id, registered_on=today())])
        db.flush()
        write_identity(db, person.id, {"name": "김철수", "phone": "010-1234-5678"})
        write_identity(db, person.id, {"enterprise_name": "한라산 식당"}, firm.id)
    return client


def entries(site, action):
    with site.transaction() as db:
        return db.scalars(select(AuditEntry).where(AuditEntry.action == action)).all()


def test_a_field_is_shown_once_for_a_reason_and_the_log_keeps_both(site, officer):
    page = officer.get(REVEAL)
    assert "010-••••-5678" in page.text
    answer = send(officer, REVEAL, WHY)
    assert (answer.status_code, "010-1234-5678" in answer.text) == (200, True)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "1234" not in officer.get(REVEAL).text
    (entry,) = entries(site, "identity_revealed")
    assert (entry.role, entry.subject, entry.object_key) == ("program_officer", "PI-7K3Q-4", "phone")
    assert entry.reason == "contact: call-back agreed for today"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"reason": ""}, "Fill this in"),
        ({"reason": "x"}, "in a few words"),
        ({"purpose": ""}, "Fill this in"),
        ({"purpose": "curiosity"}, "not one of the choices"),
        ({"reason": "call 010-9876-5432"}, "telephone"),
        ({"reason": "850302-1234567"}, "resident registration number"),
    ],
)
def test_without_purpose_and_reason_nothing_is_shown(site, officer, change, words):
    answer = send(officer, REVEAL, {**WHY, **change})
    assert (answer.status_code, words in answer.text) == (422, True)
    assert "010-1234-5678" not in answer.text
    assert entries(site, "identity_revealed") == []


def test_the_name_of_an_enterprise_is_shown_the_same_way(officer):
    page = f"{PERSON}/identity/enterprise_name?enterprise=1"
    answer = send(officer, page, WHY)
    assert "한라산 식당" in answer.text
    assert officer.get(f"{PERSON}/identity/enterprise_name").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        f"{PERSON}/identity/birth_date",
        f"{PERSON}/identity/password",
        f"{PERSON}/identity/phone?enterprise=1",
        f"{PERSON}/identity/phone?enterprise=99999",
        "/programmes/pi/people/PI-0000-0/identity/phone",
        "/programmes/nowhere/people/PI-7K3Q-4/identity/phone",
    ],
)
def test_what_is_not_there_is_not_found(officer, path):
    token = csrf_token(officer.get(REVEAL).text)
    assert officer.get(path).status_code == 404
    assert officer.post(path, data={**WHY, "csrf_token": token}).status_code == 404


def test_a_stranger_to_the_programme_finds_nothing(site, officer):
    assert officer.get(EDIT).status_code == 200
    stranger = site.client("program_officer", programmes=("other",))
    token = csrf_token(stranger.get("/programmes").text)
    for path in (REVEAL, EDIT):
        assert stranger.get(path).status_code == 404
        assert stranger.post(path, data={**WHY, "csrf_token": token}).status_code == 404
    # A person of one programme is not reached through another, even by someone who is a member there.
    assert stranger.get("/programmes/other/people/PI-7K3Q-4/identity/phone").status_code == 404


def test_roles_that_may_not_read_identities_are_kept_out(site, officer):
    assert officer.get(REVEAL).status_code == 200
    for role in ("trainer", "analyst", "funder", "administrator"):
        assert site.client(role, programmes=("pi",)).get(REVEAL).status_code == 403
    interviewer = site.client("interviewer", programmes=("pi",))
    assert interviewer.get(REVEAL).status_code == 200
    assert interviewer.get(EDIT).status_code == 403
    assert site.client("privacy_officer").get(REVEAL).status_code == 200


def test_fields_are_replaced_removed_and_left_alone(site, officer):
    page = officer.get(EDIT).text
    assert "010-••••-5678" in page
    assert "김철수" not in page
    answer = send(officer, EDIT, {"phone": "+82 10 8765 4321", "remove_name": "yes", "email": "a@b.kr"})
    assert (answer.status_code, answer.location) == (303, PERSON)
    with site.transaction() as db:
        fields = {row.field for row in db.scalars(select(IdentityField).where(IdentityField.enterprise_id.is_(None)))}
    assert fields == {"phone", "email"}
    assert "010-8765-4321" in send(officer, REVEAL, WHY).text
    with site.transaction() as db:
        *_, last = db.scalars(select(AuditEntry.after).where(AuditEntry.action == "identity_written").order_by(AuditEntry.number))
    assert last == '{"fields": ["name", "phone", "email"], "removed": ["name"]}'


def test_a_wrong_field_is_said_at_the_field_and_nothing_is_written(site, officer):
    answer = send(officer, EDIT, {"phone": "12", "name": "850302-1234567", "email": "new@b.kr"})
    assert answer.status_code == 422
    assert 'href="#phone"' in answer.text
    assert 'value="new@b.kr"' in answer.text
    assert "resident registration number" in answer.text
    assert len(entries(site, "identity_written")) == 2


def test_the_fields_of_an_enterprise_are_edited_apart(site, officer):
    path = f"{EDIT}?enterprise=1"
    assert "한○○" in officer.get(path).text
    assert send(officer, path, {"registration_number": "220-81-62518"}).status_code == 422
    assert send(officer, path, {"registration_number": "220-81-62517"}).status_code == 303
    with site.transaction() as db:
        assert {row.field for row in db.scalars(select(IdentityField).where(IdentityField.enterprise_id == 1))} == {
            "enterprise_name", "registration_number",
        }  # fmt: skip


def test_saving_nothing_changes_nothing(site, officer):
    assert send(officer, EDIT, {}).status_code == 303
    assert len(entries(site, "identity_written")) == 2


def test_the_panel_of_a_persons_page_shows_masks_and_a_form_for_each_field(site, officer):
    """The panel is a macro; whoever shows a person imports it."""
    source = '{% from "identity/fields.html" import identity_panel %}{{ identity_panel(programme, person, fields) }}'

    def panel(roles):
        with site.app.test_request_context("/"):
            from flask import g

            from evalapp.accounts.viewer import Viewer

            g.viewer, g.language = Viewer(1, "AC-1", "Staff", frozenset(roles), "en"), "en"
            with site.transaction() as db:
                person, programme = db.scalars(select(Entrepreneur)).one(), db.scalars(select(Programme)).one()
                fields = list_identity_fields(db, person.id)
                return render_template_string(source, programme=programme, person=person, fields=fields)

    assert officer.get(EDIT).status_code == 200
    page = panel({"program_officer"})
    assert page.count("<form") == page.count("csrf_token") == 3
    assert f'action="{PERSON}/identity/enterprise_name?enterprise=1"' in page
    assert "김○○" in page
    assert "Change the identity" in page
    assert "김철수" not in page
    assert len(set(ids := [part.split('"')[0] for part in page.split(' id="')[1:]])) == len(ids)
    assert "<form" not in panel({"analyst"})
