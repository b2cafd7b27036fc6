"""The pages of review: what they show, refuse, and keep from those whom it does not concern."""

import io

import pytest

from evalapp.core.audit.tables import AuditEntry
from evalapp.surveys.review.tables import BackCheck, Correction, QualityFlag, QualityRule, SubmissionQuery
from evalapp.surveys.tables import Answer, Submission, WaveLock
from tests.web.review.submissions import Reviewed
from tests.web.site import csrf_token, send


@pytest.fixture
def officer(site):
    return site.client("program_officer", programmes=("pi",))


@pytest.fixture
def interviewer(site):
    return site.account("interviewer", programmes=("pi",))


@pytest.fixture
def reviewed(site, officer, interviewer):  # noqa: ARG001 - the officer brings the programme
    return Reviewed(site, interviewer=interviewer)


def test_the_queue_shows_the_worst_doubt_first_and_begins_with_it(reviewed, officer):
    page = officer.get(reviewed.url()).text
    places = [page.index(study_id) for study_id in ("PI-0004-4", "PI-0001-1", "PI-0002-2", "PI-0003-3")]
    assert places == sorted(places)
    assert f'{reviewed.url("PI-0004-4")}"' in page


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("flag=straight_lining", "PI-0002-2", "PI-0001-1"),
        ("flag=none", "PI-0003-3", "PI-0001-1"),
        ("wave=bl&state=approved", "PI-0001-1", "with issues</span>"),
        ("state=rejected", "No submission fits", "PI-0001-1"),
    ],
)
def test_the_queue_can_be_narrowed(reviewed, officer, query, shown, hidden):
    page = officer.get(f"{reviewed.url()}?{query}").text
    assert shown in page
    assert hidden not in page


def test_a_submission_stands_beside_earlier_answers_with_its_doubts(reviewed, officer):
    page = officer.get(reviewed.url("PI-0001-1")).text
    assert "₩2,000,000" in page
    assert "₩1,500,000" in page
    assert page.count("The profit is above the revenue.") == 3  # among the doubts, in the link to clear it, beside its answer
    assert "14.0 min" in page


def test_a_decision_leads_to_the_next_submission_of_the_queue(reviewed, officer):
    page = reviewed.url("PI-0002-2", "?state=waiting")
    answer = send(officer, reviewed.url("PI-0002-2", "/decide?state=waiting"), {"to_state": "approved", "version": "1"}, page=page)
    assert answer.status_code == 303
    assert answer.location == reviewed.url("PI-0003-3", "?state=waiting")
    assert reviewed.state("PI-0002-2") == "approved"


def test_the_last_decision_leads_back_to_the_queue(reviewed, officer):
    decide = reviewed.url("PI-0003-3", "/decide?flag=none")
    answer = send(officer, decide, {"to_state": "approved", "version": "1"}, page=reviewed.url("PI-0003-3"))
    assert answer.location == reviewed.url(rest="?flag=none")


@pytest.mark.parametrize(
    ("study_id", "data", "said"),
    [
        ("PI-0003-3", {"to_state": "rejected", "version": "1"}, "in a few words"),
        ("PI-0004-4", {"to_state": "approved", "version": "1"}, "block approval: 1"),
        ("PI-0003-3", {"to_state": "approved", "version": "7"}, "Someone else changed"),
        ("PI-0003-3", {"to_state": "has_issues", "version": "1", "comment": "call 010-1234-5678"}, "must not be kept here"),
        ("PI-0003-3", {"to_state": "received", "version": "1"}, "not one of the choices"),
    ],
)
def test_a_decision_that_cannot_be_is_refused_with_words(reviewed, officer, study_id, data, said):
    answer = send(officer, reviewed.url(study_id, "/decide"), data, page=reviewed.url(study_id))
    assert answer.status_code == 422
    assert said in answer.text
    assert reviewed.state(study_id) == "received"


def test_submissions_without_flags_are_approved_together_as_many_as_were_shown(reviewed, officer):
    token = csrf_token(officer.get(reviewed.url()).text)
    data = {"csrf_token": token, "last": str(reviewed.keys["PI-0003-3"])}
    answer = officer.post(reviewed.url(rest="/approve"), data=data)
    assert answer.status_code == 303
    assert [reviewed.state(s) for s in ("PI-0002-2", "PI-0003-3")] == ["received", "approved"]
    again = officer.post(reviewed.url(rest="/approve"), data=data)
    assert again.status_code == 422


def test_a_flag_is_cleared_with_a_reason(reviewed, officer):
    flag = reviewed.get(QualityFlag, rule="registration_number_invalid").id
    path = reviewed.url("PI-0004-4", f"/flags/{flag}/clear")
    assert send(officer, path, {"reason": ""}).status_code == 422
    assert send(officer, path, {"reason": "The certificate was seen"}).status_code == 303
    page = officer.get(reviewed.url("PI-0004-4")).text
    assert "The certificate was seen" in page
    decided = send(
        officer, reviewed.url("PI-0004-4", "/decide"), {"to_state": "approved", "version": "1"}, page=reviewed.url("PI-0004-4")
    )
    assert decided.status_code == 303


def correct(reviewed, client, **changed):
    page = reviewed.url("PI-0001-1", "/answers/profit_krw")
    text = client.get(page).text
    seen = text.split('name="seen" value="')[1].split('"')[0]
    data = {"new": "300000", "reason": "A zero too many", "source": "call_back", "seen": seen, **changed}
    return client.post(f"{page}/correct", data={"csrf_token": csrf_token(text), **data})


def test_a_correction_of_one_person_counts_when_another_approves_it(site, reviewed, officer):
    assert correct(reviewed, officer).status_code == 303
    correction = reviewed.get(Correction)
    page = reviewed.url("PI-0001-1", "/answers/profit_krw")
    assert "Approve the correction" not in officer.get(page).text
    approve = reviewed.url("PI-0001-1", f"/corrections/{correction.id}/approve")
    assert send(officer, approve, page=page).status_code == 422
    colleague = site.client("program_officer", programmes=("pi",))
    assert "Approve the correction" in colleague.get(page).text
    assert send(colleague, approve, page=page).status_code == 303
    shown = officer.get(reviewed.url("PI-0001-1")).text
    assert "<del>₩3,000,000</del> <ins>₩300,000</ins>" in shown
    assert "The profit is above the revenue." not in shown
    assert reviewed.get(Answer, variable="profit_krw", submission_id=reviewed.keys["PI-0001-1"]).text == "3000000"


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"new": "many"}, "not a number"),
        ({"reason": ""}, "Fill this in"),
        ({"source": ""}, "Fill this in"),
        ({"seen": "0" * 64}, "has changed while you looked"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused_with_words(reviewed, officer, changed, said):
    answer = correct(reviewed, officer, **changed)
    assert answer.status_code == 422
    assert said in answer.text
    assert reviewed.count(Correction) == 0


def test_a_correction_can_be_dropped_with_a_reason(reviewed, officer):
    correct(reviewed, officer)
    drop = reviewed.url("PI-0001-1", f"/corrections/{reviewed.get(Correction).id}/drop")
    page = reviewed.url("PI-0001-1", "/answers/profit_krw")
    assert send(officer, drop, page=page).status_code == 422
    assert send(officer, drop, {"reason": "The wrong answer"}, page=page).status_code == 303
    assert reviewed.count(Correction) == 0


def test_a_question_reaches_the_interviewer_and_its_answer_comes_back(site, reviewed, officer, interviewer):
    page = reviewed.url("PI-0002-2", "/answers/revenue_krw")
    assert send(officer, f"{page}/ask", {"question": "Is this the whole month?"}, page=page).status_code == 303
    client = site.client()
    site.sign_in(client, interviewer)
    assert "Questions about interviews that you entered" in client.get("/work").text
    asked = client.get(reviewed.url(rest="/questions")).text
    assert "Is this the whole month?" in asked
    query = reviewed.get(SubmissionQuery).id
    assert (
        send(client, reviewed.url(rest=f"/questions/{query}"), {"reply": ""}, page=reviewed.url(rest="/questions")).status_code
        == 422
    )
    answered = send(
        client, reviewed.url(rest=f"/questions/{query}"), {"reply": "Yes, all of it"}, page=reviewed.url(rest="/questions")
    )
    assert answered.status_code == 303
    assert "Yes, all of it" in officer.get(reviewed.url("PI-0002-2")).text
    assert send(officer, reviewed.url("PI-0002-2", f"/queries/{query}/close"), page=page).status_code == 303


def test_another_interviewer_does_not_see_the_question(site, reviewed, officer):
    page = reviewed.url("PI-0002-2", "/answers/revenue_krw")
    send(officer, f"{page}/ask", {"question": "Is this the whole month?"}, page=page)
    other = site.client("interviewer", programmes=("pi",))
    assert "whole month" not in other.get(reviewed.url(rest="/questions")).text
    token = csrf_token(other.get("/account").text)
    query = reviewed.get(SubmissionQuery).id
    answer = other.post(reviewed.url(rest=f"/questions/{query}"), data={"csrf_token": token, "reply": "Not mine"})
    assert answer.status_code == 404


def test_a_reviewer_writes_down_what_a_respondent_said(reviewed, officer):
    page = reviewed.url("PI-0001-1", "/answers/profit_krw")
    send(officer, f"{page}/ask", {"question": "Is this the whole month?"}, page=page)
    reply = reviewed.url("PI-0001-1", f"/queries/{reviewed.get(SubmissionQuery).id}/reply")
    assert send(officer, reply, {"reply": "no"}, page=page).status_code == 422
    assert send(officer, reply, {"reply": "It was two months"}, page=page).status_code == 303


def test_a_back_check_is_entered_blind_and_shows_in_the_dashboard(reviewed, officer):
    path = reviewed.url("PI-0003-3", "/back-check")
    page = officer.get(path).text
    assert "1,000,000" not in page
    assert send(officer, path, {"revenue_krw": "much"}).status_code == 422
    assert send(officer, path, {"revenue_krw": "2000000", "firm_operating": "yes"}).status_code == 303
    assert reviewed.count(BackCheck) == 1
    assert "1 of 2 answers differ" in officer.get(reviewed.url("PI-0003-3")).text
    quality = officer.get(reviewed.url(rest="/quality")).text
    assert "0% · – · 100%" in quality
    assert "revenue_krw" in quality


def test_two_people_lock_a_wave_and_then_its_pages_offer_no_change(site, reviewed, officer):
    with site.transaction() as db:
        for submission in db.query(Submission):
            submission.state = "approved"
    locks = reviewed.url(rest="/locks")
    assert send(officer, f"{locks}/fu1/confirm", page=locks).status_code == 422
    assert send(officer, f"{locks}/fu1/ask", page=locks).status_code == 303
    assert send(officer, f"{locks}/fu1/confirm", page=locks).status_code == 422
    colleague = site.client("program_officer", programmes=("pi",))
    assert send(colleague, f"{locks}/fu1/confirm", page=locks).status_code == 303
    page = officer.get(reviewed.url("PI-0003-3", "?state=all")).text
    assert "The wave is locked" in page
    assert 'value="rejected"' not in page
    assert send(officer, f"{locks}/fu1/open", {"reason": ""}, page=locks).status_code == 422
    assert send(officer, f"{locks}/fu1/open", {"reason": "A paper form came late"}, page=locks).status_code == 303
    assert reviewed.get(WaveLock).opened_at is not None


def test_a_wave_with_undecided_submissions_says_why_it_is_not_locked(reviewed, officer):
    locks = reviewed.url(rest="/locks")
    answer = send(officer, f"{locks}/fu1/ask", page=locks)
    assert answer.status_code == 422
    assert "4 submissions of this wave are not decided" in answer.text


def test_rules_are_taken_in_from_redcap_handed_out_and_removed(reviewed, officer):
    rules = reviewed.url(rest="/rules")
    content = b'rule_name,rule_logic,real_time_execution\nLong week,"[hours_per_week] > 100",y\n'
    taken = send(officer, rules, {"rules": (io.BytesIO(content), "rules.csv")}, content_type="multipart/form-data")
    assert taken.status_code == 303
    assert "Long week" in officer.get(rules).text
    assert "long_week" in officer.get(reviewed.url(rest="/rules.csv")).data.decode("utf-8-sig")
    assert send(officer, f"{rules}/long_week/drop", page=rules).status_code == 303
    assert reviewed.count(QualityRule) == 0


def test_faults_of_a_file_of_rules_are_listed(reviewed, officer):
    rules = reviewed.url(rest="/rules")
    content = b'rule_name,rule_logic,real_time_execution\nA,"[nothing] > 100",y\n'
    refused = send(officer, rules, {"rules": (io.BytesIO(content), "rules.csv")}, content_type="multipart/form-data")
    assert refused.status_code == 422
    assert "Row 2, column rule_logic" in refused.text
    assert send(officer, rules).status_code == 422


def test_flags_are_handed_out_as_a_file_and_the_log_keeps_it(reviewed, officer):
    answer = send(officer, reviewed.url(rest="/quality/flags.csv"), page=reviewed.url(rest="/quality"))
    assert answer.mimetype == "text/csv"
    assert "straight_lining" in answer.data.decode("utf-8-sig")
    assert reviewed.get(AuditEntry, action="quality_flags_exported")


def test_free_text_is_shown_with_numbers_of_people_covered(site, reviewed, officer):
    with site.transaction() as db:
        db.add(Answer(submission_id=reviewed.keys["PI-0003-3"], variable="remarks", text="Call 010-1234-5678 after six"))
    page = officer.get(reviewed.url("PI-0003-3")).text
    assert "Call •••-••••-•••• after six" in page
    assert "1234" not in page
    assert "1234-5678" not in officer.get(reviewed.url("PI-0003-3", "/answers/remarks")).text


def test_an_analyst_reads_states_and_never_answers(site, reviewed):
    analyst = site.client("analyst", programmes=("pi",))
    queue = analyst.get(reviewed.url()).text
    assert "PI-0001-1" in queue
    assert reviewed.url("PI-0001-1") not in queue
    for rest in ("", "/answers/profit_krw", "/back-check"):
        assert analyst.get(reviewed.url("PI-0001-1", rest)).status_code == 403
    for rest in ("/quality", "/rules", "/rules.csv", "/locks"):
        assert analyst.get(reviewed.url(rest=rest)).status_code == 200


@pytest.mark.parametrize("role", ["trainer", "interviewer", "funder", "privacy_officer", "administrator"])
def test_others_do_not_review(site, reviewed, role):
    client = site.client(role, programmes=("pi",))
    for rest in ("", "/quality", "/rules", "/locks"):
        assert client.get(reviewed.url(rest=rest)).status_code == 403


def test_a_submission_of_another_programme_is_not_there(site, reviewed):
    stranger = site.client("program_officer", programmes=("other",))
    assert stranger.get(reviewed.url("PI-0001-1")).status_code == 404
    own = f"/programmes/other/review/{reviewed.keys['PI-0001-1']}"
    assert stranger.get(own).status_code == 404
    token = csrf_token(stranger.get("/account").text)
    data = {"csrf_token": token, "to_state": "rejected", "version": "1", "comment": "not theirs"}
    assert stranger.post(f"{own}/decide", data=data).status_code == 404


def test_what_belongs_to_another_submission_is_not_there(reviewed, officer):
    flag = reviewed.get(QualityFlag, rule="registration_number_invalid").id
    assert officer.get(reviewed.url("PI-0001-1", f"/flags/{flag}/clear")).status_code == 404
    assert officer.get(reviewed.url("PI-0001-1", "/answers/nothing")).status_code == 404


def test_what_waits_for_review_leads_from_the_work_to_the_queue_of_its_wave(reviewed, officer):
    page = officer.get("/work").text
    assert "Three months: submissions that nobody has reviewed" in page
    assert f'href="{reviewed.url(rest="?wave=fu1")}"' in page


def test_the_page_of_a_wave_leads_to_its_review(reviewed, officer):
    page = officer.get("/programmes/pi/waves/fu1").text
    assert f'href="{reviewed.url(rest="?wave=fu1")}"' in page
    assert f'href="{reviewed.url(rest="/locks")}"' in page
