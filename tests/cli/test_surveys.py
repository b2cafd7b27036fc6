"""Answers go out of a wave and come into it at the terminal."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.cli.test_edge import flask, refused

DEMO = Path(__file__).parent.parent.parent / "config" / "programmes" / "pi_demo"
CODE = tomllib.loads((DEMO / "programme.toml").read_text(encoding="utf-8"))["code"]
WAVE = "bl"


@pytest.fixture
def url(tmp_path):
    """The demo programme with the first two people of its baseline, who have answered it."""
    url = f"sqlite:///{tmp_path / 'cli.db'}"
    lines = (DEMO / "baseline.csv").read_text(encoding="utf-8").splitlines()
    (tmp_path / "baseline.csv").write_text("\n".join(lines[:3]), encoding="utf-8")
    people = "\n".join(["study_id,registered_on", *(f"{line.split(',')[0]},2018-02-01" for line in lines[1:3])])
    (tmp_path / "people.csv").write_text(people, encoding="utf-8")
    for words in (
        ("programmes", "create", DEMO), ("people", "import", tmp_path / "people.csv", "--programme", CODE),
        ("surveys", "import", tmp_path / "baseline.csv", "--programme", CODE, "--wave", WAVE),
    ):  # fmt: skip
        done = flask(url, *words)
        assert done.exit_code == 0, done.output
    return url


@pytest.mark.parametrize(("form", "suffix"), [("csv", "csv"), ("kobo", "xlsx"), ("odk", "zip"), ("stata", "dta"), ("spss", "sav")])
def test_what_goes_out_comes_in_again_and_brings_nothing(url, tmp_path, form, suffix):
    target = tmp_path / f"out.{suffix}"
    said = flask(url, "surveys", "export", target, "--programme", CODE, "--wave", WAVE, "--as", form)
    assert (said.exit_code, "Written" in said.output) == (0, True)
    again = flask(url, "surveys", "import", target, "--programme", CODE, "--wave", WAVE)
    assert "0 new, 0 brought up to date, 2 already there" in again.output


def test_other_answers_are_taken_with_a_reason_only(url, tmp_path):
    changed = tmp_path / "changed.csv"
    changed.write_text((tmp_path / "baseline.csv").read_text(encoding="utf-8").replace(",male,", ",female,"), encoding="utf-8")
    words = ("surveys", "import", changed, "--programme", CODE, "--wave", WAVE)
    refused(flask(url, *words), "with other answers to: gender")
    said = flask(url, *words, "--revise", "read wrongly from paper")
    assert "as corrections that a second person approves: 1" in said.output
