"""A filled form with its person and wave written down like any other submission."""

from __future__ import annotations

from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import today
from evalapp.core.fingerprint import sha256_of
from evalapp.people.tables import Entrepreneur
from evalapp.people.vault.check_identity import RefusedIdentity
from evalapp.surveys.answering.form_models import get_form
from evalapp.surveys.answering.keep_identifiers import keep_identifiers
from evalapp.surveys.answering.question_types.question import sensitivity
from evalapp.surveys.answering.receipts import mint_receipt
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.openrosa.judge_form import JudgedForm, judge_form
from evalapp.surveys.openrosa.kept_form import empty_identifiers, keep_form
from evalapp.surveys.openrosa.paradata import note_visits
from evalapp.surveys.openrosa.read_envelope import Envelope
from evalapp.surveys.openrosa.tables import OpenRosaDevice, OpenRosaInstance
from evalapp.surveys.review.check_quality import check_quality
from evalapp.surveys.review.corrections.apply_corrections import Place
from evalapp.surveys.review.rules.form_faults import faults_to_json
from evalapp.surveys.tables import Submission, Wave
from evalapp.xform.engine.plan import Form

COMPLETE, PARTIAL = "1.1", "1.2"  # of AAPOR's final dispositions
LONGEST_KEY: Final = 64
ASKED: Final = ("planned", "sent", "opened")


def write_submission(db: Session, row: OpenRosaInstance, envelope: Envelope, wave: Wave, person: Entrepreneur) -> Submission:
    """Store the answers of an interview; what the form would not have let pass becomes flags for the reviewer, never a loss."""
    form = get_form(db, row.instrument_id)
    judged = judge_form(form, envelope)
    unkept = keep_identity(db, person, judged)
    faults = [*judged.faults, *((Place(name), "unreadable", "") for name in unkept)]
    submission = Submission(
        wave_id=wave.id,
        entrepreneur_id=person.id,
        state="received",
        mode=judged.mode,
        answered_on=min(judged.answered_on, today()),
        received_at=row.received_at,
        instrument_id=row.instrument_id,
        started_at=judged.started_at,
        finished_at=judged.finished_at,
        receipt=mint_receipt(),
        key=submission_key(row.root_id),
        account=db.get_one(OpenRosaDevice, row.device_id).account,
        form_faults=faults_to_json(faults),
    )
    db.add(submission)
    db.flush()
    for answer in judged.filled.answers:
        answer.submission_id = submission.id
    db.add_all(judged.filled.answers)
    row.state, row.problem, row.submission_id = "placed", "", submission.id
    keep_without_identity(db, row, envelope, form, unkept)
    _close_invitation(db, submission, COMPLETE if judged.is_complete else PARTIAL)
    db.flush()
    note_visits(db, row)
    check_quality(db, submission, "import")
    after = {"mode": submission.mode, "answers": len(judged.filled.answers), "device": row.device_id}
    record_entry(db, "answers_received", "submission", submission.id, subject=person.study_id, after=after)
    return submission


def keep_without_identity(db: Session, row: OpenRosaInstance, envelope: Envelope, form: Form, unkept: list[str]) -> None:
    """Seal what came without the answers that are in the vault; those that the vault could not take stay for whoever asks again."""
    identifiers = {node.name for node in form.nodes.values() if sensitivity(form.model, node.name) == "identifier"}
    empty_identifiers(envelope, identifiers - set(unkept))
    keep_form(db, row, envelope)


def submission_key(instance_id: str) -> str:
    """Return the key of the submission that an instance becomes."""
    key = f"openrosa:{instance_id.removeprefix('uuid:')}"
    return key if len(key) <= LONGEST_KEY else f"openrosa:{sha256_of(instance_id.encode())}"[:LONGEST_KEY]


def keep_identity(db: Session, person: Entrepreneur, judged: JudgedForm) -> list[str]:
    """Give what identifies the person to the vault; return the names of the fields that it could not take."""
    unkept = []
    for name, text in judged.filled.identifiers.items():
        try:
            with db.begin_nested():
                keep_identifiers(db, person, {name: text})
        except RefusedIdentity:
            unkept.append(name)
    return unkept


def _close_invitation(db: Session, submission: Submission, disposition: str) -> None:
    asked = Invitation.wave_id == submission.wave_id, Invitation.entrepreneur_id == submission.entrepreneur_id
    invitation = db.scalar(select(Invitation).where(*asked, Invitation.state.in_(ASKED)).with_for_update())
    if invitation is not None:
        invitation.state, invitation.disposition = "submitted", disposition
        db.execute(delete(SurveyDraft).where(SurveyDraft.invitation_id == invitation.id))
