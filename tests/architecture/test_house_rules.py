"""Rules about the whole project."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
MODULES = list((ROOT / "evalapp").rglob("*.py"))
TEXTS = [
    path
    for folder in ("evalapp", "config", "templates", "migrations", "docs", ".ci", "benchmarks")
    for path in (ROOT / folder).rglob("*")
    if path.suffix in {".py", ".md", ".html", ".css", ".toml", ".csv", ".sh", ".cfg"} or path.name == "run"
]
TOP_LEVEL = {
    "evalapp", "migrations", "templates", "tests", "config", "docs", "benchmarks", ".ci",
    "wsgi.py", "requirements.txt", "README.md", "CHANGELOG.md", "Makefile", "pyproject.toml", ".gitignore",
}  # fmt: skip


def test_the_top_level_holds_what_the_map_says():
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    assert {name.split("/")[0] for name in listed if name} <= TOP_LEVEL


@pytest.mark.parametrize("module", ["evalapp.stats", "evalapp.charts"])
def test_statistics_and_charts_load_no_web_application_and_no_database(module):
    code = (
        f"import {module}, sys; print([m for m in ('flask', 'sqlalchemy', 'jinja2', 'weasyprint', 'config') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert found.strip() == "[]"


def test_no_module_hides_behind_a_name_that_says_nothing():
    empty = {"utils", "util", "helpers", "common", "manager", "service", "base", "misc"}
    assert [path for path in MODULES if path.stem in empty] == []


def test_no_module_is_longer_than_400_lines():
    assert {str(path): n for path in MODULES if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400} == {}


def test_nothing_points_outside_the_project():
    outside = re.compile(r"\.\./shared|/work/|/tmp/|/root/")
    assert [str(path) for path in TEXTS if outside.search(path.read_text(encoding="utf-8"))] == []


def test_requirements_are_pinned_hashed_and_name_no_registry():
    for name in ("requirements.txt", "config/requirements-dev.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        assert "--index" not in text
        packages = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
        assert packages
        assert all("==" in line for line in packages)
        assert text.count("==") <= text.count("--hash=sha256:")


def test_only_the_language_module_reads_catalogues():
    using = [path for path in MODULES if "read_po" in path.read_text(encoding="utf-8")]
    assert [path.name for path in using] == ["language.py"]
