"""`flask panel`: freeze a programme's panel, measure how well people are hidden in it, release it as microdata."""

from __future__ import annotations

import click

from evalapp.cli.edge import Commands, Edge
from evalapp.cli.microdata import microdata_commands
from evalapp.panel.build_panel import build_panel
from evalapp.panel.freeze_panel import freeze_panel
from evalapp.people.queries import get_programme


def panel_commands(edge: Edge) -> click.Group:
    """Return the group `panel`."""
    group = Commands(edge, name="panel", help="Entrepreneur by wave, from approved submissions.")

    @group.command("freeze")
    @click.option("--programme", required=True, help="The programme's code.")
    def freeze(programme: str) -> None:
        """Build the panel from approved submissions and freeze it."""
        with edge.transaction() as db:
            found = get_programme(db, programme)
            panel = build_panel(db, found)
            snapshot = freeze_panel(db, found, panel)
        if panel.unlocked_waves:
            edge.say(
                "Waves that are not locked, so that their answers may still change: %(waves)s.",
                waves=", ".join(panel.unlocked_waves),
            )
        edge.say(
            "Snapshot %(snapshot)s: %(people)s people, %(rows)s rows, SHA-256 %(sha256)s.",
            snapshot=snapshot.id,
            people=snapshot.people,
            rows=snapshot.rows,
            sha256=snapshot.sha256,
        )

    for command in microdata_commands(edge):
        group.add_command(command)
    return group
