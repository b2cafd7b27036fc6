"""What JavaRosa, the engine inside ODK Collect, makes of a form and of random answers is what ours makes of them.

Where the two differ on purpose, or because JavaRosa errs, the difference stands in `EXPLAINED` with its reason.
"""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest

from evalapp.xform.engine.plan import Form
from evalapp.xform.reading.archive import pack_folder
from tests.xform.every_type import every_type
from tests.xform.oracle import Oracle, reason_to_skip
from tests.xform.pair import EXPLAINED, Pair
from tests.xform.sheets import read_here

INSTRUMENTS = Path(__file__).parent.parent.parent / "config" / "instruments"
MOST_ROUNDS = 4
pytestmark = pytest.mark.skipif(reason_to_skip() is not None, reason=f"no oracle: {reason_to_skip()}")


@pytest.fixture(scope="module")
def oracle(tmp_path_factory):
    made = Oracle(tmp_path_factory.mktemp("javarosa"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def forms(tmp_path_factory):
    """Every form with the file that JavaRosa reads."""
    packs = {path.name: pack_folder(path) for path in sorted(INSTRUMENTS.iterdir())}
    packs["every_type"] = every_type()
    made = {}
    for name, content in packs.items():
        read = read_here(content)
        path = tmp_path_factory.mktemp("forms") / f"{name}.xml"
        path.write_text(read.xform, encoding="utf-8")
        made[name] = Form(read.model), path
    return made


ANSWERS = {
    "int": ["0", "1", "2", "5", "7", "15", "17", "18", "40", "150", "1958", "1990", "-3", "1000000000"],
    "decimal": ["0", "1", "2.5", "-10.5", "0.1", "1234567.25", "99999999", "3"],
    "date": ["1958-07-01", "2020-02-29", "2026-09-01", "1970-01-01", "1988-06-01"],
    "dateTime": ["2020-02-29T10:30:00.000+09:00", "1999-12-31T23:59:59.000+09:00"],
    "time": ["09:30:00.000+09:00", "23:59:00.000+09:00"],
    "geopoint": ["37.5 127.0 0 0"],
    "geotrace": ["37.5 127.0 0 0; 37.6 127.1 0 0"],
    "geoshape": ["37.5 127.0 0 0; 37.6 127.1 0 0; 37.6 127.0 0 0; 37.5 127.0 0 0"],
    "string": ["kim", "alone", "none", "boss", "lee", "KIM", "김", "a b", "3", "x y z", "1e3"],
}


def random_answer(draw, instance, element):
    node, control = instance.node(element), instance.form.controls[element.path]
    if draw.random() < 0.15:
        return ""
    if node.name in ("rooms", "pets"):
        return str(draw.randint(0, MOST_ROUNDS))  # JavaRosa would make as many rounds as it is told
    if control.choices is None:
        return "OK" if control.kind == "trigger" else draw.choice(ANSWERS.get(node.type, ANSWERS["string"]))
    names = [choice.name for choice in instance.form.model.fixed_choices(element.path)] or ["x"]
    if control.kind == "select1":
        return draw.choice(names)
    return " ".join(draw.sample(names, draw.randint(0, len(names)) if control.kind == "select" else len(names)))


def fill(pair, draw, steps):
    for _ in range(steps):
        change_rounds(pair, draw)
        asked = [each for each in pair.ours.root.walk() if is_asked(pair.ours, each)]
        element = draw.choice(asked)
        pair.set(element.address, random_answer(draw, pair.ours, element))
        pair.compare()
    pair.compare_choices()
    pair.compare_submission()


def is_asked(instance, element):
    node = instance.node(element)
    return element.live and element.path in instance.form.controls and not node.children and not node.readonly


def change_rounds(pair, draw):
    repeats = [path for path, node in pair.ours.form.nodes.items() if node.repeat and path not in pair.ours.form.counts]
    if not repeats or draw.random() > 0.2:
        return
    above, _, name = draw.choice(repeats).rpartition("/")
    parents = [each for each in pair.ours.elements(above) if each.live]
    if not parents:
        return
    parent = draw.choice(parents)
    rounds = parent.children[name]
    if len(rounds) < MOST_ROUNDS and draw.random() < 0.7:
        pair.grow(parent, name)
    elif rounds and draw.choice(rounds).live:
        pair.shrink(draw.choice(rounds))


def compare_forms(oracle, forms, seeds, steps):
    compared, explained, differences = 0, Counter(), []
    for seed in seeds:
        for name, (form, path) in forms.items():
            pair = Pair(form, path, oracle)
            fill(pair, random.Random(f"{seed}{name}"), steps)  # noqa: S311 - draws answers
            compared += pair.compared
            explained += pair.explained
            differences += [(name, *each) for each in pair.differences]
    assert set(explained) <= set(EXPLAINED)
    return compared, differences


def test_random_answers_give_what_javarosa_gives(oracle, forms):
    compared, differences = compare_forms(oracle, forms, range(1), steps=30)
    assert differences == []
    assert compared > 20_000


@pytest.mark.slow
def test_many_more_random_answers_give_what_javarosa_gives(oracle, forms):
    compared, differences = compare_forms(oracle, forms, range(1, 31), steps=30)
    assert differences == []
    assert compared > 500_000
