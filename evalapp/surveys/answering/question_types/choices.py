"""Answers chosen from a list: one, several, or all in an order."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from evalapp.surveys.answering.question_types.question import Question
from evalapp.xform.engine.answers import BadAnswer
from evalapp.xform.engine.choices import Offered
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.screens import Asked
from evalapp.xform.faults import N_

MOST_BUTTONS = 20
MOST_ON_A_LINE = 7
ON_A_LINE = frozenset({"likert", "horizontal", "list-nolabel", "list"})
FOLDED = frozenset({"minimal", "autocomplete", "search", "quick-search"})


class ChoiceQuestion(Question):
    """What all choices have in common: what they offer now, in the language shown."""

    is_group = True

    def __init__(self, instance: Instance, asked: Asked) -> None:
        super().__init__(instance, asked)
        self.drawn_as = "line" if ON_A_LINE & self.appearance and len(self.offered) <= MOST_ON_A_LINE else "choices"

    @cached_property
    def offered(self) -> Sequence[Offered]:
        """The choices as the answers before allow them."""
        return self.instance.choices(self.element)

    @property
    def given(self) -> Sequence[str]:
        """The names chosen, or ranked, now."""
        return self.stored.split()

    def said(self, stored: str) -> str:
        """Return the labels of an answer, or its names where they are offered no more."""
        labels = {choice.name: choice.label for choice in self.offered}
        return ", ".join(labels.get(name, name) for name in stored.split())


class SelectOne(ChoiceQuestion):
    """One of a list: buttons under or beside one another, or a folded list where it is long."""

    input_type = "radio"

    def __init__(self, instance: Instance, asked: Asked) -> None:
        super().__init__(instance, asked)
        if FOLDED & self.appearance or len(self.offered) > MOST_BUTTONS:
            self.drawn_as, self.is_group = "folded", False


class SelectMultiple(ChoiceQuestion):
    """Any of a list."""

    input_type = "checkbox"

    def read(self, sent: Sequence[str]) -> str:
        """Return the names chosen, in the order of the list, once each."""
        given = {name for name in sent if name}
        listed = [choice.name for choice in self.offered if choice.name in given]
        return " ".join([*listed, *sorted(given.difference(listed))])


class RankQuestion(ChoiceQuestion):
    """A list to be put in order: a folded list for the first place, one for the second, and so on."""

    def __init__(self, instance: Instance, asked: Asked) -> None:
        super().__init__(instance, asked)
        self.drawn_as = "rank"

    def read(self, sent: Sequence[str]) -> str:
        """Return the whole order, or nothing where nothing was ordered."""
        given = [name for name in sent if name]
        if len(set(given)) < len(given):
            raise BadAnswer(N_("The same choice stands at two places. Give each place another one."))
        if given and len(given) < len(self.offered):
            raise BadAnswer(N_("Give every choice a place, or leave all places empty."))
        return " ".join(given)

    def said(self, stored: str) -> str:
        """Return the labels, the first place first."""
        return super().said(stored).replace(", ", " › ")
