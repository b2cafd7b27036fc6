"""The question that a form asks first on a device: whose interview it is."""

from __future__ import annotations

from typing import Any, Final

from evalapp.core.ids import BODY_ALPHABET, PREFIX, check_character
from evalapp.core.language import Message
from evalapp.surveys.instruments.languages import language_code
from evalapp.xform.model.tags import XFORMS

STUDY_ID: Final = "study_id"
XHTML: Final = "http://www.w3.org/1999/xhtml"
EXAMPLE: Final = f"{PREFIX}-7K3Q-{check_character('7K3Q')}"
LABEL: Final = Message("Study ID")
HINT: Final = Message("It stands on the page of the person, for example %(example)s.", example=EXAMPLE)
WRONG: Final = Message("This is not a study ID, or one of its signs is wrong. Compare it again.")
CAPITALS: Final = "translate(., 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ')"
BODY: Final = range(3, 7)  # where the four characters of the body stand in PI-7K3Q-4
CHECK: Final = 8


def constraint() -> str:
    """Return the expression that is true for study IDs whose check character fits, in capitals or not."""
    total = " + ".join(f"{weight} * {_value(place)}" for weight, place in enumerate(BODY, start=2))
    body = f"[{BODY_ALPHABET}]"
    return f"regex({CAPITALS}, '[A-Z]{{2}}-{body}{{{len(BODY)}}}-{body}') and ({total}) mod {len(BODY_ALPHABET)} = {_value(CHECK)}"


def _value(place: int) -> str:
    """Return the expression for the number that the character at a place stands for."""
    return f"string-length(substring-before('{BODY_ALPHABET}', substr({CAPITALS}, {place}, {place + 1})))"


def ask_study_id(document: Any, root: Any, language: str) -> None:
    """Put the question before all others of an XForm, given as a DOM, unless the form asks it itself.

    `root` is that of its answers; `language` serves where the form does not name its own.
    """
    if any(child.localName == STUDY_ID for child in root.childNodes):
        return
    root.insertBefore(document.createElementNS(XFORMS, STUDY_ID), root.firstChild)
    path = f"/{root.tagName}/{STUDY_ID}"
    model = document.getElementsByTagNameNS(XFORMS, "model")[0]
    texts = _add_texts(document, model, path)
    bind = _element(document, "bind", nodeset=path, type="string", required="true()", constraint=constraint())
    bind.setAttribute("jr:constraintMsg", f"jr:itext('{path}:jr:constraintMsg')" if texts else WRONG.within(language))
    model.appendChild(bind)
    body = document.getElementsByTagNameNS(XHTML, "body")[0]
    asked = _element(document, "input", ref=path)
    for name, message in (("label", LABEL), ("hint", HINT)):
        said = _element(document, name, **({"ref": f"jr:itext('{path}:{name}')"} if texts else {}))
        if not texts:
            said.appendChild(document.createTextNode(message.within(language)))
        asked.appendChild(said)
    body.insertBefore(asked, body.firstChild)


def _add_texts(document: Any, model: Any, path: str) -> bool:
    """Write the question's words into every language of the form; False where the form does not name its languages."""
    translations = model.getElementsByTagNameNS(XFORMS, "translation")
    for translation in translations:
        language = language_code(translation.getAttribute("lang")) or "en"
        for name, message in (("label", LABEL), ("hint", HINT), ("jr:constraintMsg", WRONG)):
            text = _element(document, "text", id=f"{path}:{name}")
            value = _element(document, "value")
            value.appendChild(document.createTextNode(message.within(language if language == "ko" else "en")))
            text.appendChild(value)
            translation.appendChild(text)
    return bool(translations)


def _element(document: Any, name: str, **attributes: str) -> Any:
    made = document.createElementNS(XFORMS, name)
    for key, value in attributes.items():
        made.setAttribute(key, value)
    return made
