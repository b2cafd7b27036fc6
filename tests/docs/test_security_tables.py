"""The tables of security name files and tests that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
TABLE = (ROOT / "docs" / "security" / "asvs.md").read_text(encoding="utf-8")


def test_every_named_test_exists():
    known = {
        name
        for path in (ROOT / "tests").rglob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(), re.MULTILINE)
    }
    named = set(re.findall(r"`(test_\w+)`", TABLE))
    assert named
    assert named - known == set()


def test_every_named_file_exists():
    named = set(re.findall(r"`((?:\w+/)+[\w.]*)[:`]", TABLE))
    assert named
    assert {name for name in named if not any((ROOT / folder / name).exists() for folder in ("", "evalapp"))} == set()


def test_every_requirement_stands_once_with_its_state():
    rows = re.findall(r"^\| (\d+\.\d+\.\d+)[^|]*\|[^|]+\| (\w+) \|", TABLE.partition("## What is not met")[0], re.MULTILINE)
    assert len({number for number, _ in rows}) == len(rows) > 100
    assert {state for _, state in rows} == {"met", "partly", "no", "installation"}


def test_what_is_not_met_is_in_the_list_at_the_end():
    above, _, below = TABLE.partition("## What is not met")
    rows = re.findall(r"^\| ([\d., –]+?) \|[^|]+\| (?:partly|no) \|", above, re.MULTILINE)
    missing = {number for row in rows for number in re.findall(r"\d+\.\d+\.\d+", row)}
    assert missing - set(re.findall(r"\d+\.\d+\.\d+", below)) == set()
