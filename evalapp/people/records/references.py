"""Every row of every stage that belongs to a person, found through the foreign keys of the tables and not by their names."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, Index, Row, Table, UniqueConstraint, and_, select
from sqlalchemy.orm import Session

from evalapp.core.db import Base
from evalapp.people.tables import Entrepreneur

NOTES: Final[Mapping[str, str]] = {"contact_attempts": "contact_notes"}


class Clash(NamedTuple):
    """Two people have a row each where one person can have only one: the table, the other columns of the rule, their values."""

    table: Table
    row_id: int
    columns: tuple[Column[Any], ...]
    values: tuple[Any, ...]


def referring_columns() -> list[Column[Any]]:
    """Return the columns that say whose a row is, in every table of the program."""
    people = Base.metadata.tables[Entrepreneur.__tablename__]
    return [column for table in Base.metadata.sorted_tables for column in _references(table, people)]


def _references(table: Table, to: Table) -> Iterator[Column[Any]]:
    return (column for column in table.columns if any(key.column.table is to for key in column.foreign_keys))


def note_columns() -> dict[str, Column[Any]]:
    """Return the sealed notes about people in every stage, by the name under which an erasure counts them."""
    noted = [column.table for column in referring_columns() if "note_sealed" in column.table.columns]
    return {NOTES.get(table.name, f"{table.name}_notes"): table.c.note_sealed for table in noted}


def list_clashes(db: Session, column: Column[Any], kept: int, merged: int) -> list[Clash]:
    """Return the rows of one person that cannot become another's, because the other has the same already.

    A rule that the database applies to some rows only is taken to hold for all: that may refuse too much, never too little.
    """
    clashes = []
    for others in _unique_with(column):
        theirs, ours = column.table.alias(), column.table.alias()
        same = [theirs.c[other.name] == ours.c[other.name] for other in others]
        both = theirs.join(ours, and_(ours.c[column.name] == kept, *same))
        found = select(theirs.c.id, *(theirs.c[other.name] for other in others)).select_from(both)
        found = found.where(theirs.c[column.name] == merged)
        clashes += [Clash(column.table, row[0], others, tuple(row[1:])) for row in db.execute(found)]
    return clashes


def _unique_with(column: Column[Any]) -> list[tuple[Column[Any], ...]]:
    rules: list[Any] = [rule for rule in column.table.constraints if isinstance(rule, UniqueConstraint)]
    rules += [index for index in column.table.indexes if isinstance(index, Index) and index.unique]
    return [tuple(other for other in rule.columns if other is not column) for rule in rules if column.name in rule.columns]


def count_belongings(db: Session, people: Collection[int]) -> dict[str, int]:
    """Return how many rows would go with some people, by table: theirs, and the rows that belong to those in turn."""
    return {name: len(rows) for name, rows in list_belongings(db, people).items()}


def list_belongings(db: Session, people: Collection[int]) -> dict[str, set[int]]:
    """Return the keys of those rows by table."""
    found: dict[str, set[int]] = {Entrepreneur.__tablename__: set(people)}
    for table in Base.metadata.sorted_tables:
        rows: set[int] = set()
        for owner in list(found):
            for column in _references(table, Base.metadata.tables[owner]):
                if any(key.ondelete == "CASCADE" for key in column.foreign_keys):
                    rows |= _ids(db, table, column, found[owner])
        if rows:
            found[table.name] = rows
    del found[Entrepreneur.__tablename__]
    return found


def _ids(db: Session, table: Table, column: Column[Any], owners: set[int]) -> set[int]:
    return set(db.scalars(select(table.c.id).where(column.in_(owners))))


def code_of(db: Session, column: Column[Any], value: Any) -> str:
    """Return what people call the thing that a column points to: its code or number, if it has one."""
    for key in column.foreign_keys:
        target = key.column.table
        name = next((name for name in ("code", "number") if name in target.columns), None)
        if name:
            row: Row[Any] | None = db.execute(select(target.c[name]).where(target.c.id == value)).first()
            return str(row[0]) if row else str(value)
    return str(value)
