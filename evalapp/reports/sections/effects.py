"""What the training did: the main estimates side by side, then each outcome in full."""

from __future__ import annotations

from evalapp.panel.variables import VARIABLES
from evalapp.reports import formats
from evalapp.reports.content import Block, Cell, DataTable, Paragraph, Section, TableRow
from evalapp.reports.figures import draw_event_study, draw_forest, draw_means
from evalapp.reports.findings import (
    disagreement_sentence,
    effect_sentence,
    limits_sentence,
    pretest_sentence,
    replayed_sentences,
    response_sentence,
)
from evalapp.reports.footnotes import Footnotes
from evalapp.reports.labels import AGGREGATES, ESTIMANDS, MODELS
from evalapp.reports.row_index import Estimate, gather_warnings
from evalapp.reports.sections.attrition import attrition_block
from evalapp.reports.sections.characteristics import HIDDEN, hidden_note
from evalapp.reports.source import Source

CS = "callaway_santanna"
WAVE = "wave:"


def effects_section(source: Source) -> Section | None:
    """Show every outcome's main estimate, and beside it those of simpler estimators."""
    outcomes = source.estimated()
    if not outcomes:
        return None
    blocks: list[Block] = [Paragraph(_opening(source))]
    if len(outcomes) > 1 and (picture := draw_forest(source, outcomes)):
        blocks.append(picture)
    blocks.append(_headline_table(source, outcomes))
    blocks += [Paragraph(sentence, "finding") for sentence in replayed_sentences(source)]
    if sentence := _q_value_sentence(source, outcomes):
        blocks.append(Paragraph(sentence, "finding"))
    blocks += [Paragraph(s, "finding") for outcome in outcomes if (s := disagreement_sentence(source, outcome))]
    if attrition := attrition_block(source, outcomes):
        blocks.append(attrition)
    blocks += [Paragraph(s, "finding") for say in (response_sentence, limits_sentence) if (s := say(source, outcomes))]
    return Section("effects", source.say("Effects of the training"), tuple(blocks))


def _q_value_sentence(source: Source, outcomes: tuple[str, ...]) -> str | None:
    found = {o: source.rows.value("effects", "q_value", outcome=o, model=CS, term="overall") for o in outcomes}
    listed = "; ".join(f"{source.variable(o)} {formats.p_value(q)}" for o, q in found.items() if q is not None)
    if not listed:
        return None
    return source.say(
        "Allowing for several outcomes at once, the sharpened q-values (the share of false findings to expect) are: %(values)s.",
        values=listed,
    )


def _opening(source: Source) -> str:
    if not source.rows.family("effects", model=CS):
        return source.say("The estimates below compare changes within firms or people over time.")
    aggregate = AGGREGATES[source.run.plan.get("headline", "simple")].within(source.language)
    return source.say(
        "The main estimate of each outcome is Callaway and Sant'Anna's average effect on those trained (ATT): the %(aggregate)s. "
        "Simpler estimators stand beside it so that readers see where they differ.",
        aggregate=aggregate,
    )


def _headline_table(source: Source, outcomes: tuple[str, ...]) -> DataTable:
    notes = Footnotes(source)
    body: list[TableRow] = []
    for outcome in outcomes:
        found = _main_estimates(source, outcome)
        unit = formats.unit_label(found[0].unit, source.language, difference=True)
        body.append(TableRow(f"{source.variable(outcome)} ({unit})", kind="group"))
        body += [_estimate_row(source, _estimator(source, e), e, notes) for e in found]
    return DataTable(
        caption=source.say("Effects by outcome and estimator"),
        stub=source.say("Outcome and estimator"),
        columns=estimate_columns(source),
        rows=tuple(body),
        notes=(source.say("Clusters: independent units behind the margin of error."), *_estimand_notes(source), *notes.notes),
    )


def estimate_columns(source: Source) -> tuple[str, ...]:
    """Head the columns of a table of estimates."""
    return (
        source.say("Estimate"),
        source.say("Standard error"),
        source.say("%(level)s interval", level=source.level),
        "p",
        "n",
        source.say("Clusters"),
    )


def _estimate_row(source: Source, label: str, found: Estimate, notes: Footnotes, kind: str = "body") -> TableRow:
    language = source.language
    cells = (
        Cell(formats.scaled(found.value, found.unit, language), marks=notes.mark(found.warnings)),
        Cell(formats.scaled(found.std_error, found.unit, language)),
        Cell(source.interval(found)),
        Cell(formats.p_value(found.p_value)),
        Cell(formats.whole(found.n, language)),
        Cell(formats.whole(found.clusters, language)),
    )
    return TableRow(label, cells, kind)


def _main_estimates(source: Source, outcome: str) -> list[Estimate]:
    rows = source.rows
    regressors = rows.distinct("term", "effects", outcome=outcome, model="twfe", statistic="estimate")
    keys = [(CS, "overall"), ("two_by_two", "overall"), *(("twfe", r) for r in regressors)]
    return [found for model, term in keys if (found := rows.estimate("effects", outcome, model, term))]


def _estimator(source: Source, found: Estimate) -> str:
    name = MODELS[found.model].within(source.language)
    if found.term.startswith(WAVE):
        return f"{name}: {source.wave(found.term.removeprefix(WAVE))}"
    return f"{name}: {source.variable(found.term)}" if found.term in VARIABLES else name


def _estimand_notes(source: Source) -> tuple[str, ...]:
    used = source.rows.distinct("estimand", "effects", statistic="estimate")
    texts = "; ".join(ESTIMANDS[e].within(source.language) for e in used if e in ESTIMANDS)
    return (source.say("Estimands: %(estimands)s.", estimands=texts),) if texts else ()


def outcomes_section(source: Source) -> Section | None:
    """Go through the outcomes one by one: effects by time since training, means by wave, effects by cohort and wave."""
    outcomes = dict.fromkeys((*source.estimated(), *source.rows.distinct("outcome", "outcome_means")))
    blocks: list[Block] = []
    for outcome in outcomes:
        parts = [*_events(source, outcome), *_means(source, outcome), *_cells(source, outcome)]
        if parts:
            found = source.headline(outcome)
            sentence = [Paragraph(effect_sentence(source, found))] if found else []
            blocks += [Paragraph(source.variable(outcome), "heading"), *sentence, *parts]
    return Section("outcomes", source.say("Outcome by outcome"), tuple(blocks)) if blocks else None


def _means(source: Source, outcome: str) -> list[Block]:
    rows, language = source.rows, source.language
    arms = source.ordered(rows.distinct("subgroup", "outcome_means", outcome=outcome))
    if not arms:
        return []
    unit = rows.family("outcome_means", outcome=outcome)[0].unit
    notes = Footnotes(source)
    hidden = False

    def cells(term: str, arm: str) -> tuple[Cell, Cell, Cell]:
        nonlocal hidden
        found = {r.statistic: r for r in rows.family("outcome_means", outcome=outcome, term=term, subgroup=arm)}
        mean = found.get("mean")
        if mean is None or mean.value is None:
            return (Cell(formats.ABSENT), Cell(""), Cell(""))
        if (mean.n or 0) < source.threshold:
            hidden = True
            return (Cell(HIDDEN), Cell(HIDDEN), Cell(HIDDEN))
        low, high = (found[s].value if s in found else None for s in ("conf_low", "conf_high"))
        marks = notes.mark(gather_warnings(found.values()))
        value = formats.scaled(mean.value, unit, language)
        return (Cell(value, marks=marks), Cell(formats.interval(low, high, unit, language)), Cell(formats.whole(mean.n, language)))

    body = tuple(
        TableRow(source.wave(term.removeprefix("wave:")), tuple(c for arm in arms for c in cells(term, arm)))
        for term in rows.distinct("term", "outcome_means", outcome=outcome)
    )
    columns = tuple(
        head for arm in arms for head in (source.subgroup(arm), source.say("%(level)s interval", level=source.level), "n")
    )
    label = source.variable(outcome)
    table = DataTable(
        caption=source.say("%(outcome)s: means by wave and arm (%(unit)s)", outcome=label, unit=formats.unit_label(unit, language)),
        stub=source.say("Wave"),
        columns=columns,
        rows=body,
        notes=(*([hidden_note(source)] if hidden else []), *notes.notes),
    )
    picture = draw_means(source, outcome)
    return [*([picture] if picture else []), table]


def _events(source: Source, outcome: str) -> list[Block]:
    rows = source.rows
    terms = [t for t in rows.distinct("term", "effects", outcome=outcome, model=CS) if t.startswith("event:")]
    found = [e for t in terms if (e := rows.estimate("effects", outcome, CS, t))]
    if not found:
        return []
    notes = Footnotes(source)
    body = tuple(_estimate_row(source, event_label(source, int(e.term.partition(":")[2])), e, notes) for e in found)
    pretest = pretest_sentence(source, outcome)
    table = DataTable(
        caption=_with_unit(
            source, source.say("%(outcome)s: effects by time since training", outcome=source.variable(outcome)), found[0]
        ),
        stub=source.say("Waves since training"),
        columns=estimate_columns(source),
        rows=body,
        notes=(
            source.say("Average effect on those trained (ATT) by wave since training."),
            *([pretest] if pretest else []),
            *notes.notes,
        ),
    )
    picture = draw_event_study(source, outcome, found)
    return [*([picture] if picture else []), table]


def event_label(source: Source, time: int) -> str:
    """Name a time since training: 0 is the first wave after it began."""
    if time < 0:
        return source.say("%(count)s before", count=-time)
    return source.say("first after") if time == 0 else source.say("%(count)s later", count=time)


def _cells(source: Source, outcome: str) -> list[Block]:
    rows, notes = source.rows, Footnotes(source)
    terms = [t for t in rows.distinct("term", "effects", outcome=outcome, model=CS) if t.startswith(("group:", "cell:"))]
    found = [e for t in terms if (e := rows.estimate("effects", outcome, CS, t))]
    if not found:
        return []
    body: list[TableRow] = []
    for group in dict.fromkeys(_rounds(e.term)[0] for e in found):
        body.append(TableRow(source.group(group), kind="group"))
        own = [e for e in found if _rounds(e.term)[0] == group]
        own.sort(key=lambda e: (e.term.startswith("group:"), _rounds(e.term)))
        for e in own:
            whole = e.term.startswith("group:")
            label = source.say("Average after training") if whole else source.round(_rounds(e.term)[1])
            body.append(_estimate_row(source, label, e, notes, "total" if whole else "body"))
    averages = [(word, rows.estimate("effects", outcome, CS, f"overall:{word}")) for word in AGGREGATES]
    if any(e for _, e in averages):
        body.append(TableRow(source.say("Averages"), kind="group"))
        body += [_estimate_row(source, AGGREGATES[word].within(source.language), e, notes) for word, e in averages if e]
    caption = source.say("%(outcome)s: effects by training group and wave", outcome=source.variable(outcome))
    note = source.say(
        "Average effect on those trained (ATT). Waves before a group's training are checks: there the effect should be zero."
    )
    return [
        DataTable(
            caption=_with_unit(source, caption, found[0]),
            stub=source.say("Group and wave"),
            columns=estimate_columns(source),
            rows=tuple(body),
            notes=(note, *notes.notes),
        )
    ]


def _with_unit(source: Source, caption: str, found: Estimate) -> str:
    return f"{caption} ({formats.unit_label(found.unit, source.language, difference=True)})"


def _rounds(term: str) -> tuple[int, ...]:
    return tuple(int(float(part)) for part in term.split(":")[1:])
