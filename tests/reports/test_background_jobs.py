"""The kinds of jobs, done in order as a worker does them: a run, its report, the released edition."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import NullPool, create_engine, func, select, text, update

from evalapp.analysis.plans.register_plan import register_plan
from evalapp.analysis.queries import get_newest_plan, list_result_rows
from evalapp.analysis.run_plan import run_plan
from evalapp.analysis.tables import ResultRow, Run
from evalapp.app import JOBS
from evalapp.core.actor import Actor
from evalapp.core.clock import now
from evalapp.core.db import make_engine, transaction
from evalapp.core.jobs.faults import read_fault
from evalapp.core.jobs.queries import get_job
from evalapp.core.jobs.queue_job import queue_job
from evalapp.core.jobs.worker.do_job import do_job
from evalapp.core.migrate import upgrade
from evalapp.panel.tables import PanelSnapshot
from evalapp.people.tables import Consent
from evalapp.reports.release_report import approve_report, submit_report
from evalapp.reports.tables import Report
from tests.analysis.test_run_plan import PLAN, programme_with_answers
from tests.conftest import KEYS

NUMBERS = itertools.count()
ANALYST, OFFICER = Actor("AC-ANALYST", "analyst"), Actor("AC-OFFICER", "program_officer")


class Background:
    """A committed programme with a plan, and jobs done at once in this process."""

    def __init__(self, engine):
        self.engine = engine
        with self.acting() as db:
            small = programme_with_answers(db)
            self.programme, self.code = small.programme.id, small.programme.code
            register_plan(db, small.programme, "main", PLAN)

    def acting(self, actor=ANALYST):
        return transaction(self.engine, actor=actor, keys=KEYS)

    def do(self, kind, arguments, between: Callable[[str], Any] = lambda _: None):
        """Do one job; `between` is called with the name of each stage before it begins."""
        key = f"{kind.replace('_', '-')}-{'0' * 16}"

        def run_stage(name, work):
            between(name)
            return json.loads(json.dumps(work()))  # what a durable engine gives back

        with self.acting() as db:
            queue_job(db, key, kind, self.code, arguments)
        do_job(key, self.engine, KEYS, JOBS, run_stage)
        with self.acting() as db:
            return get_job(db, key)


@pytest.fixture(params=["sqlite", "postgresql"])
def background(request, tmp_path):
    """A database of its own for each test: jobs commit."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'jobs.db'}"
    else:
        server = create_engine(request.getfixturevalue("postgres_url"), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        name = f"background_{next(NUMBERS)}"
        with server.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        url = server.url.set(database=name).render_as_string(hide_password=False)
    upgrade(url)
    engine = make_engine(url)
    yield Background(engine)
    engine.dispose()


def test_a_run_its_report_and_the_released_edition(background):
    ran = background.do("run_plan", {"plan": "main", "seed": 0})
    assert ran.state == "done", read_fault(ran.fault)
    run = json.loads(ran.result)["run"]
    composed = background.do("compose_report", {"run": run, "language": "ko"})
    assert composed.state == "done", read_fault(composed.fault)
    with background.acting() as db:
        draft = db.get_one(Report, json.loads(composed.result)["report"])
        assert (draft.run_id, draft.language, draft.state, draft.composed_by) == (run, "ko", "draft", ANALYST.account)
        submit_report(db, draft)
    with background.acting(OFFICER) as db:
        approve_report(db, db.get_one(Report, draft.id))
    printed = background.do("print_release", {"report": draft.id})
    assert printed.state == "done", read_fault(printed.fault)
    with background.acting() as db:
        released = db.get_one(Report, json.loads(printed.result)["report"])
        assert (released.state, released.submitted_by, released.released_by) == ("released", ANALYST.account, OFFICER.account)


def test_a_run_in_the_background_gives_the_numbers_of_one_at_the_terminal(background):
    run = json.loads(background.do("run_plan", {"plan": "main", "seed": 3}).result)["run"]
    with background.acting() as db:
        stored = db.get_one(Run, run)
        snapshot = db.get_one(PanelSnapshot, stored.snapshot_id)
        again = run_plan(db, get_newest_plan(db, background.programme, "main"), snapshot, seed=3)
        assert list_result_rows(db, again.id) == list_result_rows(db, run)


def test_a_plan_that_is_not_there_is_a_refusal_in_words_and_leaves_nothing(background):
    job = background.do("run_plan", {"plan": "other", "seed": 0})
    assert (job.state, str(read_fault(job.fault))) == ("failed", "This programme has no analysis plan “other”.")
    with background.acting() as db:
        assert db.scalar(select(func.count()).select_from(Run)) == db.scalar(select(func.count()).select_from(ResultRow)) == 0


def test_someone_who_withdraws_between_the_stages_is_not_in_the_run(background):
    def withdraw(stage):
        if stage == "Estimating the effects":
            with background.acting() as db:
                one = db.scalar(select(func.min(Consent.entrepreneur_id)))
                db.execute(update(Consent).where(Consent.entrepreneur_id == one).values(withdrawn_on=now().date()))

    job = background.do("run_plan", {"plan": "main", "seed": 0}, between=withdraw)
    assert job.state == "failed"
    assert "withdrawn their consent" in str(read_fault(job.fault))
