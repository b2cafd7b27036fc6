"""The participant flow drawn: everyone's steps, then the arms side by side."""

from __future__ import annotations

from collections.abc import Sequence

from evalapp.charts.canvas import Caption
from evalapp.charts.participant_flow import FlowArm, FlowStep, Loss, ParticipantFlow, participant_flow
from evalapp.reports import formats
from evalapp.reports.content import Picture
from evalapp.reports.labels import FLOW_STEPS
from evalapp.reports.source import Source

TRAINING_STEPS = ("started", "completed")
LOST_BEFORE = ("no_consent", "no_cohort")


def draw_flow(source: Source, arms: Sequence[str]) -> Picture:
    """Draw how many people reached each step, in the arms given (none: one column for everyone)."""
    lost = [
        Loss(FLOW_STEPS[t].within(source.language), n) for t in LOST_BEFORE if (n := _count(source, t, "all")) not in ("0", None)
    ]
    everyone = [FlowStep(FLOW_STEPS["registered"].within(source.language), _count(source, "registered", "all") or formats.ABSENT)]
    everyone.append(
        FlowStep(FLOW_STEPS["assigned"].within(source.language), _count(source, "assigned", "all") or formats.ABSENT, lost)
    )
    if not arms:
        everyone += [step for step in _steps(source, "all") if step]
    caption = source.say("From registration to analysis")
    chart = ParticipantFlow(
        caption=Caption(
            "flow", caption, source.say("Boxes with the people at each step; beside them those who were lost, and why.")
        ),
        everyone=everyone,
        arms=[FlowArm(source.subgroup(a), _count(source, "assigned", a) or formats.ABSENT, _steps(source, a)) for a in arms],
    )
    return Picture(caption, participant_flow(chart))


def _count(source: Source, term: str, group: str) -> str | None:
    value = source.rows.value("flow", "count", term=term, subgroup=group)
    return None if value is None else formats.whole(value, source.language)


def _steps(source: Source, group: str) -> list[FlowStep | None]:
    """Return a group's steps after it was formed; None for a step that only other groups have."""
    rows = source.rows
    steps = [_step(source, term, group) for term in TRAINING_STEPS if rows.find("flow", "count", term=term, subgroup="all")]
    waves = [t.partition(":")[2] for t in rows.distinct("term", "flow") if t.startswith("wave_answered:")]
    return [*steps, *(_wave_step(source, wave, group) for wave in waves), _step(source, "analysed", group)]


def _step(source: Source, term: str, group: str) -> FlowStep | None:
    count = _count(source, term, group)
    return None if count is None else FlowStep(FLOW_STEPS[term].within(source.language), count)


def _wave_step(source: Source, wave: str, group: str) -> FlowStep | None:
    reasons = {"wave_rejected": source.say("rejected at review"), "wave_missing": source.say("no answer")}
    lost = [
        Loss(reason, n) for term, reason in reasons.items() if (n := _count(source, f"{term}:{wave}", group)) not in ("0", None)
    ]
    answered = _count(source, f"wave_answered:{wave}", group)
    return None if answered is None else FlowStep(source.wave(wave), answered, lost)
