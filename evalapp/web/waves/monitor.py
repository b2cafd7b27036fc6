"""How follow-up goes in a programme: response against the roster, whether the arms answer alike, and who waits."""

from __future__ import annotations

import math
from collections.abc import Sequence

from flask import g, render_template, request
from markupsafe import Markup

from evalapp.charts.axes import Point
from evalapp.charts.canvas import Caption
from evalapp.charts.wave_means import ArmMeans, WaveMean, WaveMeans, wave_means
from evalapp.core.clock import today
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.training.follow_up.monitor_waves import Response, WaveMonitor, list_waiting, monitor_waves
from evalapp.web.access import allows
from evalapp.web.formats import own
from evalapp.web.transactions import reading_db
from evalapp.web.waves import words
from evalapp.web.waves.place import blueprint, messenger, page_of

NOBODY = WaveMean(Point(math.nan))


@blueprint.get("/monitor")
@allows("wave.view")
def monitor(code: str) -> str:
    """Show response by wave, arm and cohort, and the queue of work."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        monitors = monitor_waves(db, programme.id, today())
        begun = [one for one in monitors if one.total.due]
        return render_template(
            "waves/monitor.html",
            programme=programme,
            monitors=begun,
            figure=Markup(_figure(begun)) if begun else None,  # noqa: S704 - drawn here, every text in it escaped
            queue=page_of(list_waiting(monitors, today()), request.args.get("page", "1")),
            channels=messenger().channels,
            today=today(),
        )


def _figure(monitors: Sequence[WaveMonitor]) -> str:
    """Draw the share of each arm that answered, wave by wave."""
    arms = {response.arm: response for one in monitors for response in one.arms}
    title = Message("Share of the roster that answered, in percent, with 95 % intervals").within(g.language)
    chart = WaveMeans(
        Caption("response", title, title),
        [_label(one) for one in monitors],
        [ArmMeans(words.ARMS[arm].within(g.language), [_mean(one, arm) for one in monitors]) for arm in words.ARMS if arm in arms],
        title,
        "n",
    )
    return wave_means(chart)


def _mean(monitor_of_wave: WaveMonitor, arm: str) -> WaveMean:
    found: Response | None = next((response for response in monitor_of_wave.arms if response.arm == arm), None)
    share = found.share if found else None
    if found is None or share is None:
        return NOBODY
    return WaveMean(Point(100 * share.share, 100 * share.conf_low, 100 * share.conf_high), f"{found.due}")


def _label(monitor_of_wave: WaveMonitor) -> str:
    wave = monitor_of_wave.wave
    return own(wave, "label")
