"""The sample runs, laid out once in both languages for all tests that look at the finished PDF."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pypdf
import pytest

from evalapp.reports.content import Document
from evalapp.reports.outline import outline
from evalapp.reports.render import RenderedReport, render
from tests.reports.sample_rows import full_rows, full_run, grants_rows, grants_run
from tests.stored_run import add_run

RUNS = {"full": (full_run, full_rows), "grants": (grants_run, grants_rows)}


@dataclass(frozen=True)
class Sample:
    document: Document
    rendered: RenderedReport
    reader: pypdf.PdfReader
    pages: tuple[str, ...]

    @property
    def text(self) -> str:
        return " ".join(self.pages)


@pytest.fixture(scope="session")
def samples() -> dict[tuple[str, str], Sample]:
    made = {}
    for name, (run, rows) in RUNS.items():
        for language in ("ko", "en"):
            document = outline(run(), rows(), language)
            rendered = render(document)
            reader = pypdf.PdfReader(io.BytesIO(rendered.content))
            pages = tuple(" ".join(page.extract_text().split()) for page in reader.pages)
            made[name, language] = Sample(document, rendered, reader, pages)
    return made


@pytest.fixture
def run_id(db):
    """The stored run of the job-training grants."""
    return add_run(db)
