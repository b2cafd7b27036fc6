"""Two records that may be one person: compared, made one, judged to be two, parted again."""

from __future__ import annotations

import pytest

from tests.web.people.crowd import PEOPLE, enter, entries
from tests.web.site import send

WHY = {"reason": "confirmed by telephone"}


@pytest.fixture
def pair(site, officer):  # noqa: ARG001 - the programme is there with its officer
    return [enter(site, key=key, phone="010-1234-5678", name=name) for key, name in (("a", "홍길동"), ("b", "김하나"))]


@pytest.fixture
def compare(pair):
    return f"{PEOPLE}/duplicates/{pair[0]}/{pair[1]}"


def test_pairs_are_listed_with_what_agrees_and_masked(officer, compare):
    page = officer.get(f"{PEOPLE}/duplicates").text
    assert f'href="{compare}"' in page
    assert ("Telephone" in page, "홍○○" in page, "홍길동" in page) == (True, True, False)
    assert officer.get(compare).text.count("010-••••-5678") == 2


@pytest.mark.parametrize(("judgement", "keeps"), [("keep_first", 0), ("keep_second", 1)])
def test_one_person_is_made_one_record_and_parted_again(site, officer, pair, compare, judgement, keeps):
    kept, merged = pair[keeps], pair[1 - keeps]
    answer = send(officer, compare, {**WHY, "judgement": judgement})
    assert (answer.status_code, answer.location) == (303, f"{PEOPLE}/{kept}")
    assert officer.get(f"{PEOPLE}/{merged}").location == f"{PEOPLE}/{kept}"
    assert f"{merged} was merged into this record" in officer.get(f"{PEOPLE}/{kept}").text
    assert "No two records look like one person" in officer.get(f"{PEOPLE}/duplicates").text
    undo = f"{PEOPLE}/{kept}/merges/1/undo"
    assert send(officer, undo, {"reason": "x"}).status_code == 422
    assert send(officer, undo, {"reason": "two brothers after all"}).status_code == 303
    assert officer.get(f"{PEOPLE}/{merged}").status_code == 200
    assert officer.get(undo).status_code == 404
    assert [entry.reason for entry in entries(site, "records_merged")] == [WHY["reason"]]


def test_two_people_are_not_asked_about_again(site, officer, compare):
    assert send(officer, compare, {**WHY, "judgement": "two_people"}).location == f"{PEOPLE}/duplicates"
    assert "No two records look like one person" in officer.get(f"{PEOPLE}/duplicates").text
    assert len(entries(site, "duplicate_denied")) == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"judgement": "keep_first", "reason": ""}, "Fill this in"),
        ({"judgement": "", **WHY}, "Fill this in"),
        ({"judgement": "both", **WHY}, "not one of the choices"),
        ({"judgement": "keep_first", "reason": "see hong@example.org"}, "must not hold a number"),
    ],
)
def test_without_judgement_and_reason_nothing_happens(site, officer, compare, data, said):
    answer = send(officer, compare, data)
    assert (answer.status_code, said in answer.text) == (422, True)
    assert entries(site, "records_merged") == []


def test_any_other_record_of_the_programme_can_be_compared(site, officer, pair, compare):
    stranger = site.client("program_officer", programmes=("other",))
    assert stranger.get("/programmes/other").status_code == 200
    path = f"{PEOPLE}/{pair[0]}/merge"
    assert send(officer, path, {"other": pair[1].lower()}).location == compare
    for other in (pair[0], "", "PI-0000-0"):
        assert send(officer, path, {"other": other}).status_code == 422


def test_a_record_is_not_merged_with_itself(officer, pair):
    path = f"{PEOPLE}/duplicates/{pair[0]}/{pair[0]}"
    answer = send(officer, path, {**WHY, "judgement": "keep_first"})
    assert (answer.status_code, "not two records but one" in answer.text) == (422, True)
