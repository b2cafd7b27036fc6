"""Add, change, move and retire the modules of a curriculum."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.tables import Programme
from evalapp.training.curricula.queries import count_sessions_on, find_module, list_items, used_items
from evalapp.training.curricula.tables import Module, ModuleItem

CODE: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
Step = Literal[-1, 1]


@dataclass(frozen=True)
class ModuleDetails:
    """What a module is called, which principle it serves, and how long one session on it takes."""

    name_ko: str
    name_en: str
    principle: str
    planned_minutes: int
    materials_version: str = ""


def add_module(db: Session, programme_id: int, code: str, details: ModuleDetails) -> Module:
    """Add a module after all others, or refuse a code that is none or is taken."""
    hold_curriculum(db, programme_id)
    if not CODE.fullmatch(code):
        raise AppError(Message("A module's code has small letters, digits, _ and -, at most 40 of them."))
    if find_module(db, programme_id, code):
        raise AppError(Message("There is a module “%(code)s” already, perhaps a retired one.", code=code))
    position = last_position(db, programme_id) + 1
    module = Module(programme_id=programme_id, code=code, position=position, is_active=True, **asdict(details))
    db.add(module)
    db.flush()
    record_entry(db, "module_added", "module", module.code, after={"planned_minutes": module.planned_minutes})
    return module


def change_module(db: Session, module: Module, details: ModuleDetails) -> bool:
    """Change what a module says of itself; say whether anything was different."""
    changed = [name for name, value in asdict(details).items() if getattr(module, name) != value]
    before = {name: getattr(module, name) for name in changed}
    for name in changed:
        setattr(module, name, getattr(details, name))
    if changed:
        after = {name: getattr(module, name) for name in changed}
        record_entry(db, "module_changed", "module", module.code, before=before, after=after)
    return bool(changed)


def move_module(db: Session, module: Module, step: Step) -> None:
    """Move a module one place up (-1) or down (1) among those that are taught; at either end it stays."""
    hold_curriculum(db, module.programme_id)
    of_programme = select(Module).where(Module.programme_id == module.programme_id, Module.is_active)
    if swap(db.scalars(of_programme.order_by(Module.position, Module.id)).all(), module, step):
        record_entry(db, "module_moved", "module", module.code, after={"position": module.position})


def retire_module(db: Session, module: Module) -> bool:
    """Take a module out of the curriculum. One that no session names and no checklist used is deleted: then True is returned."""
    items = list_items(db, [module.id])
    in_use = count_sessions_on(db, module.programme_id).get(module.code) or used_items(db, [item.id for item in items])
    if in_use:
        module.is_active = False
    else:
        db.delete(module)  # and its items with it
    db.flush()
    record_entry(db, "module_retired" if in_use else "module_deleted", "module", module.code)
    return not in_use


def bring_back_module(db: Session, module: Module) -> None:
    """Teach a retired module again."""
    if not module.is_active:
        module.is_active = True
        record_entry(db, "module_brought_back", "module", module.code)


def hold_curriculum(db: Session, programme_id: int) -> None:
    """Let nobody else change the order of a programme's curriculum until this transaction ends."""
    db.execute(select(Programme.id).where(Programme.id == programme_id).with_for_update())


def last_position(db: Session, programme_id: int) -> int:
    """Return the place of a programme's last module, 0 where there is none."""
    return db.scalar(select(func.max(Module.position)).where(Module.programme_id == programme_id)) or 0


def swap(rows: Sequence[Module] | Sequence[ModuleItem], row: Module | ModuleItem, step: Step) -> bool:
    """Change places with the neighbour in an order; say whether there was one."""
    keys = [other.id for other in rows]
    there = keys.index(row.id) + step if row.id in keys else -1
    if not 0 <= there < len(rows):
        return False
    other = rows[there]
    row.position, other.position = other.position, row.position
    return True
