from __future__ import annotations

import re
from dataclasses import replace

import pytest

from evalapp.core.language import LANGUAGES
from evalapp.reports.content import DataTable, Picture
from evalapp.reports.footnotes import econometrician_sentence, officer_sentence
from evalapp.reports.outline import outline
from evalapp.reports.provenance import document_id, file_name
from evalapp.reports.row_index import RowIndex
from evalapp.reports.sections.characteristics import HIDDEN
from evalapp.reports.source import Source
from evalapp.stats.warnings import CAUTIONS
from tests.reports.sample_rows import FEW_TREATED, full_rows, full_run, grants_rows, grants_run

SHARE_ALONE = re.compile(r"^\d+ ?%")


def keys(document):
    return [section.key for section in document.sections]


def tables(document, key):
    return [b for s in document.sections if s.key == key for b in s.blocks if isinstance(b, DataTable)]


def cell(table, label, column):
    found = next(r for r in table.rows if r.label == label)
    return found.cells[column]


def test_a_full_run_fills_every_section_in_order():
    assert keys(outline(full_run(), full_rows(), "en")) == [
        "participants", "response", "characteristics", "training", "difficulty", "components", "associations", "effects", "outcomes",
        "indicators", "methods", "warnings", "provenance",
    ]  # fmt: skip


def test_a_regression_on_a_panel_of_firms_leaves_out_what_it_has_not():
    assert keys(outline(grants_run(), grants_rows(), "en")) == [
        "participants", "characteristics", "effects", "outcomes", "methods", "warnings", "provenance",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("family", "gone"),
    [
        ("flow", "participants"), ("attrition", "response"), ("characteristics", "characteristics"), ("dosage", "training"),
        ("difficulty_answers", "difficulty"), ("components", "components"), ("component_models", "associations"),
        ("effects", "effects"), ("indicators", "indicators"),
    ],
)  # fmt: skip
def test_a_section_without_rows_is_left_out(family, gone):
    rows = [r for r in full_rows() if r.family != family]
    assert gone not in keys(outline(full_run(), rows, "en"))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_run_without_rows_still_says_where_it_comes_from(language):
    document = outline(full_run(), [], language)
    assert keys(document) == ["methods", "warnings", "provenance"]
    assert document.headline is None


@pytest.mark.parametrize("absent", ["item_mean_models", "component_screen", "component_fit", "bacon", "outcome_means"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_family_that_accompanies_others_may_be_absent(absent, language):
    assert outline(full_run(), [r for r in full_rows() if r.family != absent], language).sections


def test_values_that_could_not_be_computed_are_dashes():
    rows = [replace(r, value=None) if r.statistic != "count" else r for r in full_rows()]
    assert outline(full_run(), rows, "en").sections


def test_shares_resting_on_too_few_people_are_hidden_with_a_note():
    table = tables(outline(full_run(), full_rows(), "en"), "characteristics")[0]
    assert cell(table, "Unionised (%)", 0).text == HIDDEN
    assert cell(table, "Unionised (%)", 2).text == HIDDEN
    assert any("fewer than 5 people" in note for note in table.notes)


def test_a_figure_does_not_show_what_its_table_hides():
    first = next(r for r in full_rows() if r.family == "difficulty_answers" and r.statistic == "count")
    rows = [replace(r, value=3.0) if r == first else r for r in full_rows()]
    section = next(s for s in outline(full_run(), rows, "en").sections if s.key == "difficulty")
    assert not any(isinstance(block, Picture) for block in section.blocks)
    hidden = [c for r in section.blocks[2].rows for c in r.cells if c.text == HIDDEN]
    assert len(hidden) == 2


def test_an_indicator_nobody_or_everybody_reports_is_hidden():
    rows = [
        replace(r, value=15.0) if r.family == "indicators" and r.term == "new_capital" and r.statistic == "count" else r
        for r in full_rows()
    ]
    table = tables(outline(full_run(), rows, "en"), "indicators")[0]
    assert cell(table, "New source of capital", 1).text == HIDDEN
    assert cell(table, "Better profitability", 1).text == "10 of 15"
    assert cell(table, "Better profitability", 2).text == "67 % (42 to 85)"


def test_a_small_cohort_takes_another_out_of_the_table_of_attendance():
    rows = [replace(r, n=4) if r.family == "dosage" and r.subgroup == "cohort:C2" else r for r in full_rows()]
    table = tables(outline(full_run(), rows, "en"), "training")[0]
    hidden = [r.label for r in table.rows if r.cells[1].text == HIDDEN]
    assert hidden == ["Cohort C2", "Cohort C3"]


def test_a_warning_stands_beside_its_number_and_in_the_list():
    document = outline(full_run(), full_rows(), "en")
    cells = tables(document, "outcomes")[2]
    marked = [r for r in cells.rows if r.cells and r.cells[0].marks]
    assert [r.cells[0].marks for r in marked] == ["a"]
    assert any(note.startswith("a  Only 4 people stand behind") for note in cells.notes)
    listed = tables(document, "warnings")[0]
    assert len(listed.rows) == 1
    assert listed.rows[0].cells[1].text.startswith("Treated cell of 4 units")


def test_percentages_of_people_never_stand_alone():
    table = tables(outline(full_run(), full_rows(), "en"), "indicators")[0]
    for line in table.rows:
        assert "of 15" in line.cells[1].text or line.cells[1].text == HIDDEN


def test_every_figure_of_estimates_has_a_table_of_the_same_numbers():
    document = outline(full_run(), full_rows(), "en")
    for section in document.sections:
        pictures = [b for b in section.blocks if isinstance(b, Picture)]
        assert len([b for b in section.blocks if isinstance(b, DataTable)]) >= len(pictures)


def test_figures_have_keys_of_their_own():
    document = outline(full_run(), full_rows(), "en")
    found = [i for s in document.sections for b in s.blocks if isinstance(b, Picture) for i in re.findall(r'id="([^"]+)"', b.svg)]
    assert len(found) == len(set(found))


def test_the_document_is_named_by_what_made_its_numbers():
    run = full_run()
    assert document_id(run) == document_id(replace(run, id=99))
    assert document_id(run) != document_id(replace(run, seed=1))
    assert document_id(run) != document_id(replace(run, snapshot_sha256="0" * 64))
    assert re.fullmatch(r"report-[0-9a-f]{12}-ko\.pdf", file_name(run, "ko"))


def test_facts_of_warnings_are_written_for_readers():
    rows = [replace(r, warnings=(FEW_TREATED,)) if r.term == "overall" else r for r in full_rows()]
    document = outline(full_run(), rows, "ko")
    assert "4명뿐" in document.answers[0].warnings[0]


def test_warnings_that_read_alike_share_a_letter_and_a_line():
    twice = tuple(("few_treated", {"treated": 4, "threshold": 5, "cohort": cohort}) for cohort in (2, 3))
    rows = [replace(r, warnings=twice) if r.term == "event:-1" else r for r in full_rows() if not r.warnings]
    document = outline(full_run(), rows, "en")
    events = tables(document, "outcomes")[0]
    assert cell(events, "1 before", 0).marks == "a"
    assert len(tables(document, "warnings")[0].rows) == 1


def test_a_starting_point_is_explained_at_its_table_and_is_no_warning():
    rows = [replace(r, warnings=(("base_period", {}),)) if r.term == "event:-1" else replace(r, warnings=()) for r in full_rows()]
    document = outline(full_run(), rows, "en")
    assert cell(tables(document, "outcomes")[0], "1 before", 0).marks == "a"
    assert tables(document, "warnings") == []


@pytest.mark.parametrize(
    ("facts", "language", "said"),
    [
        ({"wave": "follow_up_3", "arm": "treatment", "reference": "comparison", "share": 91.25, "reference_share": 78.4}, "en",
         "In wave Follow-up 3, Training group answered 91 % and Comparison group 78 %"),
        ({"wave": "follow_up_3", "arm": "treatment", "reference": "comparison", "share": 91.25, "reference_share": 78.4}, "ko",
         "조사 시점 3차 추적 조사의 응답률은 교육 집단 91%, 비교 집단 78%입니다."),
    ],
)  # fmt: skip
def test_warnings_name_waves_and_arms_as_readers_know_them(facts, language, said):
    source = Source(full_run(), RowIndex([]), language)
    assert officer_sentence("differential_attrition", facts, source).startswith(said)


def test_numbers_in_warnings_are_written_without_exponents():
    source = Source(full_run(), RowIndex([]), "en")
    facts = {"share": 19.24, "estimate": -464_472.4, "clean": "nan"}
    said = econometrician_sentence("forbidden_comparisons", facts, source)
    assert "19.2 % of" in said
    assert "\u2212464,472 with" in said


def test_every_warning_can_be_said_in_both_languages():
    for code, explanation in CAUTIONS.items():
        names = set(re.findall(r"%\((\w+)\)", explanation.officer + explanation.econometrician))
        for language in LANGUAGES:
            source = Source(full_run(), RowIndex([]), language)
            for say in (officer_sentence, econometrician_sentence):
                assert "%(" not in say(code, dict.fromkeys(names, 7), source)


def test_a_main_outcome_without_a_number_is_answered_in_words():
    rows = [
        replace(r, value=None, warnings=(("nobody_trained", {}),))
        for r in full_rows()
        if r.family == "effects" and r.term == "overall" and r.model == "callaway_santanna"
    ]
    document = outline(full_run(), rows, "en")
    assert document.headline is None
    assert document.answers[0].verdict.startswith("Cannot be said")
    assert "Nobody was trained" in document.answers[0].warnings[0]
    assert len(document.answers) == 3


def test_a_wave_that_nobody_answered_has_no_figure_and_says_so():
    rows = [replace(r, value=0.0, n=0) if r.family == "difficulty_answers" else r for r in full_rows()]
    document = outline(full_run(), rows, "en")
    section = next(s for s in document.sections if s.key == "difficulty")
    assert "Nobody's approved answers" in section.blocks[0].text


def missing_answers(rows):
    return next(t for t in tables(outline(full_run(), rows, "en"), "effects") if t.caption == "If those who did not answer differ")


def changed(model, **changes):
    return [replace(r, **changes) if (r.family, r.model) == ("attrition_effects", model) else r for r in full_rows()]


def test_missing_answers_stand_beside_the_estimates():
    headline, _, last = missing_answers(full_rows()).rows[1:4]
    assert [headline.label, last.label] == ["All waves: the main estimate", "Follow-up 3"]
    assert [c.text for c in headline.cells] == ["350", "329", "–", "52 of 62", "43 of 60", ".120", "95"]
    assert [c.text for c in last.cells] == ["350", "340", "318 to 398", "53 of 62", "41 of 60", ".031", "94"]
    assert [c.below for c in last.cells[2:5]] == ["(30 to 686)", "85 %", "68 %"]


def test_limits_that_set_few_answers_aside_are_hidden_with_a_note():
    table = missing_answers(full_rows())
    assert [r.cells[2].text for r in table.rows[1:4]] == ["–", HIDDEN, "318 to 398"]
    assert any(note.startswith(f"{HIDDEN}: not shown") and "fewer than 5" in note for note in table.notes)


def test_limits_that_rest_on_few_answers_are_hidden():
    rows = [
        replace(r, value=4.0) if (r.family, r.statistic, r.subgroup) == ("attrition_effects", "answered", "comparison") else r
        for r in full_rows()
    ]
    assert missing_answers(rows).rows[3].cells[2].text == HIDDEN


def test_limits_that_meet_are_one_number_and_set_nothing_aside():
    rows = [replace(r, value=300_000.0) if r.statistic in ("lower", "upper") else r for r in full_rows()]
    rows = [replace(r, value=0.0) if r.statistic == "trimmed_share" else r for r in rows]
    assert missing_answers(rows).rows[2].cells[2].text == "300"


def test_a_number_that_few_answers_do_not_allow_is_a_dash_with_its_reason():
    why = {"value": None, "warnings": (("few_answers", {"threshold": 5}),)}
    table = missing_answers([r for r in changed("lee_bounds", **why) if r.model != "lee_bounds" or r.statistic == "lower"])
    assert (table.rows[2].cells[2].text, table.rows[2].cells[2].marks) == ("–", "a")
    assert any(note.startswith("a  Fewer than 5 people of one group answered") for note in table.notes)


def test_where_nobody_is_missing_a_sentence_takes_the_place_of_the_table():
    due = {
        (r.outcome, r.term, r.subgroup): r.value for r in full_rows() if r.family == "attrition_effects" and r.statistic == "due"
    }
    rows = [
        replace(r, value=due[r.outcome, r.term, r.subgroup]) if (r.family, r.statistic) == ("attrition_effects", "answered") else r
        for r in full_rows()
    ]
    section = next(s for s in outline(full_run(), rows, "en").sections if s.key == "effects")
    assert not any(getattr(b, "caption", "") == "If those who did not answer differ" for b in section.blocks)
    assert any(getattr(b, "text", "").startswith("Everyone with a first answer") for b in section.blocks)
