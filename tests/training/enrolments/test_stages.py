"""The table of stages: what follows what, and that steps replayed give the stage."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalapp.core.clock import today
from evalapp.training.enrolments import words
from evalapp.training.enrolments.move_stage import RefusedMove
from evalapp.training.enrolments.queries import list_steps_of
from evalapp.training.enrolments.stages import BACK_REASONS, FORWARD, REASONS_FOR, find_way, list_next, replay
from evalapp.training.enrolments.tables import REASONS
from evalapp.training.tables import STAGES, Enrolment
from tests.training.enrolments.joining import DAY, START, Joining

# From, to: written a second time by hand, so that a slip in the table shows.
FORWARD_STEPS = {
    (None, "applied"), ("applied", "enrolled"), ("applied", "waitlisted"), ("applied", "declined"), ("waitlisted", "enrolled"),
    ("waitlisted", "declined"), ("enrolled", "active"), ("enrolled", "withdrawn"), ("active", "completed"), ("active", "withdrawn"),
}  # fmt: skip
ALLOWED = FORWARD_STEPS | {(after, before) for before, after in FORWARD_STEPS if before}
MOVES = st.lists(
    st.sampled_from(STAGES).flatmap(
        lambda stage: st.tuples(
            st.just(stage), st.sampled_from((*REASONS_FOR[stage], *BACK_REASONS)), st.integers(0, 6), st.booleans(), st.booleans()
        )
    ),
    max_size=10,
)


def test_the_table_is_the_one_that_was_decided():
    assert {(before, after) for before in FORWARD for after in list_next(before)} == ALLOWED
    assert {after for _, after in ALLOWED} == set(STAGES)


def test_every_reason_has_words_and_belongs_to_a_stage_or_a_step_back():
    assert tuple(words.REASONS) == REASONS
    assert tuple(words.STAGES) == STAGES
    used = {reason for reasons in REASONS_FOR.values() for reason in reasons} | set(BACK_REASONS) | {"imported"}
    assert used == set(REASONS)


@given(st.lists(st.tuples(st.sampled_from(STAGES), st.booleans()), max_size=20))
def test_no_sequence_of_moves_leaves_the_table(wanted):
    stage, steps = None, []
    for to_stage, to_other_cohort in wanted:
        for step in find_way(stage, to_stage, to_other_cohort=to_other_cohort):
            assert (stage, step) in ALLOWED or (stage == step and to_other_cohort and step in ("applied", "waitlisted", "enrolled"))
            steps.append((stage, step))
            stage = step
    assert replay(steps) == stage


def test_steps_that_do_not_follow_upon_each_other_are_refused():
    with pytest.raises(ValueError, match="step 2"):
        replay([(None, "applied"), ("enrolled", "active")])
    with pytest.raises(ValueError, match="step 2 leads from applied to completed"):
        replay([(None, "applied"), ("applied", "completed")])
    assert replay([(None, "completed"), ("completed", "active")]) == "active"  # as a file brought it


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(moves=MOVES)
def test_whatever_is_tried_the_steps_replayed_give_the_stage_and_days_never_go_back(db, programme, moves):
    with db.begin_nested() as undone:
        joining = Joining(db, programme)
        person = joining.person()
        joining.train([], [], planned=1, state="cancelled")
        for to_stage, reason, days, noted, transferred in moves:
            cohort = joining.w if transferred else joining.a
            try:
                with db.begin_nested():
                    joining.move([person], to_stage, START + days * DAY, reason, "asked by telephone" if noted else "", cohort)
            except RefusedMove:
                continue
        steps = list_steps_of(db, programme.id, person.id)
        enrolment = db.query(Enrolment).filter_by(entrepreneur_id=person.id).one_or_none()
        assert replay([(step.from_stage, step.to_stage) for step in steps]) == (enrolment.stage if enrolment else None)
        days = [step.stepped_on for step in steps]
        assert days == sorted(days)
        assert all(day <= today() for day in days)
        assert all((step.from_stage, step.to_stage) in ALLOWED or step.from_stage == step.to_stage for step in steps)
        assert "completed" not in {step.to_stage for step in steps}  # nothing was held, so no rule was met
        if enrolment:
            assert (enrolment.stage_on, enrolment.reason) == (steps[-1].stepped_on, steps[-1].reason)
        undone.rollback()
