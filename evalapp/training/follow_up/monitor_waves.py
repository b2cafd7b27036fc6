"""Response against the roster, wave by wave, arm by arm and cohort by cohort; whether the arms answered alike; and who waits."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.people.listing.roster import list_roster
from evalapp.stats.attrition.attrition_table import attrition_table
from evalapp.stats.proportion import Proportion, proportion
from evalapp.stats.warnings import Caution
from evalapp.surveys.tables import Wave
from evalapp.training.follow_up.wave_lines import WaveLine, list_wave_lines
from evalapp.training.follow_up.wave_outcomes import WAITING
from evalapp.training.tables import ARMS

SOON: Final = dt.timedelta(days=7)
REASONS: Final = ("overdue", "closing", "due_this_week", "not_reached")
REACHED: Final = frozenset({"appointment", "partial_cut_off", "complete"})


@dataclass(frozen=True)
class Response:
    """Of how many people in a group an answer was due, and how many gave one. `codes` counts final codes, "" those still open."""

    arm: str
    cohort: str
    due: int
    answered: int
    codes: Mapping[str, int]

    @property
    def share(self) -> Proportion | None:
        """The share that answered with its 95 % interval, None where nobody was due."""
        return proportion(self.answered, self.due) if self.due else None


@dataclass(frozen=True)
class Difference:
    """How much more, as shares, an arm answered than the reference; `method` names the test."""

    arm: str
    reference: str
    difference: float
    conf_low: float
    conf_high: float
    p_value: float
    method: str


@dataclass(frozen=True)
class WaveMonitor:
    """One wave: everybody, each arm, each cohort, the differences between the arms and what is to be said about them."""

    wave: Wave
    lines: Sequence[WaveLine]
    total: Response
    arms: tuple[Response, ...]
    cohorts: tuple[Response, ...]
    differences: tuple[Difference, ...]
    cautions: tuple[Caution, ...]


@dataclass(frozen=True)
class WaitingPerson:
    """Somebody in the queue of work, with why: some of REASONS."""

    wave: Wave
    line: WaveLine
    reasons: tuple[str, ...]


def monitor_waves(db: Session, programme_id: int, on: dt.date) -> list[WaveMonitor]:
    """Return the waves of a programme in their order as they stand on a day."""
    roster = list_roster(db, programme_id, on)
    waves = db.scalars(select(Wave).where(Wave.programme_id == programme_id).order_by(Wave.round)).all()
    return [monitor_wave(wave, list_wave_lines(db, wave, on, roster)) for wave in waves]


def monitor_wave(wave: Wave, lines: Sequence[WaveLine]) -> WaveMonitor:
    """Count a wave's lines and compare its arms."""
    counted = [line for line in lines if line.counts]
    arms = sorted({line.arm for line in counted}, key=_arm_order)
    groups = sorted({(line.arm, line.cohort) for line in counted}, key=lambda group: (_arm_order(group[0]), group[1]))
    differences, cautions = _compare(counted)
    return WaveMonitor(
        wave,
        lines,
        _response(counted, "", ""),
        tuple(_response([line for line in counted if line.arm == arm], arm, "") for arm in arms),
        tuple(_response([line for line in counted if (line.arm, line.cohort) == group], *group) for group in groups),
        differences,
        cautions,
    )


def list_waiting(monitors: Sequence[WaveMonitor], on: dt.date) -> list[WaitingPerson]:
    """Return everyone whose answer is to be had, who waits longest first."""
    found = [
        WaitingPerson(monitor.wave, line, reasons)
        for monitor in monitors
        for line in monitor.lines
        if (reasons := _reasons(line, on))
    ]
    return sorted(
        found, key=lambda waiting: (REASONS.index(waiting.reasons[0]), *_dates(waiting.line), waiting.line.person.study_id)
    )


def _arm_order(arm: str) -> int:
    return ARMS.index(arm) if arm in ARMS else len(ARMS)


def _response(lines: Sequence[WaveLine], arm: str, cohort: str) -> Response:
    return Response(arm, cohort, len(lines), sum(line.answered for line in lines), Counter(line.code for line in lines))


def _compare(lines: Sequence[WaveLine]) -> tuple[tuple[Difference, ...], tuple[Caution, ...]]:
    """Compare the arms of a wave; people in no cohort are in no arm, and one arm alone is compared with nothing."""
    rows = [(line.person.id, "", line.arm, int(line.answered)) for line in lines if line.arm]
    if len({arm for _id, _wave, arm, _answered in rows}) < 2:  # noqa: PLR2004 - a comparison
        return (), ()
    table = attrition_table(pd.DataFrame(rows, columns=["person", "wave", "arm", "answered"]), "person", "wave", "arm", "answered")
    wanted = list(Difference.__dataclass_fields__)
    return tuple(Difference(**_plain(row, wanted)) for row in table.tests.to_dict("records")), table.cautions


def _plain(row: Mapping[Any, Any], wanted: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in wanted}


def _dates(line: WaveLine) -> tuple[dt.date, dt.date]:
    window = line.window
    return (window.due_on, window.closes_on) if window else (dt.date.max, dt.date.max)


def _reasons(line: WaveLine, on: dt.date) -> tuple[str, ...]:
    if line.window is None or line.status not in {*WAITING, "not_due"}:
        return ()
    waits = line.status in WAITING
    holds = {
        "overdue": line.status == "overdue",
        "closing": waits and line.window.closes_on <= on + SOON,
        "due_this_week": waits and on <= line.window.due_on <= on + SOON,
        "not_reached": waits and _not_reached(line),
    }
    return tuple(reason for reason in REASONS if holds[reason])


def _not_reached(line: WaveLine) -> bool:
    """Say whether the tries so far came to nothing: calls that reached nobody, a message that did not go out, no address at all."""
    window, invitation = line.window, line.invitation
    since = [outcome for day, outcome in line.person.contacts if window and day >= window.opens_on]
    calls = [outcome for outcome in since if outcome != "message_sent"]
    failed = invitation is not None and bool(invitation.fault)
    return failed or not line.channels or (bool(calls) and not REACHED.intersection(calls))
