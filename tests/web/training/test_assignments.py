"""Journey 4 through the pages: the pool, the balance to expect, one draw, a sealed record; and what the pages refuse."""

from __future__ import annotations

import io
import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from playwright.sync_api import expect
from sqlalchemy import func, select

from evalapp.core.audit.tables import AuditEntry
from evalapp.people.tables import Programme
from evalapp.training.assignment.queries import get_assignment, get_record
from evalapp.training.assignment.stored_procedure import replay_assignment
from tests.training.assignment.prepared import CRITERIA, DETAILS, REASON, Ready
from tests.web.browsing import check_page, follow
from tests.web.site import csrf_token, send

ADDRESS = "/programmes/pi/assignments"
PEOPLE = 16


def prepare(site, people=PEOPLE, until="programme", **more):
    """Fill the programme `pi`, with an assignment `a1` as far along as `until` says."""
    with site.transaction() as db:
        ready = Ready(db, db.scalars(select(Programme).where(Programme.code == "pi")).one(), people=people)
        if until != "programme":
            getattr(ready, until)(**more)
        return ready.ids


@pytest.fixture
def officer(site):
    return site.client("program_officer", programmes=("pi",))


def stored(site, code="a1"):
    with site.transaction() as db:
        return get_assignment(db, db.scalars(select(Programme.id).where(Programme.code == "pi")).one(), code)


def test_an_officer_goes_from_the_pool_to_a_record_that_is_genuine(site, officer):
    ids = prepare(site)
    said = {"code": "a1", "kind": "randomised", "criteria": CRITERIA, "treatment_cohort": "A", "control_cohort": "W"}
    assert send(officer, f"{ADDRESS}/new", said).location == f"{ADDRESS}/a1/pool"
    assert send(officer, f"{ADDRESS}/a1/pool", {"source": "waiting"}).status_code == 303
    judged = {"is_eligible": "no", "reason": "has closed the business"}
    assert send(officer, f"{ADDRESS}/a1/pool/{ids[0]}", judged).status_code == 303
    assert send(officer, f"{ADDRESS}/a1/freeze", page=f"{ADDRESS}/a1/pool").location == f"{ADDRESS}/a1"
    design = {"method": "stratified", "places": "7", "stratum_1": "gender", "covariates": ["profit_krw"], "seed_from": "computer"}
    assert send(officer, f"{ADDRESS}/a1/design", design).location == f"{ADDRESS}/a1/preview"
    shown = officer.get(f"{ADDRESS}/a1/preview").text
    assert "Your draw has not happened" in shown
    assert stored(site).state == "pool_frozen"
    assert send(officer, f"{ADDRESS}/a1/draw").location == f"{ADDRESS}/a1"
    page = officer.get(f"{ADDRESS}/a1").text
    assert list(get_record(stored(site))["arms"].values()).count("treatment") == 7
    for language in ("ko", "en"):
        record = officer.get(f"{ADDRESS}/a1/record/{language}")
        assert record.data.startswith(b"%PDF")
        again = officer.get(f"{ADDRESS}/a1/record/{language}")
        assert again.data == record.data
        upload = {"report": (io.BytesIO(record.data), "record.pdf")}
        answer = send(officer, "/reports/verify", upload, content_type="multipart/form-data").text
        assert "Genuine and unaltered" in answer
        assert "Record of assignment a1" in answer
        assert re.search(r"[0-9a-f]{64}", answer)[0] in page
    upload = {"report": (io.BytesIO(record.data + b" "), "record.pdf")}
    assert "Not a report of ours" in send(officer, "/reports/verify", upload, content_type="multipart/form-data").text
    assert "Identical" in officer.get(f"{ADDRESS}/a1/replay").text
    assert replay_assignment(stored(site)).is_identical


def test_the_draw_asks_for_the_password_and_happens_once(site):
    account = site.account("program_officer", programmes=("pi",))
    prepare(site, until="designed")
    client = site.client()
    site.sign_in(client, account, confirmed=False)
    assert "Enter your password again" in send(client, f"{ADDRESS}/a1/draw").text
    assert stored(site).state == "pool_frozen"
    site.sign_in(client, account)
    page = client.get(f"{ADDRESS}/a1/draw").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    first = client.post(f"{ADDRESS}/a1/draw", data={"csrf_token": token})
    arms = get_record(stored(site))["arms"]
    second = client.post(f"{ADDRESS}/a1/draw", data={"csrf_token": token})
    assert (first.status_code, second.status_code) == (303, 422)
    assert "This step is over" in second.text
    assert get_record(stored(site))["arms"] == arms


def test_a_public_seed_is_entered_at_the_draw(site, officer):
    prepare(site, until="frozen")
    design = {"method": "complete", "places": "50%", "seed_from": "public", "seed_source": "first prize of the lottery on Saturday"}
    assert send(officer, f"{ADDRESS}/a1/design", {**design, "seed_source": ""}).status_code == 422
    send(officer, f"{ADDRESS}/a1/design", design)
    assert send(officer, f"{ADDRESS}/a1/draw", {"seed": "twelve"}).status_code == 422
    assert send(officer, f"{ADDRESS}/a1/draw", {"seed": "031422314044"}).status_code == 303
    assert stored(site).seed == 31422314044


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"places": "99"}, "Write a count from 1 to 15"),
        ({"stratum_1": ""}, "Choose what makes the strata"),
        ({"cuts_1": "some"}, "Write the numbers at which to cut"),
        ({"covariates": ["birth_province"]}, "has more than two answers"),
        ({"method": "clustered"}, "people have no group"),
        ({"accepted_share": "0.1"}, "Choose what is to be balanced"),
    ],
)
def test_a_design_that_cannot_be_drawn_comes_back_with_what_is_wrong(site, officer, changed, said):
    prepare(site, until="frozen")
    answer = send(
        officer,
        f"{ADDRESS}/a1/design",
        {"method": "stratified", "places": "8", "stratum_1": "gender", "seed_from": "computer"} | changed,
    )
    assert answer.status_code == 422
    assert said in answer.text
    assert stored(site).procedure is None


def test_decided_places_are_written_down_compared_and_locked(site, officer):
    ids = prepare(site, people=6, until="frozen", details=DETAILS.__class__("decided", CRITERIA, "A", "W"))
    rows = {f"arm-{one}": "treatment" if place < 3 else "waitlist" for place, one in enumerate(ids)}
    rows |= {f"position-{one}": str(place - 2) for place, one in enumerate(ids) if place >= 3}
    refused = send(officer, f"{ADDRESS}/a1/decisions", rows | {"decided_by": "committee"})
    assert refused.status_code == 422
    assert "Say in a few words" in refused.text
    reasons = {f"reason-{one}": "meets every condition" for one in ids}
    assert send(officer, f"{ADDRESS}/a1/decisions", rows | reasons | {"decided_by": "committee"}).status_code == 303
    page = officer.get(f"{ADDRESS}/a1/lock?covariates=profit_krw").text
    assert "This is no experiment" in page
    assert "SDs apart" in page
    assert send(officer, f"{ADDRESS}/a1/lock", {"covariates": "profit_krw"}).status_code == 303
    shown = officer.get(f"{ADDRESS}/a1").text
    assert "Selection committee" in shown
    assert "diagnosis, not a proof" in shown
    assert officer.get(f"{ADDRESS}/a1/record/ko").data.startswith(b"%PDF")


def test_a_locked_assignment_is_repeated_with_a_reason_and_the_record_of_the_first_says_so(site, officer):
    prepare(site, until="drawn")
    send(officer, f"{ADDRESS}/a1/record", page=f"{ADDRESS}/a1")
    first = officer.get(f"{ADDRESS}/a1/record/en").data
    said = {"code": "a2", "kind": "randomised", "criteria": CRITERIA, "treatment_cohort": "A", "control_cohort": "W"}
    assert send(officer, f"{ADDRESS}/new", said).status_code == 422
    again = {**said, "replaces": "a1", "reason": "two people were left out by mistake"}
    assert send(officer, f"{ADDRESS}/new", again).status_code == 303
    assert "Until it is locked, this one stands" in officer.get(f"{ADDRESS}/a1").text
    send(officer, f"{ADDRESS}/a2/freeze", page=f"{ADDRESS}/a2/pool")
    send(officer, f"{ADDRESS}/a2/design", {"method": "complete", "places": "8", "seed_from": "computer"})
    send(officer, f"{ADDRESS}/a2/draw")
    upload = {"report": (io.BytesIO(first), "record.pdf")}
    assert (
        "another assignment was locked instead since"
        in send(officer, "/reports/verify", upload, content_type="multipart/form-data").text
    )


@pytest.mark.parametrize("step", ["draw", "lock", "decisions", "design", "preview", "replay", "record/en"])
def test_a_step_that_is_not_to_be_taken_now_leads_back(site, officer, step):
    prepare(site, until="begin")
    answer = officer.get(f"{ADDRESS}/a1/{step}")
    assert (answer.status_code, answer.location) == (303, f"{ADDRESS}/a1")


def test_an_analyst_reads_and_changes_nothing_and_a_trainer_sees_nothing(site):
    analyst, trainer = (site.client(role, programmes=("pi",)) for role in ("analyst", "trainer"))
    prepare(site, until="designed")
    for path in ("", "/a1", "/a1/pool", "/a1/preview"):
        page = analyst.get(ADDRESS + path)
        assert page.status_code == 200
        assert "/draw" not in page.text
        assert trainer.get(ADDRESS + path).status_code == 403
    assert analyst.get(f"{ADDRESS}/a1/draw").status_code == 403


def test_a_person_is_taken_out_of_an_open_pool_and_the_assignment_dropped(site, officer):
    ids = prepare(site, until="begin")
    assert (
        "Not registered in this programme" in send(officer, f"{ADDRESS}/a1/pool", {"source": "listed", "listed": "PI-9999-9"}).text
    )
    send(officer, f"{ADDRESS}/a1/pool", {"source": "listed", "listed": "\n".join(ids[:2])})
    send(officer, f"{ADDRESS}/a1/pool/{ids[0]}/remove", page=f"{ADDRESS}/a1/pool/{ids[0]}")
    assert "1 person in the pool" in officer.get(f"{ADDRESS}/a1/pool").text
    assert "at least 4 are needed" in send(officer, f"{ADDRESS}/a1/freeze", page=f"{ADDRESS}/a1/pool").text
    assert send(officer, f"{ADDRESS}/a1/drop", {"reason": REASON}, page=f"{ADDRESS}/a1").status_code == 303
    assert officer.get(f"{ADDRESS}/a1").status_code == 404


def test_journey_4_in_a_browser(served, tmp_path):
    page = served.page("program_officer", programmes=("pi",))
    prepare(served.site, people=24)
    page.goto(served.address + ADDRESS)
    follow(page.get_by_role("link", name="New assignment"))
    page.get_by_label("Code").fill("spring")
    page.get_by_label("Who can be chosen").fill(CRITERIA)
    follow(page.get_by_role("button", name="Begin"))
    follow(page.get_by_role("button", name="Put into the pool"))
    expect(page.get_by_role("heading", name="24 people in the pool")).to_be_visible()
    check_page(page)
    follow(page.get_by_role("button", name="Freeze the pool"))
    follow(page.get_by_role("link", name="Design the draw"))
    page.locator("#stratum_1").select_option("gender")
    page.get_by_label("After paying all costs").check()
    page.get_by_label("Criterion of balance").select_option("0.1")
    check_page(page)
    follow(page.get_by_role("button", name="Keep the design"))
    expect(page.get_by_text("Nobody can go on until a draw pleases")).to_be_visible()
    check_page(page)
    follow(page.get_by_role("link", name="To the draw"))
    check_page(page)
    follow(page.get_by_role("button", name="Draw and lock"))
    expect(page.get_by_text("The places are drawn and locked.")).to_be_visible()
    check_page(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the record (PDF, English)").click()
    download.value.save_as(tmp_path / "record.pdf")
    page.goto(served.address + "/reports/verify")
    page.get_by_label("The report (PDF").set_input_files(tmp_path / "record.pdf")
    follow(page.get_by_role("button", name="Check", exact=True))
    expect(page.get_by_text("Genuine and unaltered")).to_be_visible()


@pytest.mark.parametrize("path", ["", "/a1", "/a1/pool", "/a1/decisions", "/a1/lock?covariates=profit_krw", "/new?replaces=a1"])
def test_a_page_of_assignments_is_sound_on_a_phone_in_korean(served, path):
    page = served.page("program_officer", programmes=("pi",), width=390, language="ko")
    if "replaces" in path:
        prepare(served.site, people=8, until="drawn")
    else:
        prepare(served.site, people=8, until="frozen", details=DETAILS.__class__("decided", CRITERIA, "A", "W"))
    page.goto(served.address + ADDRESS + path)
    check_page(page)


def test_two_officers_at_once_draw_once(site):
    officers = [site.client("program_officer", programmes=("pi",)) for _ in range(2)]
    prepare(site, until="designed")
    tokens = [csrf_token(one.get(f"{ADDRESS}/a1/draw").text) for one in officers]
    both = threading.Barrier(2)

    def press(number):
        both.wait()
        return officers[number].post(f"{ADDRESS}/a1/draw", data={"csrf_token": tokens[number]}).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(press, range(2))) == [303, 422]
    assert replay_assignment(stored(site)).is_identical
    with site.transaction() as db:
        locked = select(func.count()).where(AuditEntry.action == "assignment_locked")
        assert db.scalar(locked) == 1
