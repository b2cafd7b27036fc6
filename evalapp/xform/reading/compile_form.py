"""Forms compiled in a process of their own, so that a hostile one costs that process and no more."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from evalapp.xform.faults import N_, FormFault, RefusedForm, Severity
from evalapp.xform.reading.archive import Kind
from evalapp.xform.reading.compiler_process import CompilerStopped, compile_apart
from evalapp.xform.reading.sheets import Book, Row, Sheet

MOST_SECONDS = 20
ROW = re.compile(r"\[row : (\d+)\]\s*")
SHEET = re.compile(r"On the '(\w+)' sheet,?\s*")
COLUMN = re.compile(r"\bthe '([\w:]+)' (?:value|column)")
# What our own checks say better, or what does not concern us.
UNSAID = re.compile(
    "is missing the (?:survey|choices) |or_other and translations|prefix the sheet name with an underscore"
    "|machine-readable codes|max-pixels|is no longer supported on most devices|both specified in the settings"
    "|Column headers must not be empty"
)
# What is said so often that it is said in our own words, which are translated; groups in the patterns are its facts.
OWN_WORDS = {
    re.compile("Choices should have a label"): N_("The choice has no label: its name is shown in its place."),
    re.compile("Repeat has no label"): N_("The repeat has no label: its rounds are numbered only."),
    re.compile("Question or group with no name"): N_("A question or group has no name. Write one."),
    re.compile("Missing calculation"): N_("The row calculates nothing. Write how in the column calculation, or remove the row."),
    re.compile("This section has not been included"): N_("Other files cannot be included. Copy their rows into this form."),
    re.compile(r"Unmatched 'begin_\w+'.*the name '(?P<name>[^']*)'"): N_(
        "“%(name)s” is begun and never ended. Add a row to end it."
    ),
    re.compile(r"Unmatched 'end_(?P<kind>\w+)'"): N_(
        "This row ends a %(kind)s that was not begun. Remove it, or add its beginning."
    ),
}


@dataclass(frozen=True)
class Compiled:
    """A form's sheets and what the compiler made of them: the XForm, or None, and what it said."""

    book: Book
    xform: str | None
    faults: tuple[FormFault, ...]


def compile_form(content: bytes, kind: Kind) -> Compiled:
    """Open and compile an archive that was checked, or refuse it."""
    return understood(_run(content, kind))


def understood(answer: dict[str, Any]) -> Compiled:
    """Return what the process says, or refuse the form for its faults."""
    if "faults" in answer:
        raise RefusedForm([FormFault(**fault) for fault in answer["faults"]])
    sheets = {each["name"]: _sheet(each) for each in answer["sheets"]}
    faults = [_said(text, "warning") for text in answer["warnings"] if not UNSAID.search(text)]
    if "error" in answer:
        faults.append(_said(answer["error"], "error"))
    return Compiled(Book(sheets, tuple(answer["names"])), answer.get("xform"), tuple(faults))


def _run(content: bytes, kind: Kind) -> dict[str, Any]:
    try:
        return compile_apart(content, kind, MOST_SECONDS)
    except CompilerStopped as error:
        message = N_("The form needs too much time or memory to be opened. Copy its sheets into a new workbook and save that.")
        raise RefusedForm([FormFault(message)]) from error


def _sheet(stored: dict[str, Any]) -> Sheet:
    return Sheet(stored["name"], tuple(stored["columns"]), tuple(Row(**row) for row in stored["rows"]))


def _said(text: str, severity: Severity) -> FormFault:
    """Return a message of the compiler with its place taken out of its words."""
    row, sheet, column = ROW.search(text), SHEET.search(text), COLUMN.search(text)
    detail = SHEET.sub("", ROW.sub("", text, count=1), count=1).strip()
    message, facts = next(
        ((message, found.groupdict()) for sign, message in OWN_WORDS.items() if (found := sign.search(text))),
        (N_("The form compiler says: %(detail)s"), {"detail": detail}),
    )
    return FormFault(
        message,
        facts,
        sheet[1] if sheet else "survey" if row else None,
        int(row[1]) if row else None,
        column[1] if column else None,
        severity,
    )
