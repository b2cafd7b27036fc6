"""`flask analysis`: run a programme's plan on its panel."""

from __future__ import annotations

import click

from evalapp.analysis.queries import get_newest_plan
from evalapp.analysis.run_plan import run_plan
from evalapp.cli.edge import Commands, Edge
from evalapp.panel.build_panel import build_panel
from evalapp.panel.freeze_panel import freeze_panel
from evalapp.panel.queries import get_snapshot
from evalapp.people.queries import get_programme


def analysis_commands(edge: Edge) -> click.Group:
    """Return the group `analysis`."""
    group = Commands(edge, name="analysis", help="Plans and runs.")

    @group.command("run")
    @click.option("--programme", required=True, help="The programme's code.")
    @click.option("--plan", default="main", show_default=True, help="The plan's code; its newest version is run.")
    @click.option("--snapshot", type=int, help="A snapshot's number; left out, the panel is built and frozen as it stands now.")
    @click.option("--seed", default=0, show_default=True, help="Seed of everything random.")
    def run(programme: str, plan: str, snapshot: int | None, seed: int) -> None:
        """Run the plan's newest version on a frozen panel and store every number."""
        with edge.transaction() as db:
            found = get_programme(db, programme)
            frozen = (
                get_snapshot(db, found.id, snapshot) if snapshot is not None else freeze_panel(db, found, build_panel(db, found))
            )
            done = run_plan(db, get_newest_plan(db, found.id, plan), frozen, seed=seed)
        edge.say("Run %(run)s is stored. Compose its report with: flask reports compose %(run)s", run=done.id)

    return group
