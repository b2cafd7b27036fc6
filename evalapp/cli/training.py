"""`flask training`: take cohorts, enrolments, sessions and attendance in."""

from __future__ import annotations

from pathlib import Path

import click

from evalapp.cli.edge import Commands, Edge
from evalapp.cli.imports import import_options, say_summary
from evalapp.cli.training_lists import add_list_commands
from evalapp.people.queries import get_programme
from evalapp.training.assignment.queries import get_assignment
from evalapp.training.assignment.stored_procedure import replay_assignment
from evalapp.training.import_training import KINDS, KindName, import_training


def training_commands(edge: Edge) -> click.Group:
    """Return the group `training`."""
    group = Commands(edge, name="training", help="Cohorts, enrolments, sessions and attendance.")

    @group.command("import")
    @import_options
    @click.option("--kind", type=click.Choice(KINDS), help="What the file holds; told from its header when left out.")
    def import_command(file: Path, programme: str, *, dry_run: bool, kind: KindName | None) -> None:
        """Take training records from FILE: a CSV of one kind, or an XLSX with a sheet for each kind."""
        with edge.transaction() as db:
            summary = import_training(db, programme, file, kind=kind, dry_run=dry_run)
        say_summary(edge, summary, dry_run=dry_run)

    @group.command("replay")
    @click.argument("programme")
    @click.argument("assignment")
    def replay_command(programme: str, assignment: str) -> None:
        """Draw ASSIGNMENT of PROGRAMME again from its record, and say whether everyone gets the same place."""
        with edge.transaction() as db:
            replay = replay_assignment(get_assignment(db, get_programme(db, programme).id, assignment))
        if replay.is_identical:
            edge.say("Identical: the procedure and everyone's place are untouched. Drawn by: %(now)s.", now=replay.now)
            return
        if not replay.procedure_intact:
            edge.say("The stored procedure or the recorded places are not those that were locked.")
        edge.say(
            "Not identical. People who would get another place: %(count)s. Drawn by: %(then)s; now: %(now)s.",
            count=len(replay.differing),
            then=replay.then,
            now=replay.now,
        )
        raise click.exceptions.Exit(1)

    add_list_commands(edge, group)
    return group
