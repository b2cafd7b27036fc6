"""`flask reports`: compose a run's report."""

from __future__ import annotations

from pathlib import Path

import click

from evalapp.analysis.queries import get_run
from evalapp.cli.edge import Commands, Edge
from evalapp.core.clock import now
from evalapp.core.language import LANGUAGES
from evalapp.reports.compose_report import compose_report
from evalapp.reports.provenance import file_name


def report_commands(edge: Edge) -> click.Group:
    """Return the group `reports`."""
    group = Commands(edge, name="reports", help="Reports of runs.")

    @group.command("compose")
    @click.argument("run", type=int)
    @click.option("--language", type=click.Choice(LANGUAGES), default=edge.language, show_default=True)
    @click.option("--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="Where to write the PDF.")
    def compose(run: int, language: str, output: Path | None) -> None:
        """Compose the report of RUN and write its PDF."""
        with edge.transaction() as db:
            report = compose_report(db, run, language, composed_at=now())
            record = get_run(db, run)
        path = output or Path(file_name(record, language))
        half = path.with_name(f".{path.name}.half")
        half.write_bytes(report.content)
        half.replace(path)
        edge.say("%(path)s: %(pages)s pages, SHA-256 %(sha256)s.", path=path, pages=report.pages, sha256=report.sha256)

    return group
