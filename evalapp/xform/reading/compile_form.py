"""Forms compiled in a process of their own, so that a hostile one costs that process and no more."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalapp.xform.faults import N_, FormFault, RefusedForm, Severity
from evalapp.xform.reading.archive import Kind
from evalapp.xform.reading.sheets import Book, Row, Sheet

MOST_SECONDS = 20
ROOT = Path(__file__).parents[3]
ROW = re.compile(r"\[row : (\d+)\]\s*")
SHEET = re.compile(r"On the '(\w+)' sheet,?\s*")
COLUMN = re.compile(r"\bthe '([\w:]+)' (?:value|column)")
# What our own checks say better, or what does not concern us.
UNSAID = re.compile(
    "is missing the (?:survey|choices) |or_other and translations|prefix the sheet name with an underscore"
    "|machine-readable codes|max-pixels"
)


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
    line = [sys.executable, "-m", "evalapp.xform.reading.compiler"]
    given = f"{kind}\n".encode() + content
    try:
        with tempfile.TemporaryDirectory() as folder:  # pyxform writes there, and would leave it behind if it were stopped
            around = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": folder}
            run = subprocess.run(line, input=given, capture_output=True, cwd=ROOT, env=around, timeout=MOST_SECONDS, check=True)  # noqa: S603
        answer: dict[str, Any] = json.loads(run.stdout)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError, ValueError) as error:
        message = N_("The form needs too much time or memory to be opened. Copy its sheets into a new workbook and save that.")
        raise RefusedForm([FormFault(message)]) from error
    return answer


def _sheet(stored: dict[str, Any]) -> Sheet:
    return Sheet(stored["name"], tuple(stored["columns"]), tuple(Row(**row) for row in stored["rows"]))


def _said(text: str, severity: Severity) -> FormFault:
    """Return a message of the compiler with its place taken out of its words."""
    row, sheet, column = ROW.search(text), SHEET.search(text), COLUMN.search(text)
    detail = SHEET.sub("", ROW.sub("", text, count=1), count=1).strip()
    return FormFault(
        N_("The form compiler says: %(detail)s"),
        {"detail": detail},
        sheet[1] if sheet else "survey" if row else None,
        int(row[1]) if row else None,
        column[1] if column else None,
        severity,
    )
