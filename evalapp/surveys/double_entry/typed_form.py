"""A paper form as one person types it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.answering.form_models import get_form
from evalapp.surveys.answering.queries import OpenForm, OpenQuestion, list_open_questions
from evalapp.surveys.answering.question_types.question import sensitivity
from evalapp.surveys.answering.question_types.texts import IdentifierQuestion
from evalapp.surveys.answering.screens import Block, Screen
from evalapp.surveys.double_entry.tables import PaperEntry
from evalapp.surveys.instruments.languages import form_language
from evalapp.xform.engine.drafts import read_draft
from evalapp.xform.engine.instance import Instance


@dataclass
class TypedForm(OpenForm):
    """An entry and the form filled in with it. It shows no answers of earlier waves, and takes nothing that identifies a person."""

    draft: PaperEntry
    on_paper: ClassVar[bool] = True

    @property
    def context(self) -> str:
        """The context in which the entry's answers are sealed."""
        return entry_context(self.draft.form_id, self.draft.number)

    def blocks(self, screen: Screen) -> list[Block]:
        """Return what a screen shows; where it asks for an identifier, a word that it is not typed."""
        blocks = super().blocks(screen)
        for block in blocks:
            if isinstance(block, IdentifierQuestion):
                block.drawn_as, block.asks = "not_typed", False
        return blocks


def entry_context(form_id: int, number: int) -> str:
    """Return the context in which an entry's answers are sealed."""
    return f"paper:{form_id}:{number}"


def open_entry(db: Session, entry: PaperEntry, language: str, *, to_write: bool = False) -> TypedForm:
    """Return an entry with its form, labels in a language. `to_write` keeps other writers waiting."""
    if to_write:
        found = select(PaperEntry).where(PaperEntry.id == entry.id).with_for_update()
        entry = db.scalars(found.execution_options(populate_existing=True)).one()
    if entry.finished_at is not None:
        raise AppError(Message("This form is finished. What was typed is kept as it is."))
    return TypedForm(entry, typed_answers(db, entry, language), {})


def typed_answers(db: Session, entry: PaperEntry, language: str) -> Instance:
    """Return the form filled in with an entry."""
    form = get_form(db, entry.instrument_id)
    text = keys_of(db).open(entry.answers_sealed, entry_context(entry.form_id, entry.number))
    return read_draft(form, text, now, language=form_language(form.model, language))


def list_unusual(typed: TypedForm) -> list[OpenQuestion]:
    """Return what is missing or not possible in an entry, which may be so on the paper; identifiers are not typed."""
    model = typed.instance.form.model
    return [each for each in list_open_questions(typed) if sensitivity(model, each.verdict.element.name) != "identifier"]
