"""Make one submission of two entries: where they differ, a third person has decided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError
from evalapp.core.fingerprint import canonical_json
from evalapp.core.language import Message
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.answering.hand_in import COMPLETE
from evalapp.surveys.answering.receipts import mint_receipt
from evalapp.surveys.answering.stored_answers import filled_form
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.answering.taking_part.survey_consent import has_consent
from evalapp.surveys.double_entry.begin_entry import refuse_if_answered
from evalapp.surveys.double_entry.compare_entries import same
from evalapp.surveys.double_entry.merged_answers import merge_answers
from evalapp.surveys.double_entry.queries import DAY, Comparison, Decision, compare_form, decisions_context
from evalapp.surveys.double_entry.tables import PaperEntry, PaperForm
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.review.check_comment import check_comment
from evalapp.surveys.tables import Submission, Wave
from evalapp.surveys.wave_locks import refuse_if_locked
from evalapp.xform.engine.answers import typed, written
from evalapp.xform.faults import FormError

CHOICES = ("first", "second", "other")


def merge_entries(db: Session, form: PaperForm, decided: Mapping[str, Decision]) -> Submission:
    """Make the submission of a form that was typed twice. `decided` holds a decision for each place where the entries differ.

    Of two who decide at once the first counts, and the other is told.
    """
    db.refresh(form, with_for_update=True)
    if form.merged_at is not None:
        raise AppError(Message("Somebody else has decided about this form meanwhile."))
    refuse_if_locked(db, form.wave_id)
    person = db.get_one(Entrepreneur, form.entrepreneur_id)
    refuse_if_answered(db, db.get_one(Wave, form.wave_id), person)
    if not has_consent(db, form):
        raise AppError(Message("The person's consent to the survey has ended, so the answers cannot be taken."))
    entry = db.scalars(select(PaperEntry).where(PaperEntry.form_id == form.id).order_by(PaperEntry.number)).first()
    found = compare_form(db, form, entry.language if entry else "ko")
    refuse_typist(db, found)
    decisions = dict(_decisions(found, decided))
    submission = _submitted(db, form, found, decisions)
    _close(db, form, found, decisions, submission)
    after = {"compared": found.compared, "differing": found.to_decide, "typists": [each.account for each in found.entries]}
    record_entry(db, "paper_entries_merged", "submission", submission.id, subject=person.study_id, after=after)
    return submission


def merge_agreeing(db: Session, wave: Wave) -> list[Submission]:
    """Merge the forms of a wave in which the two entries agree everywhere, but for those that the actor typed."""
    own = select(PaperEntry.form_id).where(PaperEntry.account == actor_of(db).account)
    agreeing = select(PaperForm).where(PaperForm.wave_id == wave.id, PaperForm.differing == 0, PaperForm.merged_at.is_(None))
    merged = []
    for form in db.scalars(agreeing.where(PaperForm.id.not_in(own)).order_by(PaperForm.id)).all():
        try:
            with db.begin_nested():
                merged.append(merge_entries(db, form, {}))
        except AppError:
            continue  # its own page says why
    return merged


def refuse_typist(db: Session, found: Comparison) -> None:
    """Refuse who typed one of the entries: nobody judges their own work."""
    if actor_of(db).account in {entry.account for entry in found.entries}:
        raise AppError(Message("You typed this form. Somebody who did not decides where the two entries differ."))


def _decisions(found: Comparison, decided: Mapping[str, Decision]) -> Iterator[tuple[str, Decision]]:
    """Yield the decision of every place where the entries differ, with the value that it makes stand."""
    first_day, second_day = (entry.filled_on.isoformat() for entry in found.entries)
    places = [(field.place, field.first, field.second, found.instances[0].form.kind(field.node.path)) for field in found.differing]
    if found.days_differ:
        places.append((DAY, first_day, second_day, "date"))
    for place, first, second, kind in places:
        decision = decided.get(place)
        if decision is None or decision.chosen not in CHOICES:
            raise AppError(Message("Decide about every field in which the entries differ."))
        if decision.chosen == "other":
            yield place, Decision("other", _readable(decision.value, kind), check_comment(decision.reason))
        else:
            yield place, Decision(decision.chosen, first if decision.chosen == "first" else second)


def _readable(text: str, kind: str) -> str:
    """Return a value as entries write it, or refuse what the question cannot take."""
    try:
        return written(typed(text, kind), kind)
    except FormError as bad:
        raise AppError(Message(bad.text, **bad.facts)) from None


def _submitted(db: Session, form: PaperForm, found: Comparison, decisions: Mapping[str, Decision]) -> Submission:
    values = {place: decision.value for place, decision in decisions.items() if place != DAY}
    filled = filled_form(merge_answers(*found.instances, values))
    submission = Submission(
        wave_id=form.wave_id,
        entrepreneur_id=form.entrepreneur_id,
        state="received",
        mode="paper",
        answered_on=_day(found, decisions),
        received_at=now(),
        instrument_id=form.instrument_id,
        language=found.entries[0].language,
        receipt=mint_receipt(),
        key=f"paper-{form.id}",
    )
    db.add(submission)
    db.flush()
    for answer in filled.answers:
        answer.submission_id = submission.id
    db.add_all(filled.answers)
    _close_invitation(db, form)
    return submission


def _day(found: Comparison, decisions: Mapping[str, Decision]) -> dt.date:
    if DAY not in decisions:
        return found.entries[0].filled_on
    if not decisions[DAY].value:
        raise AppError(Message("The form needs the day on which it was filled in."))
    return dt.date.fromisoformat(decisions[DAY].value)


def _close_invitation(db: Session, form: PaperForm) -> None:
    invited = Invitation.wave_id == form.wave_id, Invitation.entrepreneur_id == form.entrepreneur_id
    invitation = db.scalar(select(Invitation).where(*invited).with_for_update())
    if invitation is not None:
        invitation.state, invitation.disposition = "submitted", COMPLETE
        db.execute(delete(SurveyDraft).where(SurveyDraft.invitation_id == invitation.id))


def _close(db: Session, form: PaperForm, found: Comparison, decisions: Mapping[str, Decision], submission: Submission) -> None:
    """Keep what was decided, and count for each typist the fields that were decided to be something else."""
    for number, entry in enumerate(found.entries):
        given = {field.place: (field.first, field.second)[number] for field in found.differing}
        paths = {field.place: field.node.path for field in found.differing}
        wrong = [place for place, text in given.items() if not same(found.instances[0], paths[place], text, decisions[place].value)]
        day_is_wrong = DAY in decisions and decisions[DAY].value != entry.filled_on.isoformat()
        entry.errors = len(wrong) + day_is_wrong
    content = canonical_json({place: asdict(decision) for place, decision in decisions.items()})
    form.decisions_sealed = keys_of(db).seal(content, decisions_context(form.id))
    form.merged_by, form.merged_at, form.submission_id = actor_of(db).account, now(), submission.id
    db.flush()
