"""Sorted rows written down: submissions with their answers, review states, and corrections that wait for approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.clock import now
from evalapp.surveys.imports.judge_rows import RowJudge
from evalapp.surveys.imports.reading.read_rows import AnsweredRow
from evalapp.surveys.imports.sort_rows import MOST_JUDGED_AT_ONCE, SortedRows, instance_key
from evalapp.surveys.imports.sources.export_file import ExportFile
from evalapp.surveys.queries import find_survey_import
from evalapp.surveys.review.check_quality import check_wave_quality
from evalapp.surveys.review.rules.form_faults import faults_to_json
from evalapp.surveys.review.tables import Correction, ReviewStep
from evalapp.surveys.tables import Answer, Submission, SurveyImport, Wave

ROWS_A_STATEMENT = 10_000
SOURCE_OF_REVISIONS = "records"


class RowWriter:
    """Writes the rows of one file under one import; a file that brings nothing new is not written down."""

    def __init__(self, db: Session, wave: Wave, export: ExportFile, judge: RowJudge, why: str) -> None:
        self.db = db
        self.wave = wave
        self.export = export
        self.judge = judge
        self.why = why
        self.at = now()
        self.account = actor_of(db).account
        self._import_id: int | None = None
        self._new: list[int] = []

    def write(self, rows: SortedRows) -> None:
        """Write a chunk of rows."""
        if rows.new:
            self._add(rows.new)
        for stored, row in rows.moved:
            changed = {"state": row.facts["state"], "reason": row.facts["reason"], "version": Submission.version + 1}
            self.db.execute(update(Submission).where(Submission.id == stored.submission_id).values(changed))
        self._insert(ReviewStep, [self._step(stored.submission_id, stored.state, row) for stored, row in rows.moved])
        self._insert(Correction, [
            {
                "submission_id": stored.submission_id, "variable": place.variable, "repeat_path": place.repeat_path,
                "old": old, "new": new, "reason": self.why, "source": SOURCE_OF_REVISIONS, "made_by": self.account,
                "made_at": self.at, "import_id": self.import_id,
            }
            for stored, differences, _row in rows.revised
            for place, (old, new) in differences.items()
        ])  # fmt: skip

    @property
    def import_id(self) -> int:
        """The key of this import, which is written down with the first row."""
        if self._import_id is None:
            known = find_survey_import(self.db, self.wave.id, self.export.sha256)
            made = known or SurveyImport(wave_id=self.wave.id, sha256=self.export.sha256)
            made.rows, made.source, made.undone_at = len(self.export.main.rows), self.export.source, None
            made.imported_at, made.imported_by = self.at, self.account
            self.db.add(made)
            self.db.flush()
            self._import_id = made.id
        return self._import_id

    def finish(self) -> None:
        """Ask the rules of quality about the new submissions, unless they are too many, and let the session see what was written."""
        self.db.expire_all()
        if 0 < len(self._new) <= MOST_JUDGED_AT_ONCE:
            check_wave_quality(self.db, self.wave, "import", self._new)

    def _step(self, submission_id: int, before: str, row: AnsweredRow) -> dict[str, object]:
        return {
            "submission_id": submission_id,
            "from_state": before,
            "to_state": row.facts["state"],
            "comment": row.facts["reason"] or "",
            "account": self.account,
            "decided_at": self.at,
        }

    def _add(self, rows: Sequence[tuple[int, AnsweredRow]]) -> None:
        fixed = {"wave_id": self.wave.id, "instrument_id": self.wave.instrument_id, "import_id": self.import_id}
        submissions = [
            {
                **fixed,
                "entrepreneur_id": person,
                "source_row": row.number,
                "key": instance_key(self.export, row) or None,
                "received_at": row.facts["received_at"] or self.at,
                "form_faults": faults_to_json(self.judge.faults(row)),
                **{name: row.facts[name] for name in ("state", "reason", "mode", "answered_on", "started_at")},
            }
            for person, row in rows
        ]
        keys = self.db.scalars(insert(Submission).returning(Submission.id, sort_by_parameter_order=True), submissions).all()
        self._new += keys
        answers = [
            {"submission_id": key, "variable": variable, "repeat_path": path, "text": text, "number": number}
            for key, (_person, row) in zip(keys, rows, strict=True)
            for (variable, path), (text, number) in row.answers.items()
        ]
        self._insert(Answer, answers)

    def _insert(self, table: type[Answer | Correction | ReviewStep], rows: Sequence[Mapping[str, object]]) -> None:
        for start in range(0, len(rows), ROWS_A_STATEMENT):
            self.db.execute(insert(table.__table__), rows[start : start + ROWS_A_STATEMENT])  # type: ignore[arg-type]
