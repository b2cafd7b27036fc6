"""What every type of question has in common."""

from __future__ import annotations

from collections.abc import Sequence

from evalapp.xform.engine.answers import typed, written
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.screens import Asked
from evalapp.xform.model.form import FormModel


class Question:
    """A question as a screen shows it.

    `drawn_as` names its template; `asks` is false where nothing is to be answered; `is_group` true where it has several fields, which
    only a caption can name. `input_type` and `input_mode` tell the browser which field and which keyboard to offer.
    """

    drawn_as: str = "text"
    asks: bool = True
    is_group: bool = False
    input_type: str = "text"
    input_mode: str = "text"

    def __init__(self, instance: Instance, asked: Asked) -> None:
        self.instance = instance
        self.asked = asked
        self.element = asked.element
        self.node = instance.node(asked.element)
        self.kind = instance.form.kind(self.element.path)
        self.name = field_name(asked.address)
        words = [text for text in (asked.label, asked.hint, asked.guidance) if text]
        self.label, self.hint = (words[0], "\n".join(words[1:])) if words else (self.node.name, "")
        self.appearance = frozenset(asked.control.appearance.split())

    @property
    def address(self) -> str:
        """Where the answer stands in the form."""
        return self.asked.address

    @property
    def required(self) -> bool:
        """Say whether an answer is needed here now."""
        return self.instance.required(self.element)

    @property
    def stored(self) -> str:
        """The answer as a submission would carry it."""
        return written(self.element.value, self.kind)

    @property
    def given(self) -> Sequence[str]:
        """What stands in the fields."""
        return (self.stored,) if self.stored else ()

    def read(self, sent: Sequence[str]) -> str:
        """Return what was sent in the fields as the form's engine takes it; BadAnswer where it cannot."""
        text = self.cleaned(sent[0]) if sent else ""
        typed(text, self.kind)
        return text

    def cleaned(self, text: str) -> str:
        """Return one field's text without what people write around an answer."""
        return text.strip()

    def said(self, stored: str) -> str:
        """Return an answer in words, as the person knows it."""
        return stored


def field_name(address: str) -> str:
    """Return the name of the field at an address: /data/trade[2]/goods is trade.2.goods."""
    return ".".join(address.replace("[", "/").replace("]", "").strip("/").split("/")[1:])


def sensitivity(model: FormModel, name: str) -> str:
    """Return the class that the form's author gave a question: ordinary, sensitive, free_text, identifier, or ""."""
    return model.items.get(name, {}).get("sensitivity", "")
