import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalapp.stats.scales.adequacy import correlation_matrix, parallel_analysis, sampling_adequacy, sphericity_test
from evalapp.stats.warnings import StatsError

REFERENCE = Path(__file__).parent / "reference"
EXACT = 1e-9  # closed forms; the largest statistic is about 3454
MONTE_CARLO_MEAN = 4e-3  # 20,000 draws against 20,000: five standard errors of a mean are below this
MONTE_CARLO_QUANTILE = 6e-3  # likewise for the 95th percentile


@pytest.fixture(scope="module")
def r_reference():
    return json.loads((REFERENCE / "r_components.json").read_text())


@pytest.fixture(scope="module")
def bfi():
    return pd.read_csv(REFERENCE / "bfi_seven_items.csv")


def _kept(calibrated):
    names = ["financing", "competition", "sales", "supplies", "recruitment", "marketing", "regulations"]
    return calibrated[[f"difficulty_{name}" for name in names]].astype(float)


def test_kmo_and_bartlett_are_psychs(bfi):
    psych = json.loads((REFERENCE / "psych_bfi.json").read_text())["full"]
    R = correlation_matrix(bfi)
    kmo, bartlett = sampling_adequacy(R), sphericity_test(R, len(bfi))
    assert kmo.overall == pytest.approx(psych["kmo"]["overall"], abs=EXACT)
    assert list(kmo.items) == pytest.approx(psych["kmo"]["items"], abs=EXACT)
    assert bartlett.chi_squared == pytest.approx(psych["bartlett"]["chisq"], abs=EXACT)
    assert (bartlett.df, bartlett.p_value) == (21, 0.0)


def test_kmo_and_bartlett_of_the_calibrated_survey_are_psychs(r_reference):
    sample = _kept(pd.read_csv(REFERENCE / "calibrated_baseline_131.csv"))
    R, reference = correlation_matrix(sample), r_reference["calibrated"]
    assert sampling_adequacy(R).overall == pytest.approx(reference["kmo"]["MSA"], abs=EXACT)
    bartlett = sphericity_test(R, len(sample))
    assert bartlett.chi_squared == pytest.approx(reference["bartlett"]["chisq"], abs=EXACT)
    assert bartlett.p_value == pytest.approx(reference["bartlett"]["p.value"], rel=1e-8)


def test_random_eigenvalues_are_those_of_simulated_answers(r_reference):
    reference = r_reference["parallel_131_by_7"]
    table = parallel_analysis(pd.DataFrame(np.eye(7) * 0.9 + 0.1), 131, replications=20_000).table
    assert np.abs(table["random_mean"] - reference["mean"]).max() < MONTE_CARLO_MEAN
    assert np.abs(table["random_quantile"] - reference["quantile_95"]).max() < MONTE_CARLO_QUANTILE


def test_the_number_of_components_is_psychs(bfi, r_reference):
    chance = parallel_analysis(correlation_matrix(bfi), len(bfi))
    assert chance.retained == r_reference["parallel_bfi"]["retained"] == 2
    assert np.abs(chance.table["random_mean"] - r_reference["parallel_bfi"]["mean"]).max() < MONTE_CARLO_MEAN


def test_a_seed_gives_the_same_random_eigenvalues_again(bfi):
    R = correlation_matrix(bfi)
    first, again, other = (parallel_analysis(R, 131, replications=50, seed=seed).table for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(first, again)
    assert not first["random_mean"].equals(other["random_mean"])


def test_a_component_counts_only_after_those_before_it():
    R = pd.DataFrame(np.eye(4))
    R.iloc[0, 1] = R.iloc[1, 0] = 0.01
    assert parallel_analysis(R, 100).retained == 0


@pytest.mark.parametrize(
    ("matrix", "message"),
    [
        ([[1.0]], "at least two items"),
        ([[1.0, np.nan], [np.nan, 1.0]], "without missing"),
        ([[1.0, 1.0], [1.0, 1.0]], "invertible"),
        ([[2.0, 0.1], [0.1, 1.0]], "ones on the diagonal"),
    ],
)
def test_a_matrix_of_no_use_is_refused(matrix, message):
    R = pd.DataFrame(matrix)
    for method in (lambda: sampling_adequacy(R), lambda: sphericity_test(R, 100), lambda: parallel_analysis(R, 100)):
        with pytest.raises(StatsError, match=message):
            method()


def test_unrelated_items_have_no_kmo():
    with pytest.raises(StatsError, match="uncorrelated with all others"):
        sampling_adequacy(pd.DataFrame(np.eye(3)))


def test_too_few_rows_are_refused():
    with pytest.raises(StatsError, match="3 rows for 3 items"):
        sphericity_test(pd.DataFrame(np.eye(3)), 3)
    with pytest.raises(StatsError, match="3 rows for 3 items"):
        parallel_analysis(pd.DataFrame(np.eye(3)), 3)
