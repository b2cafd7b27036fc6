"""Put a new key in use, and take old ones off the ring once nothing is sealed with them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.crypto.key_ring import KeyRing, UnusableKeyRing, keys_of, read_key_ring, write_key_ring
from evalapp.core.key_rotation.reseal import SealedColumn, check_sealed


def put_new_key_in_use(path: Path) -> KeyRing:
    """Add a key to the ring in a file and seal with it from now on. Rows are brought to it afterwards, by `reseal_some`."""
    ring = read_key_ring(path).rotated()
    write_key_ring(ring, path)
    return ring


def is_rotation_unfinished(db: Session, columns: Sequence[SealedColumn]) -> bool:
    """Say whether some value is still sealed with a key that is no longer in use."""
    prefix = f"{keys_of(db).active}:"
    old = (exists().where(s.column.is_not(None), ~s.column.startswith(prefix, autoescape=True)) for s in columns)
    return any(db.scalar(select(found)) for found in old)


def note_rotation(db: Session, resealed: int) -> None:
    """Write down that a rotation has ended."""
    record_entry(db, "keys_rotated", "key_ring", keys_of(db).active, after={"resealed": resealed})


def retire_keys(db: Session, path: Path, columns: Sequence[SealedColumn]) -> tuple[str, ...]:
    """Take every key but the one in use off the ring; refused while anything is sealed with one of them. Return their names."""
    ring = read_key_ring(path)
    retired = frozenset(ring.field_keys) - {ring.active}
    if in_use := sorted(retired & set(check_sealed(db, columns))):
        raise UnusableKeyRing(f"something is still sealed with {', '.join(in_use)}; rotate first")
    if retired:
        record_entry(db, "keys_retired", "key_ring", ring.active, after={"retired": sorted(retired)})
        write_key_ring(ring.without(retired), path)
    return tuple(sorted(retired))
