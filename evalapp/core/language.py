"""Korean and English: messages that wait for their language, and the catalogues they are looked up in.

The message ids are English. Catalogues are read from the `.po` files themselves, so there is no compiled copy to forget.
"""

from __future__ import annotations

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LANGUAGES = ("ko", "en")
LANGUAGE_NAMES = {"ko": "한국어", "en": "English"}
TRANSLATIONS = Path(__file__).parent.parent / "translations"


class Message:
    """A text with its facts, translated when it is known who reads it.

    `text` is the English message id, a %-format over `facts`; facts that are messages themselves are translated with it.
    """

    def __init__(self, text: str, /, **facts: object) -> None:
        self.text = text
        self.facts = facts

    def within(self, language: str) -> str:
        """Return the message in a language of `LANGUAGES`."""
        translated: str = catalogue(language).gettext(self.text)
        if not self.facts:
            return translated
        return translated % {k: v.within(language) if isinstance(v, Message) else v for k, v in self.facts.items()}

    def __str__(self) -> str:
        return self.within("en")

    def __repr__(self) -> str:
        return f"Message({str(self)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.text, self.facts) == (other.text, other.facts)

    def __hash__(self) -> int:
        return hash(self.text)


@cache
def catalogue(language: str) -> Translations:
    """Return the catalogue of a language; an unknown language is a KeyError, never a silent English page."""
    if language not in LANGUAGES:
        raise KeyError(language)
    with (TRANSLATIONS / language / "LC_MESSAGES" / "messages.po").open("rb") as source:
        messages: Any = read_po(source, locale=language)
    compiled = BytesIO()
    write_mo(compiled, messages)
    compiled.seek(0)
    return Translations(compiled)
