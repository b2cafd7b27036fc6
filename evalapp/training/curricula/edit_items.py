"""Add, change, move and retire what a module should bring. What a marked checklist asked stays as it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.training.curricula.edit_modules import Step, hold_curriculum, swap
from evalapp.training.curricula.queries import list_items, used_items
from evalapp.training.curricula.tables import Module, ModuleItem


@dataclass(frozen=True)
class ItemDetails:
    """What kind of thing an item is, and the item in both languages."""

    kind: str
    text_ko: str
    text_en: str


def add_item(db: Session, module: Module, details: ItemDetails, code: str = "") -> ModuleItem:
    """Add an item after all others of its module; without a code it gets the next free number."""
    hold_curriculum(db, module.programme_id)
    items = list_items(db, [module.id])
    position = max((item.position for item in items), default=0) + 1
    return _add(db, module, details, code or _free_code(items), position)


def change_item(db: Session, module: Module, item: ModuleItem, details: ItemDetails) -> ModuleItem:
    """Change an item. One that a marked checklist used is retired, and the new text stands in its place under a code of its own."""
    if all(getattr(item, name) == value for name, value in asdict(details).items()):
        return item
    hold_curriculum(db, module.programme_id)
    if used_items(db, [item.id]):
        item.is_active = False
        record_entry(db, "module_item_retired", "module_item", _key(module, item))
        return _add(db, module, details, _free_code(list_items(db, [module.id])), item.position)
    for name, value in asdict(details).items():
        setattr(item, name, value)
    record_entry(db, "module_item_changed", "module_item", _key(module, item))
    return item


def move_item(db: Session, module: Module, item: ModuleItem, step: Step) -> None:
    """Move an item one place up (-1) or down (1) among those that are asked; at either end it stays."""
    hold_curriculum(db, module.programme_id)
    if swap([other for other in list_items(db, [module.id]) if other.is_active], item, step):
        record_entry(db, "module_item_moved", "module_item", _key(module, item), after={"position": item.position})


def retire_item(db: Session, module: Module, item: ModuleItem) -> bool:
    """Ask for an item no more. One that no marked checklist used is deleted: then True is returned."""
    in_use = bool(used_items(db, [item.id]))
    if in_use:
        item.is_active = False
    else:
        db.delete(item)
    db.flush()
    record_entry(db, "module_item_retired" if in_use else "module_item_deleted", "module_item", _key(module, item))
    return not in_use


def _add(db: Session, module: Module, details: ItemDetails, code: str, position: int) -> ModuleItem:
    item = ModuleItem(module_id=module.id, code=code, position=position, is_active=True, **asdict(details))
    db.add(item)
    db.flush()
    record_entry(db, "module_item_added", "module_item", _key(module, item))
    return item


def _free_code(items: Sequence[ModuleItem]) -> str:
    return str(max((int(item.code) for item in items if item.code.isdecimal()), default=0) + 1)


def _key(module: Module, item: ModuleItem) -> str:
    return f"{module.code}:{item.code}"
