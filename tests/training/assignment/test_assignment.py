"""An assignment from its pool to the lock: who can be in it, what is drawn, and that nothing changes afterwards."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest
from sqlalchemy import select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.audit.verify_chain import verify_chain
from evalapp.core.clock import today
from evalapp.core.errors import AppError
from evalapp.people.consents.withdraw_consent import withdraw_consent
from evalapp.people.tables import Consent, Entrepreneur
from evalapp.training.assignment.choose_pool import add_listed, add_people, freeze_pool, judge_member, thaw_pool
from evalapp.training.assignment.decide_assignment import Decision, compare_decided, keep_decisions, lock_decisions
from evalapp.training.assignment.design import Design, Stratifier, design_assignment
from evalapp.training.assignment.draw_assignment import draw_assignment
from evalapp.training.assignment.edit_assignment import RefusedAssignment, drop_assignment, edit_assignment
from evalapp.training.assignment.preview_balance import preview_balance
from evalapp.training.assignment.queries import (
    get_member,
    get_procedure,
    get_record,
    list_candidates,
    list_locked_draws,
    list_members,
)
from evalapp.training.assignment.stored_procedure import replay_assignment
from evalapp.training.assignment.tables import Assignment, AssignmentMember
from evalapp.training.assignment.words import MISSING
from evalapp.training.enrolments.tables import EnrolmentStep
from evalapp.training.tables import Enrolment
from tests.training.assignment.prepared import CRITERIA, DETAILS, REASON, STRATIFIED, Ready

PUBLIC = "first prize of the lottery drawn on 7 November"


@pytest.fixture
def ready(db, programme):
    return Ready(db, programme)


def entries(db, action):
    return db.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.number)).all()


def test_whoever_does_not_consent_to_records_of_the_training_is_named_and_left_out(ready, db):
    without = ready.person(consent=False)
    assignment = ready.begin()
    barred = {one.study_id: one.obstacle for one in list_candidates(db, assignment) if one.obstacle}
    assert barred == {without.study_id: "no_consent"}
    assert add_people(db, assignment, list_candidates(db, assignment)) == 24
    with pytest.raises(RefusedAssignment, match=rf"{without.study_id} \(no consent to records of the training\)"):
        add_listed(db, assignment, f"{ready.ids[0]}\n{without.study_id}")


@pytest.mark.parametrize("stage", ["enrolled", "active", "completed", "declined", "withdrawn"])
def test_whoever_has_a_place_or_said_no_cannot_be_chosen(ready, db, stage):
    person = ready.person(stage=stage)
    assignment = ready.begin()
    assert {one.study_id for one in list_candidates(db, assignment) if one.obstacle} == {person.study_id}


def test_a_list_of_study_ids_makes_a_pool_with_its_groups(ready, db):
    assignment = ready.begin()
    assert add_listed(db, assignment, f"{ready.ids[0]}, G1\n{ready.ids[1].lower()}\tG2\n\n{ready.ids[2]}") == 3
    assert [m.cluster for m in list_members(db, assignment)] == ["G1", "G2", ""]
    for text, match in (("PI-9999-9", "Not registered in this programme: PI-9999-9"), (f"{ready.ids[3]}, 김철수", "not a code")):
        with pytest.raises(RefusedAssignment, match=match):
            add_listed(db, assignment, text)


def test_a_frozen_pool_has_a_fingerprint_and_stays_as_it_is(ready, db):
    assignment = ready.begin()
    add_people(db, assignment, list_candidates(db, assignment))
    member = get_member(db, assignment, ready.ids[0])
    with pytest.raises(RefusedAssignment, match="Say in a few words"):
        judge_member(db, assignment, member, is_eligible=False, reason="")
    judge_member(db, assignment, member, is_eligible=False, reason="cannot come on Tuesdays")
    freeze_pool(db, assignment)
    first = assignment.pool_sha256
    entry = entries(db, "assignment_pool_frozen")[0]
    assert json.loads(entry.after) == {"people": 24, "eligible": 23, "sha256": first, "outcomes_seen": 0}
    for verb in (
        lambda: add_people(db, assignment, []),
        lambda: judge_member(db, assignment, member, is_eligible=True),
        lambda: edit_assignment(db, assignment, DETAILS),
        lambda: freeze_pool(db, assignment),
    ):
        with pytest.raises(AppError, match="has changed meanwhile"):
            verb()
    thaw_pool(db, assignment, REASON)
    judge_member(db, assignment, member, is_eligible=True)
    freeze_pool(db, assignment)
    assert assignment.pool_sha256 != first
    assert json.loads(entries(db, "assignment_pool_opened")[0].before)["sha256"] == first


def test_answers_that_came_back_after_the_first_wave_are_counted(ready, db):
    person = db.scalars(select(Entrepreneur).where(Entrepreneur.study_id == ready.ids[0])).one()
    ready.answer(person.id, ready.waves[1])
    ready.frozen()
    assert json.loads(entries(db, "assignment_pool_frozen")[0].after)["outcomes_seen"] == 1


def test_a_stratified_draw_gives_every_stratum_its_places_and_enrols_everybody(ready, db):
    assignment = ready.drawn()
    stored, record = get_procedure(assignment), get_record(assignment)
    members = list_members(db, assignment)
    counts = Counter(m.stratum for m in members if m.arm == "treatment")
    assert dict(counts) == stored["treated"]
    assert sum(counts.values()) == 12
    enrolled = {e.entrepreneur_id: (e.stage, e.cohort_id) for e in db.scalars(select(Enrolment))}
    places = {"treatment": ("enrolled", ready.treated.id), "waitlist": ("waitlisted", ready.waiting.id)}
    assert all(enrolled[m.entrepreneur_id] == places[m.arm] for m in members)
    steps = db.scalars(select(EnrolmentStep)).all()
    assert {(step.from_stage, step.to_stage, step.reason) for step in steps} == {
        ("applied", "enrolled", "drawn"), ("applied", "waitlisted", "drawn"),
    }  # fmt: skip
    assert record["arms"] == {m.study_id: m.arm for m in members}
    assert {row["variable"] for row in record["balance"]["rows"]} == {"profit_krw", "hours_per_week"}
    entry = entries(db, "assignment_locked")[0]
    assert record["audit"] == {"number": entry.number, "hash": entry.hash}
    assert json.loads(entry.after)["seed"] == assignment.seed == record["seed"]
    assert verify_chain(db).is_whole
    assert [one.code for one in list_locked_draws(db, ready.programme.id)] == ["a1"]


def test_the_same_seed_gives_the_same_places_and_another_seed_others(ready, db):
    design = replace(STRATIFIED, seed_source=PUBLIC)
    assignment = ready.designed(design)
    arms = []
    for seed in (20261107, 20261107, 20261108):
        with db.begin_nested() as point:
            draw_assignment(db, assignment, seed)
            arms.append(get_record(assignment)["arms"])
            point.rollback()
        db.expire_all()
    assert arms[0] == arms[1] != arms[2]


def test_a_public_seed_must_be_entered_and_the_computer_s_cannot_be(ready, db):
    assignment = ready.designed(replace(STRATIFIED, seed_source=PUBLIC))
    for seed in (None, 0, 10**18):
        with pytest.raises(RefusedAssignment, match="agreed upon"):
            draw_assignment(db, assignment, seed)
    design_assignment(db, assignment, STRATIFIED)
    draw_assignment(db, assignment, 5)
    assert assignment.seed != 5


def test_a_draw_done_again_from_the_record_is_identical_until_somebody_tampers(ready, db):
    assignment = ready.drawn(replace(STRATIFIED, accepted_share=0.1))
    assert replay_assignment(assignment).is_identical
    stored = get_procedure(assignment)
    kept, first = assignment.procedure, next(iter(stored["treated"]))
    table = Assignment.__table__.update().where(Assignment.__table__.c.id == assignment.id)
    db.execute(
        table.values(procedure=json.dumps({**stored, "treated": {**stored["treated"], first: stored["treated"][first] - 1}}))
    )
    db.expire_all()
    assert not replay_assignment(assignment).procedure_intact
    assert replay_assignment(assignment).differing
    record = get_record(assignment)
    swapped = {name: "treatment" if arm == "waitlist" else "waitlist" for name, arm in record["arms"].items()}
    db.execute(table.values(procedure=kept, record=json.dumps({**record, "arms": swapped})))
    db.expire_all()
    assert set(replay_assignment(assignment).differing) == set(ready.ids)


def try_and_undo(db, change):
    with db.no_autoflush:
        try:
            with db.begin_nested():
                change()
                db.flush()
        finally:
            db.expire_all()


def test_nothing_of_a_locked_assignment_can_be_changed_or_deleted(ready, db):
    assignment = ready.drawn()
    member = get_member(db, assignment, ready.ids[0])
    verbs = (
        lambda: draw_assignment(db, assignment),
        lambda: design_assignment(db, assignment, STRATIFIED),
        lambda: thaw_pool(db, assignment, REASON),
        lambda: drop_assignment(db, assignment, REASON),
        lambda: edit_assignment(db, assignment, DETAILS),
        lambda: judge_member(db, assignment, member, is_eligible=False, reason=REASON),
        lambda: add_listed(db, assignment, ready.ids[0]),
    )
    for verb in verbs:
        with pytest.raises(AppError, match="locked: nothing in it can be changed"):
            verb()
    for change in (
        lambda: setattr(assignment, "seed", 1),
        lambda: setattr(assignment, "state", "draft"),
        lambda: setattr(member, "arm", "treatment" if member.arm == "waitlist" else "waitlist"),
        lambda: db.delete(member),
        lambda: db.delete(assignment),
    ):
        with pytest.raises(AppError, match="locked"):
            try_and_undo(db, change)


def test_a_locked_assignment_is_repeated_only_by_another_one_with_a_reason(ready, db):
    old = ready.drawn()
    with pytest.raises(RefusedAssignment, match="gave this cohort's places already"):
        ready.begin("a2")
    with pytest.raises(RefusedAssignment, match="Say in a few words"):
        ready.begin("a2", replaces=old, reason="")
    new = ready.begin("a2", replaces=old, reason="two people were left out by mistake")
    assert len(list_members(db, new)) == 24
    with pytest.raises(RefusedAssignment, match="begun instead"):
        ready.begin("a3", replaces=old, reason=REASON)
    with pytest.raises(RefusedAssignment, match="gave this cohort's places already"):
        ready.begin("a3")
    gone = get_member(db, new, ready.ids[5])
    judge_member(db, new, gone, is_eligible=False, reason="moved to another city")
    freeze_pool(db, new)
    design_assignment(db, new, STRATIFIED)
    draw_assignment(db, new)
    assert get_record(new)["replaces"] == {"code": "a1", "reason": "two people were left out by mistake"}
    entry = next(entry for entry in entries(db, "assignment_begun") if json.loads(entry.after)["code"] == "a2")
    assert (json.loads(entry.after)["replaces"], entry.reason) == ("a1", "two people were left out by mistake")
    enrolment = db.scalars(select(Enrolment).where(Enrolment.entrepreneur_id == gone.entrepreneur_id)).one()
    assert enrolment.stage == "applied"
    arms = get_record(new)["arms"]
    stages = {"treatment": "enrolled", "waitlist": "waitlisted"}
    people = {m.entrepreneur_id: m.study_id for m in list_members(db, new)}
    assert all(e.stage == stages[arms[people[e.entrepreneur_id]]] for e in db.scalars(select(Enrolment)) if e.id != enrolment.id)
    assert [one.code for one in list_locked_draws(db, ready.programme.id)] == ["a2"]
    assert replay_assignment(old).is_identical


def test_a_repetition_that_is_dropped_leaves_the_first_standing(ready, db):
    old = ready.drawn()
    new = ready.begin("a2", replaces=old, reason=REASON)
    drop_assignment(db, new, REASON)
    assert old.replaced_by_id is None
    assert [one.code for one in list_locked_draws(db, ready.programme.id)] == ["a1"]


def test_after_the_first_session_nothing_is_drawn_or_repeated(ready, db):
    old = ready.drawn()
    new = ready.begin("a2", replaces=old, reason=REASON)
    freeze_pool(db, new)
    design_assignment(db, new, STRATIFIED)
    ready.hold_session()
    with pytest.raises(AppError, match="Sessions of this cohort were held"):
        draw_assignment(db, new)
    drop_assignment(db, new, REASON)
    with pytest.raises(AppError, match="Sessions were held already"):
        ready.begin("a3", replaces=old, reason=REASON)


def test_somebody_who_withdraws_between_freezing_and_drawing_is_not_drawn(ready, db):
    assignment = ready.designed()
    person = db.scalars(select(Entrepreneur).where(Entrepreneur.study_id == ready.ids[0])).one()
    withdraw_consent(db, ready.programme, person, today(), "not_said", ["training"])
    with pytest.raises(AppError, match=rf"cannot be chosen any more: {ready.ids[0]}"):
        draw_assignment(db, assignment)
    thaw_pool(db, assignment, REASON)
    judge_member(db, assignment, get_member(db, assignment, ready.ids[0]), is_eligible=False, reason="withdrew the consent")
    freeze_pool(db, assignment)
    design_assignment(db, assignment, STRATIFIED)
    draw_assignment(db, assignment)
    assert ready.ids[0] not in get_record(assignment)["arms"]


def test_a_pool_that_lost_somebody_is_not_drawn_from(ready, db):
    assignment = ready.designed()
    db.execute(Entrepreneur.__table__.delete().where(Entrepreneur.__table__.c.study_id == ready.ids[3]))
    db.expire_all()
    with pytest.raises(AppError, match="not the one that was frozen"):
        draw_assignment(db, assignment)


def test_a_cohort_takes_no_more_people_than_it_has_room_for(ready, db):
    ready.treated.capacity = 10
    assignment = ready.frozen()
    with pytest.raises(RefusedAssignment, match="10 free places; the draw could give places to 12"):
        design_assignment(db, assignment, STRATIFIED)
    design_assignment(db, assignment, replace(STRATIFIED, places="10"))


@pytest.mark.parametrize(
    ("design", "match"),
    [
        (Design("complete", "24"), "from 1 to 23"),
        (Design("complete", "many"), "from 1 to 23"),
        (Design("stratified", "50%"), "what makes the strata"),
        (Design("stratified", "50%", (Stratifier("registration_number"),)), "not asked in the first wave"),
        (Design("stratified", "50%", (Stratifier("industry_oth"),)), "not asked in the first wave"),
        (Design("complete", "50%", accepted_share=0.1), "what is to be balanced"),
        (Design("complete", "50%", covariates=("birth_province",)), "more than two answers"),
        (Design("clustered", "1"), "24 people have no group"),
        (Design("blocked", "5", block_size=2), "In every block"),
        (Design("complete", "50%", seed_source="010-1234-5678 is my number"), "must not hold a number"),
    ],
)
def test_a_design_that_cannot_be_drawn_is_refused(ready, db, design, match):
    assignment = ready.frozen()
    with pytest.raises(AppError, match=match):
        design_assignment(db, assignment, design)
    assert assignment.procedure is None


def test_pairs_are_of_people_who_follow_each_other(ready):
    assignment = ready.designed(Design("blocked", "50%", order_by="profit_krw"))
    stored = get_procedure(assignment)
    assert set(stored["treated"].values()) == {1}
    assert set(Counter(stored["strata"]).values()) == {2}


def test_whole_groups_are_drawn_together(ready, db):
    assignment = ready.designed(Design("clustered", "1", cluster_by="reg_industry", covariates=("profit_krw",)))
    draw_assignment(db, assignment)
    stored, arms = get_procedure(assignment), get_record(assignment)["arms"]
    by_group = {(group, arms[unit]) for unit, group in zip(stored["units"], stored["clusters"], strict=True)}
    assert len(by_group) == 2


def test_who_did_not_answer_is_a_stratum_of_its_own_and_the_mean_in_the_balance(ready):
    silent = [ready.person(answers=False) for _ in range(3)]
    assignment = ready.designed(replace(STRATIFIED, strata=(Stratifier("gender"),)))
    stored = get_procedure(assignment)
    levels = dict(zip(stored["units"], stored["strata"], strict=True))
    assert {levels[one.study_id] for one in silent} == {MISSING}
    assert stored["covariates"]["missing"] == [3, 3]
    outlook = preview_balance(stored)
    assert [one.missing for one in outlook.covariates] == [3, 3]
    assert any("no answer that makes the strata" in str(remark) for remark in outlook.remarks)


def test_the_preview_draws_nothing_and_says_the_same_every_time(ready, db):
    assignment = ready.designed(replace(STRATIFIED, accepted_share=0.1))
    before = db.scalar(select(AuditEntry.number).order_by(AuditEntry.number.desc()).limit(1))
    first, second = preview_balance(get_procedure(assignment)), preview_balance(get_procedure(assignment))
    assert first == second
    assert (first.treated, first.people) == (12, 24)
    assert first.unlucky < first.complete_unlucky
    assert db.scalar(select(AuditEntry.number).order_by(AuditEntry.number.desc()).limit(1)) == before
    assert assignment.state == "pool_frozen"
    assert {m.arm for m in list_members(db, assignment)} == {None}


def decided(ready, db):
    assignment = ready.frozen(details=replace(DETAILS, kind="decided"))
    chosen = {study_id: Decision("treatment", "runs the shop alone") for study_id in ready.ids[:10]}
    queue = {one: Decision("waitlist", "applied later than others", place) for place, one in enumerate(ready.ids[10:20], start=1)}
    rest = {one: Decision("", "has no business at present") for one in ready.ids[20:]}
    keep_decisions(db, assignment, ["committee"], chosen | queue | rest)
    return assignment


def test_decided_places_are_locked_with_who_decided_and_why(ready, db):
    assignment = decided(ready, db)
    assert compare_decided(db, assignment, ["profit_krw"])["rows"]
    lock_decisions(db, assignment, ["profit_krw"])
    record = get_record(assignment)
    assert assignment.decided_by == "committee"
    assert len(record["arms"]) == 20
    assert ["PI-0011-0", "waitlist", 1, "applied later than others"] in record["decisions"]
    assert record["balance"]["rows"][0]["n_treated"] == 10
    stages = Counter(enrolment.stage for enrolment in db.scalars(select(Enrolment)))
    assert stages == {"enrolled": 10, "waitlisted": 10, "applied": 4}
    assert list_locked_draws(db, ready.programme.id) == []
    with pytest.raises(AppError, match="locked"):
        keep_decisions(db, assignment, ["committee"], {})
    with pytest.raises(AppError, match="by lot"):
        replay_assignment(assignment)


@pytest.mark.parametrize(
    ("spoilt", "match"),
    [
        ({"PI-0001-0": Decision("treatment", "")}, "Say in a few words"),
        ({"PI-0001-0": Decision("treatment", "call 010-1234-5678")}, "must not hold a number"),
        ({"PI-0011-0": Decision("waitlist", "applied later", 2)}, "Place 2 of the queue is given twice"),
        ({"PI-0001-0": Decision("comparison", "applied later")}, "has changed meanwhile"),
    ],
)
def test_a_decision_without_a_reason_or_with_a_number_in_it_is_refused(ready, db, spoilt, match):
    assignment = decided(ready, db)
    with pytest.raises(AppError, match=match):
        keep_decisions(db, assignment, ["committee"], spoilt)


@pytest.mark.parametrize(
    ("last", "by", "match"),
    [
        ({"PI-0011-0": Decision("waitlist", "applied later")}, ["committee"], "place in the queue"),
        ({"PI-0011-0": Decision("", "")}, ["committee"], "1 people have no decision"),
        ({}, [], "Say who decided"),
    ],
)
def test_decisions_that_are_not_complete_are_not_locked(ready, db, last, by, match):
    assignment = decided(ready, db)
    keep_decisions(db, assignment, by, last)
    with pytest.raises(AppError, match=match):
        lock_decisions(db, assignment)


@pytest.mark.parametrize(
    ("details", "code", "field"),
    [
        (replace(DETAILS, criteria="too short"), "a1", "criteria"),
        (replace(DETAILS, criteria=f"{CRITERIA} Call 010-1234-5678."), "a1", "criteria"),
        (replace(DETAILS, treatment_cohort="W"), "a1", "treatment_cohort"),
        (replace(DETAILS, control_cohort="A"), "a1", "control_cohort"),
        (DETAILS, "New one", "code"),
        (DETAILS, "new", "code"),
    ],
)
def test_an_assignment_that_is_not_described_rightly_is_refused(ready, details, code, field):
    with pytest.raises(RefusedAssignment) as refused:
        ready.begin(code, details)
    assert refused.value.field == field


def test_a_person_who_is_erased_takes_their_row_along_and_leaves_the_record(ready, db):
    assignment = ready.drawn()
    db.execute(Entrepreneur.__table__.delete().where(Entrepreneur.__table__.c.study_id == ready.ids[3]))
    db.expire_all()
    assert len(list_members(db, assignment)) == 23
    assert replay_assignment(assignment).is_identical
    assert db.scalars(select(AssignmentMember.id)).all()
    assert db.scalars(select(Consent.id)).all()
