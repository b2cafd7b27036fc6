"""`flask surveys`: take a file of answers in, or write one."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import click

from evalapp.cli.edge import Commands, Edge
from evalapp.cli.imports import import_options, say_summary
from evalapp.cli.instruments import instrument_commands
from evalapp.cli.quality import check_quality_command
from evalapp.core.clock import today
from evalapp.core.language import LANGUAGES
from evalapp.surveys.exports.export_answers import FORMATS, Format, export_answers
from evalapp.surveys.imports.import_submissions import import_submissions
from evalapp.surveys.queries import get_wave
from evalapp.training.follow_up.queue_reminders import queue_due_reminders


def survey_commands(edge: Edge) -> click.Group:
    """Return the group `surveys`."""
    group = Commands(edge, name="surveys", help="The waves of a programme and their answers.")

    @group.command("import")
    @import_options
    @click.option("--wave", required=True, help="The wave's code, for example bl or fu1.")
    @click.option(
        "--state",
        type=click.Choice(["received", "approved"]),
        default="received",
        show_default=True,
        help="The review state of rows that name none. Only approved answers are analysed.",
    )
    @click.option("--revise", default="", metavar="REASON", help="Take other answers than are stored as corrections, and say why.")
    def import_command(
        file: Path, programme: str, *, dry_run: bool, wave: str, state: Literal["received", "approved"], revise: str
    ) -> None:
        """Take answers from FILE into a wave: KoboToolbox, ODK Central, SurveyCTO, Stata, SPSS, or a table (CSV or XLSX)."""
        with edge.transaction() as db:
            report = import_submissions(db, programme, wave, file, state=state, revise=revise, dry_run=dry_run)
        if report.revised:
            edge.say("Rows with other answers, as corrections that a second person approves: %(count)s.", count=report.revised)
        say_summary(edge, report, dry_run=dry_run)

    @group.command("export")
    @click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
    @click.option("--programme", required=True, help="The programme's code.")
    @click.option("--wave", required=True, help="The wave's code.")
    @click.option("--as", "form", type=click.Choice(FORMATS), default="csv", show_default=True, help="The tool that will open it.")
    @click.option("--texts", is_flag=True, help="With free texts, which may name people.")
    @click.option(
        "--labels", type=click.Choice(LANGUAGES), default="ko", show_default=True, help="Language of labels (Stata, SPSS)."
    )
    def export_command(file: Path, programme: str, wave: str, form: Format, *, texts: bool, labels: str) -> None:
        """Write the answers of a wave to FILE, by study ID; approved corrections are applied."""
        with edge.transaction() as db:
            content = export_answers(db, get_wave(db, programme, wave), form, texts=texts, language=labels)
            file.write_bytes(content)
        edge.say("Written: %(file)s", file=file.name)

    group.add_command(instrument_commands(edge))
    group.add_command(check_quality_command(edge))

    @group.command("remind")
    def remind_command() -> None:
        """Queue the reminders whose day has come, and invitations whose window has opened, in waves that have begun; for cron, daily."""
        with edge.transaction() as db:
            waves = queue_due_reminders(db, today())
        edge.say("Waves whose messages are on their way: %(count)s.", count=waves)

    return group
