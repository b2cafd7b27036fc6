"""Names of questions and choices."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from evalapp.xform.faults import N_, FormFault
from evalapp.xform.linter.survey_rows import SurveyRow, survey_rows
from evalapp.xform.reading.sheets import Book

QUESTION = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
LONGEST_NAME = 32  # what Stata takes
LONGEST_SHOWN = 60
SELECTS = ("select_one", "select_multiple", "rank")
RECORDINGS = {"image", "photo", "audio", "video", "file", "background-audio"}
COLLECT_ONLY = re.compile(r"\bsearch\s*\(")
LOCATIONS = {"start-geopoint"}
Lists = Mapping[str, Sequence[tuple[int, str]]]


def check_names(book: Book) -> Iterator[FormFault]:
    """Yield questions whose name or type cannot be."""
    taken: dict[str, int] = {}
    lists, languages = _lists(book), _languages(book)
    for row in survey_rows(book):
        yield from _type(row)
        yield from _choices(row, lists, languages)
        if row.kind.startswith("end_") or (row.kind.startswith("begin") and not row.name):
            continue
        if row.name and not QUESTION.fullmatch(row.name):
            message = N_("“%(name)s” cannot name a question. Use Latin letters, digits and underscores; the label may be Korean.")
            yield FormFault(message, {"name": row.name[:LONGEST_SHOWN]}, "survey", row.number, "name")
        elif len(row.name) > LONGEST_NAME:
            message = N_("The name has more than %(most)s characters and will be cut in Stata.")
            yield FormFault(message, {"most": LONGEST_NAME}, "survey", row.number, "name", "warning")
        if row.name and row.path in taken:
            message = N_("The name “%(name)s” stands in row %(row)s already. Names must differ within a group.")
            yield FormFault(message, {"name": row.name, "row": taken[row.path]}, "survey", row.number, "name")
        taken.setdefault(row.path, row.number)


def _type(row: SurveyRow) -> Iterator[FormFault]:
    column = row.columns.get("type")
    if row.kind in RECORDINGS:
        message = N_(
            "Questions of the type “%(type)s” are not asked here: no pictures, recordings or files of people are collected. "
            "Ask in words, or remove the row."
        )
        yield FormFault(message, {"type": row.kind}, "survey", row.number, column)
    if row.kind == "select_one_external":
        message = N_("The sheet external_choices is read by ODK Collect only. Put its rows into choices, and use choice_filter.")
        yield FormFault(message, {}, "survey", row.number, column)
    if row.kind == "begin_loop":
        message = N_("A loop asks questions whose names the compiler makes up. Use a repeat, or write the questions out.")
        yield FormFault(message, {}, "survey", row.number, column)
    if row.kind in LOCATIONS or (row.kind == "audit" and "location" in row.cells.get("parameters", "")):
        message = N_("The form would note where a respondent is without asking. Remove this.")
        yield FormFault(message, sheet="survey", row=row.number, column=column)


def _choices(row: SurveyRow, lists: Lists, languages: set[str]) -> Iterator[FormFault]:
    column, appearance = row.columns.get("type"), row.cells.get("appearance", "")
    if row.choices.endswith("or_other") and len(languages) > 1:
        message = N_("or_other writes its choice in English only. Add a choice “other” and a text question of its own.")
        yield FormFault(message, sheet="survey", row=row.number, column=column)
    if COLLECT_ONLY.search(appearance):
        message = N_("search() takes choices from a file in ODK Collect only. Use the type select_one_from_file instead.")
        yield FormFault(message, sheet="survey", row=row.number, column=row.columns["appearance"])
    name = row.choices.removesuffix(" or_other").strip()
    if row.kind in SELECTS and "${" not in name and name not in lists:
        message = N_("There is no list of choices called “%(name)s”. Add it to the choices.")
        yield FormFault(message, {"name": name}, "survey", row.number, column)


def _languages(book: Book) -> set[str]:
    return {column.partition("::")[2].strip() for column in book.sheet("survey").columns if column.lower().startswith("label")}


def _lists(book: Book) -> dict[str, list[tuple[int, str]]]:
    """Return the names of choices with their rows, by list."""
    found: dict[str, list[tuple[int, str]]] = {}
    for row in book.sheet("choices").rows:
        cells = {column.lower().replace(" ", "_"): cell for column, cell in row.cells.items()}
        found.setdefault(cells.get("list_name", ""), []).append((row.number, cells.get("name", cells.get("value", ""))))
    return found


def check_choices(book: Book) -> Iterator[FormFault]:
    """Yield choices whose names could not be told apart in an answer."""
    several = {row.choices.split()[0] for row in survey_rows(book) if row.kind in ("select_multiple", "rank") and row.choices}
    used = {row.choices.removesuffix(" or_other").strip() for row in survey_rows(book)}
    duplicates_meant = any(
        row.cells.get("allow_choice_duplicates", "").lower() in ("yes", "true") for row in book.sheet("settings").rows
    )
    for name, choices in _lists(book).items():
        seen: set[str] = set()
        for number, choice in choices:
            if name in several and " " in choice:
                message = N_(
                    "The choice “%(name)s” has a space in its name, but several answers are parted by spaces. Use underscores."
                )
                yield FormFault(message, {"name": choice}, "choices", number, "name")
            if not choice:
                yield FormFault(N_("The choice has no name. Write one."), {}, "choices", number, "name")
            elif choice in seen and not duplicates_meant:
                message = N_("The choice “%(name)s” is in its list already. Keep one.")
                yield FormFault(message, {"name": choice}, "choices", number, "name")
            seen.add(choice)
        if name and name not in used:
            message = N_("No question uses the list “%(name)s”.")
            yield FormFault(message, {"name": name}, "choices", choices[0][0], "list_name", "warning")
