"""The scales of a form, and what a person scores on one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalapp.surveys.instruments.definition import InstrumentDefinition, Question

FEWEST_ITEMS = 2


@dataclass(frozen=True)
class Scale:
    """Items that measure one thing. A score needs `minimum_items` of them answered."""

    name: str
    items: tuple[Question, ...]
    minimum_items: int

    @property
    def reversed_items(self) -> tuple[str, ...]:
        """The items whose high answer means little of what the scale measures."""
        return tuple(item.name for item in self.items if item.reverse)


def scales_of(definition: InstrumentDefinition) -> list[Scale]:
    """Return the scales of a form that have two items or more. A scale that does not say so needs all of its items answered."""
    items: dict[str, list[Question]] = {}
    for question in definition.questions:
        if question.scale and not question.repeat:
            items.setdefault(question.scale, []).append(question)
    return [_scale(name, tuple(found)) for name, found in items.items() if len(found) >= FEWEST_ITEMS]


def _scale(name: str, items: tuple[Question, ...]) -> Scale:
    wanted = [item.minimum_items for item in items if item.minimum_items is not None]
    return Scale(name, items, min(max(wanted, default=len(items)), len(items)))


def score_scale(answers: pd.DataFrame, scale: Scale) -> pd.Series:
    """Return each person's mean over the items answered, reversed ones turned; NaN where too few are answered.

    Parameters
    ----------
    answers
        One row a person, a numeric column for each item, NaN where it is not answered. Items without a column were not asked.
    """
    turned = pd.DataFrame({item.name: _turned(answers, item) for item in scale.items}, index=answers.index)
    return turned.mean(axis=1).where(turned.notna().sum(axis=1) >= scale.minimum_items)


def _turned(answers: pd.DataFrame, item: Question) -> pd.Series:
    if item.name not in answers:
        return pd.Series(np.nan, index=answers.index)
    given = answers[item.name].astype(float)
    if not item.reverse:
        return given
    if item.minimum is None or item.maximum is None:
        raise ValueError(f"the reversed item {item.name} has no bounds")
    return item.minimum + item.maximum - given
