"""Every public statistical function says what it compares, what it assumes, where it comes from and what it was checked against."""

import inspect
import re
from pathlib import Path

import pytest

from evalapp import stats

ROOT = Path(__file__).parent.parent.parent
HEADINGS = ("Parameters", "Returns", "Raises", "Missing values and weights", "Notes", "Assumes", "Source", "Checked against")
FUNCTIONS = [name for name in stats.__all__ if inspect.isfunction(getattr(stats, name))]
CLASSES = [name for name in stats.__all__ if inspect.isclass(getattr(stats, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_has_every_heading(name):
    text = inspect.getdoc(getattr(stats, name)) or ""
    assert [heading for heading in HEADINGS if not re.search(rf"^{heading}\n-+$", text, re.MULTILINE)] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_function_names_references_that_exist(name):
    text = inspect.getdoc(getattr(stats, name)) or ""
    checked = text.partition("Checked against")[2]
    assert len(checked.split()) > 5
    named = re.findall(r"tests/stats/[\w/.]+\.(?:json|csv|py)", checked)
    assert [path for path in named if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_is_explained(name):
    function = getattr(stats, name)
    text = (inspect.getdoc(function) or "").partition("Returns\n")[0]
    assert [p for p in inspect.signature(function).parameters if not re.search(rf"\b{p}\b", text)] == []


@pytest.mark.parametrize("name", CLASSES)
def test_a_result_says_what_it_holds(name):
    assert len((getattr(stats, name).__doc__ or "").split()) > 5


def test_every_stored_reference_has_a_note_of_how_it_was_made():
    folder = ROOT / "tests" / "stats" / "reference"
    notes = " ".join(path.read_text(encoding="utf-8") for path in folder.glob("*.md"))
    files = [path for path in folder.iterdir() if path.suffix in {".json", ".csv"}]
    assert files
    assert [path.name for path in files if not path.with_suffix(".md").exists() and path.name not in notes] == []
