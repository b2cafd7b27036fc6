"""Two versions of a form are compared question by question, and it is said whether their answers can stand in one panel."""

from __future__ import annotations

import dataclasses

import pytest

from evalapp.core.shipped import INSTRUMENTS
from evalapp.surveys.instruments.compare_instruments import compare_instruments
from evalapp.surveys.instruments.definition import Choice, Relevance
from evalapp.surveys.instruments.read_instrument import load_instrument

OLD = load_instrument(INSTRUMENTS / "followup").definition


def with_question(asked, **changes):
    """Return the form with one question changed."""
    questions = tuple(dataclasses.replace(q, **changes) if q.name == asked else q for q in OLD.questions)
    return dataclasses.replace(OLD, version="2026112301", questions=questions)


def found(new):
    """Return the questions that differ: name, concord, and each change as aspect, language, before, after."""
    return [
        ((item.new or item.old).name, item.concord, [(c.aspect, c.language, c.before, c.after) for c in item.changes])
        for item in compare_instruments(OLD, new).differing
    ]


def test_a_form_does_not_differ_from_itself():
    comparison = compare_instruments(OLD, OLD)
    assert comparison.differing == ()
    assert {item.concord for item in comparison.items} == {"same"}
    assert [item.new.name for item in comparison.items] == list(OLD.by_name)


EMPLOYEES = OLD.by_name["paid_employees"]
SOURCES = OLD.by_name["capital_sources"]


@pytest.mark.parametrize(
    ("name", "changes", "concord", "change"),
    [
        ("paid_employees", {"label": {**EMPLOYEES.label, "en": "How many?"}}, "reworded",
         ("label", "en", EMPLOYEES.label["en"], "How many?")),
        ("paid_employees", {"hint": {**EMPLOYEES.hint, "ko": "모두"}}, "reworded", ("hint", "ko", EMPLOYEES.hint["ko"], "모두")),
        ("paid_employees", {"maximum": 500.0}, "same", ("maximum", "", "10000", "500")),
        ("paid_employees", {"constraint": ". >= 0"}, "same", ("constraint", "", EMPLOYEES.constraint, ". >= 0")),
        ("paid_employees", {"required": True}, "rescoped", ("required", "", "no", "yes")),
        ("paid_employees", {"condition": "${firm_operating} = 'yes'"}, "rescoped",
         ("condition", "", "", "${firm_operating} = 'yes'")),
        ("paid_employees", {"type": "decimal"}, "recoded", ("type", "", "integer", "decimal")),
        ("pi_self_starting_1", {"reverse": True}, "recoded", ("reverse", "", "no", "yes")),
        ("capital_sources", {"choices": SOURCES.choices[1:]}, "recoded", ("choice_removed", "", "government_grant", "")),
        ("capital_sources", {"choices": (*SOURCES.choices, Choice("other", {"ko": "기타", "en": "Other"}))}, "recoded",
         ("choice_added", "", "", "other")),
        ("capital_sources", {"choices": (*SOURCES.choices[1:], SOURCES.choices[0])}, "same",
         ("choice_order", "", "government_grant accelerator bank family_friends", "accelerator bank family_friends government_grant")),
        ("capital_sources", {"choices": (Choice("government_grant", {"ko": "보조금", "en": "Government grant"}), *SOURCES.choices[1:])},
         "reworded", ("choice_label", "ko", "정부 지원금", "보조금")),
    ],
)  # fmt: skip
def test_what_changed_is_named_and_judged(name, changes, concord, change):
    assert found(with_question(name, **changes)) == [(name, concord, [change])]


def test_a_question_that_came_and_one_that_is_gone():
    new = dataclasses.replace(
        OLD, questions=(*OLD.questions[1:], dataclasses.replace(EMPLOYEES, name="helpers", label={"ko": "몇?"}))
    )
    assert found(new) == [("helpers", "added", []), ("firm_operating", "removed", [])]


def test_a_question_with_another_name_only_was_renamed():
    new = with_question("paid_employees", name="employees")
    item = next(item for item in compare_instruments(OLD, new).differing)
    assert (item.old.name, item.new.name, item.is_renamed, item.concord) == ("paid_employees", "employees", True, "same")


def test_a_condition_kept_in_the_old_way_is_the_same_condition():
    old = dataclasses.replace(SOURCES, condition="", relevant=Relevance("new_capital", "yes"))
    before = dataclasses.replace(OLD, questions=tuple(old if q.name == old.name else q for q in OLD.questions))
    assert compare_instruments(before, OLD).differing == ()
