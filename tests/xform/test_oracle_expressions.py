"""Random expressions give what they give in JavaRosa: the same kind of value, and the same value."""

from __future__ import annotations

import datetime as dt
import math
import random
import re

import pytest

from evalapp.xform.engine.plan import Form
from evalapp.xform.faults import FormError
from evalapp.xform.xpath.dates import SEOUL
from evalapp.xform.xpath.values import plain
from tests.xform.every_type import every_type
from tests.xform.oracle import Oracle, OracleError, reason_to_skip
from tests.xform.pair import Pair
from tests.xform.sheets import read_here

pytestmark = pytest.mark.skipif(reason_to_skip() is not None, reason=f"no oracle: {reason_to_skip()}")
A_MILLISECOND = dt.timedelta(milliseconds=2)  # what date-time() of a fraction is cut to, on either side
DRAWS = 4_000
LAST_DIGITS = 1e-9  # sines and powers may differ in the last bits between the two mathematical libraries
CONTEXT = "/data/name"
ANSWERS = {
    "name": "kim", "age": "18", "income": "2.5", "born": "1995-06-01", "met": "2020-02-29T10:30:00.000+09:00", "region": "north",
    "city": "a", "likes": "tea milk", "home": "37.5 127.0 0 0", "way": "37.5 127.0 0 0; 37.6 127.1 0 0",
    "field": "37.5 127.0 0 0; 37.6 127.1 0 0; 37.6 127.0 0 0; 37.5 127.0 0 0", "code": "a-b",
}  # fmt: skip

# Both sides are asserted, so that a change of either is seen.
DELIBERATE = [
    ("string(12345678.5)", "12345678.5", "1.23456785E7", "an exponent is no amount of money that a person can read"),
    ("string(10000000000)", "10000000000", "1.0E10", "an exponent is no amount of money that a person can read"),
    ("concat(0.00001)", "0.00001", "1.0E-5", "an exponent is nothing a person can read"),
    ("max(-3, -1)", -1.0, 5e-324, "JavaRosa begins with the least positive number"),
    ("min(1 div 0, 2 div 0)", float("inf"), 1.7976931348623157e308, "JavaRosa begins with the greatest number there is"),
    ("/data/child[1]/years", 7.0, "", "JavaRosa passes over a number in brackets; XPath means a position"),
    ("count(/data/*) > 20", True, False, "JavaRosa takes * for the question it stands in"),
    (
        "decimal-time(date('1958-07-01'))",
        0.0,
        0.9791666666669698,
        "Seoul's clocks went half an hour slower in 1958, which JavaRosa misses",
    ),
    ("selected(/data/age, '18')", True, "error", "JavaRosa casts where it should convert"),
    ("round(1000000000000000000000, -1)", 1e21, 9.223372036854776e19, "JavaRosa's whole numbers end at 2^63"),
    ("number(/data/due/x)", "nan", "nan", "a path that leads nowhere is empty in both"),
]

# Expressions by kind; a letter in braces stands for another one: n number, t text, b boolean, d date, e an earlier one of any kind,
# s a number that both write alike, p nodes, r a recent date.
LEAVES = {
    "n": ["0", "1", "2", "-3", "0.5", "2.5", "-2.5", "17", "100.125", "1958", "0.001", "/data/age", "/data/income", "/data/children",
          "/data/mood", "'3'", "'1,5'", "'1e3'", "''"],
    "s": ["0", "1", "2", "-3", "0.5", "2.5", "17", "100.125", "/data/age", "/data/income", "/data/children"],
    "t": ["''", "'a'", "'abc'", "'tea milk'", "'3'", "' 2.50 '", "'x y  z'", "'한글'", "'true'", "'-'", "/data/name", "/data/likes",
          "/data/code", "/data/locked", "/data/constant", "/data/near", "/data/due/x"],
    "b": ["true()", "false()", "{s} = {s}", "{n} > {n}", "{t} = {t}", "{t} != {s}"],
    "d": ["today()", "/data/born", "/data/met", "date('2020-02-29')", "date('1958-07-01')", "date-time('1999-12-31T23:59:59.5+09:00')"],
    "r": ["today()", "/data/born", "/data/met", "date('2020-02-29')", "date-time('1999-12-31T23:59:59.5+09:00')"],
    "p": ["/data/child/years", "/data/child/first", "/data/child", "/data/child/toy/price", "/data/room/area"],
}  # fmt: skip
WRITTEN = {
    "e": ["{n}", "{t}", "{b}", "{d}"],
    "n": ["({n} + {n})", "({n} - {n})", "({n} * {n})", "({n} div {n})", "({s} mod {s})", "-{n}", "int({n})", "round({n})", "round({n}, 2)",
          "round({s}, -1)", "abs({n})", "number({e})", "sqrt({n})", "pow({s}, 2)", "exp({s})", "log({n})", "log10({n})", "exp10({s})",
          "sin({s})", "cos({s})", "tan({s})", "asin({n})", "acos({n})", "atan({n})", "atan2({s}, {s})", "pi()", "min({s}, {n})",
          "max({n}, {n}, 1)", "count({p})", "sum({p})", "count-non-empty({p})", "min({p})", "max({p})", "string-length({t})",
          "count-selected({t})", "if({b}, {n}, {n})", "coalesce({n}, {n})", "decimal-date-time({d})", "decimal-time({r})", "({d} - {d})",
          "position({p})", "distance(/data/way)", "(area(/data/field) div 1000000)", "count(/data/child[years > {s}])",
          "sum(/data/child[years = {s}]/years)",
          "sum(/data/child[position() = 2]/years)", "indexed-repeat(/data/child/years, /data/child, {s})",
          "count(instance('city')/root/item[region = /data/region])", "({n} + {n} * {n} - {n})", "depend({n}, {n})"],
    "t": ["string({s})", "string({b})", "string({d})", "string({t})", "concat({t}, {s})", "concat({t}, {t}, {d})", "concat({p})",
          "join('-', {t}, {t})", "join(' ', {p})", "substr({t}, {n})", "substr({t}, {n}, {n})", "substring-before({t}, {t})",
          "substring-after({t}, ' ')", "translate({t}, 'abc', 'xy')", "normalize-space({t})", "selected-at({t}, {s})", "if({b}, {t}, {t})",
          "coalesce({t}, {t})", "format-date({d}, '%Y-%m-%d')", "format-date({d}, '%e/%n/%y %b %a')",
          "format-date-time({d}, '%H:%M:%S.%3 %h')",
          "digest({t}, 'MD5', 'hex')", "digest({t}, 'SHA-1')", "digest({t}, 'SHA-256', 'base64')", "digest({t}, 'SHA-512', 'hex')",
          "jr:choice-name({t}, '/data/region')", "indexed-repeat(/data/child/first, /data/child, {s})", "base64-decode('aGk=')",
          "instance('city')/root/item[name = /data/city]/name", "/data/city", "once('x')", "current()/../name", "../name", "version()"],
    "b": ["({b} and {b})", "({b} or {b})", "not({b})", "({e} = {e})", "({e} != {e})", "({e} < {e})", "({e} <= {e})", "({e} > {e})",
          "({e} >= {e})", "boolean({e})", "boolean-from-string({t})", "contains({t}, 'a')", "starts-with({t}, 'a')", "ends-with({t}, 'c')",
          "selected({t}, 'tea')", "is-selected({t}, {t})", "regex({t}, '[a-z]+')", "regex({t}, '\\d{2}|3')", "regex({t}, '(a|b)*c?')",
          "regex({t}, '.*e.*')", "regex({t}, '[^ ]{1,3}')", "regex({t}, '(?i)KIM')", "regex({t}, '\\w+-\\w+')", "regex({t}, '\\p{L}+')",
          "regex({t}, '^(?!a).*$')", "checklist(1, 2, {b}, {b}, {b})", "checklist(-1, 1, {p})",
          "weighted-checklist(1, 5, {b}, 2, {b}, {s})",
          "if({b}, {b}, {b})"],
    "d": ["date({s})", "date({d})", "date-time({s})", "date({d} + {s})", "if({b}, {d}, {d})", "coalesce('', {d})"],
}  # fmt: skip
PLACE = re.compile(r"\{([netbdsrp])\}")


def an_expression(draw, kind, depth):
    """Write an expression that makes sense, most of the time."""
    templates = WRITTEN[kind] if kind in WRITTEN and (depth > 0 or kind == "e") else LEAVES[kind]
    return PLACE.sub(lambda found: an_expression(draw, found[1], depth - 1), draw.choice(templates))


@pytest.fixture(scope="module")
def pair(tmp_path_factory):
    """A form with answers, in both engines."""
    oracle = Oracle(tmp_path_factory.mktemp("javarosa"))
    read = read_here(every_type())
    path = tmp_path_factory.mktemp("forms") / "form.xml"
    path.write_text(read.xform, encoding="utf-8")
    made = Pair(Form(read.model), path, oracle)
    for name, text in ANSWERS.items():
        made.set(f"/data/{name}", text)
    made.set("/data/child/first", "lee")
    made.set("/data/child/years", "7")
    made.grow(made.ours.root, "child")
    made.set("/data/child[2]/first", "han")
    made.set("/data/rooms", "2")
    yield made
    oracle.close()


def theirs(pair, expression):
    try:
        kind, *written = pair.oracle("evaluate", CONTEXT, expression)
    except OracleError:
        return "error"
    if kind == "Date":
        return dt.datetime.fromtimestamp(int(written[0]) / 1000, dt.UTC).astimezone(SEOUL).replace(tzinfo=None)
    if kind == "Double":
        return float(written[0])
    return written[0] == "true" if kind == "Boolean" else "".join(written)


def ours(pair, expression):
    try:
        return plain(pair.ours.evaluate(expression, pair.ours.at(CONTEXT)))
    except FormError:
        return "error"


def same(one, other):
    if type(one) is not type(other):
        return False
    if isinstance(one, float):
        return (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=LAST_DIGITS, abs_tol=LAST_DIGITS)
    if isinstance(one, dt.datetime):
        return abs(one - other) < A_MILLISECOND
    return one == other


def compare(pair, draws, seed):
    """Return how many expressions JavaRosa refused that ours can evaluate, and where the two differ."""
    draw = random.Random(seed)  # noqa: S311 - draws expressions
    refused, differences = 0, []
    for _ in range(draws):
        expression = an_expression(draw, "e", 4)
        one, other = ours(pair, expression), theirs(pair, expression)
        if other == "error" and one != "error":
            refused += 1
        elif not same(one, other):
            differences.append((expression, one, other))
    return refused, differences


def test_random_expressions_give_what_they_give_in_javarosa(pair):
    refused, differences = compare(pair, DRAWS, seed=1)
    assert differences == []
    assert refused < DRAWS / 50


@pytest.mark.slow
def test_many_more_random_expressions_give_what_they_give_in_javarosa(pair):
    _, differences = compare(pair, 100_000, seed=2)
    assert differences == []


@pytest.mark.parametrize(("expression", "wanted", "given", "reason"), DELIBERATE)
def test_differences_from_javarosa_are_those_we_mean(pair, expression, wanted, given, reason):
    assert str(ours(pair, expression)) == str(wanted), reason
    assert str(theirs(pair, expression)) == str(given), reason
