"""Forms for tests, written as tables."""

from __future__ import annotations

import csv
import io
import zipfile

from evalapp.xform.read import read_compiled
from evalapp.xform.reading.archive import check_archive
from evalapp.xform.reading.compile_form import understood
from evalapp.xform.reading.compiler import open_and_compile

SETTINGS = "form_title,form_id,version\nTest,test,2026090101\n"


def rows(text):
    """Read a table whose cells are parted by bars, the first line naming the columns."""
    lines = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in text.strip().splitlines()]
    return [line + [""] * (len(lines[0]) - len(line)) for line in lines]


def as_csv(text):
    written = io.StringIO()
    csv.writer(written).writerows(rows(text))
    return written.getvalue()


def packed(survey, choices="", settings=SETTINGS, **others):
    """Return a zipped folder of CSV sheets."""
    sheets = {"survey": as_csv(survey), "settings": settings, **{name: as_csv(text) for name, text in others.items()}}
    if choices:
        sheets["choices"] = as_csv(choices)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in sheets.items():
            archive.writestr(f"{name}.csv", text)
    return made.getvalue()


def read_here(content, tables=None):
    """Read a form as `read_form` does, but without a process of its own, which takes a second to start."""
    return read_compiled(understood(open_and_compile(content, check_archive(content))), tables)
