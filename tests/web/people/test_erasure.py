"""Journey 10: a person asks to be forgotten."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from evalapp.core.clock import today
from evalapp.people.queries import get_programme
from evalapp.people.records.tables import Erasure
from evalapp.people.tables import Entrepreneur, Registration
from evalapp.people.vault.tables import IdentityField
from tests.web.people.crowd import PEOPLE, consent, enter, entries, person_of, publish
from tests.web.site import asks_for_password, csrf_token, send

WHY = "asked for it by telephone"


@pytest.fixture
def study_id(site, officer):  # noqa: ARG001 - the programme is there with its officer
    publish(site, "survey")
    return enter(site, phone="010-1234-5678")


def page_of(study_id):
    return f"{PEOPLE}/{study_id}/erase"


def form(study_id, kind="everything"):
    return {"kind": kind, "reason": WHY, "study_id": study_id}


def left(site):
    with site.transaction() as db:
        return len(db.scalars(select(Entrepreneur.id)).all()), len(db.scalars(select(IdentityField.id)).all())


def test_the_page_says_what_goes_and_offers_what_the_consents_ask_for(site, officer, study_id):
    page = officer.get(page_of(study_id)).text
    assert ("fields of identity: 2" in page, "registrations: 1" in page, "cannot be undone" in page) == (True,) * 3
    assert 'value="everything" checked' in page
    consent(site, study_id)
    assert 'value="identity_only" checked' in officer.get(page_of(study_id)).text


def test_everything_is_removed_and_the_proof_says_where_the_log_holds_it(site, officer, study_id):
    answer = send(officer, page_of(study_id), form(study_id))
    assert (answer.status_code, answer.location) == (303, f"{PEOPLE}/erased/{study_id}")
    assert left(site) == (0, 0)
    (entry,) = entries(site, "person_erased")
    assert (entry.subject, entry.reason, entry.role) == (study_id, WHY, "program_officer")
    page = officer.get(answer.location).text
    assert (f"<dd>{entry.number}</dd>" in page, "fields of identity: 2" in page) == (True, True)
    assert officer.get(f"{PEOPLE}/{study_id}").status_code == 404
    assert study_id not in officer.get(PEOPLE).text


def test_the_identity_alone_is_removed_and_the_record_stays(site, officer, study_id):
    consent(site, study_id)
    answer = send(officer, page_of(study_id), form(study_id.lower(), "identity_only"))
    assert answer.location == f"{PEOPLE}/erased/{study_id}"
    assert f'href="{PEOPLE}/{study_id}"' in officer.get(answer.location).text
    page = officer.get(f"{PEOPLE}/{study_id}").text
    assert left(site) == (1, 0)
    assert ("Identity erased" in page, "Nothing that identifies the person is recorded" in page) == (True, True)
    assert "given" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"study_id": "PI-0000-0"}, "another study ID"),
        ({"study_id": ""}, "Fill this in"),
        ({"reason": ""}, "Fill this in"),
        ({"reason": "call 010-1234-5678"}, "telephone"),
        ({"kind": "half"}, "not one of the choices"),
    ],
)
def test_nobody_is_erased_by_mistake(site, officer, study_id, change, said):
    answer = send(officer, page_of(study_id), form(study_id) | change)
    assert (answer.status_code, said in answer.text, left(site)) == (422, True, (1, 2))


def test_a_second_press_leads_to_the_proof(site, officer, study_id):
    token = csrf_token(officer.get(page_of(study_id)).text)
    answers = [officer.post(page_of(study_id), data={"csrf_token": token, **form(study_id)}) for _ in range(2)]
    assert [(answer.status_code, answer.location) for answer in answers] == [(303, f"{PEOPLE}/erased/{study_id}")] * 2
    assert len(entries(site, "person_erased")) == 1


def test_the_password_is_asked_for_again_before_and_on_the_way(site, study_id):
    code = site.account("program_officer", programmes=("pi",))
    late = site.app.test_client()
    late.set_cookie("language", "en")
    site.sign_in(late, code, confirmed=False)
    assert late.get(page_of(study_id)).location == f"/confirm?back={page_of(study_id)}"
    token = csrf_token(late.get(PEOPLE).text)
    answer = late.post(page_of(study_id), data={"csrf_token": token, **form(study_id), "back": page_of(study_id)})
    assert asks_for_password(answer)
    assert left(site) == (1, 2)


def test_a_privacy_officer_erases_and_sees_the_entry(site, study_id):
    privacy = site.client("privacy_officer")
    assert send(privacy, page_of(study_id), form(study_id)).status_code == 303
    page = privacy.get(f"{PEOPLE}/erased/{study_id}").text
    assert f'href="/audit?subject={study_id}"' in page


def test_the_proof_of_nobody_is_not_there(site, officer, study_id):
    assert officer.get(f"{PEOPLE}/erased/{study_id}").status_code == 404
    with site.transaction() as db:
        assert db.scalars(select(Erasure)).all() == []


def test_who_is_in_another_programme_too_is_forgotten_there_as_well_and_the_page_says_so(site, officer, study_id):
    site.account("program_officer", programmes=("other",))
    with site.transaction() as db:
        place = {"programme_id": get_programme(db, "other").id, "entrepreneur_id": person_of(db, study_id).id}
        db.add(Registration(registered_on=today(), **place))
    assert "The person is in 1 other programme too" in officer.get(page_of(study_id)).text
