"""How long one screen of a survey takes: a form of 80 questions, against a bare Flask and SQLAlchemy application on the same database.

    python -m benchmarks.answering [--screens 80] [--database sqlite|postgresql URL]

Screens and floor take turns in one process, without a network between, so that a busy minute falls on both.
"""

from __future__ import annotations

import argparse
import csv
import datetime as dt
import re
import statistics
import tempfile
import time
from pathlib import Path

from flask import Flask, redirect, render_template_string, request
from sqlalchemy import String
from sqlalchemy.orm import Mapped, Session, mapped_column

from config.settings import Settings
from evalapp.app import create_app
from evalapp.core.actor import Actor
from evalapp.core.clock import now, today
from evalapp.core.db import Base, make_engine, transaction
from evalapp.core.migrate import upgrade
from evalapp.people.tables import Consent, Entrepreneur, Programme, Registration
from evalapp.surveys.invitations.links import give_token, secret_index
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.tables import Instrument, Wave
from evalapp.xform.model.stored import model_to_json
from evalapp.xform.read import read_form
from evalapp.xform.reading.archive import pack_folder

QUESTIONS = 80
GOAL_MILLISECONDS = 100
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


class Note(Base):
    """The floor's only table: one row for each person, with what they wrote last."""

    __tablename__ = "benchmark_notes"

    text: Mapped[str] = mapped_column(String(4000))


def form(folder: Path) -> object:
    """Return a form like those in use: choices, numbers with limits, conditions on earlier answers, sums over all of them."""
    rows = [["type", "name", "label", "required", "relevant", "constraint", "calculation"]]
    for number in range(QUESTIONS // 4):
        before = f"${{number{number - 1}}} >= 0" if number else ""
        rows += [
            ["select_one agree", f"choice{number}", f"Statement {number}", "", "", "", ""],
            ["integer", f"number{number}", f"Number {number}", "yes", before, ". >= 0 and . <= 1000000", ""],
            ["text", f"words{number}", f"Words on ${{number{number}}}", "", f"${{choice{number}}} > 0", "", ""],
            [
                "calculate",
                f"total{number}",
                "",
                "",
                "",
                "",
                f"${{number{number}}} * 2 + coalesce(${{total{max(number - 1, 0)}}}, 0)",
            ]
            if number
            else ["calculate", "total0", "", "", "", "", "${number0} * 2"],
        ]
    choices = [["list_name", "name", "label"], *(["agree", str(at), f"Degree {at}"] for at in range(1, 6))]
    settings = [["form_title", "form_id", "version"], ["Benchmark", "benchmark", "2026090101"]]
    for name, sheet in (("survey", rows), ("choices", choices), ("settings", settings)):
        with (folder / f"{name}.csv").open("w", newline="", encoding="utf-8") as target:
            csv.writer(target).writerows(sheet)
    return read_form(pack_folder(folder)).model


def invite(app: Flask, model: object) -> str:
    """Put one person with a link into the database and return its token."""
    engine, keys = app.extensions["evalapp.engine"], app.extensions["evalapp.keys"]
    with transaction(engine, actor=Actor("benchmark", ""), keys=keys) as db:
        mark = f"b{time.time_ns() % 10**9}"
        programme = Programme(code=mark, name_ko="x", name_en="x", created_at=now())
        person = Entrepreneur(study_id=mark, created_at=now())
        instrument = Instrument(
            code=mark, version="1", definition="{}", sha256=mark, published_at=now(), model=model_to_json(model)
        )  # type: ignore[arg-type]
        db.add_all([programme, person, instrument])
        db.flush()
        days = {"opens_on": today() - dt.timedelta(days=1), "closes_on": today() + dt.timedelta(days=9)}
        ids = {"programme_id": programme.id, "entrepreneur_id": person.id}
        facts = {"code": "w", "round": 1, "label_ko": "x", "label_en": "x", "survey_year": 2026, **days}
        wave = Wave(programme_id=programme.id, instrument_id=instrument.id, **facts)
        db.add_all([wave, Registration(**ids, registered_on=today())])
        db.add(Consent(**ids, purpose="survey", text_version="1", given_on=today()))
        db.flush()
        invitation = Invitation(
            wave_id=wave.id,
            entrepreneur_id=person.id,
            due_on=days["closes_on"],
            state="sent",
            created_by="x",
            created_at=now(),
            **days,
        )
        db.add(invitation)
        db.flush()
        token = give_token(db, invitation)
        invitation.secret_index = secret_index(db, invitation, "1985")
    return token


def floor_app(engine: object) -> Flask:
    """Return the least that shows one stored row and stores it again."""
    app = Flask("floor")
    page = "<!doctype html><title>x</title><form method=post><input name=text value='{{ text }}'><button>Next</button></form>"

    @app.get("/")
    def show() -> str:
        with Session(engine) as db:  # type: ignore[arg-type]
            return render_template_string(page, text=db.get_one(Note, 1).text)

    @app.post("/")
    def take() -> object:
        with Session(engine) as db, db.begin():  # type: ignore[arg-type]
            db.get_one(Note, 1).text = request.form["text"]
        return redirect("/", 303)

    return app


def timed(call: object) -> tuple[tuple[float, float], object]:
    """Return milliseconds that passed, and those the processor worked, with the answer."""
    began, work = time.perf_counter(), time.process_time()
    answer = call()  # type: ignore[operator]
    return (1000 * (time.perf_counter() - began), 1000 * (time.process_time() - work)), answer


def measure(app: Flask, token: str, screens: int) -> dict[str, list[tuple[float, float]]]:
    """Answer a survey screen by screen, with a turn of the floor after each, and return milliseconds by what was done."""
    engine = app.extensions["evalapp.engine"]
    Note.__table__.create(engine, checkfirst=True)  # type: ignore[attr-defined]
    with Session(engine) as db, db.begin():
        db.merge(Note(id=1, text="x"))
    bare, client = floor_app(engine).test_client(), app.test_client()
    found: dict[str, list[tuple[float, float]]] = {"show": [], "take": [], "floor show": [], "floor take": []}
    page = client.get(f"/s/{token}").text
    answer = client.post(f"/s/{token}", data={**dict(HIDDEN.findall(page)), "secret": "1985"})
    for number in range(screens):
        spent, answer = timed(lambda address=answer.location: client.get(address))
        fields = dict(HIDDEN.findall(answer.text))
        if "screen" not in fields:
            break
        found["show"].append(spent)
        text = "3" if fields["screen"].startswith("choice") else str(number)
        data = {**fields, fields["shown"]: text, "do": "next"}
        spent, answer = timed(lambda data=data: client.post("/s/answer", data=data))
        found["take"].append(spent)
        found["floor show"].append(timed(lambda: bare.get("/"))[0])
        found["floor take"].append(timed(lambda number=number: bare.post("/", data={"text": f"x{number}" * 200}))[0])
    with engine.begin() as connection:
        Note.__table__.drop(connection)  # type: ignore[attr-defined]
    return found


def main() -> None:
    """Measure and print."""
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--screens", type=int, default=QUESTIONS)
    words.add_argument("--database", help="postgresql+psycopg://…; an SQLite file of its own where none is given")
    given = words.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        url = given.database or f"sqlite:///{folder / 'benchmark.db'}"
        upgrade(url)
        app = create_app(Settings("development", url, "s" * 32, folder / "ring.json", "en"))
        found = measure(app, invite(app, form(folder)), given.screens)
        make_engine(url).dispose()
    wall, cpu = ({what: statistics.median(each[at] for each in times) for what, times in found.items()} for at in (0, 1))
    print(f"{len(found['show'])} screens of a form of {QUESTIONS} questions, {url.partition(':')[0]}, medians in milliseconds\n")
    print(
        "| what | wall | CPU | screens a second | floor, wall | floor, CPU | wall / floor | CPU / floor |\n|---" + "|---:" * 7 + "|"
    )
    for what, text in (("show", "show a screen"), ("take", "take a screen in")):
        bare = f"floor {what}"
        cells = (f"{wall[what]:.1f}", f"{cpu[what]:.1f}", f"{1000 / wall[what]:.0f}", f"{wall[bare]:.1f}", f"{cpu[bare]:.1f}")
        print(f"| {text} | {' | '.join(cells)} | {wall[what] / wall[bare]:.1f} | {cpu[what] / cpu[bare]:.1f} |")
    print(f"\nGoal: a screen in less than {GOAL_MILLISECONDS} ms; {'met' if max(wall.values()) < GOAL_MILLISECONDS else 'missed'}.")


if __name__ == "__main__":
    main()
