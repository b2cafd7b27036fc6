"""Both catalogues hold exactly the program's messages, translated, with the placeholders of the original."""

from __future__ import annotations

import importlib.util
import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from evalapp.core.language import LANGUAGES
from evalapp.panel.variables import VARIABLES
from evalapp.stats.warnings import CAUTIONS

ROOT = Path(__file__).parent.parent.parent
PLACEHOLDER = re.compile(r"%\((\w+)\)([-+ #0]*\d*(?:\.\d+)?[a-zA-Z])")
HANGUL = re.compile(r"[가-힣]")
SIGNS_IN_KOREAN = {"percentage points", "%(number)s percentage points", "%(number)s percent"}
NAMES_OF_TOOLS = {"KoboToolbox", "ODK Central", "SurveyCTO", "SHA-256"}
ENGLISH_WORD = re.compile(r"[A-Za-z]{3,}")


@pytest.fixture(scope="module")
def updater():
    specification = importlib.util.spec_from_file_location("update_translations", ROOT / "config" / "update_translations.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def wanted(updater):
    return {message.id for message in updater.extract_messages() if message.id}


@pytest.fixture(scope="module")
def catalogues(updater):
    made = {}
    for language in LANGUAGES:
        with updater.catalogue_path(language).open("rb") as source:
            made[language] = read_po(source, locale=language)
    return made


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_missing(catalogues, wanted, language):
    known = {message.id for message in catalogues[language] if message.id and all(_strings(message))}
    assert wanted - known == set(), "run: python config/update_translations.py, then translate"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_message_is_obsolete_or_uncertain(catalogues, wanted, language):
    assert {message.id for message in catalogues[language] if message.id} - wanted == set()
    assert not catalogues[language].obsolete
    assert [message.id for message in catalogues[language] if message.id and message.fuzzy] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_placeholders_are_those_of_the_original_and_the_text_can_be_filled_in(catalogues, language):
    for message in catalogues[language]:
        if message.id:
            many = message.id if isinstance(message.id, str) else message.id[1]
            names = set(PLACEHOLDER.findall(many))
            assert Counter(names) == Counter(set(PLACEHOLDER.findall(_strings(message)[-1]))), message.id
            for text in _strings(message) if names else ():
                assert text % dict.fromkeys((name for name, _ in names), 1.0)


def test_english_is_the_message_itself(catalogues):
    assert [m.id for m in catalogues["en"] if m.id and m.string != m.id] == []


def test_korean_is_korean(catalogues):
    with_words = [m for m in catalogues["ko"] if m.id and ENGLISH_WORD.search(PLACEHOLDER.sub("", " ".join(_each(m.id))))]
    assert {m.id for m in with_words if not all(HANGUL.search(text) for text in _strings(m))} == SIGNS_IN_KOREAN | NAMES_OF_TOOLS


def _each(text):
    """A message with a plural has its texts as a tuple."""
    return (text,) if isinstance(text, str) else tuple(text)


def _strings(message):
    return _each(message.string)


def test_sentences_that_are_looked_up_by_their_text_are_in_the_catalogue(wanted):
    for explanation in CAUTIONS.values():
        assert {explanation.officer, explanation.econometrician} <= wanted
    for variable in VARIABLES.values():
        assert {variable.label, variable.definition} <= wanted
