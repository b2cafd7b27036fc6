"""What the record of an assignment says, from the stored procedure and record alone: the same for ever, whatever happens to people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from evalapp.core.language import LANGUAGE_NAMES, Message
from evalapp.reports import formats
from evalapp.reports.content import Block, Cell, DataTable, Document, Facts, Paragraph, Section, TableRow
from evalapp.reports.disclosure import INSIDE
from evalapp.stats.experiments.balance import LARGE_NORMALISED_DIFFERENCE
from evalapp.training.assignment.queries import get_procedure, get_record
from evalapp.training.assignment.strata import stratum_text
from evalapp.training.assignment.tables import Assignment
from evalapp.training.assignment.words import ARM_WORDS, DECIDER_WORDS, KIND_WORDS, METHOD_WORDS, NOT_PLACED, STATE_WORDS

IDENTIFIER_LENGTH = 12
IDS_A_ROW = 5
COMPUTER = "computer"


@dataclass(frozen=True)
class RecordSource:
    """A locked assignment as its record in one language reads it."""

    assignment: Assignment
    language: str

    @cached_property
    def record(self) -> Mapping[str, Any]:
        """What was recorded at the lock."""
        return get_record(self.assignment)

    @cached_property
    def procedure(self) -> Mapping[str, Any]:
        """The procedure that drew; empty where places were decided."""
        return get_procedure(self.assignment)

    def say(self, text: str, **facts: object) -> str:
        """Return a message of the catalogue in the reader's language."""
        return Message(text, **facts).within(self.language)

    def word(self, words: Mapping[str, Message], key: str) -> str:
        """Return the word for a code."""
        return words[key].within(self.language)

    def count(self, arm: str) -> int:
        """Count the people of an arm."""
        return sum(one == arm for one in self.record["arms"].values())


def outline_record(assignment: Assignment, language: str) -> Document:
    """Write the record of a locked assignment in one language."""
    source = RecordSource(assignment, language)
    programme, kind = source.record["programme"], source.word(KIND_WORDS, assignment.kind)
    if assignment.locked_at is None:
        raise KeyError(assignment.state)
    lead = source.say(
        "%(people)s people could be chosen; %(treated)s have a place in cohort %(cohort)s.",
        people=source.record["pool"]["eligible"],
        treated=source.count("treatment"),
        cohort=source.record["cohorts"]["treatment"],
    )
    sections = (_pool, _drawing if assignment.kind == "randomised" else _deciding, _balance, _seal, _appendix)
    return Document(
        language=language,
        identifier=record_id(assignment),
        programme=programme["name"][language],
        title=source.say("Record of assignment %(code)s", code=assignment.code),
        question=lead,
        dated=assignment.locked_at.isoformat(),
        state=source.word(STATE_WORDS, "locked"),
        cover=(
            (source.say("How"), kind),
            (source.say("Locked"), formats.instant(assignment.locked_at, language)),
            (source.say("Locked by account"), source.record["locked_by"]),
            (source.say("Language"), LANGUAGE_NAMES[language]),
            (source.say("Document"), record_id(assignment)),
        ),
        is_synthetic=programme["is_synthetic"],
        data_note="",
        headline=None,
        answers=(),
        sections=tuple(section for write in sections if (section := write(source))),
    )


def record_id(assignment: Assignment) -> str:
    """Return the first digits of the fingerprint of everyone's arm."""
    return str(get_record(assignment)["arms_sha256"])[:IDENTIFIER_LENGTH]


def record_file_name(assignment: Assignment, language: str) -> str:
    """Return the name under which a record is downloaded."""
    return f"assignment-{record_id(assignment)}-{language}.pdf"


def _pool(source: RecordSource) -> Section:
    pool, assignment = source.record["pool"], source.assignment
    blocks: list[Block] = [Paragraph(line) for line in assignment.criteria.split("\n") if line.strip()]
    frozen = formats.instant(assignment.pool_frozen_at, source.language) if assignment.pool_frozen_at else formats.ABSENT
    blocks.append(
        Facts(
            (
                (source.say("People in the pool"), str(pool["people"])),
                (source.say("Of these eligible"), str(pool["eligible"])),
                (source.say("Pool frozen"), frozen),
                (source.say("Pool, SHA-256"), assignment.pool_sha256 or ""),
            )
        )
    )
    if pool["outcomes_seen"]:
        blocks.append(
            Paragraph(
                source.say(
                    "When places were given, %(count)s answers of later waves were there already: outcomes could have been seen.",
                    count=pool["outcomes_seen"],
                ),
                "finding",
            )
        )
    if pool["not_eligible"]:
        rows = tuple(TableRow(study_id, (Cell(reason),)) for study_id, reason in pool["not_eligible"])
        caption, columns = source.say("In the pool, and not eligible"), (source.say("Reason"),)
        blocks.append(DataTable(caption, source.say("Study ID"), columns, rows, texts=frozenset({0})))
    return Section("pool", source.say("Who could be chosen"), tuple(blocks))


def _drawing(source: RecordSource) -> Section:
    stored, assignment = source.procedure, source.assignment
    pairs = [(source.say("Method"), source.word(METHOD_WORDS, stored["method"]))]
    pairs += [
        (
            source.say("Strata by"),
            f"{by['label'][source.language]} ({by['name']}); " + source.say("no answer: %(n)s", n=by["missing"]),
        )
        for by in stored["strata_by"]
    ]
    if stored["method"] == "blocked":
        pairs.append(
            (
                source.say("Blocks"),
                source.say("of %(size)s, in the order of %(name)s", size=stored["block_size"], name=stored["order_by"]),
            )
        )
    if stored["clusters"]:
        groups = source.say("%(treated)s of %(groups)s", treated=stored["treated"], groups=len(set(stored["clusters"])))
        pairs.append((source.say("Groups drawn"), groups))
    pairs += [(source.say("Balance asked for"), _criterion(source)), (source.say("Seed from"), _seed_source(source))]
    pairs += [
        (source.say("Seed"), str(source.record["seed"])),
        (source.say("Drawn by program"), source.record["software"]),
        (source.say("Procedure, SHA-256"), assignment.procedure_sha256 or ""),
    ]
    blocks: list[Block] = [Facts(tuple(pairs))]
    if stored["strata"]:
        blocks.append(_strata_table(source))
    return Section("draw", source.say("How places were drawn"), tuple(blocks))


def _criterion(source: RecordSource) -> str:
    stored = source.procedure
    if stored["max_imbalance"] is None:
        return source.say("none: the first draw counted")
    return source.say(
        "the most balanced %(share)s of all draws: Mahalanobis distance of at most %(limit)s over %(names)s",
        share=formats.percent(stored["accepted_share"], source.language),
        limit=formats.number(stored["max_imbalance"], source.language, 3),
        names=", ".join(stored["covariates"]["names"]),
    )


def _seed_source(source: RecordSource) -> str:
    said = source.procedure["seed_source"]
    return source.say("the computer's own chance, at the moment of the draw") if said == COMPUTER else str(said)


def _strata_table(source: RecordSource) -> DataTable:
    stored = source.procedure
    rows = tuple(
        TableRow(stratum_text(stored, stratum, source.language), (Cell(str(size)), Cell(str(stored["treated"][stratum]))))
        for stratum, size in sorted(Counter(stored["strata"]).items())
    )
    columns = (source.say("People"), source.say("Places"))
    return DataTable(source.say("Strata and their places"), source.say("Stratum"), columns, rows)


def _deciding(source: RecordSource) -> Section:
    deciders = [source.word(DECIDER_WORDS, key) for key in source.assignment.decided_by.split(",") if key]
    return Section(
        "decision",
        source.say("How places were decided"),
        (
            Facts(((source.say("Decided by"), ", ".join(deciders)),)),
            Paragraph(
                source.say(
                    "Places were not drawn by lot. Whoever got one may differ from the others in ways nobody wrote down, so that a later "
                    "difference between the groups need not come from the training."
                ),
                "finding",
            ),
        ),
    )


def _balance(source: RecordSource) -> Section | None:
    balance, known = source.record["balance"], source.record["covariates"]
    if balance is None:
        return None
    title = source.say("How alike the groups are")
    if balance["refused"]:
        text, facts = balance["refused"]["text"], balance["refused"]["facts"]
        return Section("balance", title, (Paragraph(source.say(text, **facts)),))
    labels = dict(zip(known["names"], known["labels"], strict=True))
    notes = [
        source.say(
            "Difference: training less the others, within strata where there are any. SDs apart: in pooled SDs, from the plain means."
        ),
        source.say("Nothing is filled in: each line rests on those who answered."),
    ]
    if any(_is_small(row) for row in balance["rows"]):
        notes.append(source.say("Means of fewer than %(count)s people are not shown.", count=INSIDE))
    rows = tuple(TableRow(labels[row["variable"]][source.language], _balance_cells(source, row)) for row in balance["rows"])
    columns = (
        source.say("Training"),
        source.say("Others"),
        source.say("Difference"),
        "p",
        source.say("SDs apart"),
        source.say("No answer"),
    )
    table = DataTable(source.say("Means before the training"), source.say("Characteristic"), columns, rows, tuple(notes))
    return Section("balance", title, (table, *_judgement(source, balance["rows"])))


def _is_small(row: Mapping[str, Any]) -> bool:
    return bool(min(row["n_treated"], row["n_control"]) < INSIDE)


def _balance_cells(source: RecordSource, row: Mapping[str, Any]) -> tuple[Cell, ...]:
    if _is_small(row):
        return (*(Cell(formats.ABSENT) for _ in range(5)), Cell(str(int(row["missing"]))))
    digits = 0 if abs(row["mean_control"] or 0) >= 100 else 2  # noqa: PLR2004 - large amounts need no decimals

    def amount(value: float | None) -> str:
        return formats.number(value, source.language, digits)

    people = source.say("n = %(n)s", n=int(row["n_treated"])), source.say("n = %(n)s", n=int(row["n_control"]))
    return (
        Cell(amount(row["mean_treated"]), people[0]),
        Cell(amount(row["mean_control"]), people[1]),
        Cell(amount(row["difference"])),
        Cell(formats.p_value(row["p_value"])),
        Cell(formats.number(row["normalised_difference"], source.language, 2)),
        Cell(str(int(row["missing"]))),
    )


def _judgement(source: RecordSource, rows: Sequence[Mapping[str, Any]]) -> Iterable[Paragraph]:
    apart = [abs(row["normalised_difference"]) for row in rows if row["normalised_difference"] is not None and not _is_small(row)]
    if not apart:
        return
    limit = formats.number(LARGE_NORMALISED_DIFFERENCE, source.language, 2)
    if max(apart) > LARGE_NORMALISED_DIFFERENCE:
        yield Paragraph(
            source.say(
                "At least one characteristic differs by more than %(limit)s standard deviations. Allow for it when effects are estimated.",
                limit=limit,
            ),
            "finding",
        )
    else:
        yield Paragraph(source.say("No characteristic differs by more than %(limit)s standard deviations.", limit=limit), "finding")


def _seal(source: RecordSource) -> Section:
    record = source.record
    pairs = [
        (source.say("Everyone's place, SHA-256"), record["arms_sha256"]),
        (source.say("Entry of the audit log"), str(record["audit"]["number"])),
        (source.say("Hash of that entry"), record["audit"]["hash"]),
    ]
    if record["replaces"]:
        why = source.say("Assignment %(code)s: %(reason)s", **record["replaces"])
        pairs.insert(0, (source.say("Instead of"), why))
    blocks: list[Block] = [Facts(tuple(pairs))]
    blocks.append(
        Paragraph(
            source.say(
                "To see whether this file is genuine, choose it on the page “Check a report”: its fingerprint is kept here. "
                "The assignment was locked in the same moment; it can only be repeated as another one, with a reason."
            ),
            "note",
        )
    )
    return Section("seal", source.say("Seal"), tuple(blocks))


def _appendix(source: RecordSource) -> Section:
    blocks = (_decisions(source),) if source.record["decisions"] else (_places(source),)
    return Section("places", source.say("Everyone's place"), blocks)


def _places(source: RecordSource) -> DataTable:
    rows: list[TableRow] = []
    for arm in ARM_WORDS:
        ids = [study_id for study_id, own in source.record["arms"].items() if own == arm]
        if ids:
            rows.append(TableRow(f"{source.word(ARM_WORDS, arm)} ({len(ids)})", kind="group"))
        for start in range(0, len(ids), IDS_A_ROW):
            some = (*ids[start : start + IDS_A_ROW], *[""] * IDS_A_ROW)[:IDS_A_ROW]
            rows.append(TableRow(some[0], tuple(Cell(study_id) for study_id in some[1:])))
    return DataTable(source.say("Study IDs by place"), source.say("Study ID"), ("",) * (IDS_A_ROW - 1), tuple(rows))


def _decisions(source: RecordSource) -> DataTable:
    rows = tuple(
        TableRow(
            study_id,
            (
                Cell(source.word(ARM_WORDS, arm) if arm else NOT_PLACED.within(source.language)),
                Cell("" if position is None else str(position)),
                Cell(reason),
            ),
        )
        for study_id, arm, position, reason in source.record["decisions"]
    )
    columns = (source.say("Place given"), source.say("In the queue"), source.say("Reason"))
    return DataTable(source.say("Everyone's place and its reason"), source.say("Study ID"), columns, rows, texts=frozenset({0, 2}))
