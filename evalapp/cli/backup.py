"""`flask backup`: make an encrypted backup, see whether one is whole, restore one."""

from __future__ import annotations

from pathlib import Path

import click

from evalapp.cli.edge import Commands, Edge
from evalapp.core.actor import TERMINAL
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.backup.create_backup import create_backup
from evalapp.core.backup.read_backup import verify_backup
from evalapp.core.backup.restore_backup import restore_backup
from evalapp.core.db import make_engine, transaction
from evalapp.core.errors import AppError
from evalapp.core.language import Message

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


def backup_commands(edge: Edge) -> click.Group:
    """Return the group `backup`."""
    group = Commands(edge, name="backup", help="Encrypted backups. The key ring opens them and is never inside.")

    @group.command("create")
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    def create(file: Path) -> None:
        """Write every table to FILE, as it stands at one moment; the application may go on running."""
        if file.exists():
            raise AppError(Message("There is a file of this name already. A backup is never overwritten: choose another name."))
        with edge.transaction() as db:
            record_entry(db, "backup_made", "backup")
        rows = create_backup(edge.engine, file, edge.keys.current())
        verify_backup(file, edge.keys.current())
        edge.say("The backup is written and opens: %(rows)s rows.", rows=rows)

    @group.command("verify")
    @click.argument("file", type=EXISTING)
    @click.pass_context
    def verify(ctx: click.Context, file: Path) -> None:
        """Read FILE to its end, count its rows and check the audit log in it."""
        report = verify_backup(file, edge.keys.current())
        edge.say(
            "The backup is whole: %(rows)s rows at revision %(revision)s, made at %(at)s.",
            rows=report.rows, revision=report.revision, at=report.made_at.isoformat(),
        )  # fmt: skip
        if not report.audit.is_whole:
            edge.say("The audit log in it is NOT whole: %(break)s", **{"break": report.audit.breaks[0]})
            ctx.exit(1)

    @group.command("restore")
    @click.argument("file", type=EXISTING)
    @click.option("--into", "url", required=True, help="The address of an empty database.")
    def restore(file: Path, url: str) -> None:
        """Restore FILE into an empty database."""
        rows = restore_backup(file, url, edge.keys.current())
        engine = make_engine(url)
        with transaction(engine, actor=TERMINAL, keys=edge.keys) as db:
            record_entry(db, "backup_restored", "backup", after={"rows": rows})
        engine.dispose()
        edge.say("Restored: %(rows)s rows. Point EVALAPP_DATABASE_URL at this database and start the application.", rows=rows)

    return group
