"""Interviews held on somebody's behalf."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from evalapp.core.clock import today
from evalapp.people.consents.withdraw_consent import withdraw_consent
from evalapp.people.contacts.tables import ContactAttempt
from evalapp.people.tables import Entrepreneur, Programme
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.tables import Submission
from tests.web.answering.surveys import answer_all, hand_in, open_survey, press
from tests.web.site import send

LIST = "/programmes/pi/interviews"


@pytest.fixture
def interviewer(site):
    return site.client("interviewer", programmes=("pi",))


@pytest.fixture
def invited(site):
    return open_survey(site)


def start(client, invited, **fields):
    return send(client, f"{LIST}/{invited.invitation_id}", {"mode": "phone", **fields})


def test_the_list_shows_who_is_awaited_and_how_to_reach_them(interviewer, invited):
    page = interviewer.get(LIST).text
    assert invited.study_id in page
    assert f"/programmes/pi/people/{invited.study_id}" in page
    assert f"{LIST}/{invited.invitation_id}" in page


def test_an_interview_is_held_handed_in_and_the_contact_recorded(site, interviewer, invited):
    first = start(interviewer, invited, mode="face_to_face").location
    check = answer_all(interviewer, first)
    done = hand_in(interviewer, check)
    assert done.location == f"{LIST}/{invited.invitation_id}/outcome?outcome=complete&channel=visit"
    page = interviewer.get(done.location).text
    assert re.search(r'<option value="complete" selected>', page)
    key = re.search(r'name="key" value="(\w+)"', page)[1]
    outcome = {"channel": "visit", "outcome": "complete", "key": key, "note": "quiet place"}
    for _ in range(2):
        assert send(interviewer, f"{LIST}/{invited.invitation_id}/outcome", outcome).location == LIST
    with site.transaction() as db:
        submission = db.scalars(select(Submission)).one()
        attempt = db.scalars(select(ContactAttempt)).one()
        assert submission.mode == "face_to_face"
        assert submission.account == attempt.account != ""
    assert invited.study_id not in interviewer.get(LIST).text


def test_an_interview_that_is_cut_off_is_kept_and_gone_on_with(site, interviewer, invited):
    first = start(interviewer, invited).location
    press(interviewer, first, firm_operating="yes")
    second = first.removesuffix("1") + "2"
    left = press(interviewer, second, "leave", revenue_krw="900")
    assert left.location == f"{LIST}/{invited.invitation_id}/leave"
    assert interviewer.get(left.location).location.endswith("outcome?outcome=partial_cut_off&channel=phone")
    again = site.client("interviewer", programmes=("pi",))
    assert start(again, invited).location == second
    assert 'value="900"' in again.get(second).text


def test_how_the_interview_is_held_must_be_said(interviewer, invited):
    page = start(interviewer, invited, mode="")
    assert page.status_code == 422
    assert "Fill this in." in page.text


def test_the_consent_text_is_read_out_and_its_answer_recorded_by_the_interviewer(site, interviewer):
    invited = open_survey(site, consent=False)
    assert "Read this out" in interviewer.get(f"{LIST}/{invited.invitation_id}").text
    version = {"version": "1", "text_language": "en"}
    assert start(interviewer, invited, **version).location == f"{LIST}/{invited.invitation_id}"
    assert start(interviewer, invited, consent="yes", **version).location.endswith("/answer/1")


def test_a_no_on_the_telephone_is_taken_and_noted(site, interviewer, invited):
    start(interviewer, invited)
    declined = send(interviewer, f"{LIST}/{invited.invitation_id}/decline")
    noted = interviewer.get(declined.location)
    assert noted.location.endswith("outcome?outcome=refused&channel=phone")
    with site.transaction() as db:
        assert db.get_one(Invitation, invited.invitation_id).state == "refused"
        assert db.scalars(select(SurveyDraft)).all() == []


def test_who_said_no_is_not_on_the_list(site, interviewer, invited):
    with site.transaction() as db:
        person = db.scalars(select(Entrepreneur).where(Entrepreneur.study_id == invited.study_id)).one()
        withdraw_consent(db, db.scalars(select(Programme)).one(), person, today(), "burden", {"survey"})
    assert invited.study_id not in interviewer.get(LIST).text


def test_an_interview_of_another_programme_is_not_there(site, invited):
    stranger = site.client("interviewer", programmes=("other",))
    for path in (LIST, f"{LIST}/{invited.invitation_id}", f"{LIST.replace('pi', 'other')}/{invited.invitation_id}"):
        assert stranger.get(path).status_code == 404


def test_the_interviewers_own_language_does_not_change_with_that_of_the_answers(interviewer, invited):
    first = start(interviewer, invited).location
    press(interviewer, first, "language:ko")
    page = interviewer.get(first).text
    assert '<html lang="en"' in page
    assert '<div id="questions" lang="ko">' in page
    assert "지금도 사업을 하고 있습니까?" in page
