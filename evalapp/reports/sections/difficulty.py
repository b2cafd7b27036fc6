"""What makes running a firm difficult: the answers to the eight items, and the components that sum them up."""

from __future__ import annotations

from collections.abc import Mapping

from evalapp.reports import formats
from evalapp.reports.content import Block, Cell, DataTable, Paragraph, Section, TableRow
from evalapp.reports.disclosure import hidden_parts
from evalapp.reports.figures import draw_answers, draw_loadings
from evalapp.reports.footnotes import Footnotes
from evalapp.reports.row_index import gather_warnings
from evalapp.reports.sections.characteristics import HIDDEN, hidden_note
from evalapp.reports.source import Source

CATEGORIES = ("category:1", "category:2", "category:3", "category:4", "category:5")
UNROTATED = "component:"


def difficulty_section(source: Source) -> Section | None:
    """Show the answers at the reference wave, hardest item first."""
    waves = source.rows.distinct("subgroup", "difficulty_answers")
    if not waves:
        return None
    planned = source.run.plan.get("difficulty", {}).get("reference_wave")
    wave = planned if planned in waves else waves[0]
    items = sorted(
        source.rows.distinct("outcome", "difficulty_answers", subgroup=wave), key=lambda i: -_hard_share(source, i, wave)
    )
    if not any(_counts(source, item, wave)[category] for item in items for category in CATEGORIES):
        nobody = Paragraph(source.say("Nobody's approved answers to these items are there."))
        return Section("difficulty", source.say("What is difficult about running a firm"), (nobody,))
    hardest = source.say(
        "Hardest at %(wave)s: %(item)s; %(share)s of %(n)s people called it difficult or very difficult (4 or 5).",
        wave=source.wave(wave),
        item=source.variable(items[0]),
        share=formats.percent(_hard_share(source, items[0], wave), source.language),
        n=next((r.n for r in source.rows.family("difficulty_answers", outcome=items[0], subgroup=wave)), None) or formats.ABSENT,
    )
    counts = {item: _counts(source, item, wave) for item in items}
    hidden = {(item, category) for item in items for category in hidden_parts(counts[item], source.threshold)}
    left_out = source.say("The figure is left out: it would show answers of fewer than %(least)s people.", least=source.threshold)
    picture = Paragraph(left_out, "note") if hidden else draw_answers(source, wave, items)
    blocks = (Paragraph(hardest), *([picture] if picture else []), _answer_table(source, wave, counts, hidden))
    return Section("difficulty", source.say("What is difficult about running a firm"), blocks)


def _counts(source: Source, item: str, wave: str) -> dict[str, float | None]:
    return {c: source.rows.value("difficulty_answers", "count", outcome=item, term=c, subgroup=wave) for c in CATEGORIES}


def _hard_share(source: Source, item: str, wave: str) -> float:
    return sum(source.rows.value("difficulty_answers", "share", outcome=item, term=c, subgroup=wave) or 0 for c in CATEGORIES[3:])


def _answer_table(
    source: Source, wave: str, counts: Mapping[str, Mapping[str, float | None]], hidden: set[tuple[str, str]]
) -> DataTable:
    def cell(item: str, category: str) -> Cell:
        return Cell(HIDDEN if (item, category) in hidden else formats.whole(counts[item][category], source.language))

    body = tuple(
        TableRow(
            source.variable(item),
            (*(cell(item, c) for c in CATEGORIES), Cell(formats.whole(sum(n or 0 for n in row.values()), source.language))),
        )
        for item, row in counts.items()
    )
    columns = (source.say("1 not difficult"), "2", "3", "4", source.say("5 very difficult"), "n")
    notes = (source.say("Counts of answers."), *([hidden_note(source)] if hidden else []))
    caption = source.say("Answers to the difficulty items, %(wave)s", wave=source.wave(wave))
    return DataTable(caption, source.say("Item"), columns, body, notes)


def components_section(source: Source) -> Section | None:
    """Show how the items group into components, and how reliable these are."""
    rows = source.rows
    outcomes = rows.distinct("outcome", "components")
    components = source.ordered(tuple(o for o in outcomes if not o.startswith(UNROTATED)))
    unrotated = tuple(sorted(o for o in outcomes if o.startswith(UNROTATED)))
    if not components:
        return None
    blocks: list[Block] = [
        Paragraph(
            source.say(
                "Principal components of the items' correlations, rotated by varimax, sum the answers up in scores. A higher "
                "score always means more difficulty. Scores have mean 0 and standard deviation 1 at the reference wave."
            )
        ),
        *_screen_paragraphs(source),
        draw_loadings(source, components),
        _loading_table(source, components, unrotated),
        _component_table(source, components),
        *([_unrotated_table(source, unrotated)] if unrotated else []),
    ]
    return Section("components", source.say("Components of difficulty"), tuple(blocks))


def _screen_paragraphs(source: Source) -> list[Paragraph]:
    dropped = source.rows.distinct("term", "component_screen", subgroup="dropped")
    return [Paragraph(_dropped_sentence(source, item)) for item in dropped]


def _dropped_sentence(source: Source, item: str) -> str:
    value = {s: source.rows.value("component_screen", s, term=item, subgroup="dropped") for s in ("item_rest", "communality")}
    kept = [
        row.value for row in source.rows.family("component_screen", subgroup="kept", statistic="item_rest") if row.value is not None
    ]
    return source.say(
        "%(item)s is left out: it goes least with the other items (correlation with their sum %(item_rest)s; among the items kept "
        "the lowest is %(lowest)s; communality %(communality)s).",
        item=source.variable(item),
        item_rest=formats.number(value["item_rest"], source.language),
        lowest=formats.number(min(kept), source.language) if kept else formats.ABSENT,
        communality=formats.number(value["communality"], source.language),
    )


def _loading_table(source: Source, components: tuple[str, ...], unrotated: tuple[str, ...]) -> DataTable:
    rows, language = source.rows, source.language
    notes = Footnotes(source)
    items = tuple(t for t in rows.distinct("term", "components") if t != "component")

    def number(statistic: str, outcome: str, item: str) -> str:
        return formats.number(rows.value("components", statistic, outcome=outcome, term=item), language)

    def cells(item: str) -> tuple[Cell, ...]:
        rotated = []
        for component in components:
            mark = notes.mark(gather_warnings(rows.family("components", outcome=component, term=item)))
            rotated += [Cell(number("loading", component, item), marks=mark), Cell(number("weight", component, item))]
        return (*rotated, *(Cell(number("loading_unrotated", outcome, item)) for outcome in unrotated))

    words = (source.say("rotated"), source.say("weight"))
    columns = [f"{source.variable(c)}, {word}" for c in components for word in words]
    columns += [source.say("Unrotated component %(number)s", number=outcome.removeprefix(UNROTATED)) for outcome in unrotated]
    note = source.say(
        "Rotated: loading after varimax, on which the names rest. Weight: what one standard deviation of the item adds to the "
        "score. Unrotated: loading on the component as extracted, which has no name."
    )
    body = tuple(TableRow(source.variable(item), cells(item)) for item in items)
    return DataTable(source.say("Loadings and weights"), source.say("Item"), tuple(columns), body, (note, *notes.notes))


def _component_table(source: Source, components: tuple[str, ...]) -> DataTable:
    rows, language = source.rows, source.language
    notes = Footnotes(source)

    def value(component: str, statistic: str) -> float | None:
        return rows.value("components", statistic, outcome=component, term="component")

    def alpha(component: str) -> Cell:
        text = formats.number(value(component, "alpha"), language)
        low, high = (formats.number(value(component, end), language) for end in ("alpha_low", "alpha_high"))
        return Cell(
            text,
            f"({formats.span(low, high, language)})",
            notes.mark(gather_warnings(rows.family("components", outcome=component, term="component"))),
        )

    explained = tuple(Cell(formats.scaled(value(c, "variance_rotated"), "share", language)) for c in components)
    body = [TableRow(source.say("Variance explained, rotated components (%)"), explained)]
    body.append(
        TableRow(source.say("Cronbach's alpha (%(level)s interval)", level=source.level), tuple(alpha(c) for c in components))
    )
    note = source.say("Intervals of alpha: Feldt.")
    fit = _fit_sentence(source, notes)
    return DataTable(
        caption=source.say("Variance explained and reliability"),
        stub=source.say("Measure"),
        columns=tuple(source.variable(c) for c in components),
        rows=tuple(body),
        notes=(note, *([fit] if fit else []), *notes.notes),
    )


def _unrotated_table(source: Source, unrotated: tuple[str, ...]) -> DataTable:
    def line(label: str, statistic: str) -> TableRow:
        values = [source.rows.value("components", statistic, outcome=outcome, term="component") for outcome in unrotated]
        if statistic == "eigenvalue":
            return TableRow(label, tuple(Cell(formats.number(value, source.language)) for value in values))
        return TableRow(label, tuple(Cell(formats.scaled(value, "share", source.language)) for value in values))

    note = source.say(
        "Rotation moves variance between the components and leaves their sum as it is, so shares of unrotated components do not "
        "belong beside rotated loadings."
    )
    return DataTable(
        caption=source.say("The components before rotation"),
        stub=source.say("Measure"),
        columns=tuple(source.say("Unrotated component %(number)s", number=o.removeprefix(UNROTATED)) for o in unrotated),
        rows=(
            line(source.say("Variance explained, unrotated components (%)"), "variance_unrotated"),
            line(source.say("Eigenvalue"), "eigenvalue"),
        ),
        notes=(note,),
    )


def _fit_sentence(source: Source, notes: Footnotes) -> str | None:
    kmo = source.rows.find("component_fit", "value", term="kmo")
    bartlett = {s: source.rows.find("component_fit", s, term="bartlett") for s in ("statistic", "df", "p_value")}
    if kmo is None or bartlett["statistic"] is None or bartlett["df"] is None or bartlett["p_value"] is None:
        return None
    marks = notes.mark(gather_warnings(source.rows.family("component_fit")))
    sentence = source.say(
        "Kaiser-Meyer-Olkin measure %(kmo)s; Bartlett's test of sphericity χ²(%(df)s) = %(statistic)s, %(p)s; n = %(n)s.",
        kmo=formats.number(kmo.value, source.language),
        df=formats.whole(bartlett["df"].value, source.language),
        statistic=formats.number(bartlett["statistic"].value, source.language, 1),
        p=formats.p_equals(bartlett["p_value"].value),
        n=kmo.n or formats.ABSENT,
    )
    return f"{sentence} ({marks})" if marks else sentence
