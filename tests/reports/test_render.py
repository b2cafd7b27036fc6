from __future__ import annotations

import base64
import http.server
import io
import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pypdf
import pypdfium2
import pytest

from evalapp.core.language import LANGUAGES, catalogue
from evalapp.reports.fetcher import RefusedAddress, ReportFetcher
from evalapp.reports.render import render_pdf, tied

ROOT = Path(__file__).parent.parent.parent
BLANK_SHARE = 0.0005  # of the dots between header and footer; one line of text has more
IDENTIFYING = re.compile(r"defector|refugee|north korea|탈북|북한|이탈주민|새터민", re.IGNORECASE)
ENGLISH_RUN = re.compile(r"(?:\b[A-Za-z][a-z']+\b[ ,]+){4,}")
EVERY = [(run, language) for run in ("full", "grants") for language in LANGUAGES]


def destinations(outline):
    for entry in outline:
        if isinstance(entry, list):
            yield from destinations(entry)
        else:
            yield entry.title


@pytest.mark.parametrize("key", EVERY)
def test_every_section_has_its_heading_and_its_bookmark(samples, key):
    sample = samples[key]
    marks = list(destinations(sample.reader.outline))
    for number, section in enumerate(sample.document.sections, start=1):
        assert f"{number} {section.title}" in marks
        assert section.title in sample.text


@pytest.mark.parametrize("key", EVERY)
def test_the_answer_is_on_the_first_page_and_nothing_runs_over(samples, key):
    sample = samples[key]
    first = sample.pages[0].replace("\N{NO-BREAK SPACE}", " ")
    assert sample.document.headline.estimate in first
    for answer in sample.document.answers:
        assert answer.question in first
        assert answer.verdict in first
    assert sample.document.identifier in first
    assert f"1 / {sample.rendered.pages}" in first
    assert f"2 / {sample.rendered.pages}" in sample.pages[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_synthetic_data_are_called_so_on_the_first_page(samples, language):
    words = catalogue(language).gettext("Synthetic data")
    assert words in samples["full", language].pages[0]
    assert words not in samples["grants", language].pages[0]


@pytest.mark.parametrize("key", EVERY)
def test_only_our_fonts_are_used_and_all_are_embedded(samples, key):
    fonts = set()
    for page in samples[key].reader.pages:
        for font in page["/Resources"]["/Font"].values():
            descendant = font.get_object()["/DescendantFonts"][0].get_object()
            assert "/FontFile2" in descendant["/FontDescriptor"].get_object()
            fonts.add(str(descendant["/BaseFont"]))
    assert len(fonts) == 3
    assert all(re.fullmatch(r"/[A-Z]{6}\+Pretendard(-Bold|-Semi-Bold)?", name) for name in fonts)


@pytest.mark.parametrize("key", EVERY)
def test_the_pdf_is_tagged_in_its_language(samples, key):
    root = samples[key].reader.trailer["/Root"]
    assert root["/Lang"] == key[1]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert b"pdfuaid" in root["/Metadata"].get_object().get_data()


def figures(element, found):
    element = element.get_object()
    if isinstance(element, pypdf.generic.DictionaryObject):
        if element.get("/S") == "/Figure":
            found.append(element.get("/Alt"))
        children = element.get("/K", [])
        for child in children if isinstance(children, list) else [children]:
            figures(child, found)
    return found


def test_every_figure_has_a_text_in_its_place(samples):
    for sample in samples.values():
        texts = figures(sample.reader.trailer["/Root"]["/StructTreeRoot"], [])
        assert texts
        assert all(texts)


@pytest.mark.parametrize("key", EVERY)
def test_properties_say_nothing_about_who_is_in_the_data(samples, key):
    sample = samples[key]
    properties = sample.reader.metadata
    assert sample.document.identifier in properties["/Title"]
    for word in (sample.document.title, sample.document.programme):
        assert not any(word in str(value) for value in properties.values())
    everything = f"{properties} {sample.reader.trailer['/Root']['/Metadata'].get_object().get_data().decode()}"
    assert not IDENTIFYING.search(everything)


@pytest.mark.parametrize("key", EVERY)
def test_no_page_is_blank(samples, key):
    document = pypdfium2.PdfDocument(samples[key].rendered.content)
    for page in document:
        pixels = page.render(scale=0.5, grayscale=True).to_numpy()
        body = pixels[int(0.1 * len(pixels)) : int(0.9 * len(pixels))]
        assert (body < 160).mean() > BLANK_SHARE
    document.close()


@pytest.mark.parametrize("run", ["full", "grants"])
def test_the_korean_text_has_no_english_left_in_it(samples, run):
    text = samples[run, "ko"].text
    sources = text.index(catalogue("ko").gettext("Sources"))
    rest = text[:sources] + text[text.index(catalogue("ko").gettext("All warnings"), sources) :]
    assert ENGLISH_RUN.findall(rest) == []


def test_korean_words_stay_whole_and_the_joints_do_not_reach_the_reader(samples):
    assert tied("가나 다라") == "가\u2060나 다\u2060라"
    assert tied("p = .031") == "p\u00a0=\u00a0.\u2060031"
    assert "\u2060" not in samples["full", "ko"].text
    assert all("\u2060" not in title for title in destinations(samples["full", "ko"].reader.outline))


def test_the_same_run_gives_the_same_bytes_in_two_processes(samples):
    script = (
        "from tests.reports.sample_rows import *; from evalapp.reports.outline import outline; from evalapp.reports.render import render;"
        "print(render(outline(full_run(), full_rows(), 'ko')).sha256)"
    )
    made = [
        subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert made == [samples["full", "ko"].rendered.sha256] * 2


def page(body: str = "", head: str = "") -> str:
    return f'<html lang="en"><head><title>x</title>{head}</head><body>{body}</body></html>'


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.png"
    path.write_bytes(
        base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==")
    )
    return path.as_uri()


@pytest.mark.parametrize(
    "make",
    [
        lambda address: page(f'<img alt="x" src="{address}">'),
        lambda address: page(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><image width="9" height="9" href="{address}"/></svg>'
        ),
        lambda address: page(head=f'<link rel="attachment" href="{address}">'),
        lambda address: page(head=f'<link rel="stylesheet" href="{address}">'),
        lambda address: page(head=f'<style>@import "{address}";</style>'),
        lambda address: page(
            head=f'<style>@font-face {{ font-family: x; src: url("{address}") }} body {{ font-family: x }}</style>', body="x"
        ),
        lambda address: page(f'<a rel="attachment" href="{address}">x</a>'),
        lambda address: page(f'<object data="{address}"></object>'),
        lambda address: page(f'<p style="background: url({address})">x</p>'),
    ],
    ids=["image", "svg", "attached file", "style sheet", "import", "font", "attached link", "object", "background"],
)
def test_a_page_that_asks_for_a_file_is_refused(make, secret):
    with pytest.raises(RefusedAddress, match="must not load"):
        render_pdf(make(secret))


def test_an_svg_inside_a_data_address_cannot_reach_out_either(secret):
    inner = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><image width="9" height="9" href="{secret}"/></svg>'
    with pytest.raises(RefusedAddress):
        render_pdf(page(f'<img alt="x" src="data:image/svg+xml;base64,{base64.b64encode(inner.encode()).decode()}">'))


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1/x.png",
        "https://127.0.0.1/x.png",
        "ftp://127.0.0.1/x",
        "FILE:///etc/hostname",
        "report-font:../secret",
        "report-font:/etc/hostname",
        "//host/x",
    ],
)
def test_other_addresses_are_refused(address):
    with pytest.raises(RefusedAddress):
        ReportFetcher().fetch(address)


def test_data_inside_the_page_may_be_used():
    assert ReportFetcher().fetch("data:text/plain,x").read() == b"x"


def test_a_redirect_is_never_followed():
    asked = []

    class Redirect(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(302)
            self.send_header("Location", "data:text/plain,x")
            self.end_headers()

        def log_message(self, *_args):
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Redirect) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with pytest.raises(RefusedAddress):
            render_pdf(page(f'<img alt="x" src="http://127.0.0.1:{server.server_port}/">'))
        server.shutdown()
    assert asked == []


def test_text_from_outside_is_escaped(samples):
    from dataclasses import replace

    from evalapp.reports.render import render_html

    document = replace(samples["grants", "en"].document, title="<script>alert(1)</script>")
    assert "<script>" not in render_html(document)


def test_the_pdf_can_be_read_by_another_program(samples):
    reader = pypdf.PdfReader(io.BytesIO(samples["full", "en"].rendered.content), strict=True)
    assert len(reader.pages) == samples["full", "en"].rendered.pages
