"""The words of a form's author as a page shows them: a small part of Markdown, and never a tag of theirs."""

from __future__ import annotations

import re

from markupsafe import Markup, escape

STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*|__(?=\S)(.+?)(?<=\S)__")
EMPHASIS = re.compile(r"(?<![\w*])[*_](?=[^\s*_])([^*_]+?)(?<=\S)[*_](?![\w*])")
LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")  # of a link only its words: nothing leads away from a survey
HEADING = re.compile(r"^#{1,6}\s*(.+)$", re.MULTILINE)


def marked_up(text: str) -> Markup:
    """Return a label or a hint with its emphasis and line breaks."""
    safe = str(escape(text))
    safe = LINK.sub(r"\1", HEADING.sub(r"**\1**", safe))
    safe = STRONG.sub(lambda found: f"<strong>{found[1] or found[2]}</strong>", safe)
    safe = EMPHASIS.sub(r"<em>\1</em>", safe)
    return Markup(safe.replace("\r\n", "\n").replace("\n", "<br>"))  # noqa: S704 - escaped above


def plain(text: str) -> str:
    """Return a label on one line and without its marks, for places that show no emphasis."""
    return " ".join(marked_up(text.replace("\n", " ")).striptags().split())
