"""What the pre-test could have seen."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalapp.stats import OutcomeSpec, ProgrammeSpec, StatsError, att_gt, simulate_programme
from evalapp.stats.differences.trend_power import detectable_noncentrality

BISECTION = 1e-6  # sixty halvings of a bracket
SIMULATION = 0.07  # three standard errors of a share over 300 draws


def panel(effect, noise, drift=0.0, seed=1, people=40):
    outcome = OutcomeSpec(noise_sd=noise, effect_by_event=(effect,), selection_on_trend=drift)
    spec = ProgrammeSpec((people,), (4,), comparison=people, rounds=5, outcomes={"y": outcome})
    return simulate_programme(spec, seed).panel


def effects(frame, **options):
    return att_gt(frame, "y", "study_id", "wave", "first_treated", base_period="universal", **options)


def codes(found):
    return {caution.code for caution in found.cautions}


@pytest.mark.parametrize(("q", "denominator"), [(1, 30.0), (4, 12.5), (3, np.inf)])
def test_the_noncentrality_gives_eighty_per_cent_power(q, denominator):
    found = detectable_noncentrality(q, denominator, 0.05)
    if np.isinf(denominator):
        power = stats.ncx2.sf(stats.chi2.isf(0.05, q), q, found)
    else:
        power = stats.ncf.sf(stats.f.isf(0.05, q, denominator), q, denominator, found)
    assert power == pytest.approx(0.8, abs=BISECTION)


def test_a_noisy_small_programme_says_that_its_pretest_proves_little():
    assert "pretest_underpowered" in codes(effects(panel(effect=0.3, noise=2.0, people=12)))


def test_a_large_effect_seen_clearly_needs_no_such_word():
    assert "pretest_underpowered" not in codes(effects(panel(effect=5.0, noise=0.2)))


def test_the_slope_that_can_be_seen_is_seen_four_times_in_five():
    slope = np.mean([effects(panel(0.0, 1.0, seed=s)).pretest.detectable_slope for s in range(20)])
    rejected = np.mean([effects(panel(0.0, 1.0, drift=slope, seed=100 + s)).pretest.p_value < 0.05 for s in range(300)])
    assert rejected == pytest.approx(0.8, abs=SIMULATION)


def test_the_slope_is_in_outcome_units():
    frame = panel(1.0, 1.0)
    once, tenfold = (effects(frame.assign(y=factor * frame["y"])).pretest.detectable_slope for factor in (1, 10))
    assert tenfold == pytest.approx(10 * once)


def test_a_covariate_that_never_varies_is_named():
    frame = panel(1.0, 1.0).assign(town=3)
    with pytest.raises(StatsError, match=r"covariate 'town' is 3 in every row"):
        effects(frame, covariates=("town",))


def test_pretest_of_two_rounds_is_absent():
    frame = panel(1.0, 1.0)
    assert "pretest_unavailable" in codes(effects(pd.DataFrame(frame[frame["wave"].isin([3, 4])])))
