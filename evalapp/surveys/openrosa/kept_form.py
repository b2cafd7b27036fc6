"""A filled form as it is kept: sealed, without what must never be kept, and without what has gone to the vault."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.errors import NotFound
from evalapp.core.korean_formats import PHONE_NUMBER, RESIDENT_NUMBER
from evalapp.core.language import Message
from evalapp.surveys.answering.question_types.question import sensitivity
from evalapp.surveys.openrosa.read_envelope import Envelope, read_envelope
from evalapp.surveys.openrosa.tables import OpenRosaInstance
from evalapp.xform.engine.plan import Form
from evalapp.xform.model.tags import local

SIGN: Final = re.compile(r"\w")


def instance_context(programme_id: int, instance_id: str) -> str:
    """Return the context in which a filled form is sealed."""
    return f"openrosa:{programme_id}:{instance_id}"


def keep_form(db: Session, row: OpenRosaInstance, envelope: Envelope) -> None:
    """Seal a filled form as it stands now."""
    row.xml_sealed = keys_of(db).seal(envelope.text(), instance_context(row.programme_id, row.instance_id))


def kept_envelope(db: Session, row: OpenRosaInstance) -> Envelope:
    """Return a filled form that is kept, or raise NotFound where its content was removed."""
    sealed = db.scalar(select(OpenRosaInstance.xml_sealed).where(OpenRosaInstance.id == row.id))
    if sealed is None:
        raise NotFound(Message("The answers of this interview were removed."))
    return read_envelope(keys_of(db).open(sealed, instance_context(row.programme_id, row.instance_id)).encode())


def cover_numbers(envelope: Envelope, form: Form) -> None:
    """Cover resident registration numbers in every text, and telephone numbers in texts that are answers, before anything is kept."""
    for element, path in _leaves(envelope.root, ""):
        node = form.nodes.get(path)
        if element.text and (node is None or node.type == "string"):
            element.text = RESIDENT_NUMBER.sub(_dots, element.text)
            if node is not None and sensitivity(form.model, node.name) != "identifier":
                element.text = PHONE_NUMBER.sub(_dots, element.text)


def empty_identifiers(envelope: Envelope, names: Collection[str]) -> None:
    """Take the answers to some questions out of a form: they are in the vault now."""
    for element, _path in _leaves(envelope.root, ""):
        if local(element) in names:
            element.text = None


def _dots(found: re.Match[str]) -> str:
    return SIGN.sub("•", found[0])


def _leaves(element: Any, above: str) -> list[tuple[Any, str]]:
    path = f"{above}/{local(element)}"
    if not len(element):
        return [(element, path)]
    return [leaf for child in element for leaf in _leaves(child, path)]
