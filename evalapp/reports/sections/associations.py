"""The nested models: which experience goes with more or less difficulty."""

from __future__ import annotations

from evalapp.analysis.queries import Row
from evalapp.reports import formats
from evalapp.reports.content import Block, Cell, DataTable, Paragraph, Section, TableRow
from evalapp.reports.figures import draw_coefficients
from evalapp.reports.footnotes import Footnotes
from evalapp.reports.row_index import Estimate
from evalapp.reports.source import Source

FAMILY = "component_models"
ROBUSTNESS = "item_mean_models"
STARS = ((0.01, "***"), (0.05, "**"), (0.1, "*"))


def associations_section(source: Source) -> Section | None:
    """Show the models of each component, as figure and table, then the same on plain item means."""
    components = source.ordered(source.rows.distinct("outcome", FAMILY))
    if not components:
        return None
    blocks: list[Block] = [
        Paragraph(
            source.say(
                "Each component is explained by past experience in five models, with and without further characteristics. These "
                "are associations: they say which people report more difficulty, not what would change it."
            )
        )
    ]
    for component in components:
        label = source.variable(component)
        blocks += [
            Paragraph(label, "heading"),
            *([picture] if (picture := draw_coefficients(source, component)) else []),
            _model_table(source, FAMILY, component, source.say("%(component)s: five models", component=label)),
        ]
    robust = source.ordered(source.rows.distinct("outcome", ROBUSTNESS))
    if robust:
        blocks.append(Paragraph(source.say("The same models on plain means of the items"), "heading"))
        blocks += [
            _model_table(
                source, ROBUSTNESS, c, source.say("%(component)s, mean of its items: five models", component=source.variable(c))
            )
            for c in robust
        ]
    return Section("associations", source.say("Who finds it difficult"), tuple(blocks))


def _model_table(source: Source, family: str, component: str, caption: str) -> DataTable:
    rows = source.rows
    models = rows.distinct("model", family, outcome=component)
    notes = Footnotes(source)
    terms = [t for t in rows.distinct("term", family, outcome=component) if t not in ("model", "constant")]
    body = [
        TableRow(
            source.variable(term), tuple(_coefficient(source, rows.estimate(family, component, m, term), notes) for m in models)
        )
        for term in [*terms, "constant"]
    ]
    body += _fit_rows(source, [rows.find(family, "r_squared", outcome=component, model=m, term="model") for m in models], notes)
    robust = source.run.plan.get("difficulty", {}).get("robust", "HC3")
    note = source.say(
        "Least squares; standard errors in parentheses, robust to unequal variance (%(robust)s). *** p < .01, ** p < .05, * p < "
        ".1. Exact probabilities are in the result rows.",
        robust=robust,
    )
    columns = tuple(source.say("Model %(number)s", number=m) for m in models)
    return DataTable(caption, source.say("Variable"), columns, tuple(body), (note, *notes.notes))


def _coefficient(source: Source, found: Estimate | None, notes: Footnotes) -> Cell:
    if found is None:
        return Cell("")
    stars = next((sign for limit, sign in STARS if found.p_value is not None and found.p_value < limit), "")
    error = formats.number(found.std_error, source.language)
    return Cell(formats.number(found.value, source.language) + stars, f"({error})", notes.mark(found.warnings))


def _fit_rows(source: Source, fits: list[Row | None], notes: Footnotes) -> list[TableRow]:
    r_squared = [Cell(formats.number(f.value, source.language), marks=notes.mark(f.warnings)) if f else Cell("") for f in fits]
    people = [Cell(formats.whole(f.n, source.language)) if f else Cell("") for f in fits]
    return [TableRow("R²", tuple(r_squared), "total"), TableRow("n", tuple(people))]
