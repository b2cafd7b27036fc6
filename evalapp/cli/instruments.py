"""`flask surveys instruments`: take a form in, publish it, write it to a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import click

from evalapp.cli.edge import Commands, Edge, place
from evalapp.core.language import Message
from evalapp.surveys.codebooks.codebook import codebook_json, make_codebook
from evalapp.surveys.codebooks.codebook_workbook import codebook_workbook
from evalapp.surveys.codebooks.redcap_dictionary import redcap_dictionary
from evalapp.surveys.instruments.export_workbook import export_workbook
from evalapp.surveys.instruments.publish_instrument import publish_instrument
from evalapp.surveys.instruments.queries import (
    definition_of,
    draft_faults,
    get_draft,
    get_instrument,
    kept_workbook,
    kept_xform,
    list_drafts,
    list_instruments,
)
from evalapp.surveys.instruments.read_instrument import as_fault, read_instrument
from evalapp.surveys.instruments.upload_instrument import upload_instrument

SEVERITIES = {"error": Message("Error"), "warning": Message("Warning")}
# What a published form is written as, given the form and the language of the terminal.
WRITERS: Final[dict[str, Callable[[Any, str], bytes]]] = {
    "xlsform": lambda form, _: export_workbook(kept_workbook(form)),
    "xform": lambda form, _: kept_xform(form),
    "codebook": lambda form, _: codebook_workbook(make_codebook(definition_of(form), ())),
    "codebook-json": lambda form, _: codebook_json(make_codebook(definition_of(form), ())),
    "redcap": lambda form, language: redcap_dictionary(definition_of(form), language),
}


def instrument_commands(edge: Edge) -> click.Group:
    """Return the group `surveys instruments`."""
    group = Commands(edge, name="instruments", help="The survey forms.")
    _add_coming(group, edge)
    _add_going(group, edge)
    return group


def _add_coming(group: click.Group, edge: Edge) -> None:
    @group.command("upload")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--table", "tables", multiple=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
    def upload(file: Path, tables: tuple[Path, ...]) -> None:
        """Check a form (XLSX, XLS, or a zipped folder of CSV sheets) and keep it as a draft.

        --table names a CSV file that its choices or pulldata() use; give it once for each file.
        """
        read = read_instrument(file.read_bytes(), file.name, {table.name: table.read_bytes() for table in tables})
        with edge.transaction() as db:
            draft = upload_instrument(db, read)
        for fault in draft_faults(draft):
            found, kind = as_fault(fault), SEVERITIES[fault.severity]
            click.echo(f"  {edge.within(kind)}: {edge.within(place(found))}{edge.within(found.message)}", err=True)
        edge.say("Draft %(draft)s: form %(code)s, version %(version)s.", draft=draft.id, code=draft.code, version=draft.version)
        if read.form is None:
            edge.say("It has errors and cannot be published. Mend the workbook and upload it again.")
            raise SystemExit(1)

    @group.command("publish")
    @click.argument("draft", type=int)
    def publish(draft: int) -> None:
        """Publish a draft by its number. A published version never changes."""
        with edge.transaction() as db:
            form = publish_instrument(db, get_draft(db, draft))
        edge.say("Published: form %(code)s, version %(version)s.", code=form.code, version=form.version)


def _add_going(group: click.Group, edge: Edge) -> None:
    @group.command("list")
    def list_them() -> None:
        """List what is published, and the drafts with their numbers."""
        with edge.transaction() as db:
            for form in list_instruments(db):
                click.echo(f"{form.code} {form.version}")
            for draft in list_drafts(db):
                facts = {"draft": draft.id, "code": draft.code, "version": draft.version}
                edge.say("Draft %(draft)s: form %(code)s, version %(version)s.", **facts)

    @group.command("export")
    @click.argument("code")
    @click.argument("version")
    @click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
    @click.option("--as", "kind", type=click.Choice(sorted(WRITERS)), default="xlsform", show_default=True)
    def export(code: str, version: str, file: Path, kind: str) -> None:
        """Write a published version to FILE: as a workbook, compiled, or as its codebook."""
        with edge.transaction() as db:
            file.write_bytes(WRITERS[kind](get_instrument(db, code, version), edge.language))
        edge.say("Written: %(file)s", file=file)
