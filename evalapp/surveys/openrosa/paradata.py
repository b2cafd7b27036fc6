"""The log that a device keeps of an interview: which question was open from when to when. Places and answers in it are dropped."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterator
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.csv_file import csv_file
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.invitations.tables import Invitation, ScreenVisit
from evalapp.surveys.openrosa.tables import OpenRosaFile, OpenRosaInstance
from evalapp.surveys.tables import Submission

LOG: Final = "audit.csv"
KEPT_COLUMNS: Final = ("event", "node", "start", "end")
QUESTIONS: Final = ("question", "group questions")
MOST_LOG_BYTES: Final = 2 * 1024 * 1024
MOST_ROWS: Final = 5_000
LONGEST_VISIT_SECONDS: Final = 3600
LONGEST_SCREEN: Final = 200


def file_context(instance_key: int, name: str) -> str:
    """Return the context in which a file of a filled form is sealed."""
    return f"openrosa-file:{instance_key}:{name}"


def refuse_other_files(files: dict[str, bytes]) -> None:
    """Refuse files that no form of ours can have asked for."""
    for name, content in files.items():
        if name != LOG:
            raise AppError(Message("Forms here ask for no recordings, pictures or other files. Send the form without them."))
        if len(content) > MOST_LOG_BYTES:
            raise AppError(Message("The log of the interview is larger than %(most)s MB.", most=MOST_LOG_BYTES // 1024**2))


def keep_log(db: Session, row: OpenRosaInstance, files: dict[str, bytes]) -> None:
    """Keep the log of an interview that came with it or after it; one that came before is replaced by what comes again."""
    if LOG not in files:
        return
    rows = list(_kept_rows(files[LOG]))
    text = csv_file(KEPT_COLUMNS, rows).decode("utf-8-sig")
    stored = db.scalar(select(OpenRosaFile).where(OpenRosaFile.instance_id == row.id, OpenRosaFile.name == LOG))
    if stored is None:
        stored = OpenRosaFile(instance_id=row.id, name=LOG)
        db.add(stored)
    stored.content_sealed, stored.received_at = keys_of(db).seal(text, file_context(row.id, LOG)), now()
    db.flush()
    note_visits(db, row)


def note_visits(db: Session, row: OpenRosaInstance) -> None:
    """Note how long each question of an interview was open beside the invitation it answers, once."""
    stored = db.scalar(select(OpenRosaFile).where(OpenRosaFile.instance_id == row.id, OpenRosaFile.name == LOG))
    submission = db.get(Submission, row.submission_id) if row.submission_id else None
    if stored is None or submission is None or row.deprecated_id:
        return
    asked = Invitation.wave_id == submission.wave_id, Invitation.entrepreneur_id == submission.entrepreneur_id
    invitation = db.scalar(select(Invitation.id).where(*asked))
    noted = select(ScreenVisit.id).where(ScreenVisit.invitation_id == invitation, ScreenVisit.screen.startswith("/"))
    if invitation is None or db.scalar(noted.limit(1)):
        return
    text = keys_of(db).open(stored.content_sealed, file_context(row.id, LOG))
    db.add_all(_visits(invitation, text))
    db.flush()


def _kept_rows(content: bytes) -> Iterator[list[str]]:
    """Yield event, node, start and end; where the device was, and what was answered before and after, is not read."""
    try:
        for count, row in enumerate(csv.DictReader(io.StringIO(content.decode("utf-8-sig", "replace")))):
            if count >= MOST_ROWS:
                return
            yield [(row.get(name) or "")[:LONGEST_SCREEN] for name in KEPT_COLUMNS]
    except csv.Error:  # the answers are worth more than their log
        return


def _visits(invitation_id: int, text: str) -> Iterator[ScreenVisit]:
    for row in csv.DictReader(io.StringIO(text)):
        start, end = _moment(row["start"]), _moment(row["end"])
        if row["event"] in QUESTIONS and row["node"].startswith("/") and start and end and end >= start:
            seconds = min((end - start).total_seconds(), LONGEST_VISIT_SECONDS)
            yield ScreenVisit(invitation_id=invitation_id, screen=row["node"], entered_at=start, seconds=seconds)


def _moment(milliseconds: str) -> dt.datetime | None:
    """Return a moment of the log, which counts milliseconds since 1970; None for one that cannot be."""
    try:
        return dt.datetime.fromtimestamp(int(milliseconds) / 1000, dt.UTC).replace(microsecond=0)
    except (ValueError, OverflowError, OSError):
        return None
