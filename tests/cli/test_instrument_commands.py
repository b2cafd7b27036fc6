"""Forms at the terminal: uploaded, published, listed, written to files."""

from __future__ import annotations

import pytest

from evalapp.surveys.instruments.read_instrument import read_instrument
from tests.cli.test_edge import flask, refused
from tests.web.forms_to_upload import SURVEY, VERSION, workbook


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'forms.db'}"


@pytest.fixture
def form(tmp_path):
    path = tmp_path / "stalls.xlsx"
    path.write_bytes(workbook())
    return path


def forms(url, *words, language="en"):
    return flask(url, "surveys", "instruments", *words, language=language)


def test_a_form_goes_from_a_file_to_a_file(url, form, tmp_path):
    assert f"Draft 1: form stalls, version {VERSION}." in forms(url, "upload", form).output
    assert "Draft 1:" in forms(url, "list").output
    assert f"Published: form stalls, version {VERSION}." in forms(url, "publish", 1).output
    listed = forms(url, "list").output
    assert f"stalls {VERSION}" in listed
    assert "Draft" not in listed
    for kind in ("xlsform", "xform", "codebook", "codebook-json", "redcap"):
        done = forms(url, "export", "stalls", VERSION, tmp_path / kind, "--as", kind)
        assert done.exit_code == 0, done.output
        assert (tmp_path / kind).stat().st_size > 100
    assert read_instrument((tmp_path / "xlsform").read_bytes(), "f.xlsx").sha256 == read_instrument(workbook(), "f.xlsx").sha256


def test_a_form_with_errors_says_where_and_is_not_published(url, tmp_path):
    path = tmp_path / "wrong.xlsx"
    path.write_bytes(workbook(survey=(*SURVEY, ("integer", "매출", "매출은?", "Revenue?", ""))))
    done = forms(url, "upload", path)
    refused(done, "Error: sheet survey, row 4, column name: “매출” cannot name a question.")
    assert "cannot be published" in done.output
    refused(forms(url, "publish", 1), "“매출” cannot name a question.")


def test_a_form_comes_with_its_tables(url, tmp_path):
    path, towns = tmp_path / "towns.xlsx", tmp_path / "towns.csv"
    path.write_bytes(workbook(survey=(*SURVEY, ("select_one_from_file towns.csv", "town", "어디?", "Which town?", ""))))
    towns.write_text("name,label\nseoul,서울\n", encoding="utf-8")
    refused(forms(url, "upload", path), "uses the table towns.csv, which was not uploaded with it")
    assert "Draft 2:" in forms(url, "upload", path, "--table", towns).output
    assert "Published:" in forms(url, "publish", 2).output


def test_what_is_no_form_or_not_there_is_refused(url, tmp_path):
    path = tmp_path / "picture.xlsx"
    path.write_bytes(b"\x89PNG")
    refused(forms(url, "upload", path), "This is not an Excel workbook.")
    refused(forms(url, "publish", 7), "There is no such draft")
    refused(forms(url, "export", "none", VERSION, tmp_path / "none.xlsx"), "There is no such version")
