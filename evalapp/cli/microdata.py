"""`flask panel risk` and `flask panel release`: microdata of a frozen panel, without identities."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from evalapp.cli.edge import Edge
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.panel.microdata.classify_variables import Protection, default_protection
from evalapp.panel.microdata.deidentify import BAND_WIDTHS, deidentify
from evalapp.panel.microdata.files.risk_report import stored_report
from evalapp.panel.microdata.measure_risk import LEAST_K
from evalapp.panel.microdata.read_rows import SourceRows, read_rows
from evalapp.panel.microdata.release_microdata import fetch_release, release_microdata
from evalapp.panel.queries import get_snapshot, list_snapshots
from evalapp.people.queries import get_programme

Command = Callable[..., Any]


def microdata_commands(edge: Edge) -> tuple[click.Command, ...]:
    """Return the commands that measure and release."""

    @click.command("risk")
    @_options
    def risk(programme: str, snapshot: int | None, **settings: Any) -> None:
        """Show how well people would be hidden in a release, as JSON."""
        with edge.transaction() as db:
            source = _source(db, programme, snapshot)[2]
            found = deidentify(source, _protection(source, settings))
        click.echo(json.dumps(stored_report(found), ensure_ascii=False, indent=2))

    @click.command("release")
    @_options
    @click.option("--reason", required=True, help="Who gets it and what for; kept in the audit log.")
    @click.option("--sensitive-reason", default="", help="Why the sensitive variables are needed.")
    @click.option("--language", type=click.Choice(("ko", "en")), default=edge.language, show_default=True, help="Of labels.")
    @click.option(
        "--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), required=True, help="The ZIP file to write."
    )
    def release(
        programme: str, snapshot: int | None, reason: str, sensitive_reason: str, language: str, output: Path, **settings: Any
    ) -> None:
        """Release a frozen panel without identities and write its archive."""
        with edge.transaction() as db:
            found, frozen, source = _source(db, programme, snapshot)
            protection = _protection(source, settings)
            reasons = {"reason": reason, "sensitive_reason": sensitive_reason}
            made = release_microdata(db, found, frozen, protection, language=language, **reasons)
            half = output.with_name(f".{output.name}.half")
            half.write_bytes(fetch_release(db, made))
        half.replace(output)
        facts = {"path": output, "number": made.id, "people": made.people, "rows": made.rows, "sha256": made.sha256}
        edge.say("%(path)s: release %(number)s, %(people)s people, %(rows)s rows, SHA-256 %(sha256)s.", **facts)

    return risk, release


def _options(command: Command) -> Command:
    """Add the options of a protection; left out, it is the one that the page begins with."""
    for option in (
        click.option("--programme", required=True, help="The programme's code."),
        click.option("--snapshot", type=int, help="The frozen panel; left out, the newest."),
        click.option("--k", type=click.IntRange(LEAST_K), default=LEAST_K, show_default=True),
        click.option("--band-years", type=click.Choice([str(width) for width in BAND_WIDTHS]), default="5", show_default=True),
        click.option("--suppress", is_flag=True, help="Withhold values of people at risk."),
        click.option("--count", multiple=True, metavar="VARIABLE", help="Count and release one more quasi-identifier."),
        click.option("--leave-out", multiple=True, metavar="VARIABLE", help="Leave a variable out, a quasi-identifier too."),
        click.option("--sensitive", multiple=True, metavar="VARIABLE", help="Release a sensitive variable."),
    ):
        command = option(command)
    return command


def _source(db: Session, programme: str, snapshot: int | None) -> tuple[Any, Any, SourceRows]:
    found = get_programme(db, programme)
    frozen = next(iter(list_snapshots(db, found.id)), None) if snapshot is None else get_snapshot(db, found.id, snapshot)
    if frozen is None:
        raise AppError(Message("No panel is frozen yet. Freeze one with: flask panel freeze"))
    return found, frozen, read_rows(db, found, frozen)


def _protection(source: SourceRows, settings: Mapping[str, Any]) -> Protection:
    count, leave_out, sensitive = (frozenset(settings[name]) for name in ("count", "leave_out", "sensitive"))
    if unknown := (count | leave_out | sensitive) - {variable.name for variable in source.variables}:
        raise AppError(Message("The panel has no variable %(names)s.", names=", ".join(sorted(unknown))))
    counted = (default_protection(source.variables).counted | count) - leave_out
    return Protection(counted, sensitive, leave_out, settings["k"], int(settings["band_years"]), settings["suppress"])
