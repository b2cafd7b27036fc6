"""The page of a person, and what is recorded there: contacts, consents, enterprises, an exit."""

from __future__ import annotations

import datetime as dt

import pytest

from evalapp.core.clock import SEOUL, now, today
from evalapp.people.queries import get_programme
from evalapp.people.tables import StudyIdAlias
from evalapp.surveys.tables import Instrument, Submission, Wave
from evalapp.training.enrolments.tables import EnrolmentStep
from evalapp.training.tables import Attendance, Cohort, Enrolment, Trainer, TrainingSession
from tests.web.people.crowd import PEOPLE, consent, enter, entries, everything_logged, person_of, publish
from tests.web.site import send


@pytest.fixture
def page(site, officer):  # noqa: ARG001 - the programme is there with its officer
    """The address of a person's page."""
    return f"{PEOPLE}/{enter(site, phone='010-1234-5678', enterprise_name='한라산 식당', industry='catering')}"


def at(moment):
    return {"on": f"{moment.astimezone(SEOUL):%Y-%m-%d}", "at": f"{moment.astimezone(SEOUL):%H:%M}"}


def attempt(**changes):
    return {"channel": "phone", "outcome": "no_answer", "key": "k1", **at(now() - dt.timedelta(minutes=5)), **changes}


def test_the_page_shows_masks_and_never_what_they_cover(officer, page):
    shown = officer.get(page).text
    assert ("김○○" in shown, "010-••••-5678" in shown, "한○○" in shown, "Catering" in shown) == (True,) * 4
    assert not any(secret in shown for secret in ("김하늘", "010-1234-5678", "한라산"))


def test_an_alias_leads_to_the_address_of_the_study_id(site, officer, page):
    study_id = page.rpartition("/")[2]
    with site.transaction() as db:
        alias = {"programme_id": get_programme(db, "pi").id, "entrepreneur_id": person_of(db, study_id).id}
        db.add(StudyIdAlias(alias="A-17", **alias))
    assert officer.get(f"{PEOPLE}/A-17").location == page
    assert officer.get(page.lower().replace("/programmes/pi/people", PEOPLE)).location == page
    assert "A-17" in officer.get(page).text


def test_the_history_gathers_every_stage_the_newest_first(site, officer, page):
    publish(site, "survey")
    study_id = page.rpartition("/")[2]
    consent(site, study_id, days_ago=9)
    with site.transaction() as db:
        _train_and_survey(db, get_programme(db, "pi"), person_of(db, study_id))
    send(officer, f"{page}/contacts/new", attempt())
    history = officer.get(page).text.partition("History")[2]
    happened = (
        "Telephone: Nobody answered", "Came to 1 of 2 sessions", "Cohort spring: in training (the training began)", "Baseline: approved",
        "Answers to surveys: given (version v1)", "Registered in the programme",
    )  # fmt: skip
    places = [history.find(text) for text in happened]
    assert -1 not in places
    assert places == sorted(places)
    interviewer = site.client("interviewer", programmes=("pi",)).get(page).text
    assert ("Baseline: approved" in interviewer, "spring" in interviewer, "sessions" in interviewer) == (True, False, False)


def _train_and_survey(db, programme, person):
    day, theirs = today() - dt.timedelta(days=4), {"entrepreneur_id": person.id}
    form = Instrument(code="i", version="1", definition="{}", sha256="0" * 64, published_at=now())
    trainer = Trainer(code="T1")
    cohort = Cohort(programme_id=programme.id, code="spring", arm="treatment", starts_on=day)
    db.add_all([form, trainer, cohort])
    db.flush()
    wave = Wave(
        programme_id=programme.id, instrument_id=form.id, code="bl", round=1, label_ko="사전", label_en="Baseline",
        opens_on=day, closes_on=day, survey_year=2026,
    )  # fmt: skip
    sessions = [
        TrainingSession(
            cohort_id=cohort.id, lead_trainer_id=trainer.id, number=number, module="m", state="held", planned_minutes=60,
            held_on=day + dt.timedelta(days=number),
        )
        for number in (1, 2)
    ]  # fmt: skip
    db.add_all([wave, *sessions])
    db.flush()
    enrolment = Enrolment(programme_id=programme.id, cohort_id=cohort.id, stage="active", stage_on=day, **theirs)
    db.add(enrolment)
    db.flush()
    step = {"stepped_on": day, "reason": "begun", "account": "AC-1", "recorded_at": now()}
    db.add(EnrolmentStep(enrolment_id=enrolment.id, to_stage="active", cohort_id=cohort.id, **step))
    db.add(Submission(wave_id=wave.id, state="approved", answered_on=day - dt.timedelta(days=1), received_at=now(), **theirs))
    for session, status, minutes in zip(sessions, ("unexcused", "present"), (0, 60), strict=True):
        db.add(Attendance(session_id=session.id, status=status, minutes=minutes, **theirs))


def test_a_contact_is_recorded_once_and_its_note_is_read_with_an_entry(site, officer, page):
    note = "calls back after work"
    for _ in range(2):
        assert send(officer, f"{page}/contacts/new", attempt(note=note, next_on=today().isoformat())).status_code == 303
    shown = officer.get(page).text
    assert shown.count("Telephone: Nobody answered") == 1
    assert note not in shown
    read = send(officer, f"{page}/notes", page=page)
    assert note in read.text
    assert [entry.after for entry in entries(site, "contact_notes_read")] == ['{"notes": 1, "programme": "pi"}']
    assert note not in everything_logged(site)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"channel": ""}, "Fill this in"),
        ({"outcome": "magic"}, "not one of the choices"),
        ({"at": "later"}, "hours and minutes"),
        ({"on": "2099-01-01"}, "in the future"),
        ({"next_on": "2020-01-01"}, "cannot be before"),
        ({"note": "850302-1234567"}, "resident registration number"),
        ({"note": "x" * 1001}, "Shorten it"),
        ({"key": ""}, "no key"),
    ],
)
def test_a_contact_that_cannot_be_is_refused_with_what_was_typed(site, officer, page, change, said):
    answer = send(officer, f"{page}/contacts/new", attempt(note="kept text") | change)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert change.get("note", "kept text") in answer.text
    assert entries(site, "contact_recorded") == []


def test_who_does_not_want_to_be_contacted_is_marked_everywhere(site, officer, page):
    publish(site, "recontact")
    said = {"said": "refused", "text": "v1:ko", "on": (today() - dt.timedelta(days=1)).isoformat()}
    assert send(officer, f"{page}/consents/recontact", said).status_code == 303
    assert "Do not contact this person" in officer.get(page).text
    assert "Do not contact this person" in officer.get(f"{page}/contacts/new").text
    answer = send(officer, f"{page}/contacts/new", attempt(**at(now())))
    assert (answer.status_code, "do not want to be contacted" in answer.text) == (422, True)


def test_a_consent_is_asked_given_renewed_and_withdrawn(site, officer, page):
    publish(site, "survey")
    path, day = f"{page}/consents/survey", today().isoformat()
    asked = {"text": "v1:ko", "on": (today() - dt.timedelta(days=3)).isoformat()}
    assert "Agrees again" not in (shown := officer.get(path).text)
    assert "설문에 동의합니다." in shown
    for said in ("requested", "given"):
        assert send(officer, path, {**asked, "said": said}).status_code == 303
    shown = officer.get(path).text
    assert ("Agrees again" in shown, "Does not agree" in shown) == (True, False)
    assert send(officer, path, {"said": "renewed", "text": "v1:en", "on": day}).status_code == 303
    assert "renewed" in officer.get(page).text
    withdrawal = {"purpose_survey": "yes", "withdrawn_on": day, "reason": "burden"}
    assert send(officer, f"{page}/withdrawal", withdrawal).status_code == 303
    assert "withdrawn" in officer.get(page).text
    assert [entry.reason for entry in entries(site, "consent_withdrawn")] == ["burden"]
    assert "There is nothing to withdraw" in officer.get(f"{page}/withdrawal").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"said": ""}, "Fill this in"),
        ({"said": "renewed"}, "no earlier consent"),
        ({"text": "v9:ko"}, "No consent text is published"),
        ({"text": "v1"}, "No consent text is published"),
        ({"on": "2099-01-01"}, "in the future"),
    ],
)
def test_a_consent_that_cannot_be_is_refused_and_not_half_written(site, officer, page, change, said):
    publish(site, "survey")
    answer = send(officer, f"{page}/consents/survey", {"said": "given", "text": "v1:ko", "on": today().isoformat()} | change)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert "not asked" in officer.get(page).text
    assert entries(site, "consent_given") == []


def test_without_a_published_text_nobody_can_be_asked(officer, page):
    assert "No text is published for this purpose" in officer.get(f"{page}/consents/linkage").text
    assert officer.get(f"{page}/consents/magic").status_code == 404


def test_a_withdrawal_names_what_is_withdrawn(site, officer, page):
    publish(site, "survey", "recontact")
    for purpose in ("survey", "recontact"):
        consent(site, page.rpartition("/")[2], purpose)
    one = officer.get(f"{page}/withdrawal?purpose=recontact").text
    assert one.count(" checked") == 1
    assert officer.get(f"{page}/withdrawal").text.count(" checked") == 2
    day = {"withdrawn_on": today().isoformat(), "reason": "privacy"}
    refused = send(officer, f"{page}/withdrawal", day)
    assert (refused.status_code, "Choose what is withdrawn" in refused.text) == (422, True)
    early = {**day, "withdrawn_on": "2020-01-01", "purpose_recontact": "yes"}
    assert send(officer, f"{page}/withdrawal", early).status_code == 422
    assert send(officer, f"{page}/withdrawal", {**day, "purpose_recontact": "yes"}).status_code == 303
    assert [entry.after for entry in entries(site, "consent_withdrawn")] == [
        f'{{"on": "{today()}", "programme": "pi", "purposes": ["recontact"]}}'
    ]


def test_texts_are_published_in_both_languages_and_stay(site, officer):
    path = f"{PEOPLE}/consent-texts"
    text = {
        "purpose": "survey",
        "version": "2026-1",
        "text_ko": "동의합니다. 문의: 02-123-4567",
        "text_en": "I agree.",
        "valid_months": "12",
    }
    assert send(officer, f"{path}/new", text).status_code == 303
    assert "valid for 12 months" in officer.get(path).text
    refused = send(officer, f"{path}/new", text | {"text_en": "I agree to all."})
    assert (refused.status_code, "Give the new text a new version" in refused.text) == (422, True)
    assert send(officer, f"{path}/new", text | {"version": "2026-2", "text_ko": ""}).status_code == 422
    assert send(officer, f"{path}/new", text | {"version": "2026-2", "valid_months": "0"}).status_code == 422
    assert send(officer, f"{path}/new", text | {"version": "2026-2", "text_en": "x" * 20_001}).status_code == 422
    assert len(entries(site, "consent_text_published")) == 1


def test_an_enterprise_is_added_closed_and_another_made_current(officer, page):
    assert send(officer, f"{page}/enterprises/new", {"opened_on": "2026-01-05", "industry": "retail"}).status_code == 303
    shown = officer.get(page).text
    assert ("Retail" in shown, "Make it the current one" in shown) == (True, True)
    assert send(officer, f"{page}/enterprises/2", {"kind": "closed", "happened_on": "2026-03-01"}).status_code == 303
    assert "closed" in officer.get(page).text
    assert 'value="reopened"' in officer.get(f"{page}/enterprises/2").text
    refused = send(officer, f"{page}/enterprises/2", {"kind": "reopened", "happened_on": "2026-02-01"})
    assert (refused.status_code, "Events are recorded in order" in refused.text) == (422, True)
    assert send(officer, f"{page}/enterprises/1/current", page=page).status_code == 303
    assert send(officer, f"{page}/enterprises/2/current", page=page).status_code == 422
    assert send(officer, f"{page}/enterprises/new", {"opened_on": "2099-01-01"}).status_code == 422


def test_the_enterprise_of_another_person_is_not_there(site, officer, page):
    other = f"{PEOPLE}/{enter(site, key='2')}"
    assert officer.get(f"{other}/enterprises/1").status_code == 404
    assert send(officer, f"{other}/enterprises/1", {"kind": "closed"}, page=page).status_code == 404
    assert send(officer, f"{other}/enterprises/1/current", page=page).status_code == 404


def test_an_exit_is_recorded_and_taken_back_with_a_reason(site, officer, page):
    assert send(officer, f"{page}/exit", {"reason": "moved", "left_on": "2099-01-01"}).status_code == 422
    assert send(officer, f"{page}/exit", {"reason": "moved", "left_on": today().isoformat()}).status_code == 303
    assert "Left the programme" in officer.get(page).text
    for reason in ("", "x", "call 010-1234-5678"):
        refused = send(officer, f"{page}/exit/undo", {"reason": reason}, page=f"{page}/exit")
        assert refused.status_code == 422
    assert send(officer, f"{page}/exit/undo", {"reason": "came back to us"}, page=f"{page}/exit").status_code == 303
    assert "Left the programme" not in officer.get(page).text
    assert [entry.reason for entry in entries(site, "exit_undone")] == ["came back to us"]


def test_an_interviewer_records_contacts_and_consents_and_manages_nothing(site, page):
    publish(site, "survey")
    interviewer = site.client("interviewer", programmes=("pi",))
    shown = interviewer.get(page).text
    assert ("Record a contact" in shown, "/consents/survey" in shown) == (True, True)
    for button in ("Record an exit", "Add an enterprise", "Merge with", "asks to be forgotten", "Change the identity"):
        assert button not in shown
    assert send(interviewer, f"{page}/contacts/new", attempt()).status_code == 303
    assert "Publish a text" not in interviewer.get(f"{PEOPLE}/consent-texts").text


def test_a_privacy_officer_sees_and_erases_and_does_nothing_else(site, page):
    privacy = site.client("privacy_officer")
    shown = privacy.get(page).text
    assert "asks to be forgotten" in shown
    for button in ("Record a contact", "Record an exit", "Merge with", "/consents/survey", "Add an enterprise"):
        assert button not in shown
