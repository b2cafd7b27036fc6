"""How long an officer waits for what is said of an uploaded form, hostile ones among them, from the press to the page with the answer.

    python -m benchmarks.uploads [--busy 4]

`--busy` starts so many processes beside that do nothing but work, for a machine on which much else goes on.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from evalapp.app import create_app
from evalapp.core.migrate import upgrade
from tests.installation import installation_settings
from tests.web import forms_to_upload as forms
from tests.web.site import Site, csrf_token
from tests.web.test_instruments import MISSPELT, NEW

RUNS = 5
KOREAN = (*forms.SURVEY, ("integer", "매출", "매출은?", "Revenue?", ""))
UPLOADS: dict[str, Callable[[], bytes]] = {
    "a zip bomb": forms.zip_bomb,
    "an external entity": forms.external_entity,
    "a Korean question name": lambda: forms.workbook(survey=KOREAN),
    "a cycle of three": lambda: forms.ring(3),
    "a misspelt column": lambda: forms.workbook(survey=MISSPELT),
    "a good form": forms.workbook,
    "200 groups in one another": lambda: forms.deep(200),
    "500 languages": forms.many_languages,
    "a formula of 18,000 characters": lambda: forms.formula("1+" * 9_000 + "1"),
    "a cycle of 900": lambda: forms.ring(900),
    "10,000 questions": lambda: forms.long_form(10_000),
    "4,900 questions": lambda: forms.long_form(4_900),
}


def main() -> None:
    """Print a row for each upload: the first one after the page was opened, the median of some, the server's work and memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--busy", type=int, default=0)
    busy = [multiprocessing.Process(target=_work, daemon=True) for _ in range(parser.parse_args().busy)]
    for process in busy:
        process.start()
    contents = {name: made() for name, made in UPLOADS.items()}
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/uploads.db"
        upgrade(url)
        site = Site(create_app(installation_settings(Path(folder), url)))
        officer = site.client("program_officer", programmes=("pi",))
        token = csrf_token(officer.get(NEW).text)
        time.sleep(1)  # until the file is chosen
        print("| upload | first, s | median, s | of the server's CPU, s | server grew by, MB |\n|---|---:|---:|---:|---:|")
        for name, content in contents.items():
            work, before = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            seconds = [_upload(officer, token, content) for _ in range(RUNS)]
            work = (time.process_time() - work) / RUNS
            grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
            print(f"| {name} | {seconds[0]:.2f} | {statistics.median(seconds):.2f} | {work:.2f} | {grown:.0f} |")
    for process in busy:
        process.kill()


def _upload(officer: object, token: str, content: bytes) -> float:
    data = {"csrf_token": token, "workbook": (io.BytesIO(content), "form.xlsx")}
    began = time.perf_counter()
    answer = officer.post(NEW, data=data, content_type="multipart/form-data")  # type: ignore[attr-defined]
    if answer.status_code == 303:
        officer.get(answer.location)  # type: ignore[attr-defined]
    return time.perf_counter() - began


def _work() -> None:
    while True:
        sum(range(100_000))


if __name__ == "__main__":
    main()
