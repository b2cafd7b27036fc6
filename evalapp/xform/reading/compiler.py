"""The process that opens forms and compiles them: `python -m evalapp.xform.reading.compiler`, started by `compiler_process`.

Loading pyxform and openpyxl takes a second, so this process does it once and forks for every form. The child gives itself limits
first: whatever a hostile workbook makes the parsers do ends with it.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import signal
import socket
import sys
import tempfile
import warnings
from dataclasses import asdict
from typing import Any

from evalapp.xform.faults import N_, FormFault, RefusedForm
from evalapp.xform.reading.archive import MOST_UNPACKED, Kind
from evalapp.xform.reading.depth import refuse_depth
from evalapp.xform.reading.sheets import Book, Sheet, read_sheets

MOST_CPU_SECONDS = 10
MOST_SECONDS = 20
MOST_MEMORY = 768 * 1_048_576
MOST_WRITTEN = 64 * 1_048_576
IDLE_SECONDS = 900  # after which the memory is given back; the next form starts the process again
COMPILED_SHEETS = ("survey", "choices", "settings", "entities", "external_choices", "osm")


def main() -> None:
    """Take forms from the control socket that is standard input, each on a socket of its own, until nobody is there any more."""
    # openpyxl loads numpy where it finds it, only to know its kinds of numbers.
    sys.modules["numpy"] = None  # type: ignore[assignment]
    import openpyxl  # noqa: F401, PLC0415
    import pyxform.xls2xform  # noqa: F401, PLC0415
    import xlrd  # noqa: F401, PLC0415

    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # children are not waited for
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server in whose terminal it is pressed closes the socket
    control = socket.socket(fileno=0)
    control.settimeout(IDLE_SECONDS)
    while job := _next_job(control):
        with job:
            if os.fork() == 0:
                control.close()
                _work(job)


def _next_job(control: socket.socket) -> socket.socket | None:
    try:
        _message, handed, _flags, _address = socket.recv_fds(control, 1, 1)
    except (TimeoutError, ConnectionError):
        return None
    return socket.socket(fileno=handed[0]) if handed else None


def _work(job: socket.socket) -> None:
    """Compile the form that comes through a socket and end the process, whatever happens."""
    status = 1
    try:
        _limit()
        with tempfile.TemporaryDirectory() as folder, job.makefile("rwb") as stream:
            tempfile.tempdir = folder  # pyxform writes there, and would leave it behind if it were stopped
            kind: Any = stream.readline().decode().strip()
            stream.write(json.dumps(open_and_compile(stream.read(), kind), ensure_ascii=False).encode())
        status = 0
    finally:
        os._exit(status)


def _limit() -> None:
    signal.alarm(MOST_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))  # pyxform writes its result to a temporary file first
    warnings.simplefilter("ignore")  # of openpyxl, about styles and extensions that are not read
    csv.field_size_limit(MOST_UNPACKED)  # a cell that is too long is named by our own check


def open_and_compile(content: bytes, kind: Kind) -> dict[str, Any]:
    """Return the sheets and the XForm of an archive as plain data, or its faults."""
    try:
        book = read_sheets(content, kind)
        refuse_depth(book)
    except RefusedForm as refused:
        return {"faults": [asdict(fault) for fault in refused.faults]}
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a damaged or hostile workbook can make the reader raise anything
        message = N_("The workbook is damaged and cannot be read. Open it in Excel and save it again as .xlsx.")
        return {"faults": [asdict(FormFault(message))]}
    return {"sheets": [asdict(sheet) for sheet in book.sheets.values()], "names": book.names, **_compile(book)}


def _compile(book: Book) -> dict[str, Any]:
    from pyxform.errors import PyXFormError  # noqa: PLC0415 - a second's work that only this process does
    from pyxform.xls2xform import convert  # noqa: PLC0415

    said: list[str] = []
    try:
        made = convert(xlsform=_as_compiled(book), warnings=said, validate=False)
    except PyXFormError as error:
        return {"error": str(error), "warnings": said}
    except (MemoryError, RecursionError):
        raise
    except Exception as error:  # noqa: BLE001 - pyxform raises KeyError and others for some forms
        return {"error": f"{type(error).__name__}: {error}", "warnings": said}
    return {"xform": made.xform, "warnings": said}


def _as_compiled(book: Book) -> dict[str, Any]:
    """Return the sheets as pyxform takes them; empty rows are there too, so that its row numbers are right."""
    given: dict[str, Any] = {"sheet_names": list(book.names), "fallback_form_name": "data"}
    for name in COMPILED_SHEETS:
        if name in book.sheets:
            sheet = book.sheets[name]
            given[name] = _rows(sheet)
            given[f"{name}_header"] = [{column: None for column in sheet.columns if column}]
    return given


def _rows(sheet: Sheet) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = [{} for _ in range(2, sheet.rows[-1].number + 1)] if sheet.rows else []
    for row in sheet.rows:
        rows[row.number - 2] = dict(row.cells)
    return rows


if __name__ == "__main__":
    main()
