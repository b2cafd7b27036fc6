import numpy as np
import pytest
from scipy.stats import t as student_t

from evalapp.stats.sandwich import bias_reduced_covariance

ROUNDING = 1e-10


def design(treated, controls):
    arm = np.r_[np.ones(treated), np.zeros(controls)]
    return np.column_stack([arm, np.ones_like(arm)])


def residuals(X, y):
    return y - X @ np.linalg.lstsq(X, y, rcond=None)[0]


def test_two_means_have_the_unbiased_variances_of_their_groups():
    X, y = design(3, 8), np.random.default_rng(1).normal(size=11)
    reduced = bias_reduced_covariance(X, residuals(X, y), np.arange(11), 1)
    assert reduced.covariance[0, 0] == pytest.approx(y[:3].var(ddof=1) / 3 + y[3:].var(ddof=1) / 8, rel=ROUNDING)
    expected_df = (1 / 3 + 1 / 8) ** 2 / (1 / (9 * 2) + 1 / (64 * 7))  # Satterthwaite with equal variances
    assert reduced.df[0] == pytest.approx(expected_df, rel=ROUNDING)


def test_clusters_of_the_same_rows_change_nothing_but_the_loop():
    X, y = design(3, 8), np.random.default_rng(2).normal(size=11)
    doubled = bias_reduced_covariance(np.vstack([X, 0 * X]), np.r_[residuals(X, y), np.zeros(11)], np.tile(np.arange(11), 2), 2)
    plain = bias_reduced_covariance(X, residuals(X, y), np.arange(11), 2)
    assert doubled.covariance == pytest.approx(plain.covariance, rel=ROUNDING)
    assert doubled.df == pytest.approx(plain.df, rel=ROUNDING)


def test_a_redundant_column_in_other_units_changes_nothing():
    X, y = design(4, 9), np.random.default_rng(3).normal(size=13)
    clusters = np.arange(13) // 2
    plain = bias_reduced_covariance(X, residuals(X, y), clusters, 1)
    redundant = bias_reduced_covariance(np.column_stack([X, 1e6 * X[:, 1]]), residuals(X, y), clusters, 1)
    assert redundant.covariance == pytest.approx(plain.covariance, rel=ROUNDING)
    assert redundant.df == pytest.approx(plain.df, rel=ROUNDING)


@pytest.mark.parametrize("treated", [3, 5, 10])
def test_the_size_of_a_nominal_five_percent_test_is_kept_with_few_treated(treated):
    rng = np.random.default_rng(treated)
    X, draws, rejected = design(treated, 40), 2000, 0
    solve = np.linalg.pinv(X)
    for _ in range(draws):
        y = rng.normal(size=len(X))
        estimate = solve @ y
        reduced = bias_reduced_covariance(X, y - X @ estimate, np.arange(len(X)), 1)
        statistic = abs(estimate[0]) / np.sqrt(reduced.covariance[0, 0])
        rejected += 2 * student_t.sf(statistic, reduced.df[0]) < 0.05
    # Three binomial standard errors are .015; with CR1 and t(G - 1) the size at three treated is about .2.
    assert 0.03 < rejected / draws < 0.08
