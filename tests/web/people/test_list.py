"""The list of people: masks, filters, the search, and lists that are kept."""

from __future__ import annotations

import datetime as dt

import pytest

from evalapp.core.clock import now, today
from evalapp.people.contacts.record_contact import Attempt, record_contact
from evalapp.people.queries import get_programme
from evalapp.training.tables import Cohort, Enrolment
from tests.web.people.crowd import PEOPLE, consent, enter, entries, everything_logged, person_of, publish
from tests.web.site import csrf_token, send


def test_the_list_shows_study_id_and_mask_and_the_log_keeps_that_it_did(site, officer):
    study_id = enter(site, name="홍길동", phone="010-1234-5678", recruitment_channel="website")
    page = officer.get(PEOPLE).text
    assert (study_id in page, "홍○○" in page, "Website" in page, "1 person" in page) == (True,) * 4
    assert "홍길동" not in page
    assert "5678" not in page
    assert [entry.after for entry in entries(site, "identity_masks_shown")] == ['{"people": 1}']


def test_filters_narrow_the_list_and_unknown_ones_are_left_out(site, officer):
    publish(site, "survey")
    ending, other = enter(site, key="a"), enter(site, key="b")
    consent(site, ending, days_ago=360)
    page = officer.get(f"{PEOPLE}?consent=ending&channel=magic&cohort=nowhere").text
    assert (ending in page, other in page) == (True, False)
    assert (ending in (all_of := officer.get(f"{PEOPLE}?consent=%27--").text), other in all_of) == (True, True)
    assert "Nobody fits these filters" in officer.get(f"{PEOPLE}?presence=left").text


def test_who_is_due_is_found_by_the_link_of_the_first_page(site, officer):
    due, other = enter(site, key="a"), enter(site, key="b")
    with site.transaction() as db:
        yesterday = now() - dt.timedelta(days=1)
        record_contact(db, get_programme(db, "pi"), person_of(db, due), "k", Attempt(yesterday, "phone", "no_answer", today()))
    page = officer.get(f"{PEOPLE}?contact=due").text
    assert (due in page, other in page) == (True, False)


def test_interviewers_are_not_told_who_is_in_which_cohort(site, officer):
    trained, other = enter(site, key="a"), enter(site, key="b")
    with site.transaction() as db:
        programme = get_programme(db, "pi")
        cohort = Cohort(programme_id=programme.id, code="spring", arm="comparison")
        db.add(cohort)
        db.flush()
        place = {"programme_id": programme.id, "cohort_id": cohort.id, "entrepreneur_id": person_of(db, trained).id}
        db.add(Enrolment(**place, stage="active", stage_on=today()))
    page = officer.get(f"{PEOPLE}?cohort=spring").text
    assert (trained in page, other in page, "in training" in page) == (True, False, True)
    interviewer = site.client("interviewer", programmes=("pi",))
    page = interviewer.get(f"{PEOPLE}?cohort=spring").text
    assert (trained in page, other in page) == (True, True)
    assert "spring" not in interviewer.get(PEOPLE).text
    assert "spring" in officer.get(f"{PEOPLE}/{trained}").text
    assert "spring" not in interviewer.get(f"{PEOPLE}/{trained}").text


def test_pages_follow_each_other_and_keep_the_filters(site, officer):
    for number in range(51):
        enter(site, key=str(number), recruitment_channel="website")
    first = officer.get(f"{PEOPLE}?channel=website").text
    assert "51 people" in first
    assert f'href="{PEOPLE}?page=2&amp;channel=website"' in first
    assert officer.get(f"{PEOPLE}?page=2").text.count("김○○") == 1
    assert officer.get(f"{PEOPLE}?page=x").status_code == 200


@pytest.mark.parametrize("text", ["홍길동", "010 1234 5678", "HONG@example.org", "2208162517"])
def test_a_person_is_found_by_exactly_what_is_known_and_nothing_typed_stays(site, officer, text):
    whole = {"name": "홍길동", "phone": "010-1234-5678", "email": "hong@example.org", "registration_number": "220-81-62517"}
    study_id = enter(site, key="a", **whole)
    other = enter(site, key="b")
    answer = send(officer, PEOPLE, {"text": text})
    assert answer.status_code == 200
    assert "1 person found" in answer.text
    assert (study_id in answer.text, other in answer.text) == (True, False)
    assert f'value="{text}"' not in answer.text
    assert text not in everything_logged(site)
    assert [entry.after for entry in entries(site, "identity_searched")] == ['{"found": 1}']


def test_a_part_of_a_name_finds_nobody(site, officer):
    enter(site, name="홍길동", phone="010-1234-5678")
    for text in ("홍", "010-1234", "길동"):
        assert "Nobody found" in send(officer, PEOPLE, {"text": text}).text
    assert send(officer, PEOPLE, {"text": " "}).status_code == 422


def test_a_study_id_leads_to_its_person_in_small_letters_too(site, officer):
    study_id = enter(site)
    answer = send(officer, PEOPLE, {"text": study_id.lower()})
    assert (answer.status_code, answer.location) == (303, f"{PEOPLE}/{study_id}")
    stranger = site.client("program_officer", programmes=("other",))
    answer = send(stranger, "/programmes/other/people", {"text": study_id})
    assert (answer.status_code, "Nobody found" in answer.text) == (200, True)


def test_a_list_is_kept_opened_and_kept_no_longer_by_its_owner_alone(site, officer):
    enter(site)
    answer = send(officer, f"{PEOPLE}/views", {"name": "To ask", "query": "consent=not_asked&page=3&sort=study_id"}, page=PEOPLE)
    assert (answer.status_code, answer.location) == (303, f"{PEOPLE}?consent=not_asked&sort=study_id")
    page = officer.get(answer.location).text
    assert f'href="{PEOPLE}?consent=not_asked&amp;sort=study_id" aria-current="page">To ask' in page
    colleague = site.client("program_officer", programmes=("pi",))
    assert "To ask" not in colleague.get(PEOPLE).text
    assert send(colleague, f"{PEOPLE}/views/1/drop", page=PEOPLE).status_code == 404
    assert send(officer, f"{PEOPLE}/views/1/drop", page=PEOPLE).status_code == 303
    assert "To ask" not in officer.get(PEOPLE).text


def test_a_list_named_after_a_number_is_refused_on_its_page(site, officer):
    enter(site)
    answer = send(officer, f"{PEOPLE}/views", {"name": "010-1234-5678", "query": "contact=due"}, page=PEOPLE)
    assert (answer.status_code, "must not hold a number" in answer.text) == (422, True)


def test_without_people_the_officer_is_shown_how_to_begin_and_others_are_not(site, officer):
    assert "Paste a list" in officer.get(PEOPLE).text
    page = site.client("interviewer", programmes=("pi",)).get(PEOPLE).text
    assert "Nobody is registered yet" in page
    assert "Paste a list" not in page
    assert csrf_token(page)
