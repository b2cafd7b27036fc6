from __future__ import annotations

import datetime as dt

import pytest

from evalapp.reports import formats


@pytest.mark.parametrize(
    ("value", "korean", "english"),
    [
        (350_000, "35만 원", "KRW 350,000"),
        (-125_400, "−12.5만 원", "KRW −125,000"),
        (1_234_567_890, "12억 3,457만 원", "KRW 1,234,568,000"),
        (200_000_000, "2억 원", "KRW 200,000,000"),
        (99_999_990, "1억 원", "KRW 100,000,000"),
        (0, "0만 원", "KRW 0"),
        (-0.2, "0만 원", "KRW 0"),
    ],
)
def test_money_reads_as_each_language_writes_it(value, korean, english):
    assert formats.amount(value, "krw", "ko") == korean
    assert formats.amount(value, "krw", "en") == english


@pytest.mark.parametrize(
    ("p", "text"),
    [
        (0.0312, "p = .031"),
        (0.0009, "p < .001"),
        (0.9999, "p = 1.000"),
        (0.05, "p = .050"),
        (None, "p = –"),
        (float("nan"), "p = –"),
    ],
)
def test_probabilities_have_three_digits_and_no_leading_zero(p, text):
    assert formats.p_equals(p) == text


def test_minus_is_the_minus_sign_and_zero_has_none():
    assert formats.number(-1234.5, "en", 1) == "\u22121,234.5"
    assert formats.number(-0.001, "en", 2) == "0.00"


def test_what_is_not_a_number_is_a_dash():
    assert formats.number(None, "en") == formats.number(float("inf"), "ko") == formats.ABSENT


def test_shares_of_one_differ_in_percentage_points():
    assert formats.amount(0.034, "share", "en") == "3.4 percentage points"
    assert formats.amount(0.034, "share", "ko") == "3.4%p"
    assert formats.unit_label("share", "en", difference=True) == "percentage points"
    assert formats.unit_label("share", "en") == "%"


def test_an_interval_carries_its_unit_once_unless_it_is_money():
    assert formats.amount_interval(-0.1, 0.2, "points", "en") == "−0.10 to 0.20 points"
    assert formats.amount_interval(-0.1, 0.2, "points", "ko") == "−0.10 ~ 0.20점"
    assert formats.amount_interval(-10_000, 20_000, "krw", "ko") == "−1만 원 ~ 2만 원"


def test_moments_are_told_in_seoul():
    moment = dt.datetime(2026, 3, 31, 23, 30, tzinfo=dt.UTC)
    assert formats.instant(moment, "en") == "1 April 2026 08:30 KST"
    assert formats.instant(moment, "ko") == "2026년 4월 1일 08:30 KST"
