"""A respondent's own page: let in by a number or a link, consents withdrawn, surveys gone on with, rights used; nobody else's."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from evalapp.core.audit.tables import AuditEntry
from evalapp.people.consents.queries import list_consents
from evalapp.people.rights.tables import RespondentRequest
from evalapp.people.tables import Programme
from evalapp.surveys.tables import Wave
from tests.surveys.answering.invited import invite
from tests.web.answering.surveys import answer_all, hand_in
from tests.web.own_page.visitors import NAME, PHONE, Visitor
from tests.web.site import send


@pytest.fixture
def visitor(site, tmp_path):
    return Visitor(site, tmp_path)


@pytest.fixture
def inside(visitor):
    visitor.enter()
    return visitor


def programme_id(visitor):
    with visitor.site.transaction() as db:
        return db.scalars(select(Programme.id)).one()


def test_a_number_and_a_year_of_birth_open_the_page_and_the_address_holds_neither(visitor):
    answer = visitor.enter()
    assert (answer.status_code, answer.location) == (303, "/me")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert "Path=/me" in answer.headers["Set-Cookie"]
    page = visitor.client.get("/me").text
    assert visitor.study_id in page
    assert NAME not in page


def test_with_a_telephone_on_record_a_code_is_sent_and_the_year_is_not_enough(site, tmp_path):
    visitor = Visitor(site, tmp_path, phone=True)
    assert visitor.enter().status_code == 422
    asked = visitor.enter(do="code")
    assert asked.status_code == 200
    assert visitor.enter(visitor.code).location == "/me"


def test_an_unknown_number_is_answered_like_a_known_one(visitor):
    known, unknown = (visitor.enter("1999", number=number) for number in (visitor.study_id, "PI-0000-0"))
    shown = [re.sub(r'(csrf_token|number)" (?:type="text" )?value="[^"]*"', "", answer.text) for answer in (known, unknown)]
    assert known.status_code == unknown.status_code == 422
    assert shown[0] == shown[1]
    codes = [
        re.sub(r'value="[^"]*"', "", visitor.enter(do="code", number=number).text) for number in (visitor.study_id, "PI-0000-0")
    ]
    assert codes[0] == codes[1]


def test_a_secret_link_leads_to_the_page_and_is_offered_where_the_survey_begins(visitor):
    token = visitor.invited.token
    assert f'href="/me/{token}"' in visitor.client.get(f"/s/{token}").text
    assert send(visitor.client, f"/me/{token}", {"secret": "1985"}).location == "/me"


def test_a_consent_is_withdrawn_at_once_by_the_person_alone(inside):
    address = f"/me/withdraw/{programme_id(inside)}/survey"
    assert address in inside.client.get("/me").text
    assert "You are asked no more questions" in inside.client.get(address).text
    assert send(inside.client, address).location == "/me"
    with inside.site.transaction() as db:
        programme = db.scalars(select(Programme)).one()
        assert list_consents(db, programme.id, inside.person(db).id)[0].state == "withdrawn"
        entry = db.scalars(select(AuditEntry).where(AuditEntry.action == "consent_withdrawn")).one()
        assert (entry.account, entry.subject) == ("respondent", inside.study_id)
    page = inside.client.get("/me").text
    assert "You withdrew it" in page
    assert "/me/surveys/" not in page, "and no survey waits any more"
    assert inside.client.get(address).status_code == 422


def test_a_survey_is_gone_on_with_and_its_receipt_is_on_the_page(inside):
    start = send(inside.client, f"/me/surveys/{inside.invited.invitation_id}", page="/me")
    assert start.location == "/s/begin"
    first = send(inside.client, "/s/begin").location
    done = hand_in(inside.client, answer_all(inside.client, first))
    thanks = inside.client.get(done.location).text
    assert 'href="/me"' in thanks
    receipt = re.search(r"<strong>([0-9A-Z-]{9})</strong>", thanks)[1]
    assert receipt in inside.client.get("/me").text


@pytest.mark.parametrize("kind", ["access", "correction", "restriction", "erasure"])
def test_a_right_is_used_and_its_state_shown(inside, kind):
    sent = {"details": "전화번호가 바뀌었습니다."}
    assert send(inside.client, f"/me/ask/{kind}", sent).location == "/me"
    assert "We settle it by" in inside.client.get("/me").text
    assert "You have asked for this already" in inside.client.get(f"/me/ask/{kind}").text
    with inside.site.transaction() as db:
        assert db.scalars(select(RespondentRequest)).one().kind == kind


def test_a_correction_says_what_is_wrong(inside):
    refused = send(inside.client, "/me/ask/correction", {"details": ""})
    assert (refused.status_code, "Say what is wrong" in refused.text) == (422, True)


def test_without_a_hold_on_the_page_nothing_is_shown_or_done(visitor):
    for path in (f"/me/withdraw/{programme_id(visitor)}/survey", "/me/ask/access"):
        assert visitor.client.get(path).status_code == 422
    assert send(visitor.client, "/me/ask/access", page="/me").status_code == 422
    assert send(visitor.client, f"/me/surveys/{visitor.invited.invitation_id}", page="/me").status_code == 422
    visitor.client.set_cookie("own-page", "forged", path="/me")
    assert "Your number" in visitor.client.get("/me").text


def test_nobody_reaches_what_is_another_person_s(inside):
    with inside.site.transaction() as db:
        stranger = invite(db, db.scalars(select(Wave)).one())
    assert send(inside.client, f"/me/surveys/{stranger.invitation_id}", page="/me").status_code == 422
    assert inside.client.get("/me/withdraw/999/survey").status_code == 422


def test_leaving_closes_the_page_on_every_device_and_a_newer_entry_the_older_one(inside):
    second = inside.site.client()
    send(second, "/me", {"number": inside.study_id, "secret": "1985"})
    closed = inside.client.get("/me")
    assert (closed.status_code, "closed on this device" in closed.text) == (422, True)
    assert "Your number" in inside.client.get("/me").text, "then the entrance is there again"
    assert send(second, "/me/leave", page="/me").location == "/me"
    assert inside.study_id not in second.get("/me").text


def test_a_signed_in_colleague_acts_here_as_a_respondent(site, visitor):
    staff = site.client("program_officer", programmes=("pi",))
    visitor.client = staff
    visitor.enter()
    send(staff, "/me/ask/access")
    with site.transaction() as db:
        entries = db.scalars(select(AuditEntry).where(AuditEntry.action.in_(("own_page_opened", "request_asked")))).all()
        assert {entry.account for entry in entries} == {"respondent"}


def test_no_page_says_who_the_person_is_or_what_the_survey_is_about(site, tmp_path):
    visitor = Visitor(site, tmp_path, phone=True)
    visitor.enter(do="code")
    pages = [visitor.client.get("/me").text, visitor.enter(visitor.code).text, visitor.client.get("/me").text]
    for page in pages:
        assert "evalapp" not in page
        assert not any(words in page for words in (NAME, PHONE, "Baseline", "Programme", "defector"))


def test_a_form_without_its_token_is_told_in_the_page_s_own_frame(visitor):
    refused = visitor.client.post("/me", data={"number": visitor.study_id})
    assert (refused.status_code, "open too long" in refused.text, "evalapp" in refused.text) == (400, True, False)
