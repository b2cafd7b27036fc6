"""The texts of an XForm in its languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from evalapp.xform.model.form import UNNAMED_LANGUAGE, Labelling, Text
from evalapp.xform.model.tags import local

REFERENCE = re.compile(r"jr:itext\(\s*['\"](.*)['\"]\s*\)")
MISSING = ("-",)  # what the compiler writes for a text that is not translated; the form's own language is shown instead
MEDIA = {"image", "big-image", "audio", "video"}


def parts(element: Any) -> tuple[str, ...]:
    """Return words and shown expressions in turn, without the blanks around."""
    found: list[str] = [element.text or ""]
    for child in element:
        if local(child) == "output":
            found += [(child.get("value") or child.get("ref") or "''").strip(), child.tail or ""]
        else:
            found[-1] += "".join(child.itertext()) + (child.tail or "")
    found[0] = found[0].lstrip()
    found[-1] = found[-1].rstrip()
    return tuple(found) if any(found) else ()


def read_texts(model: Any) -> tuple[tuple[str, ...], str, dict[str, Labelling]]:
    """Return the languages, the default one, and every text by its id."""
    translations = [each for part in model if local(part) == "itext" for each in part if local(each) == "translation"]
    languages = tuple(each.get("lang", "") for each in translations) or (UNNAMED_LANGUAGE,)
    marked = [each.get("lang", "") for each in translations if each.get("default") in ("true()", "true", "")]
    gathered: dict[str, dict[str, dict[str, tuple[str, ...]]]] = {}
    for translation in translations:
        for text in translation:
            for value in text:
                said = parts(value)
                if said != MISSING:
                    kinds = gathered.setdefault(text.get("id", ""), {})
                    kinds.setdefault(value.get("form", ""), {})[translation.get("lang", "")] = said
    return languages, marked[0] if marked else languages[0], {name: _labelling(kinds) for name, kinds in gathered.items()}


def _labelling(kinds: Mapping[str, Mapping[str, tuple[str, ...]]]) -> Labelling:
    media = {
        kind: {language: "".join(words).rpartition("/")[2] for language, words in texts.items()}
        for kind, texts in kinds.items()
        if kind in MEDIA
    }
    return Labelling(label=kinds.get("", kinds.get("long", {})), guidance=kinds.get("guidance", {}), media=media)


def text_of(element: Any, texts: Mapping[str, Labelling]) -> Labelling:
    """Return what a label or hint says: a text of its own or one it refers to. Nothing for None."""
    if element is None:
        return Labelling()
    found = REFERENCE.fullmatch((element.get("ref") or "").strip())
    if found:
        return texts.get(found[1], Labelling())
    own = parts(element)
    return Labelling({UNNAMED_LANGUAGE: own} if own else {})


def message(written: str, texts: Mapping[str, Labelling]) -> Text:
    """Return a message that a bind carries: words, or a reference to a text."""
    found = REFERENCE.fullmatch(written.strip())
    if found:
        return texts.get(found[1], Labelling()).label
    return {UNNAMED_LANGUAGE: (written,)} if written else {}
