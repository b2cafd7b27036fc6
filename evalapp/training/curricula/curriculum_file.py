"""A curriculum as a CSV file, a row an item: brought out, compared or changed in a spreadsheet, taken in again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from evalapp.core.columns import Column, TypedRow, refuse_resident_numbers, typed_rows
from evalapp.core.csv_file import FORMULA_SIGNS, csv_file
from evalapp.core.faults import FaultLog
from evalapp.core.language import Message
from evalapp.core.read_table import read_one_table
from evalapp.training.curricula.edit_items import ItemDetails
from evalapp.training.curricula.edit_modules import CODE, ModuleDetails
from evalapp.training.curricula.queries import list_curriculum
from evalapp.training.curricula.tables import ITEM_KINDS, PRINCIPLES
from evalapp.training.curricula.take_curriculum import Changes, PlannedModule, set_curriculum

LONGEST_MINUTES: Final = 1_440
MODULE_COLUMNS: Final = (
    Column("name_ko", required=True, maximum=120),
    Column("name_en", required=True, maximum=120),
    Column("principle", "choice", required=True, choices=PRINCIPLES),
    Column("planned_minutes", "integer", required=True, minimum=1, maximum=LONGEST_MINUTES),
    Column("materials_version", maximum=40),
)
ITEM_COLUMNS: Final = (
    Column("kind", "choice", choices=ITEM_KINDS),
    Column("text_ko", maximum=300),
    Column("text_en", maximum=300),
)
COLUMNS: Final = (Column("module", required=True, maximum=40), *MODULE_COLUMNS, Column("item", "code", maximum=40), *ITEM_COLUMNS)


def export_curriculum(db: Session, programme_id: int) -> bytes:
    """Return the modules that are taught and the items that are asked, in their order; a module without items has one row."""
    return csv_file([column.name for column in COLUMNS], _rows(db, programme_id))


def import_curriculum(db: Session, programme_id: int, path: Path) -> Changes:
    """Make a programme's curriculum what a file holds; RefusedFile with every fault, and then nothing changed."""
    sheet = read_one_table(path)
    faults = FaultLog()
    refuse_resident_numbers(sheet, faults)
    planned = _planned(typed_rows(sheet, COLUMNS, faults), faults)
    faults.refuse_if_any()
    return set_curriculum(db, programme_id, planned)


def _rows(db: Session, programme_id: int) -> Iterator[list[object]]:
    for taught in list_curriculum(db, programme_id):
        module = taught.module
        of_module = [module.code, *(getattr(module, column.name) for column in MODULE_COLUMNS)]
        for item in taught.items:
            yield [*of_module, item.code, item.kind, item.text_ko, item.text_en]
        if not taught.items:
            yield [*of_module, "", "", "", ""]


def _planned(rows: list[TypedRow], faults: FaultLog) -> list[PlannedModule]:
    first: dict[str, TypedRow] = {}
    items: dict[str, dict[str, ItemDetails]] = {}
    for row in rows:
        code = row.values["module"]
        if code is None or any(row.values[column.name] is None for column in MODULE_COLUMNS if column.required):
            continue  # its faults are known
        if not CODE.fullmatch(code):
            message = Message("A module's code has small letters, digits, _ and -, at most 40 of them.")
            faults.add(message, row=row.number, column="module")
            continue
        known = first.setdefault(code, row)
        for column in MODULE_COLUMNS:
            if row.values[column.name] != known.values[column.name]:
                message = Message("Row %(first)s says otherwise of the same module.", first=known.number)
                faults.add(message, row=row.number, column=column.name)
        _add_item(row, items.setdefault(code, {}), faults)
    return [PlannedModule(code, _details(row), items[code]) for code, row in first.items()]


def _details(row: TypedRow) -> ModuleDetails:
    return ModuleDetails(**{column.name: _plain(row.values[column.name]) for column in MODULE_COLUMNS})


def _add_item(row: TypedRow, items: dict[str, ItemDetails], faults: FaultLog) -> None:
    said = {column.name: row.values[column.name] for column in ITEM_COLUMNS}
    code = row.values["item"]
    if code is None and not any(said.values()):
        return
    if missing := next((name for name, value in {"item": code, **said}.items() if value is None), None):
        faults.add(Message("The cell is empty. Fill it in."), row=row.number, column=missing)
    elif code in items:
        faults.add(Message("The module has an item “%(code)s” already.", code=code), row=row.number, column="item")
    else:
        items[code] = ItemDetails(**{name: _plain(value) for name, value in said.items()})


def _plain(value: Any) -> Any:
    """Return a cell without the apostrophe that keeps a spreadsheet from running it, and an empty one as an empty text."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith("'") and value[1:].startswith(FORMULA_SIGNS):
        return value[1:]
    return value
