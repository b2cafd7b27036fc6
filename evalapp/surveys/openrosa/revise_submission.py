"""An interview that was edited on its device after it had been sent: each changed answer becomes a correction."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.queries import get_account
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.answering.form_models import get_form
from evalapp.surveys.openrosa.judge_form import judge_form
from evalapp.surveys.openrosa.read_envelope import Envelope
from evalapp.surveys.openrosa.tables import OpenRosaDevice, OpenRosaInstance
from evalapp.surveys.openrosa.write_submission import keep_identity, keep_without_identity
from evalapp.surveys.review.check_quality import check_quality
from evalapp.surveys.review.corrections.apply_corrections import Place, standing_answers
from evalapp.surveys.review.decide_submission import reopen_submission
from evalapp.surveys.review.rules.form_faults import faults_to_json
from evalapp.surveys.review.tables import Correction
from evalapp.surveys.tables import Submission

WHY = Message("The interviewer edited the answers on the device.")
SOURCE = "records"


def revise_submission(db: Session, row: OpenRosaInstance, envelope: Envelope, submission: Submission) -> str:
    """Propose the edited answers beside those that stand, for a second person to approve, and put the submission up for review.

    Return "correction_waits" where one of them has a correction that nobody has decided on, else "".
    """
    form = get_form(db, row.instrument_id)
    judged = judge_form(form, envelope)
    said = {Place(answer.variable, answer.repeat_path): answer.text for answer in judged.filled.answers}
    stands = standing_answers(db, [submission.id]).get(submission.id, {})
    changed = [place for place in sorted({*said, *stands}) if said.get(place) != stands.get(place)]
    if set(changed) & _waiting_places(db, submission.id):
        return "correction_waits"
    account = db.get_one(OpenRosaDevice, row.device_id).account
    why = WHY.within(get_account(db, account).language)
    for variable, repeat_path in changed:
        place = Place(variable, repeat_path)
        words = {"old": stands.get(place), "new": said.get(place), "reason": why, "source": SOURCE}
        where = {"submission_id": submission.id, "variable": variable, "repeat_path": repeat_path}
        db.add(Correction(**where, **words, made_by=account, made_at=now()))
    person = db.get_one(Entrepreneur, submission.entrepreneur_id)
    unkept = keep_identity(db, person, judged)
    submission.form_faults = faults_to_json([*judged.faults, *((Place(name), "unreadable", "") for name in unkept)])
    row.state, row.problem, row.submission_id = "placed", "", submission.id
    keep_without_identity(db, row, envelope, form, unkept)
    db.flush()
    if changed:
        reopen_submission(db, submission)
    check_quality(db, submission, "import")
    after = {"corrections": len(changed), "device": row.device_id}
    record_entry(db, "answers_edited", "submission", submission.id, subject=person.study_id, after=after)
    return ""


def _waiting_places(db: Session, submission_id: int) -> set[Place]:
    waiting = Correction.submission_id == submission_id, Correction.approved_at.is_(None)
    return {Place(*row) for row in db.execute(select(Correction.variable, Correction.repeat_path).where(*waiting))}
