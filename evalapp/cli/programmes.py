"""`flask programmes`: create a programme, its waves and its analysis plan from a folder."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from evalapp.analysis.register_plan import register_plan
from evalapp.cli.edge import Commands, Edge
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.people.create_programme import create_programme
from evalapp.surveys.create_waves import create_waves
from evalapp.surveys.instruments import load_instrument, publish_instrument

INSTRUMENTS = Path(__file__).parent.parent.parent / "config" / "instruments"
PROGRAMMES = INSTRUMENTS.parent / "programmes"


def programme_commands(edge: Edge) -> click.Group:
    """Return the group `programmes`."""
    group = Commands(edge, name="programmes", help="Programmes, from a folder with a programme.toml.")

    @group.command("create")
    @click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
    def create(folder: Path) -> None:
        """Create the programme described in FOLDER/programme.toml, with its waves and its registered plan."""
        with edge.transaction() as db:
            code = create_from(db, folder)
        edge.say("Programme “%(code)s” is ready: waves created, analysis plan registered.", code=code)

    return group


def create_from(db: Session, folder: Path) -> str:
    """Create a programme from its folder and return its code."""
    description = read_description(folder)
    try:
        return _create(db, description)
    except KeyError as missing:
        raise AppError(Message("programme.toml lacks the entry “%(entry)s”.", entry=missing.args[0])) from None
    except (TypeError, AttributeError) as wrong:
        raise AppError(Message("programme.toml has an entry of the wrong kind: %(reason)s", reason=wrong)) from None


def _create(db: Session, description: Mapping[str, Any]) -> str:
    programme = create_programme(db, description)
    waves = description.get("waves", [])
    instruments = {name: publish_instrument(db, load_instrument(INSTRUMENTS / name)) for name in {w["instrument"] for w in waves}}
    create_waves(db, programme, waves, instruments)
    plan = dict(description["plan"])
    register_plan(db, programme, plan.pop("code"), plan)
    return programme.code


def read_description(folder: Path) -> dict[str, Any]:
    """Read a folder's programme.toml."""
    try:
        return tomllib.loads((folder / "programme.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AppError(Message("programme.toml in this folder cannot be read: %(reason)s", reason=error)) from None
