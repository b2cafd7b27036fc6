"""Each type of question: what is sent becomes an answer, and an answer is said back."""

from __future__ import annotations

import datetime as dt

import pytest

from evalapp.surveys.answering.question_types.question import field_name
from evalapp.surveys.answering.screens import blocks_of, questions_of, screens_of
from evalapp.xform.engine.answers import BadAnswer
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.plan import Form
from tests.surveys.answering.every_question import every_question

NOON = dt.datetime(2026, 9, 1, 3, tzinfo=dt.UTC)
FORM = Form(every_question().model)


def begun(language="English (en)"):
    instance = Instance.start(FORM, lambda: NOON, language=language)
    instance.set("/data/firm_operating", "yes")
    instance.set("/data/province", "seoul")
    return instance


def question(name, instance=None):
    instance = instance or begun()
    for screen in screens_of(instance):
        if not screen.rounds:
            for found in questions_of(blocks_of(instance, screen)):
                if found.name == name:
                    return found
    raise AssertionError(f"{name} is not asked")


READ = [
    ("revenue_krw", "1,250,000", "1250000", "1,250,000"),
    ("revenue_krw", "１２３", "123", "123"),
    ("hours", "45.50", "45.5", "45.5"),
    ("hours", "40", "40.0", "40"),
    ("opened_on", "2026-09-01", "2026-09-01", "2026-09-01"),
    ("opened_on", "2026. 9. 1.", "2026-09-01", "2026-09-01"),
    ("first_month", "2026-09", "2026-09-01", "2026-09"),
    ("opens_at", "09:30", "09:30:00.000+09:00", "09:30"),
    ("last_sale", "2026-08-31 18:05", "2026-08-31T18:05:00.000+09:00", "2026-08-31 18:05"),
    ("province", "gyeonggi", "gyeonggi", "Gyeonggi"),
    ("city", "mapo", "mapo", "Mapo"),
    ("mood", "7", "7", "7"),
    ("likert", "4", "4", "Mostly"),
    ("difficulty.difficulty_money", "5", "5", "Very difficult"),
    ("registration_number", "2208162517", "220-81-62517", "220-••-•••••"),
    ("understood", "OK", "OK", "✓"),
    ("word", "고맙습니다\r\n  ", "고맙습니다", "고맙습니다"),
]


@pytest.mark.parametrize(("name", "sent", "stored", "said"), READ)
def test_an_answer_is_read_stored_and_said_back(name, sent, stored, said):
    asked = question(name)
    asked.instance.set(asked.address, asked.read([sent]))
    assert asked.stored == stored
    assert asked.said(asked.stored) == said
    if name != "registration_number":
        asked.instance.set(asked.address, asked.read(list(asked.given)))
        assert asked.stored == stored, "what a page shows is read as the same answer"


REFUSED = [
    ("revenue_krw", "a lot", "whole number"),
    ("revenue_krw", "3000000000", "too large"),
    ("hours", "4,5 or so", "not a number"),
    ("opened_on", "2026-13-01", "not a date"),
    ("opened_on", "yesterday", "not a date"),
    ("opens_at", "25:00", "not a date or time"),
    ("mood", "11", "from 0 to 10"),
    ("mood", "2.5", "whole number"),
    ("registration_number", "123-45-67890", "not a business registration number"),
    ("word", "900101-1234567", "resident registration number"),
    ("word", "call me at 010-1234-5678", "telephone number"),
    ("word", "x" * 5001, "at most 5000"),
]


@pytest.mark.parametrize(("name", "sent", "why"), REFUSED)
def test_what_cannot_be_an_answer_is_refused_in_words(name, sent, why):
    with pytest.raises(BadAnswer, match=why):
        question(name).read([sent])


def test_several_choices_stand_in_the_order_of_the_list_once_each():
    assert question("channels").read(["online", "shop", "online", ""]) == "shop online"


def test_an_order_is_whole_or_empty_and_names_each_choice_once():
    best = question("best")
    assert best.read(["online", "shop", "market"]) == "online shop market"
    assert best.read(["", "", ""]) == ""
    with pytest.raises(BadAnswer, match="two places"):
        best.read(["shop", "shop", "market"])
    with pytest.raises(BadAnswer, match="every choice a place"):
        best.read(["shop", "", "market"])
    best.instance.set(best.address, "online shop market")
    assert best.said(best.stored) == "Online › Shop › Market"


def test_an_identifier_is_never_shown_again_and_an_empty_field_keeps_it():
    number = question("registration_number")
    number.instance.set(number.address, number.read(["220-81-62517"]))
    assert number.given == ()
    assert number.masked == "220-••-•••••"
    assert number.read([""]) == "220-81-62517"


def test_an_earlier_answer_decides_what_a_later_question_offers():
    instance = begun()
    assert [choice.label for choice in question("city", instance).offered] == ["Jongno", "Mapo"]
    instance.set("/data/province", "gyeonggi")
    assert [choice.label for choice in question("city", instance).offered] == ["Suwon"]


def test_labels_follow_the_language_and_answers_do_not():
    korean = question("likert", begun("한국어 (ko)"))
    korean.instance.set(korean.address, "4")
    assert korean.said(korean.stored) == "그렇다"
    assert korean.stored == "4"


def test_every_way_of_drawing_has_a_question_in_the_form_that_tests_use():
    instance = begun()
    drawn = {b.drawn_as for s in screens_of(instance) if not s.rounds for b in blocks_of(instance, s)}
    wanted = {"note", "choices", "number", "moment", "folded", "rank", "scale", "line", "heading", "matrix", "identifier"}
    assert drawn == wanted | {"read_only", "acknowledge", "text"}


def test_a_field_is_named_by_its_place_in_the_form():
    assert field_name("/data/trade[2]/goods[3]/price") == "trade.2.goods.3.price"
