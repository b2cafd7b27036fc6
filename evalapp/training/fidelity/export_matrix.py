"""The attendance of a cohort as a file, by study ID."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

import openpyxl
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.csv_file import csv_file, harmless
from evalapp.training.fidelity.attendance_queries import get_matrix
from evalapp.training.fidelity.matrix import Matrix
from evalapp.training.tables import Cohort

KINDS: Final = ("csv", "xlsx")
FACTS: Final = (
    "sessions_attended", "sessions_held", "sessions_excused", "absences_in_a_row", "minutes_attended", "minutes_delivered",
    "minutes_planned", "attended_share",
)  # fmt: skip


def export_matrix(db: Session, cohort: Cohort, kind: str, say: Callable[[str], str]) -> bytes:
    """Return the matrix of a cohort as CSV or as a workbook. `say` gives the word for the status of a cell."""
    matrix = get_matrix(db, cohort)
    record_entry(db, "attendance_exported", "cohort", cohort.code, after={"kind": kind, "people": len(matrix.rows)})
    header, rows = _table(matrix, say)
    return csv_file(header, rows) if kind == "csv" else _workbook(header, rows)


def _table(matrix: Matrix, say: Callable[[str], str]) -> tuple[list[str], list[list[object]]]:
    sessions = [f"session_{m.number}_{m.held_on:%Y%m%d}{part}" for m in matrix.columns for part in ("", "_minutes")]
    rows: list[list[object]] = []
    for row in matrix.rows:
        cells = [value for cell in row.cells for value in (say(cell.status), cell.minutes)]
        share = row.minutes.share
        totals = [
            row.came.part, row.came.whole, row.excused, row.in_a_row, row.minutes.attended, row.minutes.planned, row.planned,
            None if share is None else round(share, 4),
        ]  # fmt: skip
        rows.append([row.member.study_id, row.member.stage, *cells, *totals])
    return ["study_id", "stage", *sessions, *FACTS], rows


def _workbook(header: list[str], rows: list[list[object]]) -> bytes:
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("attendance")
    sheet.freeze_panes = "B2"
    sheet.append(header)
    for row in rows:
        sheet.append([harmless(cell) for cell in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
