"""Check the whole audit log as a background job: it takes about a second for 15,000 entries."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.core.audit.note_check import note_check
from evalapp.core.audit.verify_chain import verify_chain
from evalapp.core.jobs.context import JobContext
from evalapp.core.jobs.record_progress import enter_stage
from evalapp.core.language import Message

CHECKING = Message("Checking every entry")


def check_in_background(job: JobContext) -> None:
    """Check every entry and note in the log what was found. There are no arguments, and no result but that entry."""

    def tell(share: float) -> None:
        with job.writing() as db:
            enter_stage(db, job.key, CHECKING.text, share)

    def check_and_note() -> None:
        with job.reading() as db:
            report = verify_chain(db, tell=tell)

        def note(db: Session) -> dict[str, object]:
            note_check(db, report)
            return {}

        job.finish(note)

    job.stage(CHECKING, 0.0, check_and_note)
