"""Standard items: questions whose words are the same in every form, so that answers can be compared over forms and years.

A form includes an item by asking a question of its name. Its words, choices and scoring are then those of the library.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from evalapp.core.language import LANGUAGES
from evalapp.core.shipped import LIBRARY
from evalapp.surveys.instruments.languages import language_code
from evalapp.xform.faults import N_, FormFault
from evalapp.xform.linter.survey_rows import plain_column
from evalapp.xform.reading.archive import pack_folder
from evalapp.xform.reading.sheets import Book, Row, read_sheets

SCORING = ("scale", "reverse", "min", "max")
Words = Mapping[str, str]


@dataclass(frozen=True)
class StandardItem:
    """A question of the library: its words and those of its choices by language, and how it is scored."""

    name: str
    type: str
    label: Words
    hint: Words
    choices: tuple[tuple[str, Words], ...]
    scoring: Mapping[str, str]

    @property
    def scale(self) -> str:
        """The scale it belongs to."""
        return self.scoring.get("scale", "")


@cache
def library_sheets() -> Book:
    """Return the sheets of the library."""
    return read_sheets(pack_folder(LIBRARY), "folder")


@cache
def list_standard_items() -> tuple[StandardItem, ...]:
    """Return the standard items in their order."""
    return tuple(_items(library_sheets()))


def check_standard_items(book: Book) -> Iterator[FormFault]:
    """Yield the standard items that a form asks in other words, with other choices, or scores otherwise."""
    rows = {row.cells.get("name", ""): row.number for row in book.sheet("survey").rows}
    facts = {row.cells.get("name", ""): row.number for row in book.sheet("x_items").rows}
    given = {item.name: item for item in _items(book)}
    for item in list_standard_items():
        if item.name not in given:
            continue
        mine = given[item.name]
        yield from _words(item, mine, book, rows[item.name])
        if mine.choices != item.choices or mine.type.split()[:1] != item.type.split()[:1]:
            message = N_("The choices of the standard item “%(name)s” were changed: its answers cannot be compared any more.")
            yield FormFault(message, {"name": item.name}, "survey", rows[item.name], "type", "warning")
        if item.name in facts and mine.scoring != item.scoring:
            message = N_("The standard item “%(name)s” is scored in another way than in the library.")
            yield FormFault(message, {"name": item.name}, "x_items", facts[item.name], "scale", "warning")


def _words(item: StandardItem, mine: StandardItem, book: Book, row: int) -> Iterator[FormFault]:
    for text in ("label", "hint"):
        wanted, given = getattr(item, text), getattr(mine, text)
        for language in LANGUAGES:
            # A form of one language, and one without hints, leaves out; it does not change.
            if given.get(language) and given[language] != wanted.get(language):
                column = next(c for c in book.sheet("survey").columns if (plain_column(c), _language(c)) == (text, language))
                message = N_("The wording of the standard item “%(name)s” was changed: its answers cannot be compared any more.")
                yield FormFault(message, {"name": item.name}, "survey", row, column, "warning")


def _items(book: Book) -> Iterator[StandardItem]:
    lists: dict[str, list[tuple[str, Words]]] = {}
    for row in book.sheet("choices").rows:
        choice = (row.cells.get("name", ""), _texts(row, "label"))
        lists.setdefault(row.cells.get("list_name", ""), []).append(choice)
    facts = {row.cells.get("name", ""): row.cells for row in book.sheet("x_items").rows}
    for row in book.sheet("survey").rows:
        name, kind = row.cells.get("name", ""), row.cells.get("type", "")
        scoring = {column: cell for column, cell in facts.get(name, {}).items() if column in SCORING}
        choices = tuple(lists.get(kind.partition(" ")[2].strip(), ()))
        yield StandardItem(name, kind, _texts(row, "label"), _texts(row, "hint"), choices, scoring)


def _texts(row: Row, text: str) -> dict[str, str]:
    return {_language(column): cell for column, cell in row.cells.items() if plain_column(column) == text and _language(column)}


def _language(column: str) -> str:
    return language_code(column.partition("::")[2])
