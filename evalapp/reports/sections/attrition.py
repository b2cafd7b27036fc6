"""If those who did not answer differ: each estimate beside its weighted version and the limits that missing answers leave."""

from __future__ import annotations

from evalapp.reports import formats
from evalapp.reports.content import Cell, DataTable, Paragraph, TableRow
from evalapp.reports.disclosure import is_small
from evalapp.reports.footnotes import Footnotes
from evalapp.reports.row_index import Estimate, gather_warnings
from evalapp.reports.sections.characteristics import HIDDEN
from evalapp.reports.source import Source

FAMILY = "attrition_effects"
ARMS = ("treatment", "comparison")
OVERALL = "overall"


def attrition_block(source: Source, outcomes: tuple[str, ...]) -> DataTable | Paragraph | None:
    """Show what missing answers could change, or say that none are missing."""
    answered, due = (sum(row.value or 0 for row in source.rows.family(FAMILY, statistic=name)) for name in ("answered", "due"))
    if not due:
        return None
    if answered == due:
        return Paragraph(
            source.say(
                "Everyone with a first answer answered in every later wave, so missing answers cannot change these estimates."
            )
        )
    return _table(source, outcomes)


def _table(source: Source, outcomes: tuple[str, ...]) -> DataTable:
    """Put side by side, for each outcome and wave, the effect as answered, weighted and within limits, and who answered."""
    notes, body = Footnotes(source), list[TableRow]()
    for outcome in outcomes:
        terms = source.rows.distinct("term", FAMILY, outcome=outcome)
        if terms:
            unit = next(row.unit for row in source.rows.family(FAMILY, outcome=outcome) if row.estimand == "ATT")
            label = formats.unit_label(unit, source.language, difference=True)
            body.append(TableRow(f"{source.variable(outcome)} ({label})", kind="group"))
            body += [_row(source, outcome, term, notes) for term in terms]
    hidden = any(cell.text == HIDDEN for row in body for cell in row.cells)
    return DataTable(
        caption=source.say("If those who did not answer differ"),
        stub=source.say("Outcome and wave"),
        columns=(
            source.say("As answered"),
            source.say("Weighted"),
            source.say("Limits"),
            *(source.say("%(arm)s answered", arm=source.subgroup(arm)) for arm in ARMS),
            "p",
            "n",
        ),
        rows=tuple(body),
        notes=(*_reading(source), *([_hidden_note(source)] if hidden else []), *notes.notes),
    )


def _reading(source: Source) -> tuple[str, ...]:
    return (
        source.say(
            "Average effect on those trained (ATT) with its %(level)s interval. Each wave: the change since the first wave of people "
            "trained by then, less that of those the main estimate compares them with; answered: the share of those with a first "
            "answer, for all waves together of those with every answer. p: both groups answer equally often. n: people behind the "
            "weighted estimate.",
            level=source.level,
        ),
        source.say(
            "Weighted: those who answered also stand for those who did not but were like them in their first answer and the plan's "
            "covariates. Limits (Lee): the effect on those who would answer trained or not, when the surplus answers of the group that "
            "answered more are set aside at one end or the other; under them the interval with the sampling error. They hold if "
            "training moves response one way only and without it the groups would have changed alike."
        ),
    )


def _hidden_note(source: Source) -> str:
    return source.say(
        "%(sign)s: not shown, because a group has answers of fewer than %(least)s people, or fewer than %(least)s would be set "
        "aside: such limits tell of single people.",
        sign=HIDDEN,
        least=source.threshold,
    )


def _row(source: Source, outcome: str, term: str, notes: Footnotes) -> TableRow:
    rows, overall = source.rows, term == OVERALL
    plain = source.headline(outcome) if overall else rows.estimate(FAMILY, outcome, "two_by_two", term)
    weighted = rows.estimate(FAMILY, outcome, "callaway_santanna_weighted" if overall else "two_by_two_weighted", term)
    p = rows.find(FAMILY, "p_value", outcome=outcome, term=term, subgroup="difference")
    cells = (
        _estimate_cell(source, plain, notes, marked=not overall),
        _estimate_cell(source, weighted, notes),
        _limits_cell(source, outcome, term, notes),
        *(_answered_cell(source, outcome, term, arm) for arm in ARMS),
        Cell(formats.p_value(p.value if p else None), marks=notes.mark(p.warnings if p else ())),
        Cell(formats.whole(weighted.n if weighted and weighted.value is not None else None, source.language)),
    )
    label = source.say("All waves: the main estimate") if overall else source.wave(term.removeprefix("wave:"))
    return TableRow(label, cells)


def _estimate_cell(source: Source, found: Estimate | None, notes: Footnotes, *, marked: bool = True) -> Cell:
    """Write an estimate over its interval; the main estimate has its letters in the table before."""
    if found is None:
        return Cell(formats.ABSENT)
    marks = notes.mark(found.warnings) if marked else ""
    return Cell(
        formats.scaled(found.value, found.unit, source.language), source.interval(found) if found.has_interval else "", marks
    )


def _answered_cell(source: Source, outcome: str, term: str, arm: str) -> Cell:
    count, total, share = (
        source.rows.value(FAMILY, statistic, outcome=outcome, term=term, subgroup=arm) for statistic in ("answered", "due", "share")
    )
    text = source.say(
        "%(count)s of %(total)s", count=formats.whole(count, source.language), total=formats.whole(total, source.language)
    )
    return Cell(text, formats.percent(share, source.language))


def _limits_cell(source: Source, outcome: str, term: str, notes: Footnotes) -> Cell:
    rows = source.rows.family(FAMILY, outcome=outcome, model="lee_bounds", term=term)
    found = {row.statistic: row for row in rows}
    if "lower" not in found:
        return Cell(formats.ABSENT)
    if "upper" not in found:
        return Cell(formats.ABSENT, marks=notes.mark(found["lower"].warnings))
    if _tells_of_single_people(source, outcome, term):
        return Cell(HIDDEN)
    low, high, least, most = (found[s].value for s in ("lower", "upper", "conf_low", "conf_high"))
    marks = notes.mark(gather_warnings(rows))
    unit, language = found["lower"].unit, source.language
    text = formats.scaled(low, unit, language) if low == high else formats.interval(low, high, unit, language)
    return Cell(text, "" if least is None else f"({formats.interval(least, most, unit, language)})", marks)


def _tells_of_single_people(source: Source, outcome: str, term: str) -> bool:
    """Say whether limits rest on too few answers, or set too few aside: one set aside, and their width is the range of all answers."""
    rows = source.rows
    answers = [rows.value(FAMILY, "answered", outcome=outcome, term=term, subgroup=arm) for arm in ARMS]
    trimmed = next(iter(rows.family(FAMILY, outcome=outcome, term=term, statistic="trimmed_share")), None)
    aside = (trimmed.value or 0) * (trimmed.n or 0) if trimmed else None
    return any(is_small(count, source.threshold) for count in (*answers, aside))
