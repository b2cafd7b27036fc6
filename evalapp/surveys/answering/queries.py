"""Reads of answers that are being given."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.language import LANGUAGES
from evalapp.surveys.answering.earlier_answers import list_earlier_answers
from evalapp.surveys.answering.form_models import get_form
from evalapp.surveys.answering.question_types.question import field_name
from evalapp.surveys.answering.screens import Block, Screen, blocks_of, screens_of
from evalapp.surveys.answering.tables import Draft, SurveyDraft
from evalapp.surveys.instruments.languages import form_language
from evalapp.surveys.invitations.open_invitation import hold_of
from evalapp.surveys.invitations.tables import Invitation
from evalapp.xform.engine.drafts import read_draft
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.verdicts import Verdict

CHECK = "check"  # where a draft stands when every screen was seen


@dataclass
class OpenForm:
    """A form somebody is filling in: the draft as it is stored, the form filled in with it, and what was answered in earlier waves.

    `on_paper` says that it is copied from paper, where what is wrong or missing stands as it stands.
    """

    draft: Draft
    instance: Instance
    earlier: Mapping[str, str]
    on_paper: ClassVar[bool] = False

    @property
    def context(self) -> str:
        """The context in which the draft's answers are sealed."""
        raise NotImplementedError

    def blocks(self, screen: Screen) -> list[Block]:
        """Return what a screen shows, top to bottom."""
        return blocks_of(self.instance, screen)

    @cached_property
    def screens(self) -> Sequence[Screen]:
        """The screens as the answers stand; `moved` works them out anew."""
        return screens_of(self.instance)

    def moved(self) -> None:
        """Forget what the answers before asked for."""
        self.__dict__.pop("screens", None)

    @property
    def number(self) -> int:
        """The number of the screen to go on with, from 1; one more than there are stands for the last look."""
        keys = [screen.key for screen in self.screens]
        return (
            keys.index(self.draft.screen) + 1 if self.draft.screen in keys else len(keys) + 1 if self.draft.screen == CHECK else 1
        )


@dataclass
class Answering(OpenForm):
    """A survey that the one who was invited is answering, or an interviewer in their name."""

    draft: SurveyDraft
    invitation: Invitation

    @property
    def context(self) -> str:
        """The context in which the draft's answers are sealed."""
        return draft_context(self.invitation.id)


@dataclass(frozen=True)
class OpenQuestion:
    """A question that keeps the form from being handed in, with the number of its screen."""

    number: int
    field: str
    label: str
    verdict: Verdict


def draft_context(invitation_id: int) -> str:
    """Return the context in which a draft's answers are sealed."""
    return f"draft:{invitation_id}"


def draft_key(invitation_id: int) -> str:
    """Return the key under which a draft becomes a submission, once."""
    return f"invitation-{invitation_id}"


def find_answering(db: Session, invitation: Invitation, *, to_write: bool = False) -> Answering | None:
    """Return the survey that was begun for an invitation, or None. `to_write` keeps other writers waiting."""
    query = select(SurveyDraft).where(SurveyDraft.invitation_id == invitation.id)
    if to_write:
        query = query.with_for_update().execution_options(populate_existing=True)
    draft = db.scalar(query)
    if draft is None:
        return None
    form = get_form(db, draft.instrument_id)
    text = keys_of(db).open(draft.answers_sealed, draft_context(invitation.id))
    instance = read_draft(form, text, now, language=form_language(form.model, draft.language))
    return Answering(draft, instance, list_earlier_answers(db, invitation, form.model), invitation)


def list_open_questions(answering: OpenForm) -> list[OpenQuestion]:
    """Return what keeps a form from being handed in, in the order of its screens."""
    places = {
        field_name(question.address): (number, question.label)
        for number, screen in enumerate(answering.screens, start=1)
        for piece in screen.pieces
        for question in piece.questions()
        if screen.rounds is None
    }
    found = []
    for verdict in answering.instance.verdicts():
        number, label = places.get(field_name(verdict.address), (len(answering.screens), verdict.element.name))
        found.append(OpenQuestion(number, field_name(verdict.address), label, verdict))
    return found


def find_held(db: Session, hold: str) -> Invitation | None:
    """Return the invitation that a browser held last, open or handed in meanwhile; None when another browser opened it since."""
    number = hold.partition(".")[0]
    invitation = db.get(Invitation, int(number)) if number.isascii() and number.isdecimal() else None
    return invitation if invitation and hmac.compare_digest(hold_of(invitation), hold) else None


def has_languages(answering: OpenForm) -> bool:
    """Say whether the form can be read in another language than the one shown."""
    model = answering.instance.form.model
    return len({form_language(model, language) for language in LANGUAGES}) > 1
