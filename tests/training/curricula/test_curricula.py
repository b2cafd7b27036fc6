"""Curricula: from a template, edited, retired where they were used, and the same after they went out and came in as a file."""

from __future__ import annotations

import pytest

from evalapp.analysis.plans.programme_templates import get_template, list_templates
from evalapp.core.clock import now
from evalapp.core.errors import AppError, NotFound, RefusedFile
from evalapp.training.curricula.curriculum_file import export_curriculum, import_curriculum
from evalapp.training.curricula.edit_items import ItemDetails, add_item, change_item, move_item, retire_item
from evalapp.training.curricula.edit_modules import ModuleDetails, add_module, bring_back_module, move_module, retire_module
from evalapp.training.curricula.queries import get_item, get_module, list_curriculum, list_items
from evalapp.training.curricula.tables import ITEM_KINDS, PRINCIPLES
from evalapp.training.curricula.take_curriculum import Changes, add_modules, planned_modules
from evalapp.training.fidelity.tables import ChecklistMark
from tests.people.registered import actions, after
from tests.training.enrolments.joining import Joining

PLANNING = ModuleDetails("계획", "Planning", "future_thinking", 150)
GOALS = ItemDetails("content", "목표를 세운다", "Set goals")


def curriculum(db, programme, **options):
    """Return modules with their items as codes."""
    return [(known.module.code, [item.code for item in known.items]) for known in list_curriculum(db, programme.id, **options)]


def mark(db, programme, item):
    """Mark an item in a session's checklist."""
    session = Joining(db, programme).train([], [], module="planning")
    db.add(ChecklistMark(session_id=session.id, item_id=item.id, was_delivered=True, account="AC-1", marked_at=now()))
    db.flush()


@pytest.mark.parametrize("template", list_templates(), ids=lambda template: template.code)
def test_a_template_brings_modules_that_can_be_taught(db, programme, template):
    planned = planned_modules(template.modules)
    assert add_modules(db, programme.id, planned) == len(planned)
    assert add_modules(db, programme.id, planned) == 0
    for known, described in zip(list_curriculum(db, programme.id), template.modules, strict=True):
        assert known.module.code == described["code"]
        assert known.module.principle in PRINCIPLES
        assert len(known.items) >= 3
        assert {item.kind for item in known.items} <= set(ITEM_KINDS)
        assert len({item.text_ko for item in known.items} | {item.text_en for item in known.items}) == 2 * len(known.items)
    assert [after(entry)["modules"] for entry in actions(db, "modules_added")] == [[module.code for module in planned]]


def test_the_training_lasts_six_weeks_of_two_meetings_on_the_three_principles():
    modules = get_template("pi_training").modules
    assert len(modules) == 12
    assert {module["principle"] for module in modules} == set(PRINCIPLES)


def test_modules_and_items_are_added_moved_and_taken_out(db, programme):
    for code in ("one", "two", "three"):
        add_module(db, programme.id, code, PLANNING)
    for wrong in ("one", "두", "A B", ""):
        with pytest.raises(AppError):
            add_module(db, programme.id, wrong, PLANNING)
    move_module(db, get_module(db, programme.id, "three"), -1)
    move_module(db, get_module(db, programme.id, "one"), -1)  # already the first
    module = get_module(db, programme.id, "three")
    for _ in range(3):
        add_item(db, module, GOALS)
    move_item(db, module, get_item(db, module, "3"), -1)
    assert retire_item(db, module, get_item(db, module, "1"))
    assert curriculum(db, programme) == [("one", []), ("three", ["3", "2"]), ("two", [])]
    assert retire_module(db, module)
    assert curriculum(db, programme, retired=True) == [("one", []), ("two", [])]
    with pytest.raises(NotFound):
        get_module(db, programme.id, "three")


def test_what_a_checklist_used_is_retired_and_its_change_is_another_item(db, programme):
    module = add_module(db, programme.id, "planning", PLANNING)
    used, other = add_item(db, module, GOALS), add_item(db, module, ItemDetails("homework", "적어 온다", "Write"))
    mark(db, programme, used)
    assert change_item(db, module, used, GOALS).id == used.id  # nothing was changed
    changed = change_item(db, module, used, ItemDetails("content", "목표를 수로 쓴다", "Put goals into numbers"))
    assert (used.is_active, used.text_en, changed.id == used.id) == (False, "Set goals", False)
    assert curriculum(db, programme) == [("planning", ["3", "2"])]
    assert change_item(db, module, other, GOALS).id == other.id
    assert not retire_module(db, module)
    assert curriculum(db, programme) == []
    bring_back_module(db, module)
    assert not retire_item(db, module, used)


def test_a_module_that_a_session_names_is_never_deleted(db, programme):
    module = add_module(db, programme.id, "planning", PLANNING)
    Joining(db, programme).train([], [], module="planning")
    assert list_curriculum(db, programme.id)[0].sessions == 1
    assert not retire_module(db, module)
    assert get_module(db, programme.id, "planning").is_active is False


def test_a_file_that_went_out_changes_nothing_when_it_comes_in(db, programme, tmp_path):
    add_modules(db, programme.id, planned_modules(get_template("pi_training").modules))
    empty = add_module(db, programme.id, "empty", PLANNING)
    add_item(db, empty, ItemDetails("content", "-10% 할인", '=1+1 is two, and a "quote", too'))
    first = export_curriculum(db, programme.id)
    (tmp_path / "c.csv").write_bytes(first)
    assert import_curriculum(db, programme.id, tmp_path / "c.csv") == Changes()
    assert export_curriculum(db, programme.id) == first


def test_a_file_adds_changes_moves_and_takes_out(db, programme, write):
    for code in ("one", "two", "three"):
        module = add_module(db, programme.id, code, PLANNING)
        add_item(db, module, GOALS)
        add_item(db, module, ItemDetails("exercise", "연습", "Practise"))
    mark(db, programme, get_item(db, get_module(db, programme.id, "two"), "1"))
    head = "module,name_ko,name_en,principle,planned_minutes,materials_version,item,kind,text_ko,text_en"
    facts = "계획,Planning,future_thinking,150,"
    path = write(
        head, f"three,{facts},2,exercise,연습,Practise", f"new,{facts},,,,", f"two,{facts},1,content,다르게,Otherwise",
        f"two,{facts},2,exercise,연습,Practise",
    )  # fmt: skip
    assert import_curriculum(db, programme.id, path) == Changes(added=1, changed=1, retired=2)
    assert curriculum(db, programme) == [("three", ["2"]), ("new", []), ("two", ["3", "2"])]
    two = get_module(db, programme.id, "two")
    assert [(item.code, item.is_active) for item in list_items(db, [two.id])] == [("1", False), ("3", True), ("2", True)]
    with pytest.raises(NotFound):
        get_module(db, programme.id, "one")  # nothing had used it


def test_a_wrong_file_names_row_and_column_and_changes_nothing(db, programme, write):
    add_module(db, programme.id, "one", PLANNING)
    head = "module,name_ko,name_en,principle,planned_minutes,materials_version,item,kind,text_ko,text_en"
    facts = "계획,Planning,future_thinking,150,"
    path = write(
        head, f"One Two,{facts},,,,", f"two,{facts},1,content,한국어,", f"two,{facts},1,content,가,a", f"two,{facts},1,content,나,b",
        "two,다른 이름,Planning,future_thinking,150,,2,content,다,c", "three,계획,Planning,magic,0,,,,,",
    )  # fmt: skip
    with pytest.raises(RefusedFile) as refused:
        import_curriculum(db, programme.id, path)
    found = {(fault.row, fault.column) for fault in refused.value.faults}
    assert found == {(2, "module"), (3, "text_en"), (5, "item"), (6, "name_ko"), (7, "principle"), (7, "planned_minutes")}
    assert curriculum(db, programme) == [("one", [])]
