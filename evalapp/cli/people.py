"""`flask people`: take a list of entrepreneurs in, and destroy identities whose time is over."""

from __future__ import annotations

from pathlib import Path

import click

from evalapp.cli.edge import Commands, Edge
from evalapp.cli.imports import import_options, say_summary
from evalapp.core.clock import today
from evalapp.people.import_people import import_people
from evalapp.people.records.destroy_identities import destroy_identities, list_due_destruction


def people_commands(edge: Edge) -> click.Group:
    """Return the group `people`."""
    group = Commands(edge, name="people", help="The entrepreneurs of a programme.")

    @group.command("import")
    @import_options
    def import_command(file: Path, programme: str, *, dry_run: bool) -> None:
        """Take entrepreneurs from FILE (CSV or XLSX) into a programme."""
        with edge.transaction() as db:
            summary = import_people(db, programme, file, dry_run=dry_run)
        say_summary(edge, summary, dry_run=dry_run)

    @group.command("destroy-due")
    @click.option("--dry-run", is_flag=True, help="Say what is due, destroy nothing.")
    def destroy_command(*, dry_run: bool) -> None:
        """Destroy the identities of programmes whose day to keep them is over."""
        with edge.transaction() as db:
            due = list_due_destruction(db, today())
            done = [
                (entry.programme.code, entry.people if dry_run else destroy_identities(db, entry.programme, today()))
                for entry in due
            ]
        if not done:
            edge.say("No identities are due for destruction.")
        for code, people in done:
            facts = {"code": code, "people": people}
            if dry_run:
                edge.say("%(code)s: identities of %(people)s people are due for destruction.", **facts)
            else:
                edge.say("%(code)s: identities of %(people)s people were destroyed.", **facts)

    return group
