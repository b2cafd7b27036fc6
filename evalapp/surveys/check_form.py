"""Whether the sheets of an instrument fit together."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from evalapp.core.columns import TypedRow, add_duplicates
from evalapp.core.faults import FaultLog
from evalapp.core.language import Message

METADATA_TYPES = ("start", "end", "today")
PLAIN_TYPES = ("integer", "decimal", "text", "date")
CHOICE_TYPES = ("select_one", "select_multiple")
QUESTION_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
CHOICE_NAME = re.compile(r"[a-z0-9_]+")
VERSION = re.compile(r"20\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{2}")
RELEVANT = re.compile(r"\$\{(\w+)\} = '(\w+)'")
LANGUAGE = re.compile(r"^(.+)::")


def check_form(
    settings: Sequence[TypedRow],
    survey: Sequence[TypedRow],
    choices: Sequence[TypedRow],
    items: Sequence[TypedRow],
    faults: FaultLog,
) -> None:
    """Add to `faults` whatever keeps the four sheets from being one form. The rows are those of the questions, without metadata."""
    faults.sheet = "settings"
    _check_settings(settings, faults)
    faults.sheet = "choices"
    names = _check_choices(choices, faults)
    faults.sheet = "survey"
    _check_survey(survey, names, faults)
    faults.sheet = "x_items"
    _check_items([row.values["name"] for row in survey], items, faults)


def _check_settings(settings: Sequence[TypedRow], faults: FaultLog) -> None:
    if len(settings) > 1:
        faults.add(Message("The settings have more than one row. Keep one."), row=settings[1].number)
    version = settings[0].values["version"]
    if not VERSION.fullmatch(version):
        message = Message(
            "“%(version)s” is not a version. Write a date and a running number, for example 2026090101.", version=version
        )
        faults.add(message, row=settings[0].number, column="version")


def _check_choices(choices: Sequence[TypedRow], faults: FaultLog) -> dict[str, set[str]]:
    names: dict[str, set[str]] = {}
    add_duplicates([(row.number, (row.values["list_name"], row.values["name"])) for row in choices], "name", faults)
    for row in choices:
        name = row.values["name"]
        names.setdefault(row.values["list_name"], set()).add(name)
        if not CHOICE_NAME.fullmatch(name):
            message = Message("“%(name)s” cannot name a choice. Use small letters, digits and underscores.", name=name)
            faults.add(message, row=row.number, column="name")
    return names


def _check_survey(survey: Sequence[TypedRow], lists: Mapping[str, set[str]], faults: FaultLog) -> None:
    add_duplicates([(row.number, row.values["name"]) for row in survey], "name", faults)
    earlier: dict[str, set[str]] = {}
    for row in survey:
        kind, _, list_name = row.values["type"].partition(" ")
        if not QUESTION_NAME.fullmatch(row.values["name"]):
            message = Message(
                "“%(name)s” cannot name a question. Use up to 32 small letters, digits and underscores.", name=row.values["name"]
            )
            faults.add(message, row=row.number, column="name")
        if kind not in PLAIN_TYPES + CHOICE_TYPES or (kind in PLAIN_TYPES and list_name):
            message = Message("“%(type)s” is not a type of question known here.", type=row.values["type"])
            faults.add(message, row=row.number, column="type")
        elif kind in CHOICE_TYPES and list_name not in lists:
            message = Message("There is no list of choices called “%(name)s”. Add it to the choices.", name=list_name)
            faults.add(message, row=row.number, column="type")
        _check_relevant(row, earlier, faults)
        _check_texts(row, faults)
        earlier[row.values["name"]] = lists.get(list_name, set())


def _check_relevant(row: TypedRow, earlier: Mapping[str, set[str]], faults: FaultLog) -> None:
    text = row.values["relevant"]
    if text is None:
        return
    found = RELEVANT.fullmatch(text)
    if not found:
        message = Message("“%(condition)s” is not understood. Write a condition like ${industry} = 'other'.", condition=text)
        faults.add(message, row=row.number, column="relevant")
    elif found[2] not in earlier.get(found[1], ()):
        message = Message("No earlier question “%(name)s” has the choice “%(choice)s”.", name=found[1], choice=found[2])
        faults.add(message, row=row.number, column="relevant")


def _check_texts(row: TypedRow, faults: FaultLog) -> None:
    """Demand both languages of a label, and both or neither of any other text."""
    texts: dict[str, list[tuple[str, str | None]]] = {}
    for column, value in row.values.items():
        if found := LANGUAGE.match(column):
            texts.setdefault(found[1], []).append((column, value))
    for name, versions in texts.items():
        if name != "label" and not any(value for _, value in versions):
            continue
        for column, value in versions:
            if not value:
                faults.add(Message("The text is missing in this language. Write it."), row=row.number, column=column)


def _check_items(names: Sequence[str], items: Sequence[TypedRow], faults: FaultLog) -> None:
    add_duplicates([(row.number, row.values["name"]) for row in items], "name", faults)
    described = {row.values["name"] for row in items}
    if missing := [name for name in names if name not in described]:
        faults.add(Message("Questions without a row here: %(names)s. Add one for each.", names=", ".join(missing)))
    for row in items:
        low, high = row.values["min"], row.values["max"]
        if row.values["name"] not in names:
            message = Message("There is no question called “%(name)s” in the survey.", name=row.values["name"])
            faults.add(message, row=row.number, column="name")
        if low is not None and high is not None and low > high:
            faults.add(Message("The least value is above the most. Exchange them."), row=row.number, column="min")
