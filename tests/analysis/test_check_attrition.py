"""What missing answers can do to an effect stands beside it, and a planted loss of people is found out."""

import numpy as np
import pytest

from evalapp.analysis.estimation.check_attrition import FEW_ANSWERS
from evalapp.analysis.estimation.estimate_effects import estimate_effects
from evalapp.analysis.estimation.rows import ResultSheet
from evalapp.analysis.plans.plan import read_plan
from evalapp.stats import OutcomeSpec, ProgrammeSpec, att_gt, attrition_weights, lee_bounds, simulate_programme, two_by_two
from tests.analysis.test_run_plan import programme_with_answers, run
from tests.programme import WAVES

EFFECT = 100.0
SAME = 1e-9  # the same estimators on the same numbers
# 400 people an arm and an SD of changes of about 70: the difference of two means has a standard error near 5, three of them.
NOISE = 15.0
Y = "profit_krw"


def plan(**estimator):
    outcome = {"variable": Y, "label": {"ko": "순이익", "en": "Profit"}, "unit": "krw", "kind": "money", "good": "higher"}
    texts = {"title": {"ko": "시험", "en": "Test"}, "question": {"ko": "효과?", "en": "Effect?"}}
    return read_plan({**texts, "outcomes": [outcome], "primary": Y, "estimator": estimator})


def programme(cohorts=(2,), size=400, comparison=400, rounds=3, seed=8):
    spec = ProgrammeSpec(
        cohort_sizes=(size,) * len(cohorts),
        first_treated=cohorts,
        comparison=comparison,
        rounds=rounds,
        outcomes={Y: OutcomeSpec(level=1000, person_sd=100, noise_sd=50, effect_by_event=(EFFECT,))},
    )
    panel = simulate_programme(spec, seed=seed).panel.rename(columns={"wave": "round", "arm": "was"})
    arm = np.where(panel["first_treated"] > 0, "treatment", "comparison")
    return panel.assign(wave=[f"w{number}" for number in panel["round"]], arm=arm)


def lose(panel, probability, wave=3, seed=1):
    """Take away the answers of a wave with a probability for each of its rows."""
    there = panel["round"] == wave
    gone = np.random.default_rng(seed).random(len(panel)) < probability(panel) * there
    return panel.assign(**{Y: panel[Y].mask(gone)})


def disappointed(panel):
    """Nine in ten of the trained whose profit rose less than the median stop answering, one in ten of those it rose more."""
    wide = panel.pivot(index="study_id", columns="round", values=Y)
    small_rise = panel["study_id"].map(wide[3] - wide[1] < (wide[3] - wide[1]).median())
    return np.where(panel["first_treated"] > 0, np.where(small_rise, 0.9, 0.1), 0.05)


def rows_of(panel, **estimator):
    sheet = ResultSheet()
    estimate_effects(sheet, panel, plan(**estimator), seed=0)
    return [row for row in sheet.rows if row["family"] == "attrition_effects"]


def value(rows, statistic, **words):
    found = [r["value"] for r in rows if r["statistic"] == statistic and all(r[k] == v for k, v in words.items())]
    assert len(found) == 1, (statistic, words, found)
    return found[0]


def test_planted_attrition_is_flagged_and_the_limits_hold_the_true_effect():
    rows = rows_of(lose(programme(), disappointed))
    assert value(rows, "p_value", term="wave:w3", subgroup="difference") < 0.001
    assert any("differential_attrition" in (r["warning"] or "") for r in rows if r["term"] == "wave:w3")
    naive = value(rows, "estimate", term="wave:w3", model="two_by_two")
    lower, upper = (value(rows, side, term="wave:w3", model="lee_bounds") for side in ("lower", "upper"))
    assert naive > EFFECT + NOISE
    assert lower < EFFECT < naive < upper


def test_a_wave_in_which_nobody_is_missing_has_words_instead_of_limits():
    rows = rows_of(lose(programme(), disappointed))
    found = [r for r in rows if r["term"] == "wave:w2" and r["model"] in ("lee_bounds", "two_by_two_weighted")]
    assert [r["value"] for r in found] == [None, None]
    assert all('"nobody_missing"' in r["warning"] for r in found)
    assert abs(value(rows, "estimate", term="wave:w2", model="two_by_two") - EFFECT) < NOISE


def test_weights_take_away_what_the_first_answer_explains():
    panel = programme()
    first = panel["study_id"].map(panel[panel["round"] == 1].set_index("study_id")[Y])
    # Profits grow in proportion to where they started, and the trained who started high stop answering.
    panel[Y] += 0.5 * (first - 1000) * (panel["round"] == 3)
    rows = rows_of(lose(panel, lambda p: np.where((p["first_treated"] > 0) & (first > 1000), 0.8, 0.05)))
    naive, weighted = (value(rows, "estimate", term="wave:w3", model=m) for m in ("two_by_two", "two_by_two_weighted"))
    assert abs(weighted - EFFECT) < NOISE < abs(naive - EFFECT)


def test_the_numbers_are_those_of_the_library():
    panel = lose(programme(size=60, comparison=60), disappointed)
    rows = rows_of(panel, method="reg", inference="classical")
    ends = panel[panel["round"].isin([1, 3])].assign(trained=lambda p: (p["first_treated"] > 0).astype(int))
    wide = ends.pivot(index="study_id", columns="round", values=Y)
    people = ends.drop_duplicates("study_id").set_index("study_id")[["trained"]].reindex(wide.index)
    people = people.assign(change=wide[3] - wide[1], start=wide[1], answered=wide[3].notna().astype(int))
    bounds = lee_bounds(people, "change", "trained", "answered")
    assert value(rows, "lower", model="lee_bounds", term="wave:w3") == pytest.approx(bounds.lower, rel=SAME)
    assert value(rows, "conf_high", model="lee_bounds", term="wave:w3") == pytest.approx(bounds.conf_high, rel=SAME)
    assert value(rows, "trimmed_share", subgroup="comparison", term="wave:w3") == pytest.approx(bounds.cells["trimmed_share"][0])
    weights = attrition_weights(people, "answered", "trained", ["start"]).weights
    complete = ends[ends["study_id"].isin(people.index[people["answered"] == 1])]
    complete = complete.assign(weight=complete["study_id"].map(weights))
    theirs = two_by_two(complete, Y, "study_id", "round", "trained", method="reg", weights="weight", inference="classical")
    for statistic in ("estimate", "conf_low", "conf_high"):
        ours = value(rows, statistic, model="two_by_two_weighted", term="wave:w3")
        assert ours == pytest.approx(getattr(theirs, statistic), rel=SAME)
    headline = panel[panel["study_id"].isin(complete["study_id"])].assign(weight=lambda p: p["study_id"].map(weights))
    settings = {"weights": "weight", "method": "reg", "base_period": "universal", "inference": "classical"}
    main = att_gt(headline, Y, "study_id", "round", "first_treated", **settings).aggregate("simple").overall
    ours = value(rows, "estimate", model="callaway_santanna_weighted", term="overall")
    assert ours == pytest.approx(main.estimate, rel=SAME)


def test_people_count_from_their_first_answer_on():
    panel = lose(lose(programme(size=30, comparison=30), lambda _: 0.3, wave=1), lambda _: 0.3, wave=3)
    rows = rows_of(panel)
    answers = panel.pivot(index="study_id", columns="round", values=Y)
    trained = panel.groupby("study_id")["first_treated"].first() > 0
    asked = answers[1].notna()
    assert value(rows, "due", term="wave:w3", subgroup="treatment") == (asked & trained).sum()
    assert value(rows, "answered", term="wave:w3", subgroup="treatment") == (asked & trained & answers[3].notna()).sum()
    assert value(rows, "answered", term="overall", subgroup="comparison") == (~trained & answers.notna().all(axis=1)).sum()


@pytest.mark.parametrize(("control_group", "compared"), [("never_treated", 40), ("not_yet_treated", 70)])
def test_each_wave_compares_those_trained_by_then_with_whom_the_plan_names(control_group, compared):
    rows = rows_of(lose(programme(cohorts=(2, 3), size=30, comparison=40), disappointed), control_group=control_group)
    people = {
        term: [value(rows, "due", term=term, subgroup=arm) for arm in ("treatment", "comparison")]
        for term in ("wave:w2", "wave:w3")
    }
    assert people == {"wave:w2": [30, compared], "wave:w3": [60, 40]}


def test_where_everyone_is_trained_in_the_end_the_last_group_is_the_comparison_until_then():
    rows = rows_of(programme(cohorts=(2, 4), size=30, comparison=0, rounds=4))
    assert {r["term"] for r in rows} == {"overall", "wave:w2", "wave:w3"}
    assert value(rows, "due", term="wave:w3", subgroup="comparison") == 30


def test_too_few_answers_give_words_and_no_number():
    panel = programme(size=20, comparison=20)
    kept = panel.loc[panel["first_treated"] > 0, "study_id"].unique()[: FEW_ANSWERS - 1]
    rows = rows_of(
        panel.assign(**{Y: panel[Y].where((panel["first_treated"] == 0) | (panel["round"] < 3) | panel["study_id"].isin(kept))})
    )
    for model in ("lee_bounds", "two_by_two_weighted"):
        found = [r for r in rows if r["term"] == "wave:w3" and r["model"] == model]
        assert [(r["value"], '"few_answers"' in r["warning"]) for r in found] == [(None, True)]


def test_a_wave_that_did_not_ask_is_left_out():
    panel = programme(size=20, comparison=20)
    rows = rows_of(panel.assign(**{Y: panel[Y].where(panel["round"] != 3)}))
    assert {r["term"] for r in rows} == {"overall", "wave:w2"}


def test_a_run_stores_them_and_every_missing_number_says_why(db):
    small = programme_with_answers(db)
    for number in range(4):
        small.person("A", {wave: {Y: 900 + number} for wave in list(WAVES)[:2]})
    _, rows, _ = run(db, small)
    found = [r for r in rows if r.family == "attrition_effects"]
    answered = {(r.term, r.subgroup): (r.value, r.n) for r in found if r.statistic == "answered"}
    assert answered["wave:fu1", "treatment"] == (12, 12)
    assert answered["wave:fu2", "treatment"] == (16, 20)  # both cohorts are trained by then
    assert [r for r in found if r.value is None and not r.warnings] == []
