"""A document laid out: Jinja makes the page, WeasyPrint the PDF. The same document gives the same bytes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

from evalapp.charts.tokens import css_variables
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import catalogue
from evalapp.reports.content import Document
from evalapp.reports.fetcher import FONT_NAMES, SCHEME, ReportFetcher

TEMPLATES = Path(__file__).parent.parent.parent / "templates"
PDF_VARIANT = "pdf/ua-1"
WEIGHTS = (400, 600, 700)


@dataclass(frozen=True)
class RenderedReport:
    """A PDF: its bytes, their SHA-256 and the count of its pages."""

    content: bytes
    sha256: str
    pages: int


def render_html(document: Document) -> str:
    """Return a document as one page of HTML that needs nothing but our fonts."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(catalogue(document.language), newstyle=True)  # type: ignore[attr-defined]
    environment.filters["kind"] = lambda block: type(block).__name__
    environment.filters["drawing"] = Markup
    template = environment.get_template("reports/report.html")
    return template.render(document=document, tokens=Markup(css_variables()), fonts=_font_faces())


def _font_faces() -> Markup:
    faces = (
        f'@font-face {{ font-family: "Pretendard"; font-weight: {weight}; src: url("{SCHEME}{name}"); }}'
        for weight, name in zip(WEIGHTS, FONT_NAMES, strict=True)
    )
    return Markup("\n".join(faces))


def render_pdf(html: str) -> RenderedReport:
    """Lay a page out on A4 as tagged PDF."""
    fonts = FontConfiguration()
    laid_out = HTML(string=html, url_fetcher=ReportFetcher()).render(font_config=fonts)
    pdf = laid_out.write_pdf(pdf_variant=PDF_VARIANT)
    return RenderedReport(pdf, sha256_of(pdf), len(laid_out.pages))


def render(document: Document) -> RenderedReport:
    """Return a document as a PDF."""
    return render_pdf(render_html(document))


