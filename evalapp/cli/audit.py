"""`flask audit`: check that the audit log is whole, and take it out."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from evalapp.cli.edge import Commands, Edge
from evalapp.core.audit.queries import EntryFilter, entries_file
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.audit.verify_chain import ChainReport, Head, get_head, verify_chain


def audit_commands(edge: Edge) -> click.Group:
    """Return the group `audit`."""
    group = Commands(edge, name="audit", help="The log of what was done.")

    @group.command("verify")
    @click.option(
        "--head", "remembered", type=HeadType(), help="A head printed earlier, NUMBER:HASH, that must still be in the log."
    )
    @click.pass_context
    def verify(ctx: click.Context, remembered: Head | None) -> None:
        """Check every entry of the log, its place and the end; exit code 1 names the first that is wrong."""
        with edge.transaction() as db:
            report = verify_chain(db, remembered)
        _say_report(edge, report)
        if not report.is_whole:
            ctx.exit(1)

    @group.command("export")
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="The first day, in Seoul.")
    @click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last day, in Seoul.")
    def export(file: Path, since: dt.datetime | None, until: dt.datetime | None) -> None:
        """Write the entries to FILE as CSV and print the head, to be kept where nobody who runs the database can change it."""
        wanted = EntryFilter(since.date() if since else None, until.date() if until else None)
        with edge.transaction() as db:
            file.write_bytes(entries_file(db, wanted))
            record_entry(db, "audit_exported", "audit", after={"since": wanted.since_on, "until": wanted.until_on})
            head = get_head(db)
        edge.say("The head of the log is %(number)s:%(hash)s.", number=head.number, hash=head.hash)

    return group


class HeadType(click.ParamType[Head]):
    """A head as `flask audit export` prints it."""

    name = "number:hash"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Head:
        """Read NUMBER:HASH."""
        number, _, sealed = str(value).partition(":")
        if not number.isdecimal() or not sealed:
            self.fail("write NUMBER:HASH, as it was printed", param, ctx)
        return Head(int(number), sealed)


def _say_report(edge: Edge, report: ChainReport) -> None:
    for message in report.breaks:
        click.echo(f"  {edge.within(message)}", err=True)
    if report.is_whole:
        edge.say(
            "The audit log is whole: %(count)s entries, head %(head)s.",
            count=report.entries,
            head=f"{report.head.number}:{report.head.hash}",
        )
    else:
        edge.say("The audit log is NOT whole. Breaks found: %(count)s.", count=report.break_count)
