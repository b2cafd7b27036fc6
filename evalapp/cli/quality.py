"""`flask surveys check-quality`: ask the rules of quality, every night."""

from __future__ import annotations

import click

from evalapp.cli.edge import Edge
from evalapp.people.queries import get_programme, list_every_programme
from evalapp.surveys.review.check_quality import check_programme_quality


def check_quality_command(edge: Edge) -> click.Command:
    """Return the command `check-quality` of the group `surveys`."""

    @click.command("check-quality")
    @click.option("--programme", help="The programme's code; without it, every programme.")
    def check_quality_of(programme: str | None) -> None:
        """Ask the rules of quality about the submissions of every wave and keep their doubts as flags."""
        with edge.transaction() as db:
            codes = [programme] if programme else [each.code for each in list_every_programme(db)]
        for code in codes:
            with edge.transaction() as db:  # one for each programme, so that answering waits for none of them long
                count = check_programme_quality(db, get_programme(db, code))
            edge.say("%(programme)s: the rules were asked about %(count)s submissions.", programme=code, count=count)

    return check_quality_of
