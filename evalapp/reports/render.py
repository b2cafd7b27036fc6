"""A document laid out: Jinja makes the page, WeasyPrint the PDF. The same document gives the same bytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from evalapp.charts.tokens import css_variables
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import catalogue
from evalapp.reports.column_widths import column_widths
from evalapp.reports.content import Document
from evalapp.reports.fetcher import FONT_NAMES, SCHEME, ReportFetcher

TEMPLATES = Path(__file__).parent.parent.parent / "templates"
REPORT = "report_pdf/report.html"
PDF_VARIANT = "pdf/ua-1"
TIES = re.compile(r"(?<=\b[nNpP]) (?=[=<] )|(?<=\b[nNpP] [=<]) |(?<=\d) (?=%)|(?<=\bKRW) |(?<=[만억]) (?=원)")
INSIDE_WORD = re.compile(r"(?<=[가-힣])(?=[가-힣0-9A-Za-z])|(?<=[0-9A-Za-z%])(?=[가-힣])|(?<=\s\.)(?=\d)")
WEIGHTS = (400, 600, 700)


@dataclass(frozen=True)
class RenderedReport:
    """A PDF: its bytes, their SHA-256 and the count of its pages."""

    content: bytes
    sha256: str
    pages: int


def render_html(document: Document, template: str = REPORT) -> str:
    """Return a document as one page of HTML that needs nothing but our fonts."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=tied,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(catalogue(document.language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters |= {"kind": lambda block: type(block).__name__, "widths": column_widths}
    fonts = [(weight, f"{SCHEME}{name}") for weight, name in zip(WEIGHTS, FONT_NAMES, strict=True)]
    return environment.get_template(template).render(document=document, in_print=True, tokens=css_variables(), fonts=fonts)


def tied(value: object) -> object:
    """Keep on one line what is read as one: `n = 62`, `p < .001`, `95 %`, `KRW 350,000`, `.031`, and every Korean word.

    The layout engine knows no `word-break: keep-all`, so Korean syllables are joined by a sign without width. It does not reach the
    PDF: text copied from there is clean. Text escaped beforehand (in attributes) is left alone.
    """
    if type(value) is not str:
        return value
    return INSIDE_WORD.sub("\N{WORD JOINER}", TIES.sub("\N{NO-BREAK SPACE}", value))


def render_pdf(html: str) -> RenderedReport:
    """Lay a page out on A4 as tagged PDF; a page that asks for anything outside itself raises RefusedAddress."""
    fetcher = ReportFetcher()
    laid_out = HTML(string=html, url_fetcher=fetcher).render(font_config=FontConfiguration())
    pdf = laid_out.write_pdf(pdf_variant=PDF_VARIANT)
    if fetcher.refused:
        raise fetcher.refused[0]
    return RenderedReport(pdf, sha256_of(pdf), len(laid_out.pages))


def render(document: Document, template: str = REPORT) -> RenderedReport:
    """Return a document as a PDF."""
    return render_pdf(render_html(document, template))
