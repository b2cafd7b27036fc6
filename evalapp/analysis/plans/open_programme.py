"""Open a programme whole: the programme itself, its survey forms, its waves, its curriculum and its registered plan."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from evalapp.analysis.plans.register_plan import register_plan
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.shipped import INSTRUMENTS
from evalapp.people.create_programme import create_programme
from evalapp.people.tables import Programme
from evalapp.surveys.create_waves import create_waves
from evalapp.surveys.instruments.publish_instrument import provide_instrument
from evalapp.training.curricula.take_curriculum import add_modules, planned_modules


def open_programme(db: Session, description: Mapping[str, Any], instruments: Path = INSTRUMENTS) -> Programme:
    """Store a programme from its description (see `config/programmes`), or raise AppError naming the entry at fault."""
    try:
        return _open(db, description, instruments)
    except KeyError as missing:
        raise AppError(Message("programme.toml lacks the entry “%(entry)s”.", entry=missing.args[0])) from None
    except (TypeError, AttributeError) as wrong:
        raise AppError(Message("programme.toml has an entry of the wrong kind: %(reason)s", reason=wrong)) from None


def _open(db: Session, description: Mapping[str, Any], instruments: Path) -> Programme:
    programme = create_programme(db, description)
    waves = description.get("waves", [])
    published = {name: provide_instrument(db, instruments / name) for name in {w["instrument"] for w in waves}}
    create_waves(db, programme, waves, published)
    add_modules(db, programme.id, planned_modules(description.get("modules", ())))
    plan = dict(description["plan"])
    register_plan(db, programme, plan.pop("code"), plan)
    return programme
