"""A filled form as it came, read with suspicion: which form it answers, which instance it is, and whose study ID it gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from evalapp.core.errors import AppError
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import Message
from evalapp.surveys.openrosa.forms.study_id_question import STUDY_ID
from evalapp.surveys.openrosa.tables import LONGEST_INSTANCE_ID
from evalapp.xform.model.tags import local

MOST_XML_BYTES: Final = 2 * 1024 * 1024
MOST_ELEMENTS: Final = 50_000
MOST_DEPTH: Final = 60


class UnreadableForm(AppError):  # noqa: N818 - what it is, in words
    """What came is no filled form; nothing of it is kept."""


@dataclass(frozen=True)
class Envelope:
    """A filled form as XML, with what it says of itself. `sha256` is that of the bytes that came."""

    root: Any
    sha256: str
    form_id: str
    version: str
    instance_id: str
    deprecated_id: str | None

    @property
    def study_id(self) -> str:
        """The study ID that was typed, "" where there is none."""
        return _text(_child(self.root, STUDY_ID))

    def without_study_id(self) -> bytes:
        """Return the form as its author made it, for a form that does not ask the study ID itself."""
        root = _copy_without(self.root, STUDY_ID)
        content: bytes = ET.tostring(root, encoding="utf-8")
        return content

    def text(self) -> str:
        """Return the whole as text."""
        return ET.tostring(self.root, encoding="unicode")


def read_envelope(content: bytes) -> Envelope:
    """Read a filled form, or raise UnreadableForm: too large, no XML, with a DTD, without an instance ID."""
    if len(content) > MOST_XML_BYTES:
        raise UnreadableForm(Message("The form is larger than %(most)s MB.", most=MOST_XML_BYTES // 1024**2))
    try:
        root = defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:  # a LookupError is an encoding nobody knows
        raise UnreadableForm(Message("This is not a filled form: it is not valid XML.")) from error
    _refuse_monsters(root)
    meta = _child(root, "meta")
    instance_id = _text(_child(meta, "instanceID"))
    deprecated_id = _text(_child(meta, "deprecatedID")) or None
    if not instance_id:
        raise UnreadableForm(Message("The form has no instance ID."))
    if max(len(instance_id), len(deprecated_id or "")) > LONGEST_INSTANCE_ID:
        raise UnreadableForm(Message("The instance ID has more than %(most)s characters.", most=LONGEST_INSTANCE_ID))
    return Envelope(root, sha256_of(content), root.get("id", ""), root.get("version", ""), instance_id, deprecated_id)


def _refuse_monsters(root: Any) -> None:
    """Refuse trees that are too deep or too large to walk; nothing recursive may touch one before."""
    waiting, count = [(root, 1)], 0
    while waiting:
        element, depth = waiting.pop()
        count += 1
        if depth > MOST_DEPTH or count > MOST_ELEMENTS:
            raise UnreadableForm(Message("This is not a filled form: it has too many parts."))
        waiting += [(child, depth + 1) for child in element]


def _child(parent: Any, name: str) -> Any:
    return None if parent is None else next((child for child in parent if local(child) == name), None)


def _text(element: Any) -> str:
    return "" if element is None else (element.text or "").strip()


def _copy_without(root: Any, name: str) -> Any:
    copied = ET.Element(root.tag, root.attrib)
    copied.extend([child for child in root if local(child) != name])
    return copied
