"""What every refusal of the library has in common: a sentence that a catalogue can translate, and the facts that it quotes."""

import ast
import re
from pathlib import Path

import pytest

from evalapp import stats

PLACE = re.compile(r"%\((\w+)\)[rsgd]|%\((\w+)\)\.\d[fg]")


def refusals():
    for path in sorted(Path(stats.__file__).parent.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "StatsError":
                yield pytest.param(call, id=f"{path.stem}:{call.lineno}")


@pytest.mark.parametrize("call", list(refusals()))
def test_a_refusal_is_one_literal_sentence_and_quotes_exactly_its_facts(call):
    (sentence,) = call.args
    assert isinstance(sentence, ast.Constant), "a catalogue finds only what is written out"
    quoted = {first or second for first, second in PLACE.findall(sentence.value)}
    given = {fact.arg for fact in call.keywords}
    # Facts handed on as a mapping are not named where the sentence stands; the tests of those refusals quote them.
    assert quoted == given or (None in given and given - {None} <= quoted)
    rest = PLACE.sub("", sentence.value)
    assert "%" not in (rest.replace("%%", "") if given else ""), "a lone per cent sign would be read as a place"
