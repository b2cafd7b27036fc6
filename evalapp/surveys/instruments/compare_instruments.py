"""What differs between two versions of a form, question by question, and what that means for a panel of both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from evalapp.surveys.instruments.definition import Choice, InstrumentDefinition, Question

# What an item's answers are to those of the other version.
Concord = Literal["same", "reworded", "rescoped", "recoded", "added", "removed"]
# A question asked of other people keeps the meaning of its answers; one with other answers does not.
RESCOPING = ("condition", "required")
RECODING = ("type", "choice_added", "choice_removed", "unit", "scale", "reverse", "calculation", "repeat")


@dataclass(frozen=True)
class Change:
    """One difference of a question: which aspect, in which language ("" for none), from what to what."""

    aspect: str
    before: str
    after: str
    language: str = ""


@dataclass(frozen=True)
class ItemConcordance:
    """A question beside its like in the other version; None where there is none. `is_renamed` says that only the name differs."""

    old: Question | None
    new: Question | None
    changes: tuple[Change, ...]

    @property
    def is_renamed(self) -> bool:
        """Say whether the question goes by another name."""
        return self.old is not None and self.new is not None and self.old.name != self.new.name

    @property
    def concord(self) -> Concord:
        """Say how the answers of both versions stand to each other, the gravest reason first."""
        if self.old is None:
            return "added"
        if self.new is None:
            return "removed"
        aspects = {change.aspect for change in self.changes}
        if aspects.intersection(RECODING):
            return "recoded"
        if aspects.intersection(RESCOPING):
            return "rescoped"
        return "reworded" if aspects.intersection(("label", "hint", "choice_label")) else "same"


@dataclass(frozen=True)
class Comparison:
    """Two versions of a form: every question of either, those of the newer in its order, then those that are gone."""

    old: InstrumentDefinition
    new: InstrumentDefinition
    items: tuple[ItemConcordance, ...]

    @property
    def differing(self) -> tuple[ItemConcordance, ...]:
        """The questions that differ in anything."""
        return tuple(item for item in self.items if item.changes or item.is_renamed or not (item.old and item.new))


def compare_instruments(old: InstrumentDefinition, new: InstrumentDefinition) -> Comparison:
    """Compare two versions. A question that is gone and one that came, alike in all but the name, are one that was renamed."""
    renamed = _renamed(old, new)
    before = old.by_name
    pairs = [(before.get(renamed.get(question.name, question.name)), question) for question in new.questions]
    kept = {question.name for question, _ in pairs if question}
    items = [ItemConcordance(one, other, tuple(_changes(one, other)) if one else ()) for one, other in pairs]
    gone = [ItemConcordance(question, None, ()) for question in old.questions if question.name not in kept]
    return Comparison(old, new, (*items, *gone))


def _renamed(old: InstrumentDefinition, new: InstrumentDefinition) -> Mapping[str, str]:
    """Return the earlier name of each question that got another one."""
    gone = [question for question in old.questions if question.name not in new.by_name]
    renamed: dict[str, str] = {}
    for question in new.questions:
        like = next((one for one in gone if one.name not in renamed.values() and _alike(one, question)), None)
        if question.name not in old.by_name and like:
            renamed[question.name] = like.name
    return renamed


def _alike(one: Question, other: Question) -> bool:
    return (one.type, one.label, one.choices, one.repeat) == (other.type, other.label, other.choices, other.repeat)


def _changes(old: Question, new: Question) -> Iterator[Change]:
    for aspect in ("type", "required", "condition", "constraint", "calculation", "repeat", "scale", "reverse", "unit"):
        before, after = _said(old, aspect), _said(new, aspect)
        if before != after:
            yield Change(aspect, before, after)
    for aspect, least, most in (("minimum", old.minimum, new.minimum), ("maximum", old.maximum, new.maximum)):
        if least != most:
            yield Change(aspect, _number(least), _number(most))
    for aspect in ("label", "hint", "constraint_message"):
        yield from _texts(aspect, getattr(old, aspect), getattr(new, aspect))
    yield from _choices({c.name: c for c in old.choices}, {c.name: c for c in new.choices})


def _said(question: Question, aspect: str) -> str:
    # Versions from before conditions were kept whole have the simple ones only.
    if aspect == "condition" and not question.condition and question.relevant:
        return f"${{{question.relevant.question}}} = '{question.relevant.choice}'"
    value = getattr(question, aspect)
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else " ".join(str(value).split())


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.15g}"


def _texts(aspect: str, old: Mapping[str, str], new: Mapping[str, str]) -> Iterator[Change]:
    for language in dict.fromkeys((*old, *new)):
        if old.get(language, "") != new.get(language, ""):
            yield Change(aspect, old.get(language, ""), new.get(language, ""), language)


def _choices(old: Mapping[str, Choice], new: Mapping[str, Choice]) -> Iterator[Change]:
    for name in dict.fromkeys((*old, *new)):
        if name not in new:
            yield Change("choice_removed", name, "")
        elif name not in old:
            yield Change("choice_added", "", name)
        else:
            yield from _texts("choice_label", old[name].label, new[name].label)
    shared = [name for name in old if name in new]
    if shared != [name for name in new if name in old]:
        yield Change("choice_order", " ".join(old), " ".join(new))
