"""Answers in the reader's language: labels of choices, amounts, days; free text with numbers of people covered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Final

from flask import g

from evalapp.surveys.instruments.definition import Question
from evalapp.surveys.review.covered_text import covered
from evalapp.web.formats import NOTHING, date, number, won
from evalapp.web.review.words import MISSING

DECIMALS = 2


def shown_answer(question: Question | None, text: str | None) -> str:
    """Return an answer as a reviewer reads it; an answer to a question that the form does not know stays as it was stored."""
    if text is None:
        return NOTHING
    if text in MISSING:
        return MISSING[text].within(g.language)
    if question is not None and question.choices:
        return _chosen(question, text)
    if question is not None and question.type in READERS:
        return READERS[question.type](question, text)
    return covered(text)


def shown_label(question: Question | None, variable: str) -> str:
    """Return what a question asks, or its name where the form does not know it."""
    return (question.label.get(g.language) if question else "") or variable


def answer_choices(question: Question) -> list[tuple[str, str]]:
    """Return what may be chosen as the answer to a question with one choice, with the kinds of none."""
    choices = [(choice.name, choice.label[g.language]) for choice in question.choices]
    return [("", "–"), *choices, *((code, words.within(g.language)) for code, words in MISSING.items())]


def _chosen(question: Question, text: str) -> str:
    labels = {choice.name: choice.label[g.language] for choice in question.choices}
    names = [text] if question.type == "select_one" else text.split()
    return ", ".join(labels.get(name, name) for name in names)


def _day(_question: Question, text: str) -> str:
    try:
        return date(dt.date.fromisoformat(text))
    except ValueError:
        return text


def _amount(question: Question, text: str) -> str:
    try:
        amount = float(text)
    except ValueError:
        return text
    if question.unit == "krw":
        return won(amount)
    if question.unit == "year" or question.name.endswith("_year"):
        return text
    return number(amount, 0 if amount.is_integer() else DECIMALS)


READERS: Final[Mapping[str, Callable[[Question, str], str]]] = {"date": _day, "integer": _amount, "decimal": _amount}
