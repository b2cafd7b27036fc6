"""Reads of curricula."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.core.db import Base
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.training.curricula.tables import Module, ModuleItem
from evalapp.training.tables import Cohort, TrainingSession


@dataclass(frozen=True)
class TaughtModule:
    """A module with its items in their order, and how many sessions name it."""

    module: Module
    items: tuple[ModuleItem, ...]
    sessions: int


def list_curriculum(db: Session, programme_id: int, *, retired: bool = False) -> list[TaughtModule]:
    """Return a programme's modules in their order: those that are taught, with the items that are asked; or all there ever were."""
    query = select(Module).where(Module.programme_id == programme_id).order_by(Module.position, Module.id)
    modules = db.scalars(query if retired else query.where(Module.is_active)).all()
    items: defaultdict[int, list[ModuleItem]] = defaultdict(list)
    for item in list_items(db, [module.id for module in modules]):
        if retired or item.is_active:
            items[item.module_id].append(item)
    sessions = count_sessions_on(db, programme_id)
    return [TaughtModule(module, tuple(items[module.id]), sessions.get(module.code, 0)) for module in modules]


def list_items(db: Session, modules: Collection[int]) -> Sequence[ModuleItem]:
    """Return the items of some modules, by their keys, in the order they are asked; retired ones too."""
    items = select(ModuleItem).where(ModuleItem.module_id.in_(modules))
    return db.scalars(items.order_by(ModuleItem.module_id, ModuleItem.position, ModuleItem.id)).all()


def list_module_names(db: Session, programme_id: int) -> dict[str, Module]:
    """Return every module of a programme by the code that sessions name it by."""
    return {module.code: module for module in db.scalars(select(Module).where(Module.programme_id == programme_id))}


def find_module(db: Session, programme_id: int, code: str) -> Module | None:
    """Return a module by its code, or None."""
    return db.scalar(select(Module).where(Module.programme_id == programme_id, Module.code == code))


def get_module(db: Session, programme_id: int, code: str) -> Module:
    """Return a module by its code, or raise NotFound."""
    module = find_module(db, programme_id, code)
    if module is None:
        raise NotFound(Message("There is no such module."))
    return module


def get_item(db: Session, module: Module, code: str) -> ModuleItem:
    """Return an item of a module by its code, or raise NotFound."""
    item = db.scalar(select(ModuleItem).where(ModuleItem.module_id == module.id, ModuleItem.code == code))
    if item is None:
        raise NotFound(Message("There is no such item in this module."))
    return item


def count_sessions_on(db: Session, programme_id: int) -> dict[str, int]:
    """Return how many sessions of a programme name each module, by its code."""
    rows = (
        select(TrainingSession.module, func.count())
        .join(Cohort, TrainingSession.cohort_id == Cohort.id)
        .where(Cohort.programme_id == programme_id)
        .group_by(TrainingSession.module)
    )
    return {module: count for module, count in db.execute(rows)}  # noqa: C416 - typed pairs out of rows


def used_items(db: Session, items: Collection[int]) -> set[int]:
    """Return which of some items a row of a later table names, as a marked checklist does."""
    own = ModuleItem.__table__
    columns = [
        c for table in Base.metadata.sorted_tables for c in table.columns if any(k.column.table is own for k in c.foreign_keys)
    ]
    return {item for column in columns for item in db.scalars(select(column).where(column.in_(items)))}
