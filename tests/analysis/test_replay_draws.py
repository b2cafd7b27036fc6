"""Where places were drawn, a run replays the draw of the record beside its main estimate; without a draw nothing is added."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import select

from evalapp.analysis.estimation.replay_draws import replay_draws
from evalapp.analysis.estimation.rows import ResultSheet
from evalapp.analysis.plans.plan import read_plan
from evalapp.analysis.queries import get_run, list_result_rows
from evalapp.panel.build_panel import build_panel
from evalapp.panel.freeze_panel import freeze_panel
from evalapp.people.tables import Entrepreneur
from evalapp.reports.outline import outline
from evalapp.stats import AssignmentProcedure, randomization_inference
from evalapp.training.assignment.queries import get_procedure, get_record
from evalapp.training.assignment.recorded_draws import RecordedDraw, list_recorded_draws
from evalapp.training.assignment.stored_procedure import rebuild
from tests.analysis.test_run_plan import PLAN, programme_with_answers, run
from tests.training.assignment.prepared import STRATIFIED, Ready

SAME = 1e-9  # the same estimator on the same numbers, through text and back
EFFECT = 400_000.0


@pytest.fixture
def drawn(db, programme):
    """A programme whose places were drawn, with a follow-up in which those drawn earn more."""
    ready = Ready(db, programme, people=40)
    assignment = ready.drawn(replace(STRATIFIED, accepted_share=0.2))
    arms = get_record(assignment)["arms"]
    ready.treated.starts_on = ready.waves[0].opens_on + dt.timedelta(days=5)
    for study_id, arm in list(arms.items())[:-3]:
        person = db.scalars(select(Entrepreneur).where(Entrepreneur.study_id == study_id)).one()
        profit = ready.rng.normal(2_000_000 + EFFECT * (arm == "treatment"), 100_000)
        ready.answer(person.id, ready.waves[1], profit_krw=str(round(profit)))
    db.flush()
    return ready, assignment


def randomisation(rows):
    return {row.statistic: row for row in rows if row.family == "randomisation"}


def test_a_run_replays_the_recorded_draw(drawn, db):
    ready, assignment = drawn
    done, rows, _ = run(db, ready)
    found = randomisation(rows)
    assert found["estimate"].term == "assignment:a1"
    assert (found["estimate"].n, found["estimate"].clusters) == (37, 40)
    assert found["conf_low"].value < EFFECT < found["conf_high"].value
    assert found["p_value"].value < 0.01
    panel, arms = build_panel(db, ready.programme).frame, get_record(assignment)["arms"]
    wide = panel.pivot(index="study_id", columns="round", values="profit_krw").reindex(list(arms))
    frame = pd.DataFrame({"unit": list(arms), "drawn": [float(arm == "treatment") for arm in arms.values()]})
    frame["after"], frame["before"] = wide[2].to_numpy(), wide[1].to_numpy()
    test = randomization_inference(
        frame, "after", "drawn", "unit", rebuild(get_procedure(assignment)), covariates=["before"], seed=0
    )
    for statistic in ("estimate", "conf_low", "conf_high", "p_value"):
        assert found[statistic].value == pytest.approx(getattr(test, statistic), rel=SAME)
    text = str(outline(get_run(db, done.id), list_result_rows(db, done.id), "en"))
    assert "Replaying the draw: those drawn and the others are +KRW" in text


def test_before_anybody_is_trained_the_run_says_that_there_is_nothing_to_compare(drawn, db):
    ready, _ = drawn
    ready.treated.starts_on = ready.waves[1].opens_on + dt.timedelta(days=30)
    db.flush()
    done, rows, _ = run(db, ready)
    found = randomisation(rows)["estimate"]
    assert found.value is None
    assert "not_estimated" in str(found.warnings)
    assert "could not be replayed" in str(outline(get_run(db, done.id), list_result_rows(db, done.id), "en"))


def test_without_a_draw_nothing_is_added(db):
    _, rows, _ = run(db, programme_with_answers(db))
    assert randomisation(rows) == {}


def test_somebody_erased_leaves_their_place_in_the_draw(drawn, db):
    ready, _ = drawn
    db.execute(Entrepreneur.__table__.delete().where(Entrepreneur.__table__.c.study_id == ready.ids[0]))
    db.expire_all()
    found = list_recorded_draws(db, ready.programme.id)[0]
    assert ready.ids[0] in found.treated
    rows = run(db, ready)[1]
    assert randomisation(rows)["estimate"].clusters == 40


def test_only_rounds_before_the_others_are_trained_count():
    people = [f"P{number}" for number in range(12)]
    treated = {person: place < 6 for place, person in enumerate(people)}
    rng = np.random.default_rng(5)
    rows = [
        {
            "study_id": person,
            "round": number,
            "first_treated": 2 if treated[person] else 3,
            "profit_krw": rng.normal(10 * number + 5 * (treated[person] and number > 1), 1),
        }
        for person in people
        for number in (1, 2, 3)
    ]
    sheet, draw = (
        ResultSheet(),
        RecordedDraw("a1", AssignmentProcedure(tuple(people), 6), treated, {person: person for person in people}),
    )
    frame = pd.DataFrame(rows)
    replay_draws(sheet, frame, read_plan(PLAN), [draw], seed=1)
    estimate = next(row["value"] for row in sheet.rows if row["statistic"] == "estimate")
    later = frame.assign(profit_krw=frame["profit_krw"].where(frame["round"] < 3, 1e9))
    again = ResultSheet()
    replay_draws(again, later, read_plan(PLAN), [draw], seed=1)
    assert next(row["value"] for row in again.rows if row["statistic"] == "estimate") == estimate


def test_the_panel_of_a_draw_is_the_one_that_was_frozen(drawn, db):
    ready, _ = drawn
    assert freeze_panel(db, ready.programme, build_panel(db, ready.programme)).people == 40
