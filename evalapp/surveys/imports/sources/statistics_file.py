"""Stata and SPSS files, opened by a process of their own: their reader is a C library, and a hostile file costs that process only."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalapp.core.faults import refuse
from evalapp.core.language import Message
from evalapp.core.sheets import Sheet, build_sheet

STATA, OLD_STATA = b"<stata_dta>", tuple(bytes([release]) for release in range(102, 116))
OLD_STATA_ORDERS = (1, 2)
SPSS = (b"$FL2", b"$FL3")
MOST_SECONDS = 60
ROOT = Path(__file__).parents[4]


@dataclass(frozen=True)
class StatisticsTable:
    """The table of a statistics file as text, and the labels of its codes by column."""

    sheet: Sheet
    code_labels: Mapping[str, Mapping[str, str]]


def is_statistics_file(content: bytes) -> bool:
    """Say whether a file is one of Stata or SPSS."""
    old = content.startswith(OLD_STATA) and content[1:2] in {bytes([order]) for order in OLD_STATA_ORDERS}
    return content.startswith((STATA, *SPSS)) or old


def read_statistics_file(content: bytes) -> StatisticsTable:
    """Read a file of Stata or SPSS, or refuse it.

    A missing value of Stata comes as `.d`; a code that SPSS takes for missing as `missing:-99`.
    """
    answer = _run(content)
    sheet = build_sheet(None, [answer["columns"], *answer["rows"]])
    if sheet is None:
        raise _refusal()
    return StatisticsTable(sheet, answer["labels"])


def _run(content: bytes) -> dict[str, Any]:
    kind = "sav" if content.startswith(SPSS) else "dta"
    line = [sys.executable, "-m", "evalapp.surveys.imports.sources.statistics_reader", kind]
    try:
        with tempfile.TemporaryDirectory() as folder:
            around = {"PATH": os.defpath, "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": folder}
            run = subprocess.run(line, input=content, capture_output=True, cwd=ROOT, env=around, timeout=MOST_SECONDS, check=True)  # noqa: S603 - our own program, no word of the file's
        answer: dict[str, Any] = json.loads(run.stdout)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError, ValueError) as error:
        raise _refusal() from error
    return answer


def _refusal() -> Exception:
    return refuse(Message("The file is damaged or too large to be opened. Save it again in Stata (version 14 or newer) or SPSS."))
