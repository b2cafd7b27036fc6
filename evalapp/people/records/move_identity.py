"""Seal identities anew under another study ID: a sealed text opens only where it was sealed."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.crypto.key_ring import keys_of
from evalapp.people.tables import Entrepreneur
from evalapp.people.vault.sealed_fields import identity_context, stored_fields
from evalapp.people.vault.tables import IdentityField


def move_identity(db: Session, giver: Entrepreneur, taker: Entrepreneur, only: Collection[int] | None = None) -> list[int]:
    """Give fields of one person, or `only` some of them, to another, and return which; a field that the other has stays."""
    keys = keys_of(db)
    taken = stored_fields(db, taker.id, None)
    moved = []
    for row in db.scalars(select(IdentityField).where(IdentityField.entrepreneur_id == giver.id)):
        if (only is not None and row.id not in only) or (row.enterprise_id is None and row.field in taken):
            continue
        value = keys.open(row.sealed, identity_context(giver.study_id, row.field, row.enterprise_id))
        row.sealed = keys.seal(value, identity_context(taker.study_id, row.field, row.enterprise_id))
        row.entrepreneur_id = taker.id
        moved.append(row.id)
    db.flush()
    return moved
