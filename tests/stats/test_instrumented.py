import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from causaldata import nsw_mixtape
from linearmodels.iv import IV2SLS

from evalapp.stats.experiments.ancova import ancova
from evalapp.stats.experiments.instrumented import instrumented
from evalapp.stats.warnings import StatsError

REFERENCE = json.loads((Path(__file__).parent / "reference" / "instrumented_r.json").read_text())
WEIGHTED = json.loads((Path(__file__).parent / "reference" / "instrumented_weights_r.json").read_text())
SAME_FORMULA = 1e-9  # relative; the reference is printed to 15 digits
ROOT_SEARCH = 1e-8  # relative; R's bounds come from a root search that stops at 1e-9
DRAWS = 300
FOUR_SE = 4 * (0.05 * 0.95 / DRAWS) ** 0.5


def experiment():
    # Stored in eight bits and single precision, which arithmetic on the columns would overflow and round.
    d = nsw_mixtape.load_pandas().data.reset_index(drop=True).drop(columns="data_id").astype(float)
    came = d["treat"] * (d.index % 5 > 0) + (1 - d["treat"]) * (d.index % 11 == 0)
    return d.assign(site=d.index * 7 % 41, came=came)


def offer(seed=0, n=60, moved=0.6, effect=1.0):
    """Attendance is higher for people who would do well anyway; the offer brings the share `moved` of people."""
    rng = np.random.default_rng(seed)
    kind, ability = rng.random(n), rng.standard_normal(n)
    assigned = rng.permutation((np.arange(n) < 0.4 * n).astype(int))
    came = ((kind < moved) & (assigned == 1)) | ((kind > 0.9) & (ability > 0))
    return pd.DataFrame({"y": ability + effect * came, "assigned": assigned, "came": came.astype(int)})


def test_two_stage_estimates_and_robust_errors_are_rs():
    plain, reference = instrumented(experiment(), "re78", "treat", "came", cov="robust"), REFERENCE["plain"]
    assert plain.tot.estimate == pytest.approx(reference["tot"], rel=SAME_FORMULA)
    assert plain.tot.std_error == pytest.approx(reference["se"], rel=SAME_FORMULA)
    assert plain.first_stage.std_error == pytest.approx(reference["share_se"], rel=SAME_FORMULA)
    assert plain.first_stage_f == pytest.approx(reference["f"], rel=SAME_FORMULA)
    assert (plain.covariance, plain.tot.df) == ("HC1", 443)
    with_baseline = instrumented(experiment(), "re78", "treat", "came", "re75", cov="robust").tot
    for column, name in (("estimate", "tot"), ("std_error", "se"), ("conf_low", "low"), ("conf_high", "high")):
        assert getattr(with_baseline, column) == pytest.approx(REFERENCE["estimatr_hc1"][name], rel=SAME_FORMULA)


def test_clustered_two_stage_errors_are_rs():
    result = instrumented(experiment(), "re78", "treat", "came", "re75", strata="nodegree", cluster="site", cov="robust")
    assert result.tot.estimate == pytest.approx(REFERENCE["clustered"]["tot"], rel=SAME_FORMULA)
    assert result.tot.std_error == pytest.approx(REFERENCE["clustered"]["se"], rel=SAME_FORMULA)
    assert result.first_stage_f == pytest.approx(REFERENCE["clustered"]["f"], rel=SAME_FORMULA)
    assert (result.covariance, result.tot.df, result.clusters) == ("CR1S", 40, 41)


def test_anderson_rubin_bounds_are_where_rs_t_test_turns():
    plain = instrumented(experiment(), "re78", "treat", "came", cov="robust").anderson_rubin
    clustered = instrumented(experiment(), "re78", "treat", "came", "re75", strata="nodegree", cluster="site", cov="robust")
    assert (plain.conf_low, plain.conf_high) == pytest.approx(tuple(REFERENCE["plain"]["ar"]), rel=ROOT_SEARCH)
    bounds = (clustered.anderson_rubin.conf_low, clustered.anderson_rubin.conf_high)
    assert bounds == pytest.approx(tuple(REFERENCE["clustered"]["ar"]), rel=ROOT_SEARCH)


def test_linearmodels_gives_the_same_robust_error():
    d = experiment()
    fit = IV2SLS(d["re78"], np.ones((len(d), 1)), d["came"], d["treat"]).fit(cov_type="robust", debiased=True)
    ours = instrumented(d, "re78", "treat", "came", cov="robust").tot
    assert ours.std_error == pytest.approx(fit.std_errors["came"], rel=SAME_FORMULA)


def weighted(**options):
    d = experiment().assign(w=lambda d: (d.index * 13 % 29 / 10 + 0.2).where(d.index % 10 != 3, 0.0))
    return instrumented(d, "re78", "treat", "came", "re75", covariates=["age"], strata="nodegree", weights="w", **options)


@pytest.mark.parametrize(("kind", "cluster"), [("HC1", None), ("CR1S", "site")])
def test_weighted_estimates_robust_errors_and_confidence_sets_are_rs(kind, cluster):
    ours, r = weighted(cov="robust", cluster=cluster), WEIGHTED[kind]
    assert (ours.n, ours.covariance) == (WEIGHTED["n"], kind)
    found = (ours.tot.estimate, ours.tot.std_error, ours.first_stage.estimate, ours.first_stage.std_error, ours.first_stage_f)
    assert found == pytest.approx((WEIGHTED["tot"], r["se"], WEIGHTED["share"], r["share_se"], r["f"]), rel=SAME_FORMULA)
    assert (ours.anderson_rubin.conf_low, ours.anderson_rubin.conf_high) == pytest.approx(tuple(r["ar"]), rel=ROOT_SEARCH)


def test_the_weighted_default_is_rs_hc2_of_both_regressions():
    ours = weighted()
    found = (ours.itt.std_error, ours.first_stage.std_error)
    assert found == pytest.approx((WEIGHTED["HC2"]["itt_se"], WEIGHTED["HC2"]["share_se"]), rel=SAME_FORMULA)
    assert ours.compliance["share"].tolist() == pytest.approx(WEIGHTED["came"], rel=SAME_FORMULA)
    assert [caution.facts["rows"] for caution in ours.cautions if caution.code == "zero_weight"] == [45]


def test_the_weighted_effect_of_the_offer_is_ancovas_clustered_or_not():
    d = experiment().assign(w=lambda d: 0.3 + d.index % 5)
    for cluster in (None, "site"):
        ours = instrumented(d, "re78", "treat", "came", "re75", cluster=cluster, weights="w").itt
        alone = ancova(d, "re78", "treat", "re75", cluster=cluster, weights="w")
        for column in ("estimate", "std_error", "df", "p_value"):
            assert getattr(ours, column) == pytest.approx(getattr(alone, column), rel=SAME_FORMULA)


def test_linearmodels_gives_the_same_weighted_effect_and_robust_errors():
    d = experiment().assign(constant=1.0, w=lambda d: 0.3 + d.index % 5)
    model = IV2SLS(d["re78"], d[["constant", "re75"]], d["came"], d["treat"], weights=d["w"])
    alone = model.fit(cov_type="robust", debiased=True)
    together = model.fit(cov_type="clustered", clusters=d["site"].astype(int), debiased=True)
    for fit, cluster in ((alone, None), (together, "site")):
        ours = instrumented(d, "re78", "treat", "came", "re75", cluster=cluster, weights="w", cov="robust").tot
        assert ours.estimate == pytest.approx(fit.params["came"], rel=SAME_FORMULA)
        assert ours.std_error == pytest.approx(fit.std_errors["came"], rel=SAME_FORMULA)


def test_weights_of_any_size_and_rows_of_weight_zero_change_nothing():
    d = offer().assign(w=7.5)
    plain, equal = instrumented(d, "y", "assigned", "came"), instrumented(d, "y", "assigned", "came", weights="w")
    without = instrumented(pd.concat([d, d.head(5).assign(y=99.0, w=0.0)], ignore_index=True), "y", "assigned", "came", weights="w")
    for other in (equal, without):
        assert other.tot.estimate == pytest.approx(plain.tot.estimate, rel=SAME_FORMULA)
        assert (other.tot.std_error, other.tot.df) == pytest.approx((plain.tot.std_error, plain.tot.df), rel=SAME_FORMULA)


def test_the_effect_of_the_offer_is_ancovas_and_the_ratio_is_the_effect_of_coming():
    d = experiment()
    result, offer_effect = instrumented(d, "re78", "treat", "came", "re75"), ancova(d, "re78", "treat", "re75")
    for column in ("estimate", "std_error", "df", "p_value"):
        assert getattr(result.itt, column) == pytest.approx(getattr(offer_effect, column), rel=SAME_FORMULA)
    assert result.tot.estimate == pytest.approx(result.itt.estimate / result.first_stage.estimate, rel=SAME_FORMULA)
    assert result.covariance == "HC2"


def test_who_came_is_counted_by_arm():
    table = instrumented(experiment(), "re78", "treat", "came").compliance.set_index("arm")
    assert table.loc["control"].tolist() == [260, 24, pytest.approx(24 / 260)]
    assert table.loc["treated"].tolist() == [185, 148, pytest.approx(0.8)]


def test_when_everyone_complies_the_effect_of_coming_is_the_effect_of_the_offer():
    result = instrumented(experiment().assign(came=lambda d: d["treat"]), "re78", "treat", "came")
    assert result.tot.estimate == pytest.approx(result.itt.estimate, rel=SAME_FORMULA)
    assert result.tot.std_error == pytest.approx(result.itt.std_error, rel=SAME_FORMULA)
    assert result.anderson_rubin.conf_high == pytest.approx(result.itt.conf_high, rel=SAME_FORMULA)
    assert result.first_stage_f == np.inf
    assert [caution.code for caution in result.cautions] == ["full_compliance"]


def test_a_weak_offer_is_said_and_its_confidence_set_is_unbounded():
    rng = np.random.default_rng(0)
    d = experiment().assign(came=lambda d: (rng.random(445) < 0.5 + 0.05 * d["treat"]).astype(int))
    result = instrumented(d, "re78", "treat", "came")
    assert result.first_stage_f < 10
    assert "weak_instrument" in [caution.code for caution in result.cautions]
    assert result.anderson_rubin.shape == "two rays"
    assert not result.anderson_rubin.conf_low < result.tot.estimate < result.anderson_rubin.conf_high
    certain = instrumented(offer(1, n=20, moved=0.1, effect=0.0), "y", "assigned", "came", level=0.999).anderson_rubin
    assert (certain.shape, certain.conf_low, certain.conf_high) == ("everything", -np.inf, np.inf)


def test_fewer_coming_when_assigned_is_said():
    d = experiment().assign(came=lambda d: 1 - d["came"])
    assert "assigned_came_less" in [caution.code for caution in instrumented(d, "re78", "treat", "came").cautions]


def test_unknown_attendance_is_left_out_and_counted():
    d = experiment()
    d["came"] = d["came"].astype(float).where(d.index > 4)
    result = instrumented(d, "re78", "treat", "came")
    assert result.n == 440
    assert result.cautions[0].facts == {"rows": 5, "of": 445}


def test_the_confidence_set_covers_where_least_squares_is_wrong():
    results = [instrumented(offer(seed), "y", "assigned", "came") for seed in range(DRAWS)]
    covered = np.mean([r.anderson_rubin.conf_low <= 1 <= r.anderson_rubin.conf_high for r in results])
    assert covered == pytest.approx(0.95, abs=FOUR_SE)
    assert np.mean([r.tot.conf_low <= 1 <= r.tot.conf_high for r in results]) == pytest.approx(0.95, abs=FOUR_SE)
    assert np.median([r.tot.estimate for r in results]) == pytest.approx(1, abs=0.1)  # 4 SEs of a median of 300
    naive = np.mean([np.polyfit(offer(seed)["came"], offer(seed)["y"], 1)[0] for seed in range(DRAWS)])
    assert naive > 1.1


def test_with_a_weak_offer_the_confidence_set_still_covers():
    sets = [instrumented(offer(seed, n=61, moved=0.2), "y", "assigned", "came").anderson_rubin for seed in range(DRAWS)]
    covered = [s.shape == "everything" or (s.conf_low <= 1 <= s.conf_high) == (s.shape == "interval") for s in sets]
    assert np.mean(covered) == pytest.approx(0.95, abs=FOUR_SE)
    assert {s.shape for s in sets} == {"interval", "two rays", "everything"}


def test_one_assigned_group_has_estimates_without_intervals():
    d = offer().assign(group=lambda d: np.where(d["assigned"] == 1, 0, 1 + d.index % 7))
    result = instrumented(d, "y", "assigned", "came", cluster="group")
    assert np.isnan(result.tot.std_error)
    assert result.anderson_rubin.shape == "none"
    assert "single_treated_cluster" in [caution.code for caution in result.cautions]


@pytest.mark.parametrize(
    ("change", "arguments", "words"),
    [
        ({"came": 1}, {}, "must differ between people"),
        ({"came": np.nan}, {}, "record who came"),
        ({"came": lambda d: d.groupby("assigned").cumcount() % 2}, {}, "same whether assigned or not"),
        ({}, {"cov": "HC1"}, "small_sample or robust"),
        ({}, {"covariates": ["came"]}, "named twice"),
        ({"came": "yes"}, {}, "not a number"),
        ({"w": -1.0}, {"weights": "w"}, "weights must not be negative"),
    ],
)
def test_nonsense_is_refused_with_its_mend(change, arguments, words):
    with pytest.raises(StatsError, match=words):
        instrumented(offer().assign(**change), "y", "assigned", "came", **arguments)
