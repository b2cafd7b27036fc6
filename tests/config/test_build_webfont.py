"""Which letters come in which file: pages of ours need two files at most, those in English one."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
INSTRUMENTS = ROOT / "config" / "instruments"


@pytest.fixture(scope="module")
def builder():
    specification = importlib.util.spec_from_file_location("build_webfont", ROOT / "config" / "build_webfont.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def syllables(text):
    return {ord(sign) for sign in text if "가" <= sign <= "힣"}


def test_what_is_shipped_needs_no_file_but_ours(builder):
    files = builder.pieces(set(range(0x20, 0xD7A4)))
    ours = files["interface"] | files["latin"]
    shipped = "".join(path.read_text(encoding="utf-8") for path in INSTRUMENTS.rglob("*.csv"))
    assert len(syllables(shipped)) > 200
    assert syllables(shipped) <= ours


def test_a_page_in_english_needs_one_file(builder):
    assert syllables("한국어") <= builder.pieces(set(range(0x20, 0xD7A4)))["latin"]


def test_every_syllable_can_be_written_and_comes_once(builder):
    files = builder.pieces(set(range(0x20, 0xD7A4)))
    korean = [code for piece in files.values() for code in piece if code in builder.SYLLABLES]
    assert set(korean) == set(builder.SYLLABLES)
    assert len(korean) == len(set(korean)) + len(syllables("한국어")), "but those three, which stand in the Latin file and a block"
