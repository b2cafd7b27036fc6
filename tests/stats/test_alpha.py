import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalapp.stats.scales.alpha import cronbach_alpha
from evalapp.stats.warnings import StatsError

REFERENCE = Path(__file__).parent / "reference"
EXACT = 1e-10  # closed forms: only floating-point order differs
CONSCIENTIOUS = ["C1", "C2", "C3", "C4", "C5"]


@pytest.fixture(scope="module")
def bfi():
    return pd.read_csv(REFERENCE / "bfi_seven_items.csv")


@pytest.fixture(scope="module")
def psych():
    return json.loads((REFERENCE / "psych_bfi.json").read_text())["full_alpha_C"]


@pytest.fixture(scope="module")
def calibrated():
    return pd.read_csv(REFERENCE / "calibrated_baseline_131.csv")


@pytest.fixture(scope="module")
def r_reference():
    return json.loads((REFERENCE / "r_components.json").read_text())["calibrated"]


def _largest_difference(alpha, reference):
    ours = [alpha.raw, alpha.standardised, alpha.g6, alpha.average_r, *alpha.item_table["item_rest"]]
    total, items = reference["total"], reference["item.stats"]
    theirs = [total["raw_alpha"], total["std.alpha"], total["G6(smc)"], total["average_r"], *(row["r.drop"] for row in items)]
    ours += list(alpha.item_table["alpha_if_dropped"])
    theirs += [row["raw_alpha"] for row in reference["alpha.drop"]]
    ours += [alpha.conf_low, alpha.conf_high]
    theirs += [reference["feldt"]["lower.ci.raw_alpha"], reference["feldt"]["upper.ci.raw_alpha"]]
    return np.abs(np.array(ours) - theirs).max()


def test_reversed_items_are_detected_and_the_reversed_alpha_given(bfi, psych):
    alpha = cronbach_alpha(bfi, CONSCIENTIOUS)
    assert alpha.reversed_items == ("C4", "C5")
    assert [caution.code for caution in alpha.cautions] == ["reversed_items"]
    assert "-0.289 as keyed, 0.731 reversed" in str(alpha.cautions[0])
    assert _largest_difference(alpha, psych["no_reverse"]) < EXACT
    assert _largest_difference(alpha.rekeyed, psych["check_keys"]) < EXACT
    assert alpha.rekeyed.cautions == ()


def test_a_scale_keyed_by_hand_has_nothing_reversed(bfi):
    alpha = cronbach_alpha(bfi, CONSCIENTIOUS, reverse=["C4", "C5"])
    assert alpha.raw == pytest.approx(0.731475747874835, abs=EXACT)
    assert alpha.rekeyed is None
    assert alpha.cautions == ()


@pytest.mark.parametrize(
    ("scale", "items"),
    [("internal", ["sales", "supplies", "recruitment", "marketing"]), ("external", ["financing", "competition", "regulations"])],
)
def test_the_scales_of_the_calibrated_survey_have_rs_alphas(calibrated, r_reference, scale, items):
    alpha = cronbach_alpha(calibrated, [f"difficulty_{item}" for item in items], bounds=(1, 5))
    reference = r_reference[scale]
    total = reference["total"][0]
    assert alpha.raw == pytest.approx(total["raw_alpha"], abs=EXACT)
    assert alpha.standardised == pytest.approx(total["std.alpha"], abs=EXACT)
    assert alpha.conf_low == pytest.approx(reference["feldt"]["lower.ci"][0]["raw_alpha"], abs=EXACT)
    assert alpha.conf_high == pytest.approx(reference["feldt"]["upper.ci"][0]["raw_alpha"], abs=EXACT)
    assert list(alpha.item_table["alpha_if_dropped"]) == pytest.approx([row["raw_alpha"] for row in reference["drop"]], abs=EXACT)


def test_two_items_have_an_alpha_but_none_without_one_of_them(calibrated, r_reference):
    alpha = cronbach_alpha(calibrated, ["difficulty_financing", "difficulty_competition"])
    assert alpha.raw == pytest.approx(r_reference["pair"]["total"][0]["raw_alpha"], abs=EXACT)
    assert alpha.item_table["alpha_if_dropped"].isna().all()
    assert [caution.code for caution in alpha.cautions] == ["two_item_scale"]


def test_two_opposed_items_keep_the_first_ones_direction():
    answers = pd.DataFrame({"a": [1, 2, 3, 4, 5, 3], "b": [5, 4, 3, 2, 1, 4]})
    assert cronbach_alpha(answers).reversed_items == ("b",)


def test_incomplete_rows_are_left_out_and_counted(bfi):
    answers = bfi.astype(float)
    answers.loc[3, "C2"] = np.nan
    alpha = cronbach_alpha(answers, CONSCIENTIOUS, reverse=["C4", "C5"])
    assert alpha.n == 2673
    assert alpha.raw == pytest.approx(cronbach_alpha(bfi.drop(index=3), CONSCIENTIOUS, reverse=["C4", "C5"]).raw, abs=EXACT)
    assert str(alpha.cautions[0]) == "Listwise deletion: 2673 complete cases of 2674 rows."


def test_a_wider_level_gives_a_wider_interval(bfi):
    narrow, wide = (cronbach_alpha(bfi, CONSCIENTIOUS, reverse=["C4", "C5"], level=level) for level in (0.9, 0.99))
    assert wide.conf_low < narrow.conf_low < narrow.raw < narrow.conf_high < wide.conf_high


SMALL = pd.DataFrame({"a": [1, 2, 3, 5], "b": [2, 2, 4, 5], "same": [3, 3, 3, 3], "twice_a": [2, 4, 6, 10]}, index=list("wxyz"))


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (SMALL[["a"]], {}, "at least two items"),
        (SMALL[["a", "same"]], {}, "Column 'same' has the same answer"),
        (SMALL[["a", "twice_a"]], {}, "a, twice_a determine each other"),
        (SMALL[["a", "b"]].head(2), {}, "2 complete rows for 2 items"),
        (SMALL[["a", "b"]], {"bounds": (1, 4)}, "Column 'a', row 'z': .*5.* outside 1 to 4"),
        (SMALL[["a", "b"]].assign(b=["1", "x", "3", "4"]), {}, "Column 'b', row 'w': '1' is not a number"),
        (SMALL[["a", "b"]].assign(b=[1, np.inf, 2, 3]), {}, "Column 'b', row 'x': .*not finite"),
        (SMALL[["a", "b"]], {"reverse": ["c"]}, "Item 'c' is to be reversed"),
        (SMALL[["a", "b"]], {"items": ["a", "a"]}, "named twice"),
        (SMALL[["a", "b"]], {"items": ["a", "zzz"]}, "'zzz' is not in the data"),
        (SMALL[["a", "b"]], {"level": 95}, "level"),
    ],
)
def test_answers_without_an_alpha_are_refused_by_name(data, options, message):
    with pytest.raises(StatsError, match=message):
        cronbach_alpha(data, **options)
