"""Turn the rows of a panel into rows that may leave, and measure how well people are hidden in them.

Each quasi-identifier leaves as it was first known of a person and stands the same on all of their rows, so that the classes that
are counted are the classes a reader of the file can form.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from evalapp.core.errors import AppError
from evalapp.core.language import LANGUAGES, Message
from evalapp.panel.microdata.classify_variables import Protection, Variable
from evalapp.panel.microdata.measure_risk import LEAST_K, Diversity, Risk, measure_diversity, measure_risk
from evalapp.panel.microdata.read_rows import DAY, SourceRows
from evalapp.panel.microdata.suppress_values import suppress_values
from evalapp.panel.microdata.treat_values import Rows, Treated, treat, what_happens
from evalapp.panel.variables import DIFFICULTY_ITEMS
from evalapp.surveys.codebooks.file_names import LONGEST_NAME, fitting_name
from evalapp.surveys.exports.labelled_columns import PROTECTED, is_kind

PERSON, DAYS = "person", "days_since_first"
DAYS_LABEL = Message("Days since the person's first answers")
TOO_FEW = Message("Too few people answered")
TELLS_THE_ARM = Message("Only one arm has it, so that it would tell the arm, which stays here")
BAND_WIDTHS = (5, 10)


@dataclass(frozen=True)
class Outcome:
    """What became of one variable: whether it leaves and is counted, what was done to it, or why it stays."""

    variable: Variable
    leaves: bool
    is_counted: bool
    done: Message


@dataclass(frozen=True)
class RareAnswer:
    """An answer that leaves and that few people gave. It is not counted in k, so that whoever releases must know of it."""

    name: str
    label: Mapping[str, str]
    answer: Mapping[str, str]
    people: int


@dataclass(frozen=True)
class Deidentified:
    """A panel as it would leave.

    `people` holds the study ID of each row; it stays here. `columns` are what leaves, `quasi` the names of those that are counted.
    `withheld` counts withheld values by column, `hidden_out` the people left out because nothing else would hide them.
    """

    people: pd.Series[Any]
    columns: tuple[Treated, ...]
    quasi: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    before: Risk
    risk: Risk
    diversity: tuple[Diversity, ...]
    rare: tuple[RareAnswer, ...]
    withheld: Mapping[str, int]
    hidden_out: int
    without_consent: int

    @property
    def may_leave(self) -> bool:
        """Say whether nobody is at risk and anybody is there."""
        return self.risk.people > 0 and self.risk.at_risk == 0


def deidentify(source: SourceRows, protection: Protection) -> Deidentified:
    """Return a panel as it would leave under a protection.

    When people have to be left out, all is done once more without them: extremes and rare answers are those of who leaves.
    """
    _check(protection)
    found = _deidentify(source, protection)
    if not found.hidden_out:
        return found
    rest = source.frame[source.frame["study_id"].isin(found.people)].reset_index(drop=True)
    again = deidentify(replace(source, frame=rest), protection)
    return replace(again, before=found.before, hidden_out=found.hidden_out + again.hidden_out)


def _deidentify(source: SourceRows, protection: Protection) -> Deidentified:
    frame = source.frame
    rows = _rows(frame, protection)
    treated: dict[str, list[Treated]] = {}
    for variable in source.variables:
        leaves = variable.source in frame.columns and protection.releases(variable)
        columns = treat(variable, frame[variable.source], rows) if leaves else []
        counted = protection.counts(variable)
        treated[variable.name] = [_as_first_known(each, rows.people) for each in columns] if counted else columns
    treated = _named(treated)
    quasi = tuple(each.name for name, columns in treated.items() for each in columns if name in protection.counted)
    everything = [*(each for columns in treated.values() for each in columns), _days(frame, rows)]
    traces = _asked_of_one_arm(everything, frame["arm"], quasi) if "arm" not in quasi else set()
    columns = [column for column in everything if column.name not in traces]
    outcomes = tuple(_outcome(variable, protection, treated[variable.name], traces) for variable in source.variables)
    return _hide(source, protection, columns, quasi, outcomes)


def _check(protection: Protection) -> None:
    if protection.k < LEAST_K:
        raise AppError(Message("Nobody leaves hidden among fewer than %(least)s people.", least=LEAST_K))
    if protection.band_years not in BAND_WIDTHS:
        raise AppError(Message("Bands are 5 or 10 years wide."))


def _rows(frame: pd.DataFrame, protection: Protection) -> Rows:
    people = frame["study_id"]
    by_person = frame.groupby("study_id", sort=False)
    first_day = frame.loc[frame[DAY].notna(), ["study_id", DAY]].groupby("study_id")[DAY].min()
    return Rows(people, by_person["survey_year"].transform("min"), people.map(first_day), protection.k, protection.band_years)


def _outcome(variable: Variable, protection: Protection, treated: Sequence[Treated], traces: Collection[str]) -> Outcome:
    left = [each for each in treated if each.name not in traces]
    done = what_happens(variable, protection.band_years)
    if protection.releases(variable) and not left:
        done = TELLS_THE_ARM if treated else TOO_FEW
    return Outcome(variable, bool(left), bool(left) and protection.counts(variable), done)


def _as_first_known(treated: Treated, people: pd.Series[Any]) -> Treated:
    """Return a quasi-identifier with each person's first known value on all of their rows; why one is missing is left out."""
    known = treated.entries.where(~treated.entries.map(is_kind), None)
    first = known.dropna().groupby(people).first()
    return replace(treated, entries=people.map(first))


def _days(frame: pd.DataFrame, rows: Rows) -> Treated:
    days = [None if pd.isna(day) else float((day - first).days) for day, first in zip(frame[DAY], rows.first_day, strict=True)]
    label = {language: DAYS_LABEL.within(language) for language in LANGUAGES}
    return Treated(DAYS, label, pd.Series(days, index=frame.index, dtype=object), Message("Instead of dates"), measure="scale")


def _named(treated: Mapping[str, list[Treated]]) -> dict[str, list[Treated]]:
    """Return the columns under names that every kind of file takes, no two the same."""
    taken = {PERSON, DAYS}

    def free(name: str) -> str:
        tries = (fitting_name(name), *(f"{fitting_name(name)[: LONGEST_NAME - 4]}_{number}" for number in range(2, 1000)))
        found = next(each for each in tries if each.lower() not in taken)  # SPSS knows no small and large letters
        taken.add(found.lower())
        return found

    return {name: [replace(column, name=free(column.name)) for column in columns] for name, columns in treated.items()}


def _hide(
    source: SourceRows, protection: Protection, columns: list[Treated], quasi: tuple[str, ...], outcomes: tuple[Outcome, ...]
) -> Deidentified:
    ids = source.frame["study_id"]
    clean = {column.name: column.entries.astype(object).where(column.entries.notna(), None) for column in columns}
    people = pd.DataFrame({name: clean[name].groupby(ids).first() for name in quasi}, index=pd.Index(ids.unique(), name="study_id"))
    before = after = measure_risk(people, quasi, protection.k)
    withheld: Mapping[str, int] = {}
    hidden = people
    if protection.suppress and before.at_risk:
        suppression = suppress_values(people, quasi, protection.k)
        hidden, withheld = suppression.people, suppression.withheld
        after = measure_risk(hidden, quasi, protection.k)
    kept = ids.isin(hidden.index)
    of_kept = ids[kept]
    final = [
        replace(column, entries=(of_kept.map(hidden[column.name]) if column.name in quasi else clean[column.name][kept]))
        for column in columns
    ]
    final = _withheld_with_the_arm(final, quasi)
    return Deidentified(
        people=of_kept, columns=tuple(final), quasi=quasi, outcomes=outcomes, before=before, risk=after,
        diversity=_diversity(final, of_kept, hidden, quasi), rare=tuple(_rare(final, of_kept, quasi, protection.k)),
        withheld=withheld, hidden_out=len(people) - len(hidden), without_consent=source.without_consent,
    )  # fmt: skip


def _asked_of_one_arm(columns: Iterable[Treated], arm: pd.Series[Any], quasi: Collection[str]) -> set[str]:
    """Return the columns in which only people of one arm have anything: who has something there is in that arm."""
    arms = arm.nunique()
    others = [column for column in columns if column.name not in quasi and column.entries.notna().any()]
    return {column.name for column in others if arm[column.entries.notna()].nunique() < arms}


def _withheld_with_the_arm(columns: list[Treated], quasi: Collection[str]) -> list[Treated]:
    """Return the columns with all that tells the arm withheld of those whose arm is."""
    arm = next((column.entries for column in columns if column.name == "arm"), None)
    if arm is None or not (withheld := arm == PROTECTED).any():
        return columns
    traces = _asked_of_one_arm(columns, arm.where(~withheld), quasi)
    return [
        replace(column, entries=column.entries.where(~withheld, PROTECTED)) if column.name in traces else column
        for column in columns
    ]


def _diversity(columns: list[Treated], ids: pd.Series[Any], people: pd.DataFrame, quasi: tuple[str, ...]) -> tuple[Diversity, ...]:
    """Measure the difficulty items as each person first answered them."""
    wanted = {f"difficulty_{item}" for item in DIFFICULTY_ITEMS} - set(quasi)
    items = {column.name: pd.to_numeric(column.entries, errors="coerce") for column in columns if column.name in wanted}
    first = {name: values.groupby(ids).first() for name, values in items.items()}
    return measure_diversity(people.assign(**first), quasi, list(first))


def _rare(columns: list[Treated], ids: pd.Series[Any], quasi: tuple[str, ...], k: int) -> Iterator[RareAnswer]:
    for column in columns:
        if column.name in quasi or not column.value_labels:
            continue
        counts = ids.groupby(column.entries).nunique()
        for code, label in column.value_labels.items():
            if 0 < (count := int(counts.get(code, 0))) < k:
                yield RareAnswer(column.name, column.label, label, count)
