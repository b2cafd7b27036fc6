"""Expressions and patterns are read or refused, never more; and what is quick stays quick."""

from __future__ import annotations

import datetime as dt
import math
import random
import re
import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evalapp.xform import Form, Instance
from evalapp.xform.faults import FormError
from evalapp.xform.tree import Element
from evalapp.xform.xpath.evaluator import compiled
from evalapp.xform.xpath.functions import FUNCTIONS
from evalapp.xform.xpath.parser import parse
from evalapp.xform.xpath.regular import matches
from evalapp.xform.xpath.scope import Scope
from evalapp.xform.xpath.shuffle import shuffled
from evalapp.xform.xpath.values import decimal_text, number, number_text, text
from tests.xform.sheets import packed, read_here
from tests.xform.test_oracle_expressions import LEAVES, WRITTEN

PIECES = ["(", ")", "[", "]", "/", "//", "..", ".", ",", "'", '"', "=", "!=", "<", "-", "*", "|", "@", "::", "$", " and ", " or ",
          " div ", " mod ", "1", "2.5", "'a'", "a", "/data/a", "instance('x')", "current()", *(f"{name}(" for name in FUNCTIONS),
          "가", "\u0000", "{", "node()"]  # fmt: skip
WORST_SECONDS = 2.0  # a second engine would need years


@settings(deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=25).map("".join))
def test_any_text_is_an_expression_or_a_form_error(expression):
    with suppress(FormError):
        compiled(expression)


@settings(deadline=None)
@given(st.text(max_size=60))
def test_any_other_text_is_an_expression_or_a_form_error_too(expression):
    with suppress(FormError):
        parse(expression)


@pytest.mark.parametrize(
    "expression",
    ["(" * 5_000, "-" * 5_000 + "1", "1" + "+1" * 5_000, "a[" * 500, "not(" * 500, "1 " * 30_000, "//*" + "[//*" * 30 + "]" * 30],
)
def test_expressions_made_to_exhaust_the_reader_are_refused_or_read(expression):
    with suppress(FormError):
        parse(expression)


SHOP = """
| type | name | label | calculation |
| begin_repeat | line | Line | |
| integer | price | Price | |
| end_repeat | | | |
| calculate | total | | sum(//price) |
| calculate | newest | | sum(/data/line[last()]/price) |
| calculate | whole | | floor(-2.5) + 10 * ceiling(-2.5) + 100 * floor(2) |
"""


def test_what_xpath_has_and_odk_collect_has_not():
    """XPath 1.0, sections 2.5, 4.1 and 4.4; Enketo has them, too."""
    instance = Instance.start(Form(read_here(packed(SHOP)).model), lambda: dt.datetime.now(dt.UTC))
    for _ in range(2):
        instance.add_round("/data/line")
    for round_, price in enumerate((5, 7, 11), start=1):
        instance.set(f"/data/line[{round_}]/price", str(price))
    assert [instance.at(f"/data/{name}").value for name in ("total", "newest", "whole")] == [23, 11, 177]
    instance.remove_round("/data/line[3]")
    assert [instance.at(f"/data/{name}").value for name in ("total", "newest")] == [12, 7]


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_every_function_is_in_the_comparison_with_javarosa_or_tested_apart(name):
    tested = " ".join(str(each) for texts in (*LEAVES.values(), *WRITTEN.values()) for each in texts)
    apart = {"pulldata", "randomize", "random", "uuid", "now", "property", "geofence", "enclosed-area", "last", "floor", "ceiling"}
    assert name in apart or f"{name}(" in tested


class Around:
    def __init__(self):
        self.root = Element("data")
        self.random = random.Random(1)  # noqa: S311 - a test
        self.version = "7"

    def property(self, name):
        return f"<{name}>"


def evaluate(expression):
    around = Around()
    return compiled(expression)(Scope(around, around.root))


def test_functions_that_javarosa_does_not_share():
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", evaluate("uuid()"))
    assert re.fullmatch(r"[0-9A-Z]{8}", evaluate("uuid(8)"))
    assert evaluate("property('deviceid')") == "<deviceid>"
    assert evaluate("geofence('1 1', '0 0;0 2;2 2;2 0;0 0')") is True
    assert evaluate("geofence('3 1', '0 0;0 2;2 2;2 0;0 0')") is False
    assert evaluate("enclosed-area('0 0;0 0.001;0.001 0.001;0.001 0;0 0')") == pytest.approx(12391.9, abs=0.1)
    assert evaluate("digest('abc', 'CRC32', 'hex')") == "352441c2"


def test_a_seed_gives_the_order_it_gives_in_odk():
    assert shuffled(["tea", "milk", "water", "차"], 42) == ["tea", "차", "water", "milk"]


@settings(deadline=None)
@given(st.lists(st.integers(), max_size=30), st.integers(-(2**63), 2**63 - 1))
def test_shuffling_loses_nothing(things, seed):
    assert sorted(shuffled(things, seed)) == sorted(things)


@settings(deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_written_is_the_number_read(value):
    assert float(decimal_text(value)) == value
    assert number(number_text(value)) == pytest.approx(value, rel=1e-12, abs=1e-12)
    assert "e" not in number_text(value)


@settings(deadline=None)
@given(st.floats(), st.floats())
def test_arithmetic_never_raises(a, b):
    for operator in ("+", "-", "*", "div", "mod", "<", "="):
        left, right = (f"number('{decimal_text(each)}')" if math.isfinite(each) else "(1 div 0)" for each in (a, b))
        assert isinstance(text(evaluate(f"{left} {operator} {right}")), str)


SIMPLE = st.recursive(
    st.sampled_from(["a", "b", "c", ".", "[ab]", "[^a]", "\\d", "\\w"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{1,2}", "{2}"])).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
    ),
    max_leaves=6,
)


@settings(deadline=None)
@given(SIMPLE, st.text("abc1 ", max_size=7))
def test_a_pattern_fits_what_it_fits_in_python(pattern, given_text):
    assert matches(pattern, given_text) == bool(re.fullmatch(pattern, given_text, re.ASCII))


@settings(deadline=None)
@given(st.text("ab(){}[]*+?|^$\\.-,0123pPuxdwb:!=<&", max_size=20))
def test_any_text_is_a_pattern_or_a_form_error(pattern):
    with suppress(FormError):
        matches(pattern, "abab")


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|a)*b", "(a|aa)+$", "(.*a){20}", "(\\w+\\s?)*!"])
def test_a_dangerous_pattern_is_not_dangerous(pattern):
    begun = time.perf_counter()
    matches(pattern, "a" * 2_000 + "c")
    assert time.perf_counter() - begun < WORST_SECONDS


@pytest.mark.parametrize("pattern", ["(a){99999}", "((a{500}){500}){500}", "(?<=a)b", "(a)\\1", "[a&&b]", "a++"])
def test_patterns_outside_what_is_supported_are_refused(pattern):
    with pytest.raises(FormError):
        matches(pattern, "aaa")
