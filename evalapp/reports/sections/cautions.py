"""All warnings of a run in one list, each in two sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evalapp.reports.content import Cell, DataTable, Paragraph, Section, TableRow
from evalapp.reports.footnotes import econometrician_sentence, officer_sentence
from evalapp.reports.source import Source


def cautions_section(source: Source) -> Section:
    """List the warnings, each once, with what it concerns."""
    concerned: dict[tuple[str, str], tuple[Mapping[str, Any], list[str]]] = {}
    for row in source.rows.rows:
        for code, facts in row.warnings:
            _, outcomes = concerned.setdefault((code, str(sorted(facts.items()))), (facts, []))
            name = source.variable(row.outcome) if row.outcome else ""
            if name and name not in outcomes:
                outcomes.append(name)
    title = source.say("All warnings")
    if not concerned:
        return Section("warnings", title, (Paragraph(source.say("No number of this run carries a warning.")),))
    body = tuple(
        TableRow(
            ", ".join(outcomes) or source.say("General"),
            (
                Cell(officer_sentence(code, facts, source.language)),
                Cell(econometrician_sentence(code, facts, source.language)),
            ),
        )
        for (code, _), (facts, outcomes) in concerned.items()
    )
    table = DataTable(
        caption=source.say("Warnings that go with the numbers"),
        stub=source.say("Concerns"),
        columns=(source.say("In plain words"), source.say("For the econometrician")),
        rows=body,
        texts=frozenset({0, 1}),
    )
    return Section("warnings", title, (table,))
