"""Take a whole curriculum in: from a template, which only adds, or from a file, which the programme's then equals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.training.curricula.edit_items import ItemDetails, add_item, change_item, retire_item
from evalapp.training.curricula.edit_modules import (
    ModuleDetails,
    bring_back_module,
    change_module,
    hold_curriculum,
    last_position,
    retire_module,
)
from evalapp.training.curricula.queries import find_module, list_curriculum, list_items
from evalapp.training.curricula.tables import Module, ModuleItem


@dataclass(frozen=True)
class PlannedModule:
    """A module as a template or a file describes it; its items by their codes, in their order."""

    code: str
    details: ModuleDetails
    items: Mapping[str, ItemDetails]


@dataclass
class Changes:
    """How many modules and items were added, changed and taken out."""

    added: int = 0
    changed: int = 0
    retired: int = 0


def planned_modules(described: Sequence[Mapping[str, Any]]) -> list[PlannedModule]:
    """Return modules from plain data as a template holds them; items are numbered in their order."""
    return [
        PlannedModule(
            module["code"],
            ModuleDetails(module["name_ko"], module["name_en"], module["principle"], module["planned_minutes"]),
            {
                str(number): ItemDetails(item["kind"], item["text_ko"], item["text_en"])
                for number, item in enumerate(module["items"], start=1)
            },
        )
        for module in described
    ]


def add_modules(db: Session, programme_id: int, planned: Sequence[PlannedModule]) -> int:
    """Add the modules whose codes a programme does not have, with their items; return how many. The others stay as they are."""
    hold_curriculum(db, programme_id)
    new = [module for module in planned if find_module(db, programme_id, module.code) is None]
    last = last_position(db, programme_id)
    for position, wanted in enumerate(new, start=last + 1):
        _add(db, programme_id, wanted, position)
    if new:
        record_entry(db, "modules_added", "programme", programme_id, after={"modules": [module.code for module in new]})
    return len(new)


def set_curriculum(db: Session, programme_id: int, planned: Sequence[PlannedModule]) -> Changes:
    """Make a programme's curriculum what is planned, in its order; what is not in it is taken out."""
    hold_curriculum(db, programme_id)
    changes = Changes()
    codes = {module.code for module in planned}
    for taught in list_curriculum(db, programme_id):
        if taught.module.code not in codes:
            retire_module(db, taught.module)
            changes.retired += 1
    for position, wanted in enumerate(planned, start=1):
        module = find_module(db, programme_id, wanted.code)
        if module is None:
            module = _add(db, programme_id, wanted, position)
            changes.added += 1 + len(wanted.items)
        else:
            _change(db, module, wanted, changes)
        module.position = position
    db.flush()
    record_entry(db, "curriculum_taken_in", "programme", programme_id, after=asdict(changes))
    return changes


def _add(db: Session, programme_id: int, wanted: PlannedModule, position: int) -> Module:
    module = Module(programme_id=programme_id, code=wanted.code, position=position, is_active=True, **asdict(wanted.details))
    db.add(module)
    db.flush()
    items = enumerate(wanted.items.items(), start=1)
    db.add_all(
        ModuleItem(module_id=module.id, code=code, position=place, is_active=True, **asdict(details))
        for place, (code, details) in items
    )
    db.flush()
    return module


def _change(db: Session, module: Module, wanted: PlannedModule, changes: Changes) -> None:
    was_taught = module.is_active
    bring_back_module(db, module)
    changes.changed += change_module(db, module, wanted.details) or not was_taught
    asked = {item.code: item for item in list_items(db, [module.id]) if item.is_active}
    for code, item in asked.items():
        if code not in wanted.items:
            retire_item(db, module, item)
            changes.retired += 1
    for position, (code, details) in enumerate(wanted.items.items(), start=1):
        _set_item(db, module, asked.get(code), code, details, changes).position = position


def _set_item(
    db: Session, module: Module, item: ModuleItem | None, code: str, details: ItemDetails, changes: Changes
) -> ModuleItem:
    if item is None:
        changes.added += 1
        taken = {known.code for known in list_items(db, [module.id])}  # a retired item keeps its code
        return add_item(db, module, details, "" if code in taken else code)
    before = (item.kind, item.text_ko, item.text_en)
    changes.changed += before != (details.kind, details.text_ko, details.text_en)
    return change_item(db, module, item, details)
