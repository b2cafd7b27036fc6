"""All warnings of a run in one list, each in two sentences."""

from __future__ import annotations

from evalapp.reports.content import Cell, DataTable, Paragraph, Section, TableRow
from evalapp.reports.footnotes import EXPLANATIONS, econometrician_sentence, officer_sentence
from evalapp.reports.source import Source


def cautions_section(source: Source) -> Section:
    """List the warnings, each once, with what it concerns."""
    title = source.say("All warnings")
    listed = _all_cautions(source)
    if not listed:
        return Section("warnings", title, (Paragraph(source.say("No number of this run carries a warning.")),))
    body = tuple(
        TableRow(", ".join(outcomes) or source.say("General"), (Cell(officer), Cell(econometrician)))
        for (officer, econometrician), outcomes in listed.items()
    )
    table = DataTable(
        caption=source.say("Warnings that go with the numbers"),
        stub=source.say("Concerns"),
        columns=(source.say("In plain words"), source.say("For the econometrician")),
        rows=body,
        texts=frozenset({0, 1}),
    )
    return Section("warnings", title, (table,))


def _all_cautions(source: Source) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return each pair of sentences with the outcomes it concerns; warnings that read alike are one."""
    concerned: dict[tuple[str, str], dict[str, None]] = {}
    for row in source.rows.rows:
        for code, facts in row.warnings:
            if code in EXPLANATIONS:
                continue
            said = officer_sentence(code, facts, source), econometrician_sentence(code, facts, source)
            concerned.setdefault(said, {}).update({source.variable(row.outcome): None} if row.outcome else {})
    return {said: tuple(outcomes) for said, outcomes in concerned.items()}
