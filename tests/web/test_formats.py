"""Dates, numbers and money as a Korean and an English reader expect them."""

import datetime as dt

import pytest
from flask import Flask, g

from evalapp.core.language import Message
from evalapp.web.formats import FILTERS

DAY = dt.date(2026, 11, 2)
EVENING = dt.datetime(2026, 11, 2, 16, 5, tzinfo=dt.UTC)  # already the third in Seoul


@pytest.fixture(params=["ko", "en"])
def language(request):
    with Flask(__name__).app_context():
        g.language = request.param
        yield request.param


@pytest.mark.parametrize(
    ("name", "value", "options", "ko", "en"),
    [
        ("date", DAY, {}, "2026년 11월 2일", "2 Nov 2026"),
        ("instant", EVENING, {}, "2026년 11월 3일 01:05", "3 Nov 2026, 01:05"),
        ("number", 1234567, {}, "1,234,567", "1,234,567"),
        ("number", -1234.567, {"digits": 2}, "−1,234.57", "−1,234.57"),
        ("number", 3, {"digits": 1}, "3.0", "3.0"),
        ("number", -0.2, {}, "0", "0"),
        ("share", 0.705, {"digits": 1}, "70.5%", "70.5%"),
        ("share", 1, {}, "100%", "100%"),
        ("share", 0.29, {}, "29%", "29%"),
        ("won", 1_250_000, {}, "125만 원", "₩1,250,000"),
        ("won", 125_000_000, {}, "1억 2,500만 원", "₩125,000,000"),
        ("won", 300_000_000, {}, "3억 원", "₩300,000,000"),
        ("won", 2_000_010_000, {}, "20억 1만 원", "₩2,000,010,000"),
        ("won", 1_234_567, {}, "1,234,567원", "₩1,234,567"),
        ("won", 9_000, {}, "9,000원", "₩9,000"),
        ("won", 0, {}, "0원", "₩0"),
        ("won", -420_000.4, {}, "−42만 원", "−₩420,000"),
    ],
)
def test_a_value_is_written_as_its_reader_writes_it(language, name, value, options, ko, en):
    assert FILTERS[name](value, **options) == (ko if language == "ko" else en)


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("name", ["date", "instant", "number", "share", "won"])
def test_nothing_is_a_dash(name):
    assert FILTERS[name](None) == "–"


@pytest.mark.usefixtures("language")
@pytest.mark.parametrize("name", ["number", "share", "won"])
def test_what_is_not_a_number_is_a_dash_too(name):
    assert FILTERS[name](float("nan")) == "–"


def test_a_message_is_said_in_the_readers_language_and_a_text_stays(language):
    assert FILTERS["said"](Message("Report")) == {"ko": "보고서", "en": "Report"}[language]
    assert FILTERS["said"]("PI-7K3Q-4") == "PI-7K3Q-4"
