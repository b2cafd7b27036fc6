"""What every function asks of the columns and settings it is given."""

import numpy as np
import pandas as pd
import pytest

from evalapp import stats
from evalapp.stats.fixed_effects.event_study import event_study
from evalapp.stats.warnings import CAUTIONS

FRAME = pd.DataFrame(
    {
        "y": [1.0, 2.0, 4.0, 8.0],
        "t": [0, 1, 0, 1],
        "id": [1, 2, 3, 4],
        "wave": [1, 1, 1, 1],
        "age": [20, 30, 50, 41],
        "a": 1,
        "g": 1,
    }
)
DRAW = stats.AssignmentProcedure((1, 2, 3, 4), 2)
CALLS = {
    "balance_table variables": ("variables", lambda odd: stats.balance_table(FRAME, odd, "t")),
    "twfe regressors": ("regressors", lambda odd: stats.twfe(FRAME, "y", "id", "wave", regressors=odd)),
    "twfe covariates": ("covariates", lambda odd: stats.twfe(FRAME, "y", "id", "wave", "t", covariates=odd)),
    "ancova covariates": ("covariates", lambda odd: stats.ancova(FRAME, "y", "t", covariates=odd)),
    "instrumented covariates": ("covariates", lambda odd: stats.instrumented(FRAME, "y", "t", "a", covariates=odd)),
    "lee_bounds tighten": ("tighten", lambda odd: stats.lee_bounds(FRAME, "y", "t", tighten=odd)),
    "attrition_weights covariates": ("covariates", lambda odd: stats.attrition_weights(FRAME, "a", "t", odd)),
    "level_ratio covariates": ("covariates", lambda odd: stats.level_ratio(FRAME, "y", "t", covariates=odd)),
    "wild_cluster_bootstrap covariates": (
        "covariates",
        lambda odd: stats.wild_cluster_bootstrap(FRAME, "y", "t", "id", covariates=odd),
    ),
    "wild_cluster_bootstrap absorb": ("absorb", lambda odd: stats.wild_cluster_bootstrap(FRAME, "y", "t", "id", absorb=odd)),
    "randomization_inference covariates": (
        "covariates",
        lambda odd: stats.randomization_inference(FRAME, "y", "t", "id", DRAW, covariates=odd),
    ),
    "event_study covariates": ("covariates", lambda odd: event_study(FRAME, "y", "id", "wave", "t", covariates=odd)),
    "difficulty_components items": ("items", lambda odd: stats.difficulty_components(FRAME, odd)),
    "difficulty_components drop": ("drop", lambda odd: stats.difficulty_components(FRAME, ["y", "age"], drop=odd)),
    "difficulty_components anchors": (
        "anchors",
        lambda odd: stats.difficulty_components(FRAME, ["y", "age"], anchors={"first": odd}),
    ),
    "item_means anchors": ("anchors", lambda odd: stats.item_means(FRAME, {"first": odd})),
    "cronbach_alpha items": ("items", lambda odd: stats.cronbach_alpha(FRAME, odd)),
    "cronbach_alpha reverse": ("reverse", lambda odd: stats.cronbach_alpha(FRAME, ["y", "age"], reverse=odd)),
    "describe variables": ("columns", lambda odd: stats.describe(FRAME, odd)),
}


@pytest.mark.parametrize(("argument", "call"), CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "odd", ["age", "ag", 3, [["age"]]], ids=["a name", "letters that are columns", "a number", "a list in a list"]
)
def test_a_list_of_columns_that_is_none_is_refused_by_name(argument, call, odd):
    with pytest.raises(stats.StatsError, match=f"{argument}.*give a list of column names"):
        call(odd)


def test_a_list_a_tuple_and_an_index_of_columns_mean_the_same():
    data = pd.DataFrame({"y": [1.0, 5, 3, 9, 2, 7], "t": [0, 1, 0, 1, 0, 1], "age": [20, 30, 50, 41, 33, 28]})
    found = [
        stats.ancova(data, "y", "t", covariates=given).estimate for given in (["age"], ("age",), pd.Index(["age"]), iter(["age"]))
    ]
    assert len(set(found)) == 1


@pytest.mark.parametrize("level", ["0.95", None, np.nan, 95, [0.9]])
def test_a_level_that_is_no_share_is_refused(level):
    with pytest.raises(stats.StatsError, match="level is"):
        stats.mean_interval([1.0, 2.0], level=level)


@pytest.mark.parametrize(
    ("retained", "extracted", "sentence"),
    [
        (0, 1, "Distinct scores that the answers support: 0, not 1; read the weaker ones with care."),
        (1, 2, "Distinct scores that the answers support: 1, not 2; read the weaker ones with care."),
        (2, 5, "Distinct scores that the answers support: 2, not 5; read the weaker ones with care."),
    ],
)
def test_the_number_of_scores_reads_well_whatever_it_is(retained, extracted, sentence):
    facts = {"retained": retained, "extracted": extracted}
    assert CAUTIONS["too_many_components"].officer % facts == sentence
    assert f"(95th percentile): {retained}; extracted: {extracted}." in CAUTIONS["too_many_components"].econometrician % facts
