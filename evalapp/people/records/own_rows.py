"""Every row that belongs to a person, in every stage, as they may have it themselves."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.db import Base
from evalapp.people.records.queries import list_shells
from evalapp.people.records.references import list_belongings
from evalapp.people.tables import Entrepreneur

# Rows that are about somebody else as well, or about the work of matching records.
OF_OTHERS: Final = frozenset({"not_duplicates", "merged_records"})
SECRET: Final = ("sealed", "_sealed", "_index", "_hash", "_sha256", "holder", "key", "token")


def list_own_rows(db: Session, person: Entrepreneur) -> dict[str, list[dict[str, Any]]]:
    """Return a person's rows by table, those of records that were merged into theirs too; without seals, hashes and keys."""
    people = {person.id, *list_shells(db, {person.id})}
    found = {}
    for name, ids in list_belongings(db, people).items():
        if name in OF_OTHERS:
            continue
        table = Base.metadata.tables[name]
        columns = [column for column in table.columns if not column.name.endswith(SECRET)]
        rows = db.execute(select(*columns).where(table.c.id.in_(ids)).order_by(table.c.id)).mappings()
        found[name] = [dict(row) for row in rows]
    return found
