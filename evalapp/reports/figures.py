"""Rows drawn: each function prepares one figure of `evalapp.charts`, or returns None where there is too little to draw."""

from __future__ import annotations

import math
from collections.abc import Sequence

from evalapp.charts.axes import Point
from evalapp.charts.canvas import Caption
from evalapp.charts.coefficient_plot import Coefficient, CoefficientPlot, FittedModel, coefficient_plot
from evalapp.charts.diverging_bars import AnswerShares, DivergingBars, diverging_bars
from evalapp.charts.effect_forest import EffectForest, ForestGroup, ForestRow, effect_forest
from evalapp.charts.event_study import EventStudy, EventTime, event_study
from evalapp.charts.loadings_plot import Component, ItemLoadings, LoadingsPlot, loadings_plot
from evalapp.charts.wave_means import ArmMeans, WaveMean, WaveMeans, wave_means
from evalapp.reports import formats
from evalapp.reports.content import Picture
from evalapp.reports.row_index import Estimate
from evalapp.reports.source import Source


def _point(found: Estimate, language: str) -> Point:
    return _scaled_point(found.value, found.low, found.high, found.unit, language)


def _scaled_point(value: float | None, low: float | None, high: float | None, unit: str, language: str) -> Point:
    divisor = formats.scale_of(unit, language).divisor
    middle, *ends = (math.nan if v is None else v / divisor for v in (value, low, high))
    return Point(middle, *(ends if not any(map(math.isnan, ends)) else ()))


def _key(*words: str) -> str:
    return "-".join(words).replace("_", "-").replace(":", "-")


def draw_answers(source: Source, wave: str, items: Sequence[str]) -> Picture | None:
    """Draw the shares of the five answers to each difficulty item that somebody answered."""

    def shares(item: str) -> tuple[float, ...]:
        counts = [
            source.rows.value("difficulty_answers", "count", outcome=item, term=f"category:{c}", subgroup=wave) or 0
            for c in range(1, 6)
        ]
        return tuple(count / sum(counts) for count in counts) if sum(counts) else ()

    answered = [item for item in items if shares(item)]
    if not answered:
        return None
    caption = source.say("How difficult the items are, %(wave)s", wave=source.wave(wave))
    chart = DivergingBars(
        caption=Caption(_key("answers", wave), caption, source.say("Stacked bars of the five answers, centred on the middle one.")),
        items=[AnswerShares(source.variable(item), shares(item)) for item in answered],  # type: ignore[arg-type]
        categories=(source.say("1 not difficult"), "2", "3", "4", source.say("5 very difficult")),
        easy_heading=source.say("Easy (1, 2)"),
        hard_heading=source.say("Difficult (4, 5)"),
    )
    n = max((r.n or 0 for r in source.rows.family("difficulty_answers", subgroup=wave)), default=0)
    return Picture(caption, diverging_bars(chart), (source.say("Percent of answers; n = %(n)s.", n=n),))


def draw_forest(source: Source, outcomes: Sequence[str]) -> Picture | None:
    """Draw the outcomes' main estimates on one axis, each in standard deviations of its outcome at the first wave."""
    found = [(e, sd) for o in outcomes if (e := source.headline(o)) and e.value is not None and (sd := _first_deviation(source, o))]
    if len(found) < 2:  # noqa: PLR2004 - one line is no comparison
        return None
    caption = source.say("Main estimates of all outcomes")
    chart = EffectForest(
        caption=Caption("forest", caption, source.say("One line an outcome: the estimate, its interval and n.")),
        groups=[ForestGroup("", [_forest_row(source, e, sd) for e, sd in found])],
        text_title=source.say("Estimate (%(level)s interval)", level=source.level),
        n_title="n",
        axis_title=source.say("Standard deviations of the outcome at the first wave"),
    )
    note = source.say(
        "The diamond is the main outcome. Average effects on those trained (ATT): on the axis in standard deviations, at the "
        "right in their own units."
    )
    return Picture(caption, effect_forest(chart), (note,))


def _forest_row(source: Source, found: Estimate, deviation: float) -> ForestRow:
    ends = (found.low / deviation, found.high / deviation) if found.low is not None and found.high is not None else ()
    return ForestRow(
        label=source.variable(found.outcome),
        point=Point((found.value or 0) / deviation, *ends),
        text=source.say(
            "%(estimate)s (%(interval)s)",
            estimate=formats.signed(source.amount(found.value, found.unit), found.value),
            interval=source.interval(found),
        ),
        n=formats.whole(found.n, source.language),
        summary=found.outcome == source.run.plan["primary"],
    )


def _first_deviation(source: Source, outcome: str) -> float | None:
    """Return the outcome's standard deviation at the first wave, of the comparison where there is one."""
    rows = source.rows.family("outcome_means", outcome=outcome, statistic="sd")
    first = [row for row in rows if row.term == rows[0].term]
    ordered = sorted(first, key=lambda row: row.subgroup == "treatment")
    return ordered[0].value if ordered else None


def draw_event_study(source: Source, outcome: str, found: Sequence[Estimate]) -> Picture | None:
    """Draw the effects by time since training."""
    if not any(e.value is not None for e in found):
        return None
    language, unit = source.language, found[0].unit
    label = source.variable(outcome)
    caption = source.say("%(outcome)s: effects by time since training", outcome=label)
    chart = EventStudy(
        caption=Caption(
            _key("events", outcome), caption, source.say("One point a wave before or after the training, with its interval.")
        ),
        times=[
            EventTime(
                time=int(e.term.partition(":")[2]),
                point=_point(e, language),
                n=formats.whole(e.n, language),
                value=formats.scaled(e.value, e.unit, language),
            )
            for e in found
        ],
        x_title=source.say("Waves since training (0: the first wave after it began)"),
        y_title=f"{label} ({formats.unit_label(unit, language, difference=True)})",
        onset=source.say("Training"),
        before=source.say("before the training"),
        after=source.say("after the training"),
        interval=source.say("%(level)s interval", level=source.level),
    )
    return Picture(caption, event_study(chart), (source.say("Average effect on those trained (ATT)."),))


def draw_loadings(source: Source, components: Sequence[str]) -> Picture:
    """Draw the rotated loadings of every item on every component, with the share of variance under the component's name."""
    rows, language = source.rows, source.language

    def note(component: str) -> str:
        share = formats.percent(rows.value("components", "variance_rotated", outcome=component, term="component"), language, 1)
        return source.say("%(share)s of variance (rotated)", share=share)

    items = [item for item in rows.distinct("term", "components") if item != "component"]
    caption = source.say("Loadings of the items on the components")
    chart = LoadingsPlot(
        caption=Caption("loadings", caption, source.say("A bar for every item and component; the stronger one is filled.")),
        components=[Component(source.variable(c), note(c)) for c in components],
        items=[
            ItemLoadings(source.variable(i), [rows.value("components", "loading", outcome=c, term=i) or 0.0 for c in components])
            for i in items
        ],
        axis_title=source.say("Loading (correlation of item and component)"),
    )
    return Picture(caption, loadings_plot(chart), (source.say("After varimax rotation. Higher always means more difficult."),))


def draw_coefficients(source: Source, component: str) -> Picture | None:
    """Draw the predictors of interest in every nested model; the controls are in the table only."""
    rows, family = source.rows, "component_models"
    plan = source.run.plan.get("difficulty", {})
    controls = set(plan.get("controls", ()))
    models = rows.distinct("model", family, outcome=component)
    terms = [t for t in rows.distinct("term", family, outcome=component) if t not in {"model", "constant", *controls}]
    found = {(t, m): e for t in terms for m in models if (e := rows.estimate(family, component, m, t)) and e.value is not None}
    if not found:
        return None
    predictors = {m: frozenset(t for t in terms if (t, m) in found) for m in models}
    blocks = list(dict.fromkeys(predictors.values()))
    controlled = {m: bool(controls & set(rows.distinct("term", family, outcome=component, model=m))) for m in models}
    caption = source.say("%(component)s: past experience in five models", component=source.variable(component))
    chart = CoefficientPlot(
        caption=Caption(_key("models", component), caption, source.say("A point with its interval for every predictor and model.")),
        models=[FittedModel(source.say("Model %(number)s", number=m), blocks.index(predictors[m]), controlled[m]) for m in models],
        coefficients=[
            Coefficient(source.variable(t), [_point(found[t, m], source.language) if (t, m) in found else None for m in models])
            for t in terms
        ],
        axis_title=source.say("Difference in the score (standard deviations); to the right: more difficult"),
    )
    note = source.say(
        "%(level)s intervals. Hollow: without further characteristics. Associations, not effects. n = %(n)s.",
        level=source.level,
        n=next(iter(found.values())).n or formats.ABSENT,
    )
    return Picture(caption, coefficient_plot(chart), (note,))


def draw_means(source: Source, outcome: str) -> Picture | None:
    """Draw an outcome's means by wave, a line an arm; means of fewer people than the threshold leave a gap."""
    rows, language = source.rows, source.language
    found = {(r.term, r.subgroup): r for r in rows.family("outcome_means", outcome=outcome, statistic="mean")}
    shown = {k: r for k, r in found.items() if r.value is not None and (r.n or 0) >= source.threshold}
    waves = list(dict.fromkeys(wave for wave, _ in found))
    arms = source.ordered(dict.fromkeys(arm for _, arm in shown))
    if not shown:
        return None

    def mean(wave: str, arm: str) -> WaveMean:
        row = shown.get((wave, arm))
        if row is None:
            return WaveMean(Point(math.nan))
        low, high = (rows.value("outcome_means", e, outcome=outcome, term=wave, subgroup=arm) for e in ("conf_low", "conf_high"))
        return WaveMean(_scaled_point(row.value, low, high, row.unit, language), formats.whole(row.n, language))

    label = source.variable(outcome)
    caption = source.say("%(outcome)s: means by wave and arm", outcome=label)
    unit = formats.unit_label(next(iter(shown.values())).unit, language)
    chart = WaveMeans(
        caption=Caption(_key("means", outcome), caption, source.say("A line an arm: the mean at each wave with its interval.")),
        waves=[source.wave(wave.removeprefix("wave:")) for wave in waves],
        arms=[ArmMeans(source.subgroup(arm), [mean(wave, arm) for wave in waves]) for arm in arms],
        y_title=source.say("%(outcome)s (%(unit)s), %(level)s intervals", outcome=label, unit=unit, level=source.level),
    )
    return Picture(caption, wave_means(chart), (source.say("Plain means of those who answered, not effects."),))
