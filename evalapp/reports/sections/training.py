"""The training that was delivered, and what people say came of it."""

from __future__ import annotations

from evalapp.reports import formats
from evalapp.reports.content import Cell, DataTable, Paragraph, Section, TableRow
from evalapp.reports.disclosure import hidden_parts, is_small
from evalapp.reports.footnotes import Footnotes
from evalapp.reports.row_index import gather_warnings
from evalapp.reports.sections.characteristics import HIDDEN, hidden_note
from evalapp.reports.source import Source


def training_section(source: Source) -> Section | None:
    """Tell how much training each cohort was given and took up."""
    rows = source.rows
    groups = rows.distinct("subgroup", "dosage")
    if not groups:
        return None
    cohorts = {g: _people(source, g) for g in groups if g.startswith("cohort:")}
    hidden = hidden_parts(cohorts, source.threshold)
    notes = Footnotes(source)
    body = tuple(_cohort_row(source, group, notes, hidden=group in hidden) for group in groups)
    table = DataTable(
        caption=source.say("Training delivered and taken up"),
        stub=source.say("Group"),
        columns=(
            source.say("Dates"),
            source.say("People"),
            source.say("Sessions held"),
            source.say("Hours offered"),
            source.say("Hours attended (%)"),
            source.say("Completed"),
        ),
        rows=(*body[1:], body[0]) if body[0].kind == "total" else body,
        notes=(*([hidden_note(source)] if hidden else []), *notes.notes),
        texts=frozenset({0}),
    )
    return Section("training", source.say("Training delivered"), (Paragraph(_dosage_sentence(source)), table))


def _people(source: Source, group: str) -> float | None:
    return next((row.n for row in source.rows.family("dosage", subgroup=group) if row.n is not None), None)


def _cohort_row(source: Source, group: str, notes: Footnotes, *, hidden: bool) -> TableRow:
    language = source.language
    kind = "total" if group == "treatment" else "body"
    label = source.say("All training cohorts") if kind == "total" else source.subgroup(group)
    if hidden:
        return TableRow(label, tuple(Cell(HIDDEN) for _ in range(6)), kind)
    value = {term: _dosage(source, term, group) for term in ("sessions_held", "planned_hours", "attended_share", "completed_share")}
    marks = notes.mark(gather_warnings(source.rows.family("dosage", subgroup=group)))
    cells = (
        Cell(_dates(source, group)),
        Cell(formats.whole(_people(source, group), language), marks=marks),
        Cell(formats.number(value["sessions_held"], language, 0)),
        Cell(formats.number(value["planned_hours"], language, 1)),
        Cell(formats.scaled(value["attended_share"], "share", language)),
        Cell(_completed(source, value["completed_share"], _people(source, group))),
    )
    return TableRow(label, cells, kind)


def _dosage(source: Source, term: str, group: str) -> float | None:
    return next((row.value for row in source.rows.family("dosage", term=term, subgroup=group)), None)


def _completed(source: Source, share: float | None, people: float | None) -> str:
    if share is None or people is None:
        return formats.ABSENT
    total = formats.whole(people, source.language)
    return source.say("%(count)s of %(total)s", count=formats.whole(share * people, source.language), total=total)


def _dates(source: Source, group: str) -> str:
    code = group.removeprefix("cohort:")
    cohort = next((c for c in source.run.cohorts if c.code == code), None)
    if cohort is None or cohort.starts_on is None:
        return ""
    end = f"–{cohort.ends_on:%Y-%m-%d}" if cohort.ends_on else ""
    return f"{cohort.starts_on:%Y-%m-%d}{end}"


def _dosage_sentence(source: Source) -> str:
    share = _dosage(source, "attended_share", "treatment")
    completed = _dosage(source, "completed_share", "treatment")
    people = _people(source, "treatment")
    if share is None or completed is None or people is None:
        return source.say("What each cohort was offered and how much of it its members attended.")
    return source.say(
        "The %(people)s people in training attended %(share)s of the hours offered on average; %(completed)s completed the "
        "training.",
        people=formats.whole(people, source.language),
        share=formats.percent(share, source.language),
        completed=_completed(source, completed, people),
    )


def indicators_section(source: Source) -> Section | None:
    """Show what trained people reported, as counts with Wilson's intervals."""
    found = list(dict.fromkeys((r.term, r.subgroup) for r in source.rows.family("indicators")))
    if not found:
        return None
    notes = Footnotes(source)
    body = tuple(_indicator_row(source, *key, notes) for key in found)
    hidden = any(cell.text == HIDDEN for row in body for cell in row.cells)
    table = DataTable(
        caption=source.say("What trained people reported"),
        stub=source.say("Statement"),
        columns=(source.say("Wave"), source.say("Count"), source.say("Percent (%(level)s interval)", level=source.level)),
        rows=body,
        notes=(
            source.say("Those who said yes among those trained who answered. Intervals: Wilson."),
            *([hidden_note(source)] if hidden else []),
            *notes.notes,
        ),
        texts=frozenset({0}),
    )
    caution = source.say(
        "These are reports of trained people about themselves. Nobody comparable was asked, so they are not effects."
    )
    return Section("indicators", source.say("What trained people reported"), (Paragraph(caution), table))


def _indicator_row(source: Source, term: str, subgroup: str, notes: Footnotes) -> TableRow:
    language = source.language
    rows = source.rows.family("indicators", term=term, subgroup=subgroup)
    value = {row.statistic: row.value for row in rows}
    n = next((row.n for row in rows if row.n is not None), None)
    wave = Cell(source.wave(subgroup.partition(":")[2]))
    count = value.get("count")
    if count is None or n is None or is_small(count, source.threshold) or count in (0, n) or n < source.threshold:
        return TableRow(source.variable(term), (wave, Cell(HIDDEN), Cell(HIDDEN)))
    ends = (value.get(end) for end in ("conf_low", "conf_high"))
    low, high = (formats.ABSENT if end is None else formats.number(100 * end, language, 0) for end in ends)
    counted = source.say("%(count)s of %(total)s", count=formats.whole(count, language), total=formats.whole(n, language))
    share = f"{formats.percent(value.get('share'), language)} ({formats.span(low, high, language)})"
    return TableRow(source.variable(term), (wave, Cell(counted, marks=notes.mark(gather_warnings(rows))), Cell(share)))
