"""No job is lost and none is done twice, whatever happens to the processes that do them."""

import signal
import time
from pathlib import Path

import pytest

from evalapp.core.jobs.faults import PROGRAM_FAULT, WORKER_DIED, read_fault
from tests.reliability.conftest import wait_until

TWENTY = 20
SOON_SECONDS = 5  # a worker that is asked to end waits 1 s for its job; the rest is a busy machine


def all_done_once(installation, keys):
    wait_until(installation.over)
    assert installation.states() == dict.fromkeys(keys, "done"), installation.logs()
    assert installation.tally("done") == dict.fromkeys(keys, 1)


def test_twenty_jobs_outlive_a_worker_that_is_killed_and_started_again(installation):
    keys = [installation.queue(seconds=0.1) for _ in range(TWENTY)]
    first = installation.start()
    wait_until(lambda: len(installation.done()) >= 3 and installation.running())
    first.kill()
    first.wait()
    assert len(installation.done()) < TWENTY
    installation.start()
    all_done_once(installation, keys)


def test_a_living_worker_takes_up_what_a_dead_one_left(installation):
    keys = [installation.queue(seconds=0.1) for _ in range(TWENTY)]
    workers = [installation.start(), installation.start()]
    wait_until(lambda: len(installation.running()) == 2)
    workers[0].kill()
    workers[0].wait()
    all_done_once(installation, keys)
    assert "takes over from" in installation.logs()


def test_a_worker_that_was_only_asleep_does_not_do_its_job_a_second_time(installation):
    key = installation.queue(seconds=1)
    asleep = installation.start()
    wait_until(lambda: installation.job(key).progress_share == 0.5)
    asleep.send_signal(signal.SIGSTOP)
    installation.start()
    all_done_once(installation, [key])
    asleep.send_signal(signal.SIGCONT)
    time.sleep(1.5)  # long enough for the sleeper to come to the end of its stage
    all_done_once(installation, [key])
    assert asleep.poll() is None, installation.logs()


def test_a_worker_that_is_asked_to_end_leaves_the_stage_it_is_at_to_the_next(installation):
    key = installation.queue(seconds=3)
    first = installation.start()
    wait_until(lambda: installation.job(key).progress_share == 0.5)
    first.terminate()
    assert first.wait(SOON_SECONDS) == 0
    assert installation.job(key).state == "running"
    installation.start()
    all_done_once(installation, [key])
    assert installation.tally("first") == {key: 1}
    assert installation.job(key).result == '{"answer":"first"}'


def test_what_goes_wrong_is_told_without_a_word_about_a_person(installation):
    refused, broken, unfinished = (
        installation.queue("refused", run=7),
        installation.queue("broken"),
        installation.queue("unfinished"),
    )
    installation.start()
    wait_until(installation.over)
    assert str(read_fault(installation.job(refused).fault)) == "There is no run 7."
    assert read_fault(installation.job(broken).fault) == read_fault(installation.job(unfinished).fault) == PROGRAM_FAULT
    assert installation.tally("half") == {}
    assert f"job {broken}: ValueError in worker_process.py" in installation.logs()
    assert "Secret" not in installation.logs()
    assert "Traceback" not in installation.logs()


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)  # the engine counts the same on both
def test_a_job_that_kills_every_worker_is_given_up(installation):
    key = installation.queue("deadly")
    while installation.job(key).state != "failed":
        installation.start()
        wait_until(lambda: installation.workers[-1].poll() is not None or installation.job(key).state == "failed")
    assert read_fault(installation.job(key).fault) == WORKER_DIED


def test_a_worker_talks_to_nobody_but_its_database(installation):
    installation.queue(seconds=0)
    worker = installation.start()
    wait_until(installation.over)
    ours = {Path(link).readlink().name for link in Path(f"/proc/{worker.pid}/fd").iterdir() if "socket:" in str(link.readlink())}
    inodes = {name.removeprefix("socket:[").removesuffix("]") for name in ours}
    rows = [
        line.split()
        for kind in ("tcp", "tcp6", "udp", "udp6")
        for line in Path(f"/proc/{worker.pid}/net/{kind}").read_text().splitlines()[1:]
    ]
    peers = {int(row[2].rpartition(":")[2], 16) for row in rows if row[9] in inodes}
    assert peers == ({installation.engine.url.port} if installation.engine.url.port else set())


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)  # where the engine's tables are a file that can be lost
def test_no_job_is_lost_with_the_engines_own_file(installation):
    keys = [installation.queue(seconds=0.2) for _ in range(3)]
    first = installation.start()
    wait_until(installation.running)
    first.kill()
    first.wait()
    for path in installation.folder.glob("site-jobs.db*"):
        path.unlink()
    installation.start()
    all_done_once(installation, keys)
