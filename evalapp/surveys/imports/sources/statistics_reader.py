"""The process that opens a Stata or SPSS file: `python -m evalapp.surveys.imports.sources.statistics_reader dta`, file in, JSON out.

It gives itself limits first, so that whatever a hostile file makes the reader do ends with this process.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

MOST_SECONDS = 40
MOST_MEMORY = 3 * 1024 * 1_048_576
MOST_WRITTEN = 32 * 1_048_576
MOST_ROWS = 100_001  # one more than is taken, so that a larger file is noticed
READERS = {"dta": "read_dta", "sav": "read_sav"}


def main() -> None:
    """Read the file from standard input and write its columns, rows and labels to standard output."""
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
    os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each of its threads would take address space of the limit
    with tempfile.NamedTemporaryFile() as file:
        file.write(sys.stdin.buffer.read())
        file.flush()
        answer = read(Path(file.name), READERS[sys.argv[1]])
    sys.stdout.write(json.dumps(answer, ensure_ascii=False))


def read(path: Path, reader: str) -> dict[str, Any]:
    """Return the columns, the rows as text, and the labels of codes."""
    import pyreadstat  # noqa: PLC0415 - not before the limits stand

    read_file: Callable[..., tuple[Mapping[str, Sequence[Any]], Any]] = getattr(pyreadstat, reader)
    data, meta = read_file(path, user_missing=True, output_format="dict", row_limit=MOST_ROWS)
    numeric = {name for name, kind in meta.readstat_variable_types.items() if kind != "string"}
    ranges = meta.missing_ranges or {}
    columns = [[_text(value, name in numeric, ranges.get(name, ())) for value in data[name]] for name in data]
    labels = {
        name: {_text(code, True, ()): text for code, text in codes.items()} for name, codes in meta.variable_value_labels.items()
    }
    return {"columns": list(data), "rows": list(zip(*columns, strict=True)), "labels": labels}


def _text(value: Any, is_number: bool, missing: Sequence[Mapping[str, float]]) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f".{value}" if is_number else value
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    number = float(value)
    if math.isnan(number):
        return ""
    text = f"{number:.15g}"
    return f"missing:{text}" if any(part["lo"] <= number <= part["hi"] for part in missing) else text


if __name__ == "__main__":
    main()
