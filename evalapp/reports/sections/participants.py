"""Who took part: the flow of people, and who answered which wave."""

from __future__ import annotations

from evalapp.reports import formats
from evalapp.reports.content import Cell, DataTable, Paragraph, Section, TableRow
from evalapp.reports.flow_figure import draw_flow
from evalapp.reports.footnotes import Footnotes
from evalapp.reports.labels import FLOW_STEPS, SUBGROUPS, WAVE_STEPS
from evalapp.reports.row_index import gather_warnings
from evalapp.reports.source import Source

DOUBTFUL = 0.05


def participants_section(source: Source) -> Section | None:
    """Tell how many people there were at each step, as a figure and as a table."""
    if not source.rows.family("flow"):
        return None
    groups = shown_groups(source)
    arms = [g for g in groups if g in SUBGROUPS and g != "all"]
    blocks = (Paragraph(_opening(source)), draw_flow(source, arms), _flow_table(source, groups))
    return Section("participants", source.say("Who took part"), blocks)


def shown_groups(source: Source) -> tuple[str, ...]:
    """Return everyone, the arms and the training cohorts that have enough people to be shown on their own."""
    return tuple(g for g in _groups(source) if g == "all" or _size(source, g) >= source.threshold)


def _groups(source: Source) -> tuple[str, ...]:
    arms = {f"cohort:{c.code}": c.arm for c in source.run.cohorts}
    found = [g for g in source.rows.distinct("subgroup", "flow") if arms.get(g, "treatment") == "treatment"]
    return source.ordered(found)


def _size(source: Source, group: str) -> float:
    return source.rows.value("flow", "count", term="assigned", subgroup=group) or 0


def _opening(source: Source) -> str:
    count = {term: source.rows.value("flow", "count", term=term, subgroup="all") for term in ("registered", "assigned", "analysed")}
    return source.say(
        "%(registered)s registered, %(assigned)s of them gave consent and belonged to a cohort or comparison group, and "
        "%(analysed)s answered every wave on the main outcome.",
        **{name: formats.whole(value, source.language) for name, value in count.items()},
    )


def step_label(source: Source, term: str) -> str:
    """Name a step of the flow."""
    step, _, wave = term.partition(":")
    if wave:
        return source.say(WAVE_STEPS[step].text, wave=source.wave(wave))
    return FLOW_STEPS[step].within(source.language) if step in FLOW_STEPS else term


def _flow_table(source: Source, groups: tuple[str, ...]) -> DataTable:
    def cell(term: str, group: str) -> Cell:
        return Cell(formats.whole(source.rows.value("flow", "count", term=term, subgroup=group), source.language))

    terms = [t for t in source.rows.distinct("term", "flow") if any(r.value for r in source.rows.family("flow", term=t))]
    hidden = len(_groups(source)) - len(groups)
    notes = [
        source.say("Counts of people; steps at which nobody was lost are left out. A dash: the step does not exist for the group.")
    ]
    if hidden:
        notes.append(
            source.say("%(hidden)s groups of fewer than %(least)s people are not shown.", hidden=hidden, least=source.threshold)
        )
    return DataTable(
        caption=source.say("People at each step"),
        stub=source.say("Step"),
        columns=tuple(source.subgroup(g) for g in groups),
        rows=tuple(TableRow(step_label(source, term), tuple(cell(term, g) for g in groups)) for term in terms),
        notes=tuple(notes),
    )


def response_section(source: Source) -> Section | None:
    """Tell who answered each wave, and whether the arms differ in it."""
    rows = source.rows
    if not rows.family("attrition"):
        return None
    arms = source.ordered(g for g in rows.distinct("subgroup", "attrition") if g != "difference")
    notes = Footnotes(source)
    body = tuple(_response_row(source, wave, arms, notes) for wave in rows.distinct("term", "attrition"))
    table = DataTable(
        caption=source.say("Response by wave and arm"),
        stub=source.say("Wave"),
        columns=(*(source.subgroup(arm) for arm in arms), source.say("Difference (percentage points)"), "p"),
        rows=body,
        notes=(
            source.say("Answered of those due, and their share. The p value tests that both arms respond equally."),
            *notes.notes,
        ),
    )
    return Section("response", source.say("Response"), (Paragraph(_response_sentence(source)), table))


def _response_row(source: Source, wave: str, arms: tuple[str, ...], notes: Footnotes) -> TableRow:
    language, rows = source.language, source.rows
    cells = []
    for arm in arms:
        answered, due, share = (rows.find("attrition", s, term=wave, subgroup=arm) for s in ("answered", "due", "share"))
        if answered is None or due is None:
            cells.append(Cell(formats.ABSENT))
            continue
        text = source.say(
            "%(count)s of %(total)s", count=formats.whole(answered.value, language), total=formats.whole(due.value, language)
        )
        cells.append(
            Cell(text, formats.percent(share.value if share else None, language), notes.mark(share.warnings if share else ()))
        )
    difference = rows.find("attrition", "estimate", term=wave, subgroup="difference")
    p = rows.find("attrition", "p_value", term=wave, subgroup="difference")
    marks = notes.mark(gather_warnings(row for row in (difference, p) if row))
    cells.append(Cell(formats.scaled(difference.value if difference else None, "share", language), marks=marks))
    cells.append(Cell(formats.p_value(p.value if p else None)))
    return TableRow(source.wave(wave.removeprefix("wave:")), tuple(cells))


def _response_sentence(source: Source) -> str:
    doubtful = [
        row for row in source.rows.family("attrition", subgroup="difference", statistic="p_value")
        if row.value is not None and row.value < DOUBTFUL
    ]  # fmt: skip
    if not doubtful:
        return source.say("Response does not differ between the arms by more than chance would bring about.")
    worst = min(doubtful, key=lambda row: row.value or 0)
    return source.say(
        "The arms respond differently at %(wave)s (%(p)s). People who stop answering may differ from those who go on, so the "
        "effects below may be too large or too small.",
        wave=source.wave(worst.term.removeprefix("wave:")),
        p=formats.p_equals(worst.value),
    )
