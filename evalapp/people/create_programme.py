"""Create a programme."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.tables import Programme

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
NAMES = ("name_ko", "name_en")
NOTES = ("data_note_ko", "data_note_en")


def create_programme(db: Session, description: Mapping[str, Any]) -> Programme:
    """Store a programme from its description (`code`, names and perhaps a data note in both languages, `is_synthetic`).

    The same description again changes nothing; another description under a code that is taken is refused.
    """
    missing = [key for key in ("code", *NAMES) if not description.get(key)]
    if missing:
        raise AppError(Message("The programme's description lacks: %(entries)s.", entries=", ".join(missing)))
    if not isinstance(description["code"], str) or not CODE.fullmatch(description["code"]):
        raise AppError(Message("A programme's code has small letters, digits and hyphens, at most 40 of them."))
    wanted = {key: description.get(key) or "" for key in (*NAMES, *NOTES)} | {"is_synthetic": bool(description.get("is_synthetic"))}
    known = db.scalar(select(Programme).where(Programme.code == description["code"]))
    if known is None:
        known = Programme(code=description["code"], created_at=now(), **wanted)
        db.add(known)
        db.flush()
    elif any(getattr(known, key) != value for key, value in wanted.items()):
        raise AppError(Message("The programme “%(code)s” exists already and is described differently.", code=known.code))
    return known
