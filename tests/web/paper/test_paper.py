"""Paper forms in the pages: typed blind by two, decided by a third, looked back at in review."""

from __future__ import annotations

import re
import threading

import pytest
from sqlalchemy import select

from evalapp.core.clock import today
from evalapp.core.errors import AppError
from evalapp.people.queries import get_registered
from evalapp.surveys.double_entry.begin_entry import begin_entry
from evalapp.surveys.double_entry.merge_entries import merge_entries
from evalapp.surveys.double_entry.queries import Decision
from evalapp.surveys.double_entry.tables import PaperEntry, PaperForm
from evalapp.surveys.tables import Answer, Submission, Wave
from tests.web.answering.surveys import hidden, press
from tests.web.paper.typists import LIST, Papers
from tests.web.site import send

HOURS = {"hours": {"hours": "40"}}
OTHER_HOURS = {"hours": {"hours": "41"}}


@pytest.fixture
def papers(site):
    return Papers(site)


def test_a_form_is_typed_twice_decided_and_stands_in_review_with_both_entries(site, papers):
    papers.type(papers.first, HOURS)
    assert "Typed once" in papers.second.get(LIST).text
    papers.type(papers.second, OTHER_HOURS)
    assert "Paper forms typed twice" in papers.officer.get("/work").text
    page = papers.officer.get(papers.to_decide).text
    assert "1 field differs" in papers.officer.get(LIST).text
    names = re.findall(r'name="(pick\d+)" value="first"', page)
    assert len(names) == 1
    nothing = send(papers.officer, papers.to_decide)
    assert nothing.status_code == 422
    assert "Fill this in." in nothing.text
    number = names[0].removeprefix("pick")
    without_reason = {names[0]: "other", f"other{number}": "44"}
    assert "few words" in send(papers.officer, papers.to_decide, without_reason).text
    unreadable = {**without_reason, f"other{number}": "many", f"reason{number}": "rubbed out twice"}
    assert "not a number" in send(papers.officer, papers.to_decide, unreadable).text
    address = papers.to_decide
    decided = {**without_reason, f"reason{number}": "rubbed out twice"}
    assert send(papers.officer, address, decided).location == LIST
    with site.transaction() as db:
        submission = db.scalars(select(Submission)).one()
        assert db.scalars(select(Answer.text).where(Answer.variable == "hours")).one() == "44"
    review = f"/programmes/pi/review/{submission.id}"
    assert "Typed twice: 1 of" in papers.officer.get(review).text
    evidence = papers.officer.get(f"{review}/paper").text
    assert all(words in evidence for words in ("40", "41", "44", "rubbed out twice"))
    again = papers.officer.get(address)
    assert again.location == f"{review}/paper", "whoever comes later sees what was decided"
    rates = papers.first.get("/programmes/pi/interviews/paper").text
    assert rates.count('<tr><th scope="row">AC-') == 1, "an interviewer sees the own rate"
    assert papers.officer.get("/programmes/pi/interviews/paper").text.count('<tr><th scope="row">AC-') == 2


def test_entries_that_agree_are_taken_over_at_a_press(site, papers):
    for client in (papers.first, papers.second):
        papers.type(client, HOURS)
    assert "agree everywhere" in papers.officer.get(LIST).text
    assert send(papers.officer, f"{LIST}/agreeing", page=LIST).location == LIST
    with site.transaction() as db:
        assert db.scalars(select(Submission)).one().mode == "paper"


def test_the_second_typist_meets_an_empty_form_and_never_the_first_entry(papers):
    entry = papers.type(papers.first, HOURS)
    first = papers.begin(papers.second).location
    page = papers.second.get(first[:-1] + "2").text
    assert hidden(page)["screen"] == "hours"
    assert 'value="40"' not in page
    own = int(re.search(r"/paper/(\d+)/", first)[1])
    for rest in ("answer/3", "check", "leave", "drop"):
        assert papers.second.get(f"/programmes/pi/interviews/paper/{entry}/{rest}").status_code == 404, rest
        assert papers.first.get(f"/programmes/pi/interviews/paper/{own}/{rest}").status_code == 404, rest
    answer = papers.second.get(first)
    assert answer.headers["Cache-Control"] == "no-store", "the browser's way back shows nothing either"
    assert papers.officer.get("/programmes/pi/review?state=all").text.count(papers.study_id) == 0
    timeline = papers.second.get(f"/programmes/pi/people/{papers.study_id}").text
    assert "Baseline" not in timeline


def test_a_typist_is_not_shown_the_comparison(papers):
    papers.type(papers.first, HOURS)
    papers.type(papers.second, OTHER_HOURS)
    refused = papers.second.get(papers.to_decide)
    assert refused.status_code == 422
    assert "40" not in re.sub(r"<[^>]+>", "", refused.text)


def test_a_finished_entry_cannot_be_opened_again(papers):
    entry = papers.type(papers.first, HOURS)
    for rest in ("answer/3", "check"):
        refused = papers.first.get(f"/programmes/pi/interviews/paper/{entry}/{rest}")
        assert (refused.status_code, "finished" in refused.text) == (422, True)


def test_what_is_wrong_on_the_paper_goes_on_as_it_stands(papers):
    first = papers.begin(papers.first).location
    press(papers.first, first, firm_operating="yes")
    second = first[:-1] + "2"
    refused = press(papers.first, second, revenue_krw="-5")
    assert refused.status_code == 422
    assert "It stands like this on the form" in refused.text
    assert press(papers.first, second, "as_written", revenue_krw="-5").location == first[:-1] + "3"


def test_a_study_id_leads_to_its_form_and_an_unknown_one_is_told(papers):
    found = papers.first.get(f"{LIST}?study_id={papers.study_id.lower()}")
    assert found.location == f"{LIST}/{papers.study_id}"
    unknown = papers.first.get(f"{LIST}?study_id=PI-XXXX-0")
    assert (unknown.status_code, "nobody with this study ID" in unknown.text) == (422, True)


def test_a_form_without_a_recorded_consent_needs_the_signed_one(site):
    papers = Papers(site, consent=False)
    page = papers.first.get(f"{LIST}/{papers.study_id}").text
    assert "Answers are kept apart from your name" in page
    fields = {"version": "1", "text_language": "en"}
    assert papers.begin(papers.first, signed="no", **fields).status_code == 422
    assert papers.begin(papers.first, signed="yes", **fields).location.endswith("/answer/1")


def test_an_officer_frees_an_entry_that_was_left_lying(site, papers):
    papers.begin(papers.first)
    page = papers.officer.get(LIST).text
    drop = re.search(r'href="(/programmes/pi/interviews/paper/\d+/drop)"', page)[1]
    assert send(papers.officer, drop, {"reason": ""}).status_code == 422
    assert send(papers.officer, drop, {"reason": "the typist has left"}).location == LIST
    with site.transaction() as db:
        assert db.scalars(select(PaperEntry)).all() == []


@pytest.mark.parametrize("what", ["begin", "decide"])
def test_of_two_who_do_the_same_at_once_one_wins_and_the_other_is_told(site, papers, what):
    papers.type(papers.first, HOURS)
    if what == "decide":
        papers.type(papers.second, OTHER_HOURS)
    said, ready = [], threading.Barrier(2)

    def act(account):
        ready.wait()
        try:
            with site.transaction(account, "interviewer") as db:
                if what == "begin":
                    wave = db.scalars(select(Wave)).one()
                    said.append(begin_entry(db, wave, get_registered(db, wave.programme_id, papers.study_id), today(), "ko").number)
                else:
                    submission = merge_entries(db, db.scalars(select(PaperForm)).one(), {"hours": Decision("first", "")})
                    said.append(submission.mode)
        except AppError as refused:
            said.append(str(refused))

    threads = [threading.Thread(target=act, args=(account,)) for account in ("AC-ONE", "AC-OTHER")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    won, lost = {"begin": (2, "Two people type this form already"), "decide": ("paper", "Somebody else has decided")}[what]
    assert won in said
    assert any(str(words).startswith(lost) for words in said)
