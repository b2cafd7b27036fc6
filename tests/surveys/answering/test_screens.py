"""A form cut into screens."""

from __future__ import annotations

import datetime as dt

from evalapp.surveys.answering.screens import Heading, Matrix, blocks_of, is_live, screens_of
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.plan import Form
from evalapp.xform.read import read_form
from tests.surveys.answering.every_question import every_question
from tests.xform.sheets import packed

NOON = dt.datetime(2026, 9, 1, 3, tzinfo=dt.UTC)
YES_NO = "| list_name | name | label |\n| yn | y | Yes |\n| yn | n | No |"


def begun(form):
    return Instance.start(Form(form.model), lambda: NOON)


def keys(instance):
    return [screen.key for screen in screens_of(instance)]


def test_a_screen_is_one_question_or_a_group_kept_together_and_a_note_stands_above_its_question():
    instance = begun(every_question())
    instance.set("/data/firm_operating", "no")
    assert keys(instance) == [
        "firm_operating", "why_closed", "hours", "opened_on", "first_month", "opens_at", "last_sale", "province", "channels", "best",
        "mood", "likert", "difficulty", "loans", "trade.goods", "trade.share", "rounds:trade", "registration_number", "still_there",
        "paid", "understood", "word",
    ]  # fmt: skip
    first = screens_of(instance)[0]
    assert [block.drawn_as for block in blocks_of(instance, first)] == ["note", "choices"]


def test_a_battery_becomes_one_matrix_under_its_caption():
    instance = begun(every_question())
    screen = next(screen for screen in screens_of(instance) if screen.key == "difficulty")
    heading, matrix = blocks_of(instance, screen)
    assert isinstance(heading, Heading)
    assert isinstance(matrix, Matrix)
    assert matrix.label == "다음 일이 지금 얼마나 어렵습니까?"
    assert [row.name for row in matrix.rows] == [
        "difficulty.difficulty_money",
        "difficulty.difficulty_sales",
        "difficulty.difficulty_staff",
    ]


def test_rounds_come_one_after_the_other_and_the_list_of_them_last():
    instance = begun(every_question())
    instance.add_round("/data/trade")
    trade = [screen for screen in screens_of(instance) if "trade" in screen.key]
    assert [(screen.key, screen.headings) for screen in trade] == [
        ("trade.goods", ("거래처 1",)), ("trade.share", ("거래처 1",)), ("trade.2.goods", ("거래처 2",)), ("trade.2.share", ("거래처 2",)),
        ("rounds:trade", ()),
    ]  # fmt: skip


def test_a_counted_repeat_has_no_list_to_add_to():
    survey = """
    | type | name | label | repeat_count |
    | integer | n | How many? | |
    | begin_repeat | child | Child | ${n} |
    | text | first | Name | |
    | end_repeat |
    """
    instance = begun(read_form(packed(survey)))
    assert keys(instance) == ["n"]
    instance.set("/data/n", "2")
    assert keys(instance) == ["n", "child.first", "child.2.first"]


def test_a_group_that_holds_a_repeat_is_not_kept_on_one_screen():
    survey = """
    | type | name | label | appearance |
    | begin_group | g | Group | field-list |
    | text | a | A | |
    | begin_repeat | r | Round | field-list |
    | text | b | B | |
    | text | c | C | |
    | end_repeat |
    | end_group |
    """
    assert keys(begun(read_form(packed(survey)))) == ["g.a", "g.r", "rounds:g.r"]


def test_two_batteries_with_other_choices_are_two_matrices():
    survey = """
    | type | name | label | appearance |
    | begin_group | g | Group | field-list |
    | select_one yn | a | A | list-nolabel |
    | select_one yn | b | B | list-nolabel |
    | select_one deg | c | C | list-nolabel |
    | text | t | T | |
    | select_one yn | d | D | list-nolabel |
    | end_group |
    """
    instance = begun(read_form(packed(survey, YES_NO + "\n| deg | 1 | Low |\n| deg | 2 | High |")))
    (screen,) = screens_of(instance)
    shape = [
        [row.name for row in block.rows] if isinstance(block, Matrix) else block.label for block in blocks_of(instance, screen)
    ]
    assert shape == ["Group", ["g.a", "g.b"], ["g.c"], "T", ["g.d"]]


def test_only_a_screen_whose_answers_matter_to_itself_is_live():
    instance = begun(every_question())
    assert {screen.key for screen in screens_of(instance) if is_live(instance, screen)} == {"loans"}
