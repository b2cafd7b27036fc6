"""The terminal's edge: one command module for each noun."""

from __future__ import annotations

import click

from evalapp.cli.accounts import account_commands
from evalapp.cli.analysis import analysis_commands
from evalapp.cli.audit import audit_commands
from evalapp.cli.backup import backup_commands
from evalapp.cli.database import database_commands
from evalapp.cli.demo import demo_commands
from evalapp.cli.edge import Edge
from evalapp.cli.estimate import estimate_commands
from evalapp.cli.keys import key_commands
from evalapp.cli.panel import panel_commands
from evalapp.cli.people import people_commands
from evalapp.cli.programmes import programme_commands
from evalapp.cli.reports import report_commands
from evalapp.cli.surveys import survey_commands
from evalapp.cli.training import training_commands
from evalapp.cli.worker import worker_commands
from evalapp.core.jobs.context import Handlers


def commands(edge: Edge, handlers: Handlers) -> list[click.Group]:
    """Return every group of commands of an installation. `handlers` are the functions of its background jobs."""
    groups = (
        account_commands, programme_commands, people_commands, survey_commands, training_commands, panel_commands, analysis_commands,
        report_commands, estimate_commands, database_commands, demo_commands, key_commands, audit_commands, backup_commands,
    )  # fmt: skip
    return [*(group(edge) for group in groups), worker_commands(edge, handlers)]
