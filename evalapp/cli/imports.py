"""What the import commands share: their options and their last line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from evalapp.cli.edge import Edge
from evalapp.core.import_summary import ImportSummary
from evalapp.core.language import Message


def import_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command FILE, --programme and --dry-run."""
    for option in (
        click.option("--dry-run", is_flag=True, help="Check everything, write nothing."),
        click.option("--programme", required=True, help="The programme's code."),
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
    ):
        command = option(command)
    return command


def say_summary(edge: Edge, summary: ImportSummary, *, dry_run: bool) -> None:
    """Print what an import did, or would do."""
    for notice in summary.notices:
        click.echo(edge.within(Message("Note: %(notice)s", notice=notice)))
    counts = {"new": summary.new, "changed": summary.changed, "known": summary.already_there}
    if dry_run:
        edge.say("Dry run: %(new)s new, %(changed)s brought up to date, %(known)s already there. Nothing was written.", **counts)
    else:
        edge.say("Imported: %(new)s new, %(changed)s brought up to date, %(known)s already there.", **counts)
