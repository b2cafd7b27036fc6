"""Table 1: what people were like before the training, by arm."""

from __future__ import annotations

from evalapp.reports import formats
from evalapp.reports.content import Cell, DataTable, Paragraph, Section, TableRow
from evalapp.reports.disclosure import is_small_share
from evalapp.reports.footnotes import Footnotes
from evalapp.reports.row_index import gather_warnings
from evalapp.reports.source import Source

FAMILY = "characteristics"
HIDDEN = "·"
LARGE_DIFFERENCE = 0.25


def characteristics_section(source: Source) -> Section | None:
    """Describe the arms side by side with their difference; a programme without arms has one column."""
    rows = source.rows
    found = rows.distinct("subgroup", FAMILY)
    if not found:
        return None
    arms = source.ordered(g for g in found if g not in ("all", "difference"))
    compared = "difference" in found
    groups = arms if compared else ("all",)
    notes = Footnotes(source)
    variables = tuple(t for t in rows.distinct("term", FAMILY) if t != "joint")
    body = tuple(_row(source, variable, groups, notes, compared=compared) for variable in variables)
    columns = [_with_size(source, group) for group in groups]
    if compared:
        columns += [source.say("Difference"), "p", source.say("Normalised difference")]
    table = DataTable(
        caption=source.say("Characteristics before the training"),
        stub=source.say("Characteristic"),
        columns=(*columns, source.say("Missing")),
        rows=body,
        notes=(*_table_notes(source, body, compared=compared), *notes.notes),
    )
    blocks = (Paragraph(_balance_sentence(source, variables)), table) if compared else (table,)
    return Section("characteristics", source.say("Characteristics"), blocks)


def _with_size(source: Source, group: str) -> str:
    largest = max((row.n or 0 for row in source.rows.family(FAMILY, subgroup=group, statistic="mean")), default=0)
    return source.say("%(group)s (n = %(n)s)", group=source.subgroup(group), n=formats.whole(largest, source.language))


def _row(source: Source, variable: str, groups: tuple[str, ...], notes: Footnotes, *, compared: bool) -> TableRow:
    rows, language = source.rows, source.language
    hidden = _hides(source, variable, groups)
    unit = next((r.unit for r in rows.family(FAMILY, term=variable, statistic="mean")), "")
    cells = [Cell(HIDDEN) if hidden else _mean_cell(source, variable, group, notes) for group in groups]
    if compared:
        value = {
            s: rows.value(FAMILY, s, term=variable, subgroup="difference")
            for s in ("estimate", "std_error", "p_value", "normalised_difference")
        }
        marks = notes.mark(gather_warnings(rows.family(FAMILY, term=variable, subgroup="difference")))
        below = f"({formats.scaled(value['std_error'], unit, language)})" if value["std_error"] is not None else ""
        cells += [
            Cell(HIDDEN) if hidden else Cell(formats.scaled(value["estimate"], unit, language), below, marks),
            Cell(formats.p_value(value["p_value"])),
            Cell(HIDDEN) if hidden else Cell(formats.number(value["normalised_difference"], language)),
        ]
    missing = [rows.value(FAMILY, "missing", term=variable, subgroup=g) for g in groups]
    cells.append(Cell(formats.whole(sum(m or 0 for m in missing), language)))
    label = source.variable(variable)
    return TableRow(f"{label} (%)" if unit == "share" else label, tuple(cells))


def _mean_cell(source: Source, variable: str, group: str, notes: Footnotes) -> Cell:
    mean = source.rows.find(FAMILY, "mean", term=variable, subgroup=group)
    if mean is None or (mean.n or 0) < source.threshold:
        return Cell(HIDDEN)
    sd = source.rows.value(FAMILY, "sd", term=variable, subgroup=group)
    below = "" if mean.unit == "share" or sd is None else f"({formats.scaled(sd, mean.unit, source.language)})"
    return Cell(formats.scaled(mean.value, mean.unit, source.language), below, notes.mark(mean.warnings))


def _hides(source: Source, variable: str, groups: tuple[str, ...]) -> bool:
    """Say whether one group's share is too small to print; then the whole line goes, because the difference would give it away."""
    means = [source.rows.find(FAMILY, "mean", term=variable, subgroup=group) for group in groups]
    return any(m is not None and m.unit == "share" and is_small_share(m.value, m.n, source.threshold) for m in means)


def _table_notes(source: Source, body: tuple[TableRow, ...], *, compared: bool) -> tuple[str, ...]:
    notes = [source.say("Means, standard deviations in parentheses; shares in percent. Nothing missing was filled in.")]
    if compared:
        notes.append(
            source.say(
                "Difference: training minus the other arm, standard error in parentheses. Normalised difference: the difference "
                "over the root of the arms' mean variance; above %(limit)s in size it is usually called large.",
                limit=formats.number(LARGE_DIFFERENCE, source.language),
            )
        )
    if any(cell.text == HIDDEN for row in body for cell in row.cells):
        notes.append(hidden_note(source))
    return tuple(notes)


def hidden_note(source: Source) -> str:
    """Say what the sign of a hidden cell means."""
    return source.say(
        "%(sign)s not shown: it rests on fewer than %(least)s people, or would give such a number away.",
        sign=HIDDEN,
        least=source.threshold,
    )


def _balance_sentence(source: Source, variables: tuple[str, ...]) -> str:
    rows, language = source.rows, source.language
    large = [
        v for v in variables
        if abs(rows.value(FAMILY, "normalised_difference", term=v, subgroup="difference") or 0) > LARGE_DIFFERENCE
    ]  # fmt: skip
    sentence = source.say(
        "Of %(all)s characteristics, %(large)s differ between the arms by a normalised difference above %(limit)s.",
        all=len(variables),
        large=len(large),
        limit=formats.number(LARGE_DIFFERENCE, language),
    )
    joint = {s: rows.value(FAMILY, s, term="joint", subgroup="difference") for s in ("statistic", "df", "df_residual", "p_value")}
    if joint["p_value"] is None:
        return sentence
    test = source.say(
        "Joint test that all differences are zero: F(%(df)s, %(residual)s) = %(statistic)s, %(p)s.",
        df=formats.whole(joint["df"], language),
        residual=formats.whole(joint["df_residual"], language),
        statistic=formats.number(joint["statistic"], language),
        p=formats.p_equals(joint["p_value"]),
    )
    return f"{sentence} {test}"
