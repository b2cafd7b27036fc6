"""What a report consists of before it is laid out: sections of paragraphs, tables and figures, in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Paragraph:
    """A sentence or a few. `kind` is `body`, `finding` (set apart with a rule), `note` or `heading` (a title inside a section)."""

    text: str
    kind: str = "body"


@dataclass(frozen=True)
class Listing:
    """Sentences one below the other."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A table's cell: its text, a second line under it (a standard error, an interval) and the letters of its notes."""

    text: str
    below: str = ""
    marks: str = ""


@dataclass(frozen=True)
class TableRow:
    """A row: the label at its head and its cells. `kind` is `body`, `group` (a heading across the table) or `total`."""

    label: str
    cells: tuple[Cell, ...] = ()
    kind: str = "body"


@dataclass(frozen=True)
class DataTable:
    """A table: `columns` head the cells, `stub` heads the row labels; `texts` are the columns (from 0) set as prose."""

    caption: str
    stub: str
    columns: tuple[str, ...]
    rows: tuple[TableRow, ...]
    notes: tuple[str, ...] = ()
    texts: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Picture:
    """A figure as SVG with its caption and notes."""

    caption: str
    svg: str
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Facts:
    """Pairs of a name and what it is, as on the page of origins."""

    pairs: tuple[tuple[str, str], ...]


Block = Paragraph | Listing | DataTable | Picture | Facts


@dataclass(frozen=True)
class Section:
    """A numbered part of the report. `key` is its address inside the document."""

    key: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Answer:
    """One of the three questions on the first page with its answer, and the warnings that belong beside it."""

    question: str
    verdict: str
    sentences: tuple[str, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class HeadlineFigure:
    """The number on the first page: what it measures, the estimate, its interval, and what is estimated on how many."""

    measure: str
    estimate: str
    interval: str
    basis: str


@dataclass(frozen=True)
class Document:
    """A whole report in one language.

    `cover` pairs names with facts; `dated` is an ISO instant, the same for the same run; `state` says whether it is a draft.
    `data_note` says what the data are; when `is_synthetic` every page repeats that they are nobody's.
    """

    language: str
    identifier: str
    programme: str
    title: str
    question: str
    dated: str
    state: str
    cover: tuple[tuple[str, str], ...]
    is_synthetic: bool
    data_note: str
    headline: HeadlineFigure | None
    answers: tuple[Answer, ...]
    sections: tuple[Section, ...]
