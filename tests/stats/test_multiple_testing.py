import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalapp.stats.resampling.multiple_testing import adjust_pvalues
from evalapp.stats.resampling.wild_cluster_bootstrap import wild_cluster_bootstrap
from evalapp.stats.warnings import StatsError

REFERENCE = json.loads((Path(__file__).parent / "reference" / "multiple_testing.json").read_text())
SAME_FORMULA = 1e-12  # relative; a product and a maximum
PROBABILITIES = st.lists(st.floats(0, 1), min_size=1, max_size=12)


def adjusted(p, method, **arguments):
    return adjust_pvalues(p, method, **arguments).table["adjusted"].to_numpy()


def test_andersons_published_q_values_come_out_to_their_last_digit():
    q = adjusted(REFERENCE["p"], "sharpened")
    assert q.tolist() == [0.009, 0.029, 0.042, 0.049, 0.051, 0.177, 0.273, 0.406]


def test_q_values_follow_andersons_loop_step_by_step():
    p = np.array([0.2, 0.004, 0.03, 0.03, 0.9, 0.00001])
    ascending = np.sort(p)
    ranks = np.arange(1, 7)
    q = np.ones(6)
    for thousandth in range(1000, 0, -1):
        level = thousandth / 1000 / (1 + thousandth / 1000)
        first = max(ranks * (ascending <= level * ranks / 6))
        second = max(ranks * (ascending <= (level * 6 / (6 - first) if first < 6 else np.inf) * ranks / 6))
        q[:second] = thousandth / 1000
    assert adjusted(p, "sharpened") == pytest.approx(q[np.argsort(np.argsort(p))], rel=SAME_FORMULA)


def test_no_q_value_is_zero_and_all_rejected_are_the_smallest():
    assert adjusted([0.0, 1e-9, 1e-12], "sharpened").tolist() == [0.001] * 3


@pytest.mark.parametrize("method", ["holm", "bh"])
def test_holm_and_benjamini_hochberg_are_rs(method):
    assert adjusted(REFERENCE["p"], method) == pytest.approx(REFERENCE[method], rel=SAME_FORMULA)
    assert adjusted(REFERENCE["unsorted"], method) == pytest.approx(REFERENCE[f"unsorted_{method}"], rel=SAME_FORMULA)


def test_romano_wolf_is_pyfixests():
    expected = REFERENCE["romano_wolf"]
    ours = adjusted(np.zeros(6), "romano_wolf", statistics=expected["statistics"], resampled=expected["resampled"])
    assert ours == pytest.approx(expected["adjusted"], rel=SAME_FORMULA)


def test_romano_wolf_takes_bootstraps_of_several_outcomes_and_gains_from_their_likeness():
    rng = np.random.default_rng(1)
    village = np.repeat(np.arange(30), 5)
    data = pd.DataFrame({"village": village, "treat": (village % 2).astype(float)})
    same = rng.normal(size=30)[village] + rng.normal(size=150) + 0.9 * data["treat"]
    for name in ("profit", "sales", "income"):
        data[name] = same + 0.1 * rng.normal(size=150)
    fits = {name: wild_cluster_bootstrap(data, name, "treat", "village", draws=999) for name in ("profit", "sales", "income")}
    p = {name: fit.p_value for name, fit in fits.items()}
    t, drawn = [fit.statistic for fit in fits.values()], np.column_stack([fit.statistics for fit in fits.values()])
    wolf = adjust_pvalues(p, "romano_wolf", statistics=t, resampled=drawn)
    assert wolf.table["hypothesis"].tolist() == ["profit", "sales", "income"]
    assert (wolf.table["adjusted"] >= wolf.table["p_value"]).all()
    assert (wolf.table["adjusted"] < adjusted(p, "holm")).all()


@settings(max_examples=60, deadline=None)
@given(p=PROBABILITIES, seed=st.integers(0, 1000))
@pytest.mark.parametrize("method", ["holm", "bh", "sharpened"])
def test_order_does_not_matter_and_the_ranking_is_kept(method, p, seed):
    whole = adjusted(p, method)
    order = np.random.default_rng(seed).permutation(len(p))
    assert adjusted(np.array(p)[order], method) == pytest.approx(whole[order], rel=SAME_FORMULA)
    assert (np.diff(whole[np.argsort(p)]) >= 0).all()
    assert ((whole >= 0) & (whole <= 1)).all()
    if method != "sharpened":
        assert (whole >= np.array(p) * (1 - SAME_FORMULA)).all()


def test_a_single_hypothesis_needs_no_correction():
    assert adjusted([0.03], "holm").tolist() == [0.03]
    assert adjusted([0.03], "bh").tolist() == [0.03]


def test_an_outcome_without_a_p_value_is_named_and_left_out_of_the_family():
    result = adjust_pvalues(pd.Series({"profit": 0.01, "sales": np.nan, "hope": 0.04}), "holm")
    assert result.table["adjusted"].tolist()[::2] == pytest.approx([0.02, 0.04])
    assert np.isnan(result.table["adjusted"][1])
    assert (result.n, result.controls) == (2, "familywise error rate")
    assert "sales" in result.cautions[0].officer


@pytest.mark.parametrize(
    ("p", "arguments", "message"),
    [
        ([], {}, "hold no number"),
        ([np.nan], {}, "hold no number"),
        ([0.1, 1.2], {}, "1 is 1.2; a p-value lies between 0 and 1"),
        ({"profit": -0.1}, {}, "'profit' is -0.1"),
        (["low"], {}, "something other than numbers"),
        ([[0.1], [0.2]], {}, "something other than numbers|more than one column"),
        ([0.1], {"method": "bonferroni"}, "choose holm, bh, sharpened, romano_wolf"),
        ([0.1], {"method": "romano_wolf"}, "needs statistics and resampled"),
        ([0.1], {"method": "romano_wolf", "statistics": [1.0], "resampled": [1.0]}, "pass .S,., .B, S."),
        ([0.1], {"method": "romano_wolf", "statistics": ["a"], "resampled": [[1.0]]}, "other than numbers"),
        ([0.1], {"method": "romano_wolf", "statistics": [1.0], "resampled": [[np.nan]]}, "missing for a hypothesis"),
    ],
)
def test_nonsense_is_refused(p, arguments, message):
    with pytest.raises(StatsError, match=message):
        adjust_pvalues(p, **arguments)
