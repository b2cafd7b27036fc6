"""The curriculum goes out and comes in at the terminal, and people are counted by stage."""

from __future__ import annotations

import pytest

from tests.cli.test_edge import flask, refused

TEMPLATE = ("--template", "pi_training", "--starts-on", "2026-03-02")


@pytest.fixture
def url(tmp_path):
    url = f"sqlite:///{tmp_path / 'cli.db'}"
    assert flask(url, "programmes", "create-from-template", "pi", *TEMPLATE).exit_code == 0
    return url


def test_a_curriculum_goes_out_is_changed_and_comes_in(url, tmp_path):
    file = tmp_path / "c.csv"
    listed = flask(url, "training", "modules", "pi", "--output", file).output
    assert (len(listed.splitlines()), "planning" in listed) == (12, True)
    text = file.read_text(encoding="utf-8-sig")
    file.write_text("\n".join(line for line in text.splitlines() if not line.startswith("review,")), encoding="utf-8")
    said = flask(url, "training", "modules", "pi", "--file", file).output
    assert "Added: 0, changed: 0, taken out: 1." in said
    assert "Modules added from the template: 1." in flask(url, "training", "modules", "pi", "--template", "pi_training").output
    file.write_text("module\nx\n", encoding="utf-8")
    refused(flask(url, "training", "modules", "pi", "--file", file), "Columns are missing")


def test_people_are_counted_by_cohort_and_stage(url, tmp_path):
    for name, lines in {
        "people": ("study_id,registered_on", "A-1,2026-01-01", "A-2,2026-01-01", "A-3,2026-01-01"),
        "cohorts": ("cohort,arm,starts_on,ends_on", "PI-1,treatment,2026-03-02,2026-04-10"),
        "enrolments": (
            "study_id,cohort,stage,stage_on",
            "A-1,PI-1,active,2026-03-02",
            "A-2,PI-1,active,2026-03-02",
            "A-3,,applied,",
        ),
    }.items():
        path = tmp_path / f"{name}.csv"
        path.write_text("\n".join(lines), encoding="utf-8")
        assert flask(url, "people" if name == "people" else "training", "import", path, "--programme", "pi").exit_code == 0
    rows = [line.split() for line in flask(url, "training", "stages", "pi").output.splitlines()]
    assert rows == [["–", "applied", "1"], ["PI-1", "in", "training", "2"]]
