"""What every section is written from: one run, its rows and the language of its reader."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from evalapp.analysis.queries import RunRecord
from evalapp.core.language import Message
from evalapp.reports import formats
from evalapp.reports.disclosure import INSIDE
from evalapp.reports.labels import SCORES, SUBGROUPS, variable_label
from evalapp.reports.row_index import Estimate, RowIndex

CONFIDENCE_LEVEL = 0.95
ORDER = (*SUBGROUPS, *SCORES)
HEADLINE_MODELS = ("callaway_santanna", "two_by_two")


@dataclass(frozen=True)
class Source:
    """One run as a report in `language` reads it. Descriptive cells resting on fewer than `threshold` people are not shown."""

    run: RunRecord
    rows: RowIndex
    language: str
    threshold: int = INSIDE
    outcomes: Mapping[str, Mapping[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "outcomes", {o["variable"]: o for o in self.run.plan["outcomes"]})

    @property
    def level(self) -> str:
        """The share of intervals that hold the truth, as printed."""
        return formats.percent(self.run.plan["estimator"].get("level", CONFIDENCE_LEVEL), self.language)

    def say(self, text: str, **facts: object) -> str:
        """Return a message of the catalogue in the reader's language."""
        return Message(text, **facts).within(self.language)

    def own(self, text: Mapping[str, str]) -> str:
        """Return a text that the programme wrote in both languages."""
        return text.get(self.language) or next(iter(text.values()), "")

    def variable(self, name: str) -> str:
        """Name a variable as the plan does where it is an outcome, else as the panel does."""
        if name in self.outcomes and self.outcomes[name].get("label"):
            return self.own(self.outcomes[name]["label"])
        return variable_label(name, self.language)

    def wave(self, code: str) -> str:
        """Name a wave."""
        return next((self.own(w.label) for w in self.run.waves if w.code == code), code)

    def round(self, number: int) -> str:
        """Name the wave of a round."""
        return next((self.own(w.label) for w in self.run.waves if w.round == number), str(number))

    def subgroup(self, word: str) -> str:
        """Name an arm, a cohort (`cohort:CODE`) or everyone."""
        if word.startswith("cohort:"):
            return self.say("Cohort %(code)s", code=word.removeprefix("cohort:"))
        return SUBGROUPS[word].within(self.language) if word in SUBGROUPS else word

    def amount(self, value: float | None, unit: str) -> str:
        """Write a value with its unit."""
        return formats.amount(value, unit, self.language)

    def interval(self, found: Estimate) -> str:
        """Write an estimate's interval in its printed scale."""
        return formats.interval(found.low, found.high, found.unit, self.language)

    def period(self, word: str) -> str:
        """Name a round written as a word (`3`, `3.0`); any other word stays as it is."""
        number = word.removesuffix(".0")
        return self.round(int(number)) if number.isdigit() else word

    def name(self, word: str) -> str:
        """Name whatever a word of the rows stands for: a wave, an arm, a variable."""
        if word in SUBGROUPS or word.startswith("cohort:"):
            return self.subgroup(word)
        named = self.wave(word)
        return named if named != word else self.variable(word)

    def ordered(self, words: Iterable[str]) -> tuple[str, ...]:
        """Put arms and components in the order in which every table and figure shows them; others follow as they come."""
        return tuple(sorted(words, key=lambda word: ORDER.index(word) if word in ORDER else len(ORDER)))

    def group(self, number: int) -> str:
        """Name a training group by the first wave after its training began."""
        return self.say("Trained before: %(wave)s", wave=self.round(number))

    def estimated(self) -> tuple[str, ...]:
        """Return the outcomes with effects: the primary first, then in the plan's order, then any other."""
        found = self.rows.distinct("outcome", "effects")
        order = [self.run.plan["primary"], *self.outcomes]
        return tuple(sorted(found, key=lambda o: order.index(o) if o in order else len(order)))

    def headline(self, outcome: str) -> Estimate | None:
        """Return an outcome's main estimate: Callaway and Sant'Anna's, else the 2x2's, else the first two-way fixed effect."""
        for model in HEADLINE_MODELS:
            if found := self.rows.estimate("effects", outcome, model, "overall"):
                return found
        regressors = self.rows.distinct("term", "effects", outcome=outcome, model="twfe", statistic="estimate")
        return self.rows.estimate("effects", outcome, "twfe", regressors[0]) if regressors else None
