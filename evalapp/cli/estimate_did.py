"""Answer a difference-in-differences question on a frame: group-time effects, averages, TWFE and Bacon weights beside them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalapp.analysis.estimation.rows import records
from evalapp.analysis.run_plan import program_versions
from evalapp.charts.axes import Point
from evalapp.charts.canvas import Caption
from evalapp.charts.event_study import EventStudy, EventTime
from evalapp.cli.edge import Edge
from evalapp.cli.estimate_output import Answer
from evalapp.core.language import Message
from evalapp.stats.differences.group_time import att_gt
from evalapp.stats.differences.group_time_results import AggregateEffects, GroupTimeEffects
from evalapp.stats.fixed_effects.bacon import bacon_decomposition
from evalapp.stats.fixed_effects.two_way import twfe
from evalapp.stats.warnings import Caution, StatsError

AXES = {"dynamic": "event_time", "group": "group", "calendar": "time"}


@dataclass(frozen=True)
class DidQuestion:
    """What is asked: the columns, the design and what to report."""

    unit: str
    time: str
    cohort: str
    outcome: str
    covariates: tuple[str, ...] = ()
    control_group: str | None = None
    method: str = "dr"
    base_period: str = "varying"
    anticipation: int = 0
    cluster: str | None = None
    weights: str | None = None
    panel_type: str = "balanced"
    inference: str = "small_sample"
    aggregate: tuple[str, ...] = ("simple", "dynamic", "group", "calendar")
    bootstrap: int | None = None
    seed: int = 0
    level: float = 0.95

    @property
    def columns(self) -> list[str]:
        """Every column of the file that is used."""
        optional = [name for name in (self.cluster, self.weights) if name]
        return [self.unit, self.time, self.cohort, self.outcome, *self.covariates, *optional]


def estimate_did(frame: pd.DataFrame, question: DidQuestion) -> Answer:
    """Estimate and return the rows."""
    q = question
    effects = att_gt(
        frame,
        outcome=q.outcome,
        unit=q.unit,
        time=q.time,
        cohort=q.cohort,
        covariates=q.covariates,
        control_group=q.control_group,
        method=q.method,
        base_period=q.base_period,
        anticipation=q.anticipation,
        cluster=q.cluster,
        weights=q.weights,
        panel_type=q.panel_type,
        inference=q.inference,
        bootstrap=q.bootstrap,
        seed=q.seed,
        level=q.level,
    )
    answer = Answer(meta=_meta(effects, question))
    _add_cells(answer, effects)
    test = effects.pretest
    statistics = {"statistic": test.statistic, "df": test.df, "df_residual": test.df_denominator}
    about = [c for c in effects.cautions if c.code.startswith("pre")]
    answer.add(
        estimand="pre-test",
        term="pretest",
        value=test.statistic,
        p_value=test.p_value,
        n=effects.n_units,
        cautions=about,
        **statistics,
    )
    general = [c for c in effects.cautions if "group" not in c.facts and c not in about]
    for kind in q.aggregate:
        _add_aggregate(answer, effects.aggregate(kind), effects.n_units, general)
    if q.panel_type != "repeated_cross_section":
        _add_two_way(answer, frame, question)
    return answer


def _meta(effects: GroupTimeEffects, question: DidQuestion) -> dict[str, Any]:
    asked = {name: getattr(question, name) for name in question.__dataclass_fields__}
    found = {"control_group": effects.control_group, "n_units": effects.n_units, "n_dropped": len(effects.dropped)}
    return {"command": "estimate did", **asked, **found, "versions": program_versions()}


def _add_cells(answer: Answer, effects: GroupTimeEffects) -> None:
    for cell in records(effects.table):
        where = {"group": f"{cell['group']:g}", "time": f"{cell['time']:g}"}
        own = [c for c in effects.cautions if where.items() <= dict(c.facts).items()]
        answer.add(
            estimand="ATT(g,t)",
            group=cell["group"],
            time=cell["time"],
            event_time=cell["time"] - cell["group"],
            value=cell["att"],
            std_error_classical=cell["std_error_classical"],
            treated=cell["treated"],
            controls=cell["controls"],
            clusters=effects.n_units,
            cautions=own,
            **{name: cell[name] for name in ("std_error", "conf_low", "conf_high", "p_value", "df", "n")},
        )


def _add_aggregate(answer: Answer, found: AggregateEffects, n_units: int, general: Iterable[Caution]) -> None:
    numbers = {name: getattr(found.overall, name) for name in ("std_error", "conf_low", "conf_high", "p_value", "df")}
    answer.add(
        estimand="ATT",
        aggregate=found.kind,
        term="overall",
        value=found.overall.estimate,
        n=n_units,
        clusters=n_units,
        cautions=[*general, *found.cautions],
        **numbers,
    )
    axis = AXES.get(found.kind, "")
    for row in records(found.table) if axis else ():
        numbers = {name: row[name] for name in ("std_error", "conf_low", "conf_high", "p_value", "df")}
        answer.add(
            estimand="ATT",
            aggregate=found.kind,
            value=row["att"],
            n=row["treated"],
            clusters=n_units,
            **{axis: row[axis]},
            **numbers,
        )


def _add_two_way(answer: Answer, frame: pd.DataFrame, question: DidQuestion) -> None:
    """Add the number that two-way fixed effects would give, and how much of it rests on already treated comparisons."""
    q = question
    start = pd.to_numeric(frame[q.cohort], errors="coerce").fillna(0)
    trained = ((start > 0) & (pd.to_numeric(frame[q.time], errors="coerce") >= start)).astype(float)
    try:
        found = twfe(frame.assign(**{"treated (TWFE)": trained}), q.outcome, q.unit, q.time, "treated (TWFE)", cluster=q.cluster)
        row = found.table.iloc[0]
        numbers = {name: row[name] for name in ("std_error", "conf_low", "conf_high", "p_value", "df")}
        answer.add(
            estimand="TWFE coefficient",
            term="twfe",
            value=row["estimate"],
            n=found.units,
            clusters=found.clusters,
            cautions=found.cautions,
            **numbers,
        )
        bacon = bacon_decomposition(frame, q.outcome, q.unit, q.time, q.cohort)
        answer.add(
            estimand="TWFE weight",
            term="forbidden comparisons",
            value=bacon.forbidden_share,
            n=bacon.units,
            cautions=bacon.cautions,
        )
    except StatsError as refusal:
        answer.add(estimand="TWFE coefficient", term="twfe", cautions=[Caution("not_estimated", {"reason": refusal})])


def event_study_figure(edge: Edge, answer: Answer, question: DidQuestion) -> EventStudy:
    """Return the event-study figure of an answer that has the dynamic aggregate."""

    def say(text: str, **facts: object) -> str:
        return edge.within(Message(text, **facts))

    rows = [row for row in answer.rows if row["aggregate"] == "dynamic" and row["event_time"] is not None]
    times = [
        EventTime(int(row["event_time"]), Point(*(_or_nan(row[k]) for k in ("value", "conf_low", "conf_high"))), n=str(row["n"]))
        for row in rows
    ]
    title = say("Effect on %(outcome)s by time since treatment", outcome=question.outcome)
    interval = say("%(level)s%% interval", level=f"{100 * question.level:g}")
    return EventStudy(
        caption=Caption("event-study", title, say("Point estimates with their intervals; hollow points lie before treatment.")),
        times=times,
        x_title=say("Periods since treatment began"),
        y_title=question.outcome,
        onset=say("Start"),
        before=say("Before"),
        after=say("After"),
        interval=interval,
        n_title=say("n treated"),
    )


def _or_nan(value: float | None) -> float:
    return math.nan if value is None else value
