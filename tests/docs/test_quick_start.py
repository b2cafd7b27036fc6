"""The quick start runs as it stands and prints what it shows; every estimator has a page, every page is in the index and has all parts."""

import contextlib
import inspect
import io
import re
from pathlib import Path

import pytest

from evalapp import stats
from evalapp.stats.warnings import CAUTIONS

ROOT = Path(__file__).parent.parent.parent
QUICK_START = ROOT / "docs" / "quick-start.md"
METHODS = ROOT / "docs" / "methods"
INDEX = METHODS / "README.md"
MADE = {"README.md", "simulations.md"}  # the index, and a page that a program writes
PAGES = sorted(path for path in METHODS.glob("*.md") if path.name not in MADE)
PARTS = [
    "What it answers",
    "Formula",
    "Assumptions",
    "When not to use it",
    "Warnings it gives",
    "Source",
    "Checked against",
    "Call",
]
PYTHON = re.compile(r"```python\n(.*?)```(?:\n\n```text\n(.*?)```)?", re.DOTALL)
LINK = re.compile(r"\]\(([^)#:]+\.md)\)")
FUNCTIONS = [name for name in stats.__all__ if inspect.isfunction(getattr(stats, name))]


def text_of(path):
    return path.read_text(encoding="utf-8")


def without_trailing_blanks(text):
    return [line.rstrip() for line in text.rstrip("\n").split("\n")]


def test_the_quick_start_prints_what_it_shows(tmp_path, monkeypatch):
    (tmp_path / "config").symlink_to(ROOT / "config")  # read as from the project's folder, write nowhere in it
    monkeypatch.chdir(tmp_path)
    blocks = PYTHON.findall(text_of(QUICK_START))
    assert len(blocks) > 5
    namespace = {"__name__": "quick_start"}
    for number, (code, shown) in enumerate(blocks, start=1):
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile(code, f"docs/quick-start.md, block {number}", "exec"), namespace)  # noqa: S102
        assert without_trailing_blanks(printed.getvalue()) == without_trailing_blanks(shown)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_public_function_is_on_a_page(name):
    assert [path.name for path in PAGES if f"`{name}`" in text_of(path) or f"`{name}(" in text_of(path)]


@pytest.mark.parametrize("path", [QUICK_START, INDEX, *PAGES], ids=lambda path: path.name)
def test_every_page_linked_exists(path):
    assert [link for link in LINK.findall(text_of(path)) if not (path.parent / link).exists()] == []


def test_the_index_names_every_page():
    named = set(LINK.findall(text_of(INDEX)))
    assert [path.name for path in PAGES if path.name not in named] == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_page_has_the_same_parts_in_the_same_order(path):
    assert [part for part in re.findall(r"^## (.+)$", text_of(path), re.MULTILINE) if part in PARTS] == PARTS


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_warning_named_exists(path):
    part = text_of(path).partition("## Warnings it gives\n")[2].partition("\n## ")[0]
    words = {word for line in part.split("\n") for word in re.findall(r"`([a-z_]+)`", line) if "_" in word or word in CAUTIONS}
    allowed = {*stats.__all__, "bacon_decomposition", "dynamic_twfe", "mean_interval"}
    assert sorted(words - set(CAUTIONS) - allowed) == []


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_call_is_python_and_names_what_the_page_is_about(path):
    blocks = PYTHON.findall(text_of(path).partition("\n## Call\n")[2])
    assert blocks
    for code, _ in blocks:
        compile(code, path.name, "exec")
        imported = re.findall(r"from evalapp\.stats import (.+)", code)
        assert imported
        assert all(code.count(name) > 1 for names in imported for name in names.split(", "))
