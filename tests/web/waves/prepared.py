"""A programme with an open wave, served: people of two arms, some of whom have answered."""

from __future__ import annotations

import datetime as dt
import json

from sqlalchemy import select

from evalapp.app import handlers
from evalapp.core.clock import now, today
from evalapp.core.db import reading
from evalapp.core.jobs.queries import list_unfinished_keys
from evalapp.core.jobs.worker.do_job import do_job
from evalapp.people.tables import Programme
from evalapp.surveys.tables import Submission
from evalapp.training.follow_up.schedule_waves import schedule_wave
from evalapp.training.tables import Cohort, Enrolment
from tests.surveys.asked import Asked

DAY = dt.timedelta(days=1)


def prepare(site, *, treated=(0, 0), waiting=(0, 0), name="3-month follow-up"):
    """Fill the programme `pi`: of each arm so many people, of whom so many have answered. Returns the study IDs in that order."""
    with site.transaction() as db:
        programme = db.scalars(select(Programme).where(Programme.code == "pi")).one()
        asked = Asked(db, programme)
        asked.wave.label_en, asked.wave.label_ko = name, "3개월 추적조사"
        asked.wave.reminders = "[7, 14]"
        ids = []
        for code, arm, (people, answered) in (("A", "treatment", treated), ("W", "waitlist", waiting)):
            dates = {"starts_on": today() - 60 * DAY, "ends_on": today() - 20 * DAY} if arm == "treatment" else {}
            cohort = asked.add(Cohort(programme_id=programme.id, code=code, arm=arm, **dates))
            for number in range(people):
                person = asked.person()
                ids.append(person.study_id)
                keys = {"programme_id": programme.id, "cohort_id": cohort.id, "entrepreneur_id": person.id}
                asked.add(Enrolment(**keys, stage="active"))
                if number < answered:
                    asked.add(Submission(wave_id=asked.wave.id, entrepreneur_id=person.id, state="received", received_at=now()))
        schedule_wave(db, asked.wave)
    return ids


def do_jobs(site):
    """Do what waits for a worker."""
    with reading(site.engine) as db:
        keys = list_unfinished_keys(db)
    for key in keys:
        do_job(key, site.engine, site.keys, handlers(site.app.extensions["evalapp.messenger"]), _at_once)
    return len(keys)


def _at_once(_name, work):
    return json.loads(json.dumps(work()))


def outbox(tmp_path):
    """Return the messages that left, in their order."""
    folder = tmp_path / "outbox"
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.iterdir())] if folder.exists() else []
