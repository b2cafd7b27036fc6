"""The terminal's edge: one command module for each noun."""

from __future__ import annotations

import click

from evalapp.cli.analysis import analysis_commands
from evalapp.cli.database import database_commands
from evalapp.cli.demo import demo_commands
from evalapp.cli.edge import Edge
from evalapp.cli.estimate import estimate_commands
from evalapp.cli.panel import panel_commands
from evalapp.cli.people import people_commands
from evalapp.cli.programmes import programme_commands
from evalapp.cli.reports import report_commands
from evalapp.cli.surveys import survey_commands
from evalapp.cli.training import training_commands


def commands(edge: Edge) -> list[click.Group]:
    """Return every group of commands of an installation."""
    groups = (
        programme_commands, people_commands, survey_commands, training_commands, panel_commands, analysis_commands, report_commands,
        estimate_commands, database_commands, demo_commands,
    )  # fmt: skip
    return [group(edge) for group in groups]
