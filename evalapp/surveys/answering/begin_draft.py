"""Begin to answer, or go on with what was begun."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.surveys.answering.earlier_answers import list_earlier_answers, put_earlier_answers
from evalapp.surveys.answering.form_models import get_form
from evalapp.surveys.answering.queries import Answering, draft_context, find_answering
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.instruments.languages import form_language
from evalapp.surveys.invitations.open_invitation import demand_open
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.tables import Wave
from evalapp.xform.engine.drafts import draft_json
from evalapp.xform.engine.instance import Instance


def begin_draft(db: Session, invitation: Invitation, language: str, mode: str = "web", account: str | None = None) -> Answering:
    """Return the survey of an invitation, begun now or before. `mode` and `account` say how, and by whom, answers are taken from now on."""
    db.refresh(invitation, with_for_update=True)  # a button pressed twice begins once
    demand_open(invitation)
    answering = find_answering(db, invitation, to_write=True)
    if answering is None:
        answering = _begun(db, invitation, language)
        record_entry(db, "survey_begun", "invitation", invitation.id, after={"mode": mode})
    answering.draft.mode, answering.draft.account = mode, account
    db.flush()
    return answering


def _begun(db: Session, invitation: Invitation, language: str) -> Answering:
    instrument_id = db.get_one(Wave, invitation.wave_id).instrument_id
    form = get_form(db, instrument_id)
    earlier = list_earlier_answers(db, invitation, form.model)
    instance = Instance.start(form, now, language=form_language(form.model, language))
    put_earlier_answers(instance, earlier)
    sealed = keys_of(db).seal(draft_json(instance), draft_context(invitation.id))
    draft = SurveyDraft(
        invitation_id=invitation.id,
        instrument_id=instrument_id,
        answers_sealed=sealed,
        language=language,
        started_at=now(),
        saved_at=now(),
    )
    db.add(draft)
    db.flush()
    return Answering(draft, instance, earlier, invitation)
