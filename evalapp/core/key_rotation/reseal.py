"""Bring sealed columns to the key in use, a few rows at a time, and see that every sealed value opens.

A rotation that is killed goes on where it stopped: what still carries an old key's name is what is left to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from evalapp.core.crypto.key_ring import KeyRing, UnusableKeyRing, keys_of

ROWS_AT_ONCE = 200


@dataclass(frozen=True)
class SealedColumn:
    """A column of sealed texts: `rows` selects the row's id, the sealed text, and the facts that `context` is made of."""

    column: InstrumentedAttribute[Any]
    rows: Select[*tuple[Any, ...]]
    context: Callable[..., str]

    @property
    def name(self) -> str:
        """Return table and column."""
        return f"{self.column.class_.__tablename__}.{self.column.key}"


def reseal_some(db: Session, columns: Sequence[SealedColumn]) -> int:
    """Seal the next rows that carry an old key's name with the key in use; return how many, 0 when all is done."""
    keys = keys_of(db)
    for sealed in columns:
        table = sealed.column.class_
        old = sealed.rows.where(sealed.column.is_not(None), ~sealed.column.startswith(f"{keys.active}:", autoescape=True))
        rows = db.execute(old.order_by(table.id).limit(ROWS_AT_ONCE).with_for_update(of=table)).all()
        for key, text, *facts in rows:
            opened = _open(keys, sealed, key, text, facts)
            db.execute(update(table).where(table.id == key).values({sealed.column: keys.seal(opened, sealed.context(*facts))}))
        if rows:
            return len(rows)
    return 0


def check_sealed(db: Session, columns: Sequence[SealedColumn]) -> Counter[str]:
    """Open every sealed value once; return how many each key sealed. The first that does not open is an UnusableKeyRing."""
    keys, sealed_by = keys_of(db), Counter[str]()
    for sealed in columns:
        rows = sealed.rows.where(sealed.column.is_not(None)).order_by(sealed.column.class_.id)
        with db.execute(rows.execution_options(yield_per=ROWS_AT_ONCE)) as found:
            for key, text, *facts in found:
                _open(keys, sealed, key, text, facts)
                sealed_by[text.partition(":")[0]] += 1
    return sealed_by


def _open(keys: KeyRing, sealed: SealedColumn, key: int, text: str, facts: Sequence[Any]) -> str:
    try:
        return keys.open(text, sealed.context(*facts))
    except UnusableKeyRing as error:
        raise UnusableKeyRing(f"{sealed.name}, row {key}: {error}") from None
