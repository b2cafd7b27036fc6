"""Many respondents at once, on real Gunicorn processes, one of the times killed in the middle: no answer is lost, none counts twice."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from sqlalchemy import select

from evalapp.core.actor import Actor
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.db import transaction
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.tables import Answer, Submission
from evalapp.xform.read import read_form
from tests.reliability.conftest import ROOT, wait_until
from tests.surveys.answering.invited import BIRTH_YEAR, invite, open_programme, open_wave
from tests.web.answering.surveys import hidden
from tests.web.site import csrf_token
from tests.xform.sheets import packed

FORM = """
| type | name | label | required |
| integer | revenue_krw | Revenue | yes |
| select_one yn | firm_operating | Running? | yes |
| text | word | A word | |
"""
CHOICES = "| list_name | name | label |\n| yn | yes | Yes |\n| yn | no | No |"
FIRST_START_SECONDS = 60
ANSWER_SECONDS = 60  # two busy cores and 200 people: the queue is long, but it moves
AT_ONCE = 40
A_FEW = 8  # the two hundred of the slow test take minutes


class Server:
    """Two Gunicorn processes on an installation, which can be killed and started again at the same address."""

    def __init__(self, installation):
        self.installation = installation
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self):
        kept = {name: value for name, value in os.environ.items() if not name.startswith("EVALAPP_")}
        own = {
            "EVALAPP_DATABASE_URL": self.installation.url,
            "EVALAPP_KEY_RING": str(self.installation.folder / "ring.json"),
            "EVALAPP_LANGUAGE": "en",
            "EVALAPP_SECRET_KEY": "k" * 40,
        }
        command = [Path(sys.executable).parent / "gunicorn", "-c", "config/gunicorn.py", "-b", f"127.0.0.1:{self.port}", "wsgi:app"]
        self.log = self.installation.folder / "gunicorn.log"
        with self.log.open("a") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env={**kept, **own}, stdout=log, stderr=log, start_new_session=True)
        wait_until(self.answers, FIRST_START_SECONDS)

    def answers(self):
        try:
            with urllib.request.build_opener().open(f"{self.address}/health", timeout=5) as answer:
                return answer.status == 200
        except OSError:
            return False

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


class Respondent:
    """A browser of somebody with a link."""

    def __init__(self, server, token):
        self.server, self.token = server, token
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path):
        return self._call(f"{self.server.address}{path}")

    def post(self, path, page, fields):
        data = {"csrf_token": csrf_token(page), **fields}
        return self._call(f"{self.server.address}{path}", urllib.parse.urlencode(data, doseq=True).encode())

    def _call(self, url, data=None):
        with self.browser.open(url, data=data, timeout=ANSWER_SECONDS) as answer:
            return answer.read().decode()

    def open(self):
        return self.post(f"/s/{self.token}", self.get(f"/s/{self.token}"), {"secret": BIRTH_YEAR})

    def send(self, page, **answers):
        return self.post("/s/answer", page, {**hidden(page), **answers, "do": "next"})

    def begin(self, number):
        """Answer two screens and go away."""
        page = self.send(self.open(), revenue_krw=number)
        self.send(page, firm_operating="yes" if number % 2 else "no")

    def finish(self, number):
        """Come back to the third screen, answer it, and press the last button twice at the same moment."""
        page = self.open()
        assert hidden(page)["screen"] == "word", "it goes on where it stopped"
        page = self.send(page, word=f"word {number}")
        with ThreadPoolExecutor(2) as hands:
            pages = list(hands.map(lambda _: self.post("/s/hand-in", page, {}), range(2)))
        return {re.search(r"<strong>([\w-]{9})</strong>", page)[1] for page in pages}


def invite_many(installation, count):
    with transaction(installation.engine, actor=Actor("AC-TEST-1", "program_officer"), keys=installation.keys) as db:
        record_entry(db, "site_opened")
        wave = open_wave(db, open_programme(db), read_form(packed(FORM, CHOICES)))
        return [invite(db, wave).token for _ in range(count)]


def answer_at_once(installation, count):
    tokens = invite_many(installation, count)
    server = Server(installation)
    try:
        with ThreadPoolExecutor(AT_ONCE) as people:
            list(people.map(lambda at: Respondent(server, tokens[at]).begin(at), range(count)))
            server.kill()
            server.start()
            receipts = list(people.map(lambda at: Respondent(server, tokens[at]).finish(at), range(count)))
    finally:
        server.kill()
    log = server.log.read_text()
    assert not [token for token in tokens if token in log], "the log of the pages holds no link"
    return receipts


def check_answers(installation, receipts):
    with transaction(installation.engine, actor=Actor("AC-TEST-1", "program_officer"), keys=installation.keys) as db:
        submissions = {row.receipt: row.id for row in db.scalars(select(Submission))}
        answers: dict[int, dict[str, str]] = {}
        for row in db.scalars(select(Answer)):
            answers.setdefault(row.submission_id, {})[row.variable] = row.text
        assert db.scalars(select(SurveyDraft)).all() == []
    assert len(submissions) == len(receipts)
    for number, seen in enumerate(receipts):
        assert len(seen) == 1, "both presses are told the same receipt"
        wanted = {"revenue_krw": str(number), "firm_operating": "yes" if number % 2 else "no", "word": f"word {number}"}
        assert answers[submissions[seen.pop()]] == wanted


def test_respondents_at_once_and_a_server_that_is_killed(installation):
    check_answers(installation, answer_at_once(installation, A_FEW))


@pytest.mark.slow
def test_two_hundred_respondents_at_once_and_a_server_that_is_killed(installation):
    check_answers(installation, answer_at_once(installation, 200))
