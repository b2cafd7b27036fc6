"""A run stores every number as a row, the numbers are those of the estimators, and what cannot be estimated says so."""

import datetime as dt
import json

import numpy as np
import pytest

from evalapp.analysis.plans.register_plan import register_plan
from evalapp.analysis.queries import get_run, list_result_rows
from evalapp.analysis.run_plan import run_plan
from evalapp.core.errors import AppError, NotFound
from evalapp.panel.build_panel import build_panel
from evalapp.panel.freeze_panel import freeze_panel
from evalapp.people.tables import Consent
from evalapp.stats.differences.group_time import att_gt
from tests.programme import WAVES, SmallProgramme

PLAN = {
    "title": {"ko": "시험", "en": "Test"},
    "question": {"ko": "효과가 있었는가?", "en": "Did it work?"},
    "primary": "profit_krw",
    "headline": "simple",
    "outcomes": [
        {"variable": "profit_krw", "label": {"ko": "순이익", "en": "Profit"}, "unit": "krw", "kind": "money", "good": "higher"}
    ],
    "estimator": {"method": "dr", "base_period": "universal", "inference": "small_sample"},
    "characteristics": ["female", "age"],
    "indicators": ["changed_operations"],
}
SAME = 1e-9  # the same estimator on the same numbers, through text and back


def programme_with_answers(db, size=8, seed=3):
    small, rng = SmallProgramme(db), np.random.default_rng(seed)
    for cohort in "ABC":
        for number in range(size):
            level = rng.normal(1000, 100)
            answers = {
                wave: {"profit_krw": round(level + 50 * (cohort == "A" and wave != "bl") + rng.normal(0, 10), 2)} for wave in WAVES
            }
            answers["bl"] |= {"gender": "female" if number % 2 else "male", "birth_year": 1970 + number}
            if cohort == "A":
                answers["fu1"]["changed_operations"] = "yes" if number < 6 else "no"
            study_id = small.person(cohort, answers)
            if cohort == "A":
                small.attend(study_id, 100, 100 if number else 0)
    return small


def run(db, small, plan=PLAN):
    snapshot = freeze_panel(db, small.programme, build_panel(db, small.programme))
    done = run_plan(db, register_plan(db, small.programme, "main", plan), snapshot)
    return done, list_result_rows(db, done.id), snapshot


def value(rows, statistic, **words):
    found = [r.value for r in rows if r.statistic == statistic and all(getattr(r, k) == v for k, v in words.items())]
    assert len(found) == 1, (statistic, words, found)
    return found[0]


def test_the_stored_effect_is_the_estimators(db):
    small = programme_with_answers(db)
    _, rows, _ = run(db, small)
    panel = build_panel(db, small.programme).frame
    ours = att_gt(panel, "profit_krw", "study_id", "round", "first_treated", base_period="universal").aggregate("simple").overall
    words = {"family": "effects", "model": "callaway_santanna", "term": "overall"}
    for statistic in ("estimate", "std_error", "conf_low", "conf_high"):
        assert value(rows, statistic, **words) == pytest.approx(getattr(ours, statistic), rel=SAME)


def test_counts_of_people_add_up(db):
    small = programme_with_answers(db)
    small.person("A", consent=False)
    small.person(None)
    _, rows, _ = run(db, small)
    flow = {(r.term, r.subgroup): r.value for r in rows if r.family == "flow"}
    assert flow["registered", "all"] == 26
    assert flow["registered", "all"] - flow["no_consent", "all"] - flow["no_cohort", "all"] == flow["assigned", "all"] == 24
    assert flow["assigned", "treatment"] + flow["assigned", "comparison"] == flow["assigned", "all"]
    for wave in WAVES:
        steps = [flow[f"wave_{state}:{wave}", "all"] for state in ("answered", "rejected", "missing")]
        assert sum(steps) == flow["assigned", "all"]
    assert (flow["started", "cohort:A"], flow["completed", "cohort:A"]) == (8, 7)


def test_indicators_are_counts_among_the_trained_who_answered(db):
    _, rows, _ = run(db, programme_with_answers(db))
    words = {"family": "indicators", "term": "changed_operations", "subgroup": "treatment:fu1"}
    assert value(rows, "count", **words) == 6
    assert [r.n for r in rows if r.family == "indicators"] == [8] * 4


def test_a_run_again_gives_the_same_rows(db):
    small = programme_with_answers(db)
    _, first, _ = run(db, small)
    _, second, _ = run(db, small)
    assert first == second


def test_a_released_number_does_not_move_when_the_data_do(db):
    small = programme_with_answers(db)
    done, before, snapshot = run(db, small)
    small.person("A", {wave: {"profit_krw": 9_999_999} for wave in WAVES})
    later, after, changed = run(db, small)
    assert changed.id != snapshot.id
    assert list_result_rows(db, done.id) == before
    assert after != before
    assert later.id != done.id


def test_data_that_cannot_carry_an_effect_give_words_and_no_number(db):
    small = SmallProgramme(db)
    for _ in range(4):
        small.person("A", {wave: {"profit_krw": 100} for wave in WAVES})
    _, rows, _ = run(db, small)
    overall = [r for r in rows if r.family == "effects" and r.model == "callaway_santanna" and r.term == "overall"]
    assert overall
    assert all(r.value is None or np.isfinite(r.value) for r in overall)
    assert any(code for r in overall for code, _ in r.warnings)


def test_every_missing_number_of_the_effects_carries_a_warning(db):
    small = programme_with_answers(db, size=1)
    _, rows, _ = run(db, small)
    bare = [r for r in rows if r.family == "effects" and r.value is None and not r.warnings]
    assert bare == []


def test_a_run_records_where_its_numbers_come_from(db):
    small = programme_with_answers(db)
    done, _, snapshot = run(db, small)
    record = get_run(db, done.id)
    assert record.snapshot_sha256 == snapshot.sha256
    assert record.plan == json.loads(json.dumps(PLAN))
    assert {"evalapp", "python", "numpy", "linearmodels"} <= set(record.versions)
    assert [wave.code for wave in record.waves] == list(WAVES)
    assert [cohort.code for cohort in record.cohorts] == ["A", "B", "C"]


def test_an_unknown_run_is_not_found(db):
    with pytest.raises(NotFound, match="no run 12345"):
        get_run(db, 12345)


def test_a_snapshot_that_holds_someone_who_withdrew_is_not_run_again(db):
    small = programme_with_answers(db)
    snapshot = freeze_panel(db, small.programme, build_panel(db, small.programme))
    db.query(Consent).first().withdrawn_on = dt.date(2021, 1, 1)
    db.flush()
    with pytest.raises(AppError, match="1 people of this snapshot have withdrawn"):
        run_plan(db, register_plan(db, small.programme, "main", PLAN), snapshot)


def test_a_run_keeps_the_waves_it_had(db):
    small = programme_with_answers(db)
    done, _, _ = run(db, small)
    before = get_run(db, done.id)
    small.waves["fu2"].closes_on = dt.date(2031, 1, 1)
    db.flush()
    assert get_run(db, done.id) == before


def test_people_trained_after_the_last_wave_count_as_untrained_everywhere_and_a_warning_says_so(db):
    small = programme_with_answers(db)
    small.cohorts["B"].starts_on, small.cohorts["B"].ends_on = dt.date(2021, 1, 1), dt.date(2021, 2, 1)
    db.flush()
    _, rows, _ = run(db, small)
    panel = build_panel(db, small.programme).frame
    ends = panel[panel["round"].isin([1, 3])].pivot(index="study_id", columns="round", values="profit_krw")
    change = (ends[3] - ends[1]).groupby(panel.groupby("study_id")["cohort"].first()).mean()
    trained_less_others = change["A"] - (change["B"] + change["C"]) / 2
    row = next(r for r in rows if r.model == "two_by_two" and r.statistic == "estimate")
    assert row.value == pytest.approx(trained_less_others)
    assert "treated_after_last_period" in {code for code, _ in row.warnings}


def test_a_programme_where_nobody_was_trained_says_so_for_every_outcome(db):
    small = SmallProgramme(db)
    for number in range(5):
        small.person("C", {wave: {"profit_krw": 100 + number} for wave in WAVES})
    _, rows, _ = run(db, small)
    found = [r for r in rows if r.family == "effects"]
    assert [(r.term, r.value, r.warnings[0][0]) for r in found] == [("overall", None, "nobody_trained")]
