"""Which of a form's languages is Korean and which English, and its texts in them."""

from __future__ import annotations

import re

from evalapp.core.language import LANGUAGES
from evalapp.xform.model.form import FormModel, Text, in_language

CODE = re.compile(r"\((\w{2})\)\s*$")
NAMES = {"한국어": "ko", "korean": "ko", "english": "en", "영어": "en"}
PATH = re.compile(r"\s*(?:/\w+)+/(\w+)\s*")


def language_code(name: str) -> str:
    """Return the two letters of a language as a form names it: `한국어 (ko)`, `ko`, `English`; "" for one that is not known."""
    found = CODE.search(name)
    plain = name.strip().lower()
    return found[1].lower() if found else NAMES.get(plain, plain if plain in LANGUAGES else "")


def form_language(model: FormModel, language: str) -> str:
    """Return the name of a language in a form, its default where it has no such language."""
    return next((name for name in model.languages if language_code(name) == language), model.default_language)


def in_both(model: FormModel, text: Text) -> dict[str, str]:
    """Return a text in Korean and English; what is not translated is there in the form's own language."""
    return {language: _joined(in_language(text, form_language(model, language), model.default_language)) for language in LANGUAGES}


def _joined(parts: tuple[str, ...]) -> str:
    """Put the parts of a text together, with ${name} where an answer is shown in it."""
    text = "".join(part if at % 2 == 0 else PATH.sub(r"${\1}", part) for at, part in enumerate(parts))
    return "" if text == "-" else text  # what the compiler writes for a text that is missing
