"""Imports of answers against the floor: the same cells put into the same tables by plain executemany, without a check.

`python -m benchmarks.imports [--rows 2000 20000 100000]`. Each measurement is a process of its own on an SQLite file of its own.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import io
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import insert

from evalapp.core.actor import TERMINAL
from evalapp.core.crypto.key_ring import new_key_ring
from evalapp.core.db import make_engine, transaction
from evalapp.core.migrate import upgrade
from evalapp.people.tables import Entrepreneur, Programme, Registration
from evalapp.surveys.imports.import_submissions import import_submissions
from evalapp.surveys.instruments.definition import Choice, InstrumentDefinition, Question, definition_to_json
from evalapp.surveys.tables import Answer, Instrument, Submission, SurveyImport, Wave

NOW = dt.datetime(2026, 3, 5, tzinfo=dt.UTC)
ITEMS, AMOUNTS = 20, 6
PROGRAMS = ("floor", "ours")
ROWS_A_STATEMENT = 10_000


def definition() -> InstrumentDefinition:
    """A form of Likert items and amounts, as a follow-up is."""
    plain = {
        "hint": {}, "required": False, "relevant": None, "constraint": "", "constraint_message": {}, "scale": "", "reverse": False,
        "sensitivity": "ordinary", "sdc_class": "none", "construct": "", "unit": "",
    }  # fmt: skip
    scale = tuple(Choice(str(n), {"ko": f"{n}점", "en": f"{n} points"}) for n in range(1, 6))
    items = [Question(f"item_{n}", "select_one", {}, choices=scale, minimum=None, maximum=None, **plain) for n in range(ITEMS)]
    amounts = [Question(f"amount_{n}", "integer", {}, choices=(), minimum=0, maximum=1e11, **plain) for n in range(AMOUNTS)]
    return InstrumentDefinition("bench", "2026030101", {}, (*items, *amounts))


def table(rows: int) -> bytes:
    """A CSV file of everybody's answers."""
    names = [question.name for question in definition().questions]
    target = io.StringIO()
    writer = csv.writer(target)
    writer.writerow(["study_id", *names])
    for row in range(rows):
        answers = [(row + n) % 5 + 1 for n in range(ITEMS)] + [(row * 7919 + n) % 1_000_000 for n in range(AMOUNTS)]
        writer.writerow([f"B-{row}", *answers])
    return target.getvalue().encode()


def prepare(url: str, rows: int) -> None:
    """Make a programme with a wave and its people."""
    upgrade(url)
    with transaction(make_engine(url), actor=TERMINAL, keys=new_key_ring()) as db:
        programme = Programme(code="bench", name_ko="b", name_en="b", created_at=NOW)
        text = definition_to_json(definition())
        form = Instrument(code="bench", version="2026030101", definition=text, sha256="0" * 64, published_at=NOW)
        db.add_all([programme, form])
        db.flush()
        dates = {"opens_on": dt.date(2026, 3, 1), "closes_on": dt.date(2026, 4, 1)}
        wave = {"label_ko": "w", "label_en": "w", "survey_year": 2026, "code": "w", "round": 1}
        db.add(Wave(programme_id=programme.id, instrument_id=form.id, **wave, **dates))
        people = [{"study_id": f"B-{row}", "created_at": NOW} for row in range(rows)]
        keys = db.scalars(insert(Entrepreneur).returning(Entrepreneur.id), people).all()
        fixed = {"programme_id": programme.id, "registered_on": NOW.date()}
        db.execute(insert(Registration), [{"entrepreneur_id": key, **fixed} for key in keys])


def floor(url: str, path: Path) -> None:
    """Put every cell where ours does, believing all of it: no type, choice, person, repetition or contradiction is looked at."""
    with transaction(make_engine(url)) as db, path.open(encoding="utf-8", newline="") as source:
        people = {study_id: key for study_id, key in db.query(Entrepreneur.study_id, Entrepreneur.id)}  # noqa: C416 - typed pairs
        db.execute(insert(SurveyImport), [{"wave_id": 1, "sha256": "0" * 64, "rows": 1, "imported_at": NOW}])
        records = list(csv.DictReader(source))
        fixed = {"wave_id": 1, "state": "received", "received_at": NOW, "import_id": 1}
        rows = [{**fixed, "entrepreneur_id": people[record["study_id"]]} for record in records]
        db.execute(insert(Submission), rows)
        answers = [
            {"submission_id": key, "variable": name, "text": cell, "number": float(cell), "repeat_path": ""}
            for key, record in enumerate(records, start=1)
            for name, cell in record.items()
            if name != "study_id"
        ]
        for start in range(0, len(answers), ROWS_A_STATEMENT):
            db.execute(insert(Answer.__table__), answers[start : start + ROWS_A_STATEMENT])


def ours(url: str, path: Path) -> None:
    """Take the file in with every check, the entry in the audit log and the rules of quality."""
    with transaction(make_engine(url), actor=TERMINAL, keys=new_key_ring()) as db:
        import_submissions(db, "bench", "w", path)


def measure(program: str, rows: int) -> dict[str, float]:
    """Run one program and return its seconds and the growth of its memory."""
    with tempfile.TemporaryDirectory() as folder:
        url, path = f"sqlite:///{folder}/bench.db", Path(folder) / "answers.csv"
        path.write_bytes(table(rows))
        subprocess.run([sys.executable, "-m", "benchmarks.imports", "--prepare", url, str(rows)], check=True)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        wall, cpu = time.perf_counter(), time.process_time()
        {"floor": floor, "ours": ours}[program](url, path)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"wall": wall, "cpu": cpu, "peak": peak / 1024, "growth": (peak - before) / 1024}


def main() -> None:
    """Measure both programs at each size and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, nargs="+", default=[2_000, 20_000, 100_000])
    parser.add_argument("--prepare", nargs=2)
    parser.add_argument("--one", nargs=2)
    said = parser.parse_args()
    if said.prepare:
        prepare(said.prepare[0], int(said.prepare[1]))
        return
    if said.one:
        print(json.dumps(measure(said.one[0], int(said.one[1]))))
        return
    print("| rows | program | wall, s | CPU, s | peak, MB | growth, MB | CPU / floor |\n|---:|---|---:|---:|---:|---:|---:|")
    for rows in said.rows:
        found = {}
        for program in PROGRAMS:
            line = [sys.executable, "-m", "benchmarks.imports", "--one", program, str(rows)]
            found[program] = json.loads(subprocess.run(line, check=True, capture_output=True, text=True).stdout)
        for program, one in found.items():
            ratio = one["cpu"] / found["floor"]["cpu"]
            print(
                f"| {rows:,} | {program} | {one['wall']:.2f} | {one['cpu']:.2f} | {one['peak']:.0f} | {one['growth']:.0f} | {ratio:.2f} |"
            )


if __name__ == "__main__":
    main()
