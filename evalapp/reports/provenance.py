"""Where a report's numbers come from, and what the document is called. Names say nothing about who is in the data."""

from __future__ import annotations

from evalapp.analysis.queries import RunRecord
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import Message
from evalapp.panel.variables import VARIABLES
from evalapp.reports import formats
from evalapp.reports.content import Cell, DataTable, Facts, Section, TableRow
from evalapp.reports.source import Source

IDENTIFIER_LENGTH = 12


def document_id(run: RunRecord) -> str:
    """Return the first digits of the run's fingerprint: its plan, its data, its seed and the programs that made it."""
    made_of = {"plan": run.plan_sha256, "data": run.snapshot_sha256, "seed": run.seed, "versions": dict(run.versions)}
    return sha256_of(made_of)[:IDENTIFIER_LENGTH]


def file_name(run: RunRecord, language: str) -> str:
    """Return the name under which a report is downloaded."""
    return f"report-{document_id(run)}-{language}.pdf"


def provenance_section(source: Source) -> Section:
    """Tell which data, plan and programs gave the numbers, and how the variables are defined."""
    run, language = source.run, source.language
    pairs = (
        (source.say("Document"), document_id(run)),
        (source.say("Run"), str(run.id)),
        (source.say("Finished"), formats.instant(run.finished_at, language)),
        (source.say("Plan"), source.say("%(code)s, version %(version)s", code=run.plan_code, version=run.plan_version)),
        (source.say("Plan registered"), formats.instant(run.plan_registered_at, language)),
        (source.say("Plan, SHA-256"), run.plan_sha256),
        (source.say("Data frozen"), formats.instant(run.frozen_at, language)),
        (source.say("Data, SHA-256"), run.snapshot_sha256),
        (
            source.say("Data, size"),
            source.say(
                "%(rows)s rows, %(people)s people or firms",
                rows=formats.whole(run.snapshot_rows, language),
                people=formats.whole(run.snapshot_people, language),
            ),
        ),
        (source.say("Random seed"), str(run.seed)),
        (source.say("Versions"), ", ".join(f"{name} {version}" for name, version in sorted(run.versions.items()))),
    )
    definitions = _definitions(source)
    blocks = (Facts(pairs), definitions) if definitions else (Facts(pairs),)
    return Section("provenance", source.say("Where the numbers come from"), blocks)


def _definitions(source: Source) -> DataTable | None:
    families = ("characteristics", "component_models", "indicators", "effects")
    used = dict.fromkeys(row.term for row in source.rows.rows if row.family in families)
    used |= dict.fromkeys(row.outcome for row in source.rows.rows if row.family in ("effects", "outcome_means"))
    body = tuple(
        TableRow(source.variable(name), (Cell(Message(VARIABLES[name].definition).within(source.language)), Cell(name)))
        for name in used
        if name in VARIABLES
    )
    if not body:
        return None
    columns = (source.say("Definition"), source.say("Name in the data"))
    return DataTable(source.say("Definitions of the variables"), source.say("Variable"), columns, body, texts=frozenset({0, 1}))
