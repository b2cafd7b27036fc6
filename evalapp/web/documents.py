"""A run's report as a page reads it. What a run found never changes, so that it is written once and kept."""

from __future__ import annotations

from functools import lru_cache

from flask import current_app, g, render_template
from markupsafe import Markup
from sqlalchemy import Engine

from evalapp.analysis.queries import get_run, list_result_rows
from evalapp.core.db import reading
from evalapp.reports.content import Document
from evalapp.reports.outline import outline

KEPT = 16


def document_of(run_id: int, language: str, state: str = "draft") -> Document:
    """Return the document of a run in a language. Whether the reader may see it is for the caller to have asked."""
    return _document(current_app.extensions["evalapp.engine"], run_id, language, state)


def as_html(document: Document) -> Markup:
    """Return a document as part of a page, every word of it in its own language whatever the page's is."""
    around, g.language = g.language, document.language
    try:
        return Markup(render_template("reports/document.html", document=document))  # noqa: S704 - a template's own output
    finally:
        g.language = around


@lru_cache(maxsize=KEPT)
def _document(engine: Engine, run_id: int, language: str, state: str) -> Document:
    with reading(engine) as db:
        return outline(get_run(db, run_id), list_result_rows(db, run_id), language, state)
