"""Every sealed column there is up to this stage, for a rotation of keys: those of surveys, the notes of trainers, remarks on sessions."""

from __future__ import annotations

from sqlalchemy import select

from evalapp.core.key_rotation.reseal import SealedColumn
from evalapp.surveys.sealed_columns import SEALED_COLUMNS as SEALED_OF_SURVEYS
from evalapp.training.attendance.queries import attendance_note_context, session_note_context
from evalapp.training.fidelity.queries import remark_context
from evalapp.training.fidelity.tables import SessionRating
from evalapp.training.tables import Attendance, TrainingSession

SEALED_COLUMNS = (
    *SEALED_OF_SURVEYS,
    SealedColumn(
        TrainingSession.note_sealed,
        select(TrainingSession.id, TrainingSession.note_sealed, TrainingSession.id),
        session_note_context,
    ),
    SealedColumn(Attendance.note_sealed, select(Attendance.id, Attendance.note_sealed, Attendance.id), attendance_note_context),
    SealedColumn(
        SessionRating.remark_sealed, select(SessionRating.id, SessionRating.remark_sealed, SessionRating.id), remark_context
    ),
)
