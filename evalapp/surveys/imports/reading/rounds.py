"""The rows of repeated groups, brought to the row of the person they belong to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from evalapp.core.faults import FaultLog
from evalapp.core.language import Message
from evalapp.core.sheets import Sheet, SheetRow
from evalapp.surveys.imports.reading.form_variables import FormVariables
from evalapp.surveys.imports.reading.match_columns import ColumnUse
from evalapp.surveys.imports.sources.export_file import ExportFile

MOST_ROUNDS = 50


class Round(NamedTuple):
    """One row of a repeated group, with the table it stands in."""

    sheet: Sheet
    row: SheetRow
    repeat_path: str


class _Place(NamedTuple):
    """Where a row belongs: the person's row, and the rounds around it."""

    main_row: int
    repeat_path: str


def rounds_by_row(
    export: ExportFile, variables: FormVariables, uses: Mapping[str | None, Sequence[ColumnUse]], faults: FaultLog
) -> dict[int, list[Round]]:
    """Return the rounds that belong to each row of the main table. A row that belongs to none is a fault."""
    places = {_own_key(export.main, row): _Place(row.number, "") for row in export.main.rows} if export.repeats else {}
    found: defaultdict[int, list[Round]] = defaultdict(list)
    for sheet, repeat in _outer_first(export, variables, uses):
        counts: defaultdict[object, int] = defaultdict(int)
        for row in sheet.rows:
            parent = _parent_key(sheet, row, export)
            if parent not in places:
                message = Message("The row belongs to no row of the other tables. Export the file again, all its tables at once.")
                faults.add(message, row=row.number, sheet=sheet.name)
                continue
            counts[parent] += 1
            if counts[parent] > MOST_ROUNDS:
                faults.add(Message("The group has more than %(most)s rounds.", most=MOST_ROUNDS), row=row.number, sheet=sheet.name)
                continue
            above = places[parent]
            path = "/".join(filter(None, (above.repeat_path, f"{repeat}[{counts[parent]}]")))
            places[_own_key(sheet, row)] = _Place(above.main_row, path)
            found[above.main_row].append(Round(sheet, row, path))
    return found


def _outer_first(
    export: ExportFile, variables: FormVariables, uses: Mapping[str | None, Sequence[ColumnUse]]
) -> Iterator[tuple[Sheet, str]]:
    """Yield the tables of repeated groups with the group's name, those that stand around others first."""
    known = []
    for sheet in export.repeats:
        repeats = [variables.by_name[use.target.variable].repeats for use in uses[sheet.name] if use.target]
        if repeats and all(repeats):
            deepest = max(repeats, key=len)
            known.append((len(deepest), sheet, deepest[-1]))
    for _depth, sheet, repeat in sorted(known, key=lambda each: each[0]):
        yield sheet, repeat


def _own_key(sheet: Sheet, row: SheetRow) -> object:
    if "KEY" in sheet.header:
        return _cell(sheet, row, "KEY").removeprefix("uuid:")
    return sheet.name, _cell(sheet, row, "_index")


def _parent_key(sheet: Sheet, row: SheetRow, export: ExportFile) -> object:
    if "PARENT_KEY" in sheet.header:
        return _cell(sheet, row, "PARENT_KEY").removeprefix("uuid:")
    named = _cell(sheet, row, "_parent_table_name")
    tables = {each.name for each in export.repeats}
    # Spreadsheets cut the names of sheets, so the table of people may be called by a longer name than it has.
    return named if named in tables else export.main.name, _cell(sheet, row, "_parent_index")


def _cell(sheet: Sheet, row: SheetRow, column: str) -> str:
    return row.cells[sheet.header.index(column)] if column in sheet.header else ""
