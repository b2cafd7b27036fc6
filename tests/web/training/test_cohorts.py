"""The pages of cohorts, curricula and trainers: what an officer does there, what an analyst reads, what a trainer sees of their own."""

from __future__ import annotations

import io
import re

import pytest
from sqlalchemy import select

from evalapp.accounts.tables import Account
from evalapp.core.clock import today
from evalapp.core.db import reading
from evalapp.people.tables import Entrepreneur, Programme
from evalapp.training.tables import Cohort, Enrolment, Trainer, TrainingSession
from tests.training.enrolments.joining import DAY, START, Joining
from tests.web.site import csrf_token, send

HERE = "/programmes/pi"
COHORT = f"{HERE}/cohorts/A"
NEW = {
    "code": "B", "name_ko": "2기", "name_en": "Second", "arm": "treatment", "starts_on": f"{START}", "ends_on": f"{START + 9 * DAY}",
    "capacity": "20", "completion_percent": "80",
}  # fmt: skip


@pytest.fixture
def officer(site):
    return site.client("program_officer", programmes=("pi",))


@pytest.fixture
def crowd(site, officer):  # noqa: ARG001 - the programme is there with its officer
    """Study IDs of five people of programme `pi` with cohort A of three places; the last one does not consent."""
    with site.transaction() as db:
        joining = Joining(db, db.scalars(select(Programme).where(Programme.code == "pi")).one(), capacity=3)
        people = [*joining.people(4), joining.person(consents=False)]
        return [person.study_id for person in people]


def move(client, people, step, **more):
    data = {"people": "\n".join(people), "step": step, "stepped_on": f"{START}", "cohort": "A", **more}
    return send(client, f"{HERE}/cohorts/stages", data)


def stages(site):
    with reading(site.engine) as db:
        return [row.stage for row in db.scalars(select(Enrolment).order_by(Enrolment.id))]


def test_an_officer_adds_a_cohort_and_is_told_what_is_wrong(officer):
    assert "There are no cohorts yet" in officer.get(f"{HERE}/cohorts").text
    wrong = send(officer, f"{HERE}/cohorts/new", {**NEW, "ends_on": f"{START - DAY}"})
    assert (wrong.status_code, "ends before it starts" in wrong.text) == (422, True)
    assert send(officer, f"{HERE}/cohorts/new", NEW).location == f"{HERE}/cohorts/B"
    assert "Second" in officer.get(f"{HERE}/cohorts").text
    assert send(officer, f"{HERE}/cohorts/new", NEW).status_code == 422


def test_the_completion_rule_stays_once_the_training_has_begun(officer):
    send(officer, f"{HERE}/cohorts/new", NEW)
    page = officer.get(f"{HERE}/cohorts/B/edit").text
    assert "stays as it was fixed beforehand" in page
    assert 'value="80"' in page
    changed = {name: value for name, value in NEW.items() if name != "code"}
    refused = send(officer, f"{HERE}/cohorts/B/edit", {**changed, "completion_percent": "70"})
    assert (refused.status_code, "cannot change any more" in refused.text) == (422, True)
    assert send(officer, f"{HERE}/cohorts/B/edit", {**changed, "capacity": ""}).status_code == 303


def test_a_pasted_list_is_moved_or_everybody_in_the_way_is_named(site, officer, crowd):
    refused = move(officer, [*crowd[:2], "PI-AAAA-A"], "enrolled:eligible")
    assert refused.status_code == 422
    assert "Nobody in this programme has this study ID." in refused.text
    assert crowd[0] in refused.text
    full = move(officer, crowd[:4], "enrolled:eligible")
    assert (full.status_code, "The cohort is full" in full.text) == (422, True)
    assert stages(site) == []
    done = move(officer, [f"{crowd[0]}, {crowd[1]}", crowd[4].lower()], "enrolled:eligible")
    assert (done.status_code, done.location) == (303, COHORT)
    assert stages(site) == ["enrolled"] * 3
    page = officer.get(COHORT).text
    assert "People moved: 3. Now: enrolled." in page
    assert "without a consent to records of the training that holds: 1" in page
    begun = move(officer, [crowd[0], crowd[4]], "active:begun")
    assert (begun.status_code, stages(site)) == (422, ["enrolled"] * 3)
    assert re.search(rf"{crowd[4]}</strong> The consent “Records of the training” is missing", begun.text)


def test_those_for_whom_there_is_no_place_wait_by_one_press(site, officer, crowd):
    done = move(officer, crowd[:4], "enrolled:eligible", instead="waitlisted")
    assert (done.status_code, stages(site)) == (303, ["waitlisted"] * 4)
    assert "Places that are free while people wait: 3" in officer.get(COHORT).text


def test_people_are_ticked_or_all_of_a_stage_are_taken(site, officer, crowd):
    move(officer, crowd[:3], "enrolled:eligible")
    some = {"back": "A", "person": crowd[:2], "step": "active:begun", "stepped_on": f"{START}"}
    assert send(officer, f"{HERE}/cohorts/stages", some, page=COHORT).location == COHORT
    assert sorted(stages(site)) == ["active", "active", "enrolled"]
    everyone = {"back": "A", "everyone": "active", "step": "withdrawn:work", "stepped_on": f"{START + DAY}"}
    send(officer, f"{HERE}/cohorts/stages", everyone, page=COHORT)
    assert sorted(stages(site)) == ["enrolled", "withdrawn", "withdrawn"]
    page = officer.get(COHORT).text
    assert "ends neither consents nor the stay in the programme" in page
    assert send(officer, f"{HERE}/cohorts/stages", {"step": "active:begun"}, page=COHORT).status_code == 422


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"step": "magic:work"}, "Choose what becomes of these people."),
        ({"step": ""}, "Fill this in."),
        ({"step": "enrolled:illness"}, "Choose a reason that fits"),
        ({"cohort": "Z"}, "There is no such cohort."),
        ({"stepped_on": f"{today() + DAY}"}, "lies in the future"),
        ({"note": "write to a@b.kr"}, "must not hold a number or an address"),
        ({"people": " "}, "Choose somebody"),
        ({"people": "A " * 501 + " ".join(f"P{n}" for n in range(501))}, "at most 500"),
    ],
)
def test_a_wrong_move_is_refused_in_words(site, officer, crowd, changes, said):
    refused = send(
        officer,
        f"{HERE}/cohorts/stages",
        {"people": crowd[0], "step": "enrolled:eligible", "stepped_on": f"{START}", "cohort": "A", **changes},
    )
    assert (refused.status_code, said in refused.text, stages(site)) == (422, True, [])


def test_people_in_no_cohort_have_a_list_of_their_own(site, officer, crowd):
    assert "Nobody is here" in officer.get(f"{HERE}/cohorts/applicants").text
    move(officer, crowd[:2], "applied:eligible", cohort="")
    assert "In no cohort yet" in officer.get(f"{HERE}/cohorts").text
    page = f"{HERE}/cohorts/applicants"
    done = send(
        officer, f"{HERE}/cohorts/stages",
        {"back": "applicants", "everyone": "applied", "step": "enrolled:eligible", "stepped_on": f"{START}", "cohort": "A"}, page=page,
    )  # fmt: skip
    assert (done.location, stages(site)) == (page, ["enrolled"] * 2)
    history = officer.get(f"{HERE}/people/{crowd[0]}").text.partition("History")[2]
    assert "Cohort A: enrolled (fits the criteria)" in history
    assert "Training: applied (fits the criteria)" in history


def test_the_rule_is_applied_after_a_look_at_who_meets_it(site, officer, crowd):
    move(officer, crowd[:2], "enrolled:eligible")
    move(officer, crowd[:2], "active:begun")
    with site.transaction() as db:
        joining = Joining(db, db.scalars(select(Programme)).one())
        order = select(Entrepreneur).join(Enrolment, Enrolment.entrepreneur_id == Entrepreneur.id).order_by(Enrolment.id)
        people = db.scalars(order).all()
        joining.train(people, [100, 40])
    page = officer.get(f"{COHORT}/completion").text
    assert "1 of 2 people meet the rule" in page
    assert send(officer, f"{COHORT}/completion", {"stepped_on": f"{today() + DAY}"}).status_code == 422
    early = send(officer, f"{COHORT}/completion", {"stepped_on": f"{START - DAY}"})
    assert (early.status_code, "The training goes on until" in early.text) == (422, True)
    assert send(officer, f"{COHORT}/completion", {"stepped_on": f"{today()}", "end_others": "yes"}).status_code == 303
    assert stages(site) == ["completed", "withdrawn"]


def test_the_curriculum_is_taken_edited_and_sent_as_a_file(officer):
    assert "There is no curriculum yet" in officer.get(f"{HERE}/curriculum").text
    assert send(officer, f"{HERE}/curriculum/template", {"template": "pi_training"}).status_code == 303
    assert send(officer, f"{HERE}/curriculum/template", {"template": "magic"}).status_code == 422
    page = officer.get(f"{HERE}/curriculum").text
    assert ("12. Looking back and going on" in page, "Getting past barriers" in page) == (True, True)
    module = f"{HERE}/curriculum/modules/planning"
    send(officer, f"{module}/move", {"to": "up"}, page=f"{HERE}/curriculum")
    assert "4. Planning" in officer.get(f"{HERE}/curriculum").text
    item = {"kind": "exercise", "text_ko": "새 연습", "text_en": "A new exercise"}
    assert send(officer, f"{module}/new-item", item).status_code == 303
    assert send(officer, f"{module}/items/6", {**item, "text_en": "Another"}).status_code == 303
    assert "Another" in officer.get(module).text
    send(officer, f"{module}/items/6/retire", page=module)
    assert "Another" not in officer.get(module).text
    file = officer.get(f"{HERE}/curriculum/file")
    assert file.headers["Content-Disposition"] == 'attachment; filename="curriculum-pi.csv"'
    token = csrf_token(officer.get(f"{HERE}/curriculum/import").text)
    content = file.data.replace(b"Planning,", b"Plans,")
    upload = {"csrf_token": token, "file": (io.BytesIO(content), "c.csv")}
    assert officer.post(f"{HERE}/curriculum/import", data=upload).status_code == 303
    assert "Added: 0, changed: 1, taken out: 0." in officer.get(f"{HERE}/curriculum").text
    send(officer, f"{module}/retire", page=module)
    assert "The module is deleted" in officer.get(f"{HERE}/curriculum").text
    bad = {"csrf_token": token, "file": (io.BytesIO("module,이름\nx,y\n".encode()), "c.csv")}
    refused = officer.post(f"{HERE}/curriculum/import", data=bad)
    assert (refused.status_code, "Nothing was changed" in refused.text) == (422, True)


def test_a_trainer_is_put_into_the_register_with_an_account(site, officer):
    code = site.account("trainer", programmes=("pi",))
    assert "There are no trainers yet" in officer.get(f"{HERE}/trainers").text
    new = {"code": "T-01", "account": code, "certificate": "Basic", "certified_on": f"{START}"}
    assert send(officer, f"{HERE}/trainers/new", new).status_code == 303
    assert send(officer, f"{HERE}/trainers/new", {**new, "code": "T-02"}).status_code == 422
    page = officer.get(f"{HERE}/trainers").text
    assert (code in page, "Basic" in page) == (True, True)
    assert send(officer, f"{HERE}/trainers/T-01", {"account": code, "left_on": f"{today()}"}).status_code == 303
    assert officer.get(f"{HERE}/trainers/T-09").status_code == 404


def test_a_trainer_sees_their_own_cohort_its_people_with_a_place_and_nothing_else(site, officer, crowd):
    code = site.account("trainer", programmes=("pi",))
    trainer = site.app.test_client()
    trainer.set_cookie("language", "en")
    site.sign_in(trainer, code)
    move(officer, crowd[:2], "enrolled:eligible")
    move(officer, crowd[2:4], "waitlisted:eligible")
    assert "You teach no session here yet" in trainer.get(f"{HERE}/cohorts").text
    assert trainer.get(COHORT).status_code == 404
    with site.transaction() as db:
        account = db.scalars(select(Account.id).where(Account.code == code)).one()
        own = Trainer(code="T-own", account_id=account)
        programme = db.scalars(select(Programme)).one()
        theirs = Cohort(programme_id=programme.id, code="Z", arm="treatment", starts_on=START)
        db.add_all([own, theirs])
        db.flush()
        cohort = db.scalars(select(Cohort.id).where(Cohort.code == "A")).one()
        facts = {"module": "planning", "held_on": START, "state": "planned", "planned_minutes": 100}
        db.add(TrainingSession(cohort_id=cohort, lead_trainer_id=own.id, number=1, **facts))
    listed, page = trainer.get(f"{HERE}/cohorts").text, trainer.get(COHORT).text
    assert ("cohorts/A" in listed, "cohorts/Z" in listed) == (True, False)
    assert [study_id in page for study_id in crowd] == [True, True, False, False, False]
    assert not any(text in page for text in ("fits the criteria", "/people/", '<form class="move"', "/edit"))
    assert trainer.get(f"{HERE}/cohorts/Z").status_code == 404
    assert trainer.get(f"{HERE}/curriculum").status_code == 200
    for path in (
        "/trainers",
        "/cohorts/stages",
        "/cohorts/applicants",
        "/cohorts/A/edit",
        "/cohorts/A/completion",
        "/curriculum/import",
    ):
        assert trainer.get(f"{HERE}{path}").status_code == 403, path
    assert move_as(trainer, crowd[:1]).status_code == 403
    assert stages(site).count("enrolled") == 2


def move_as(client, people):
    data = {"people": "\n".join(people), "step": "active:begun", "stepped_on": f"{START}", "back": "A"}
    return send(client, f"{HERE}/cohorts/stages", data, page="/account")


def test_an_analyst_reads_and_moves_nobody(site, officer, crowd):
    move(officer, crowd[:2], "enrolled:eligible")
    analyst = site.client("analyst", programmes=("pi",))
    page = analyst.get(COHORT).text
    assert (crowd[0] in page, "fits the criteria" in page, "/people/" in page, 'name="step"' in page) == (True, True, False, False)
    assert analyst.get(f"{HERE}/trainers").status_code == 200
    assert move_as(analyst, crowd[:1]).status_code == 403
    stranger = site.client("program_officer", programmes=("other",))
    for path in ("/cohorts", "/cohorts/A", "/curriculum", "/trainers", "/cohorts/stages"):
        assert stranger.get(f"{HERE}{path}").status_code == 404
