"""Words: free text, and what identifies a person or firm, which has rules of its own."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from evalapp.core.cells import BadCell
from evalapp.core.korean_formats import holds_phone_number, holds_resident_number
from evalapp.people.vault.check_identity import check_identity
from evalapp.people.vault.masks import mask
from evalapp.surveys.answering.question_types.question import Question
from evalapp.xform.engine.answers import BadAnswer
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.screens import Asked
from evalapp.xform.faults import N_

LONGEST_TEXT, LINES = 5_000, 5


class TextQuestion(Question):
    """Free text, on one line or several. It must not hold a number that finds a person."""

    def __init__(self, instance: Instance, asked: Asked) -> None:
        super().__init__(instance, asked)
        self.lines = LINES if "multiline" in self.appearance else 1
        self.input_mode = "numeric" if "numbers" in self.appearance else "text"

    def cleaned(self, text: str) -> str:
        """Refuse what must not be kept, whoever wrote it."""
        plain = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
        if holds_resident_number(plain):
            raise BadAnswer(N_("This holds a resident registration number, which must not be kept here. Remove it."))
        if holds_phone_number(plain):
            raise BadAnswer(N_("This holds a telephone number. Please leave out numbers by which people can be reached."))
        if len(plain) > LONGEST_TEXT:
            raise BadAnswer(
                N_("The text has %(length)s characters; at most %(most)s are kept. Shorten it."),
                length=len(plain),
                most=LONGEST_TEXT,
            )
        return plain


class IdentifierQuestion(Question):
    """A name, number or address that goes to the vault. It is shown again covered, and an empty field leaves it as it is."""

    drawn_as = "identifier"

    def __init__(self, instance: Instance, asked: Asked) -> None:
        super().__init__(instance, asked)
        self.input_type = {"phone": "tel", "email": "email"}.get(self.element.name, "text")
        self.input_mode = "numeric" if self.element.name == "registration_number" else "text"

    @property
    def given(self) -> Sequence[str]:
        """Nothing: the field never shows what it holds."""
        return ()

    @property
    def masked(self) -> str:
        """What is held, as far as it may be shown."""
        return mask(self.element.name, self.stored) if self.stored else ""

    def read(self, sent: Sequence[str]) -> str:
        """Return the identifier in its normal form; what was given before stays where the field was left empty."""
        text = sent[0].strip() if sent else ""
        if not text:
            return self.stored
        try:
            return check_identity(self.element.name, text)
        except BadCell as bad:
            raise BadAnswer(bad.message.text, **bad.message.facts) from None

    def said(self, stored: str) -> str:
        """Return the identifier covered."""
        return mask(self.element.name, stored)
