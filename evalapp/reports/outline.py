"""A run's report from cover to last page: which sections it can fill, in which order."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from evalapp.analysis.queries import Row, RunRecord
from evalapp.core.language import LANGUAGE_NAMES, Message
from evalapp.reports import formats
from evalapp.reports.content import Document, Section
from evalapp.reports.findings import answers, headline_figure
from evalapp.reports.provenance import document_id, provenance_section
from evalapp.reports.row_index import RowIndex
from evalapp.reports.sections.associations import associations_section
from evalapp.reports.sections.cautions import cautions_section
from evalapp.reports.sections.characteristics import characteristics_section
from evalapp.reports.sections.difficulty import components_section, difficulty_section
from evalapp.reports.sections.effects import effects_section, outcomes_section
from evalapp.reports.sections.methods import methods_section
from evalapp.reports.sections.participants import participants_section, response_section
from evalapp.reports.sections.training import indicators_section, training_section
from evalapp.reports.source import Source

STATES = {
    "draft": Message("Draft"),
    "in_review": Message("In review"),
    "released": Message("Released"),
    "withdrawn": Message("Withdrawn"),
}
SECTIONS: tuple[Callable[[Source], Section | None], ...] = (
    participants_section,
    response_section,
    characteristics_section,
    training_section,
    difficulty_section,
    components_section,
    associations_section,
    effects_section,
    outcomes_section,
    indicators_section,
    methods_section,
    cautions_section,
    provenance_section,
)


def outline(run: RunRecord, rows: Iterable[Row], language: str, state: str = "draft") -> Document:
    """Write a run's report in one language: every section whose rows there are. `state` is printed on every page."""
    source = Source(run, RowIndex(rows), language)
    found = source.headline(run.plan["primary"])
    return Document(
        language=language,
        identifier=document_id(run),
        programme=source.own(run.programme_name),
        title=source.own(run.plan["title"]),
        question=source.own(run.plan["question"]),
        dated=run.finished_at.isoformat(),
        state=STATES[state].within(language),
        cover=_cover(source, state),
        is_synthetic=run.is_synthetic,
        data_note=source.own(run.data_note),
        headline=headline_figure(source, found) if found and found.value is not None else None,
        answers=answers(source),
        sections=tuple(section for write in SECTIONS if (section := write(source))),
    )


def _cover(source: Source, state: str) -> tuple[tuple[str, str], ...]:
    waves, language = source.run.waves, source.language
    pairs = []
    if waves:
        first, last = min(w.opens_on for w in waves), max(w.closes_on for w in waves)
        dates = formats.span(formats.date(first, language), formats.date(last, language), language)
        pairs.append((source.say("Data collected"), dates))
    pairs += [
        (source.say("Analysed"), formats.date(source.run.finished_at.date(), language)),
        (source.say("Language"), LANGUAGE_NAMES[language]),
        (source.say("State"), STATES[state].within(language)),
        (source.say("Document"), document_id(source.run)),
    ]
    return tuple(pairs)
