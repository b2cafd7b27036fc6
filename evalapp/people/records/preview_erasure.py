"""What an erasure would take away, before anyone is erased."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from evalapp.people.records.queries import list_shells
from evalapp.people.records.references import count_belongings, note_columns
from evalapp.people.tables import Entrepreneur, StudyIdAlias
from evalapp.people.vault.tables import IdentityField


def preview_erasure(db: Session, person: Entrepreneur) -> dict[str, Mapping[str, int]]:
    """Return how many rows of what each kind of erasure would remove; the records merged into the person's go with it."""
    people = {person.id, *list_shells(db, {person.id})}
    study_ids = select(Entrepreneur.study_id).where(Entrepreneur.id.in_(people))
    identity = {
        "identity_fields": select(func.count()).where(IdentityField.entrepreneur_id.in_(people)),
        **{
            name: select(func.count()).where(note.table.c.entrepreneur_id.in_(people), note.is_not(None))
            for name, note in note_columns().items()
        },
        "study_id_aliases": select(func.count()).where(
            StudyIdAlias.entrepreneur_id.in_(people), StudyIdAlias.alias.not_in(study_ids)
        ),
    }
    counts = {name: db.scalar(query) or 0 for name, query in identity.items()}
    return {
        "identity_only": {name: count for name, count in counts.items() if count},
        "everything": count_belongings(db, people),
    }
