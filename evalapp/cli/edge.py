"""What every command stands on: the database, the language of the terminal, and refusals said in words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
from alembic.util.exc import CommandError
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from evalapp.core.actor import TERMINAL
from evalapp.core.crypto.key_ring import KeyRing, UnusableKeyRing
from evalapp.core.db import transaction
from evalapp.core.errors import AppError, Fault, RefusedFile
from evalapp.core.language import Message
from evalapp.core.migrate import upgrade
from evalapp.stats.warnings import StatsError


@dataclass(frozen=True)
class Edge:
    """The terminal of one installation: its engine, address of the database, language and key ring."""

    engine: Engine
    database_url: str
    language: str
    keys: KeyRing

    def say(self, text: str, /, **facts: object) -> None:
        """Print a message in the terminal's language."""
        click.echo(Message(text, **facts).within(self.language))

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """One transaction on an up-to-date database."""
        upgrade(self.database_url)
        with transaction(self.engine, actor=TERMINAL, keys=self.keys) as db:
            yield db

    def within(self, message: Message) -> str:
        """Return a message in the terminal's language."""
        return message.within(self.language)


class Commands(click.Group):
    """A group of commands whose refusals are printed as sentences, with exit code 1, never as tracebacks."""

    def __init__(self, edge: Edge, **settings: Any) -> None:
        super().__init__(**settings)
        self.edge = edge

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command and turn refusals into messages."""
        try:
            return super().invoke(ctx)
        except RefusedFile as refused:
            self._print_faults(refused)
        except AppError as error:
            self._say(error.message)
        except StatsError as error:
            self._say(Message(error.message, **error.facts))
        except UnusableKeyRing as error:
            self._say(Message("The keys cannot be used: %(reason)s.", reason=error))
        except IntegrityError:
            self._say(Message("Somebody else wrote the same at the same moment. Nothing was written here; try again."))
        except (DBAPIError, CommandError) as error:
            # The first line only: the lines after it may quote what was to be written.
            reason = str(getattr(error, "orig", None) or error).splitlines()[0]
            self._say(Message("The database refused: %(reason)s", reason=reason))
        except OSError as error:
            self._say(Message("The file cannot be read or written: %(reason)s", reason=error.strerror or type(error).__name__))
        return ctx.exit(1)

    def _say(self, message: Message) -> None:
        click.echo(self.edge.within(message), err=True)

    def _print_faults(self, refused: RefusedFile) -> None:
        for fault in refused.faults:
            click.echo(f"  {self.edge.within(place(fault))}{self.edge.within(fault.message)}", err=True)
        if refused.unlisted:
            click.echo(self.edge.within(Message("  … and %(count)s more.", count=refused.unlisted)), err=True)
        click.echo(self.edge.within(refused.message), err=True)


def place(fault: Fault) -> Message:
    """Say where in a file a fault stands."""
    if fault.sheet:
        return Message("sheet %(sheet)s, %(rest)s", sheet=fault.sheet, rest=place(Fault(fault.message, fault.row, fault.column)))
    if fault.row and fault.column:
        return Message("row %(row)s, column %(column)s: ", row=fault.row, column=fault.column)
    if fault.row:
        return Message("row %(row)s: ", row=fault.row)
    if fault.column:
        return Message("column %(column)s: ", column=fault.column)
    return Message("file: ")
