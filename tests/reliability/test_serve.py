"""Pages and worker are started and ended together, whichever way they end."""

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path

import pytest

from evalapp.core.crypto.key_ring import new_key_ring, write_key_ring
from evalapp.core.migrate import upgrade
from tests.reliability.conftest import ROOT, wait_until

FIRST_START_SECONDS = 60  # the whole application is loaded twice, on busy cores
GUNICORN_NOTICES_SECONDS = 60  # its processes look for their parent every half timeout
TRIES = 8  # enough to meet both of Gunicorn's processes


def children(parent):
    """The living processes whose parent this is, with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            state, owner = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if int(owner) == parent and state != "Z":
                found[int(folder.name)] = (folder / "cmdline").read_text().replace("\0", " ")
        except (OSError, ValueError):  # it ended while we looked
            continue
    return found


def workers_of(parent):
    return [pid for pid, command in children(parent).items() if "worker run" in command]


def alive(pid):
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def server(tmp_path):
    url = f"sqlite:///{tmp_path / 'site.db'}"
    upgrade(url)
    write_key_ring(new_key_ring(development=True), tmp_path / "ring.json")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("EVALAPP_")}
    environment = {**kept, "EVALAPP_DATABASE_URL": url, "EVALAPP_KEY_RING": str(tmp_path / "ring.json"), "EVALAPP_LANGUAGE": "en"}
    command = [Path(sys.executable).parent / "gunicorn", "--config", "config/serve.py", "--bind", f"127.0.0.1:{port}", "wsgi:app"]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log, start_new_session=True)
    process.address = f"http://127.0.0.1:{port}"
    try:
        wait_until(lambda: process.poll() is None and "does jobs" in (tmp_path / "log").read_text(), FIRST_START_SECONDS)
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_a_worker_that_dies_is_started_again_and_nobody_is_left_when_the_first_process_is_killed(server):
    (first,) = workers_of(server.pid)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: [pid for pid in workers_of(server.pid) if pid != first])
    everyone = list(children(server.pid))
    assert len(everyone) == 3
    os.kill(server.pid, signal.SIGKILL)
    wait_until(lambda: not any(alive(pid) for pid in everyone), GUNICORN_NOTICES_SECONDS)


def test_a_form_given_by_one_process_is_taken_by_another_and_ctrl_c_ends_them_all(server):
    for _ in range(TRIES):
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        page = opener.open(server.address, timeout=10).read().decode()
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        with opener.open(
            f"{server.address}/language", data=f"csrf_token={token}&language=ko&back=/".encode(), timeout=10
        ) as answer:
            assert answer.status == 200
            assert '<html lang="ko"' in answer.read().decode()
    everyone = [server.pid, *children(server.pid)]
    os.killpg(server.pid, signal.SIGINT)  # what Ctrl-C sends
    assert server.wait(30) == 0
    wait_until(lambda: not any(alive(pid) for pid in everyone))


def test_the_pages_do_not_load_the_durable_engine():
    code = "import sys, evalapp.app; print('dbos' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
