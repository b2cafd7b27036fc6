"""What is done to each kind of variable before it leaves, and that the classes that are counted are those of the file."""

from dataclasses import replace

import pandas as pd
import pytest

from evalapp.core.errors import AppError
from evalapp.panel.microdata.classify_variables import Protection, classify_variables, default_protection
from evalapp.panel.microdata.deidentify import DAYS, deidentify
from evalapp.panel.microdata.groupings import band_of, region_of, sector_of, size_of
from evalapp.panel.microdata.measure_risk import class_sizes
from evalapp.panel.microdata.panel_classes import PANEL_CLASSES
from evalapp.panel.microdata.treat_values import EXTREMES, code_extremes, rare_answers, round_to_digits
from evalapp.panel.variables import VARIABLES
from evalapp.surveys.exports.labelled_columns import PROTECTED
from evalapp.surveys.imports.reading.form_variables import Variable
from tests.panel.shared_panel import question, source_rows


@pytest.fixture(scope="module")
def source():
    return source_rows()


def outcomes(source, protection=None):
    return {each.variable.name: each for each in deidentify(source, protection or default_protection(source.variables)).outcomes}


def column(found, name):
    return next(each for each in found.columns if each.name == name)


def everything(source, **settings):
    names = frozenset(variable.name for variable in source.variables)
    return Protection(counted=default_protection(source.variables).counted, sensitive=names, **settings)


def test_every_variable_of_the_panel_has_a_declared_class():
    assert set(VARIABLES) - {"age_decades"} <= set(PANEL_CLASSES)


def test_identifiers_free_text_and_what_nobody_classed_never_leave(source):
    found = outcomes(source, everything(source, left_out=frozenset()))
    never = {name: str(found[name].done) for name in ("nickname", "story", "unclassed", "survey_year")}
    assert "Identifies" in never["nickname"]
    assert "Free text" in never["story"]
    assert "Nobody has said" in never["unclassed"]
    assert "calendar year" in never["survey_year"]
    assert not any(found[name].leaves for name in never)


def test_a_question_that_the_panel_says_more_coarsely_stays(source):
    found = outcomes(source)
    assert "age_band" in str(found["birth_year"].done)
    assert "female" in str(found["gender"].done)
    assert not found["birth_year"].leaves


def test_sensitive_variables_leave_only_when_they_are_named(source):
    assert not outcomes(source)["rent"].leaves
    named = replace(default_protection(source.variables), sensitive=frozenset({"rent"}))
    assert outcomes(source, named)["rent"].leaves


def test_a_quasi_identifier_leaves_only_when_it_is_counted(source):
    usual = default_protection(source.variables)
    assert {"female", "age", "region", "sector", "cohort", "arm", "first_treated"} == usual.counted
    found = outcomes(source, replace(usual, counted=usual.counted - {"region"}))
    assert not found["region"].leaves
    assert not found["licence_year"].leaves
    counted = outcomes(source, replace(usual, counted=usual.counted | {"licence_year"}))["licence_year"]
    assert counted.leaves
    assert counted.is_counted


def test_years_are_bands_before_the_first_survey_and_places_provinces(source):
    usual = default_protection(source.variables)
    found = deidentify(source, replace(usual, counted=usual.counted | {"licence_year"}))
    assert set(column(found, "licence_year_band").entries) == {5.0}  # 2011 to 2013 are 7 to 9 years before 2020
    assert column(found, "age_band").value_labels[35.0]["en"] == "35–39"
    assert set(column(found, "region").entries) == {11.0, 26.0, 41.0}
    assert {label["ko"] for label in column(found, "region").value_labels.values()} == {"서울", "부산", "경기"}
    assert set(column(found, "sector").entries) == {3.0}
    wider = deidentify(source, replace(usual, band_years=10))
    assert set(column(wider, "age_band").entries) == {30.0, 40.0, 50.0}


def test_a_counted_variable_is_the_same_on_all_rows_of_a_person(source):
    usual = default_protection(source.variables)
    found = deidentify(source, replace(usual, counted=usual.counted | {"customers"}))
    entries = column(found, "customers").entries
    assert (entries.groupby(found.people).nunique() == 1).all()
    assert column(deidentify(source, usual), "customers").entries.groupby(found.people).nunique().max() == 2


def test_days_count_from_the_persons_own_first_answers(source):
    found = deidentify(source, default_protection(source.variables))
    assert set(column(found, DAYS).entries.dropna()) == {0.0, 91.0, 92.0, 93.0}
    loans = pd.to_numeric(column(found, "loan_on").entries).dropna()
    assert loans.max() <= -100


def test_no_extreme_amount_leaves_and_amounts_have_three_digits(source):
    found = deidentify(source, replace(everything(source), left_out=frozenset()))
    profit = pd.to_numeric(column(found, "profit_krw").entries).dropna()
    people = found.people[profit.index]
    for extreme in (profit.max(), profit.min()):
        assert people[profit == extreme].nunique() >= EXTREMES
    assert all(value == round_to_digits(value) for value in profit)
    assert profit.max() < 1_234_567 + 98_765 * 23


def test_five_waves_of_one_person_are_not_five_people():
    people = pd.Series(["rich"] * 5 + [f"p{number}" for number in range(12)])
    coded = code_extremes(pd.Series([1e9] * 5 + list(range(12)), dtype=float), people)
    assert coded.max() == 8
    assert code_extremes(pd.Series(range(9), dtype=float), pd.Series(range(9))) is None


def test_rare_answers_are_merged_until_enough_people_stand_behind_them(source):
    tool = column(deidentify(source, default_protection(source.variables)), "tool")
    assert set(tool.entries.dropna()) == {2.0, 4.0}  # one abacus, so the eleven telephones go with it
    assert tool.value_labels[4.0]["en"] == "Other"
    assert set(tool.value_labels) == {2.0, 4.0}
    answers = pd.Series(["a"] * 9 + ["b"] * 6 + ["c"] * 2 + ["d"])
    assert rare_answers(answers, pd.Series(range(18)), 5) == {"b", "c", "d"}
    assert rare_answers(answers[:15], pd.Series(range(15)), 5) == set()


def test_each_choice_of_several_is_a_column_and_a_reason_for_no_answer_stays(source):
    found = deidentify(source, default_protection(source.variables))
    names = [each.name for each in found.columns]
    assert "sources__bank" not in names  # everybody ticked it: whoever did not would stand alone
    assert {"sources__family", "sources__lottery"} <= set(names)
    assert ".r" in set(column(found, "customers").entries)
    assert len(names) == len({name.lower() for name in names})
    assert "person_2" in names  # a question of that name does not take the place of the random number


def test_what_is_counted_is_what_a_reader_sees(source):
    for protection in (default_protection(source.variables), replace(default_protection(source.variables), suppress=True)):
        found = deidentify(source, protection)
        seen = pd.DataFrame({name: column(found, name).entries.astype(str) for name in found.quasi}).groupby(found.people).first()
        sizes = class_sizes(seen, found.quasi)
        assert (found.risk.smallest, found.risk.at_risk) == (sizes.min(), (sizes < 5).sum())
    assert found.may_leave


def test_what_tells_the_arm_goes_with_the_arm(source):
    frame = source.frame.copy()
    frame["attended_share"] = pd.Series(0.83, index=frame.index).where(frame["arm"] == "treatment")
    trained = replace(source, frame=frame, variables=classify_variables([*frame.columns, "attended_share"], []))
    usual = default_protection(trained.variables)
    found = deidentify(trained, replace(usual, counted=usual.counted - {"arm", "cohort", "first_treated"}))
    outcome = next(each for each in found.outcomes if each.variable.name == "attended_share")
    assert not outcome.leaves
    assert "tell the arm" in str(outcome.done)
    few = frame["study_id"].map({each: number for number, each in enumerate(frame["study_id"].unique()[:6])})
    arms = frame["arm"].where(few.isna(), (few % 2).map({0: "waiting", 1: "late"}))
    found = deidentify(replace(trained, frame=frame.assign(arm=arms)), Protection(frozenset({"arm"}), suppress=True))
    assert dict(found.withheld) == {"arm": 6}
    hidden = column(found, "arm").entries == PROTECTED
    assert (column(found, "attended_share").entries[hidden] == PROTECTED).all()
    assert column(deidentify(trained, usual), "attended_share").entries.dropna().unique().tolist() == [0.8]


@pytest.mark.parametrize("settings", [{"k": 4}, {"band_years": 7}])
def test_less_protection_than_the_least_is_refused(source, settings):
    with pytest.raises(AppError):
        deidentify(source, replace(default_protection(source.variables), **settings))


def test_of_two_forms_the_stricter_counts():
    asked = (
        {"rent": question("rent", "decimal", unit="krw")},
        {"rent": question("rent", "decimal", "sensitive", "sensitive", unit="krw")},
    )
    forms = [{name: Variable(each) for name, each in form.items()} for form in asked]
    for order in (forms, forms[::-1]):
        (variable,) = classify_variables(["study_id"], order)
        assert variable.sdc_class == "sensitive"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        *[("11680", 11), ("42110", 51), ("서울특별시 강남구", 11), ("seoul_gangnam", 11), ("경상남도", 48), ("Gyeonggi-do", 41)],
        *[("99", None), ("xx", None)],
    ],
)
def test_a_place_becomes_its_province(text, code):
    assert region_of(text) == code


def test_industries_become_sectors_and_numbers_bands():
    assert [sector_of(text) for text in ("retail", "wholesale", "47", "10", "62010", "no such")] == [3, 3, 3, 2, 7, 9]
    assert (band_of(34.9, 5), band_of(35, 5), band_of(-1, 5)) == (30, 35, -5)
    assert [size_of(value) for value in (0, 1, 4, 5, 49, 50, 900)] == [0, 1, 1, 5, 10, 50, 50]
