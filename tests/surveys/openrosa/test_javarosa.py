"""The engine inside ODK Collect as the client: it reads what we deliver, is filled in, and what it sends is what we store."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from evalapp.core.ids import BODY_ALPHABET
from evalapp.surveys.openrosa.forms.deliver_form import deliver_form
from evalapp.surveys.openrosa.forms.queries import list_wave_forms
from evalapp.surveys.openrosa.forms.study_id_question import LABEL, STUDY_ID
from evalapp.surveys.openrosa.receive_submission import receive_submission
from evalapp.xform.engine.plan import Form
from evalapp.xform.reading.archive import pack_folder
from tests.surveys.openrosa.field import Field, field_form
from tests.xform.every_type import every_type
from tests.xform.oracle import Oracle, reason_to_skip
from tests.xform.pair import Pair, plain, texts
from tests.xform.sheets import read_here
from tests.xform.test_oracle import change_rounds, is_asked, random_answer

INSTRUMENTS = Path(__file__).parent.parent.parent.parent / "config" / "instruments"
STEPS = 40
pytestmark = pytest.mark.skipif(reason_to_skip() is not None, reason=f"no oracle: {reason_to_skip()}")


@pytest.fixture(scope="module")
def oracle(tmp_path_factory):
    made = Oracle(tmp_path_factory.mktemp("javarosa"))
    yield made
    made.close()


def packs():
    return {**{path.name: pack_folder(path) for path in sorted(INSTRUMENTS.iterdir())}, "every_type": every_type()}


def filled_in(oracle, form, path, study_id, draw):
    """Fill a delivered form in at random, as Collect would, and return what Collect would send."""
    pair = Pair(Form(form.model), path, oracle)
    oracle("set", f"/{pair.ours.root.name}/{STUDY_ID}", study_id)
    for _ in range(STEPS):
        change_rounds(pair, draw)
        element = draw.choice([each for each in pair.ours.root.walk() if is_asked(pair.ours, each)])
        pair.set(element.address, random_answer(draw, pair.ours, element))
    return pair, oracle("submission")[0].encode()


def expected(pair, content):
    """Return the answers in what was sent, without what is no answer: metadata, and what says who somebody is."""
    found = Counter()
    for address, text in texts(ET.fromstring(content)).items():
        path = "/".join(step.partition("[")[0] for step in address.split("/"))
        node = pair.ours.form.nodes.get(path)
        secret = node is not None and pair.ours.form.model.items.get(node.name, {}).get("sensitivity") == "identifier"
        is_noted = node is None or node.preload or node.children or "/meta/" in address or node.name.startswith("prev_") or secret
        if text and not is_noted:
            found[node.name, text] += 1
    return found


@pytest.mark.parametrize("name", sorted(packs()))
def test_what_collect_sends_is_what_is_stored(db, programme, oracle, tmp_path, name):
    form = read_here(packs()[name])
    field = Field(db, programme, form)
    path = tmp_path / "delivered.xml"
    path.write_bytes(deliver_form(db, list_wave_forms(db, programme.id)[0], "ko"))
    for seed in range(2):
        person = field.add_person()
        pair, content = filled_in(oracle, form, path, person.study_id, random.Random(f"{seed}{name}"))  # noqa: S311 - draws answers
        row = receive_submission(db, field.device, content, {})
        assert (row.state, row.problem) == ("placed", "")
        stored = Counter((variable, plain(text)) for (_path, variable), text in field.answers(row).items())
        stored.pop(("registration_number_valid", "yes"), None)
        stored.pop(("registration_number_valid", "no"), None)
        assert sum(stored.values()) > 5
        assert stored == expected(pair, content)


def test_collect_takes_right_study_ids_only(db, programme, oracle, tmp_path):
    field = Field(db, programme, field_form())
    path = tmp_path / "delivered.xml"
    path.write_bytes(deliver_form(db, list_wave_forms(db, programme.id)[0], "en"))
    Pair(Form(field_form().model), path, oracle)

    def takes(text):
        return oracle("check", f"/data/{STUDY_ID}", text) == ["true"]

    for _ in range(20):
        study_id = field.add_person().study_id
        assert takes(study_id)
        assert takes(study_id.lower())
        for at in (3, 4, 5, 6, 8):
            other = BODY_ALPHABET[(BODY_ALPHABET.index(study_id[at]) + 1) % len(BODY_ALPHABET)]
            assert not takes(study_id[:at] + other + study_id[at + 1 :])
        assert study_id[3] == study_id[4] or not takes(study_id[:3] + study_id[4] + study_id[3] + study_id[5:])
    assert not any(takes(text) for text in ("PI-7K3Q", "7K3Q-4", "PI-OIL0-0", "A-1", "PI-0000-00"))


def test_collect_asks_in_the_language_of_the_form(db, programme, oracle, tmp_path):
    Field(db, programme, field_form())
    path = tmp_path / "delivered.xml"
    path.write_bytes(deliver_form(db, list_wave_forms(db, programme.id)[0], "en"))
    Pair(Form(field_form().model), path, oracle)
    for language, label in (("English (en)", LABEL.within("en")), ("한국어 (ko)", LABEL.within("ko"))):
        oracle("language", language)
        assert oracle("label", f"/data/{STUDY_ID}") == [label]
