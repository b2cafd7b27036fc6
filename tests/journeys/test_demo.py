"""The main job from files to PDF, as `make demo` does it, on both databases."""

import dataclasses
import json
import re
import subprocess
import sys
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from pypdf import PdfReader
from sqlalchemy import create_engine, text

from evalapp.app import create_app
from evalapp.cli import demo
from evalapp.cli.demo_files import write_demo_files
from evalapp.core.db import make_engine, transaction
from evalapp.reports.queries import find_report_by_fingerprint
from tests.installation import installation_settings

ROOT = Path(__file__).parent.parent.parent
BASELINE = ROOT / "config" / "programmes" / "pi_demo" / "baseline.csv"
PRINTED = {
    "profit_krw": (404_167, 1),
    "pi_score": (0.41, 0.006),
    "internal_difficulty": (-0.42, 0.006),
    "external_difficulty": (0.01, 0.006),
}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def done(request, tmp_path_factory):
    """The demo run once on an empty database of each kind."""
    folder = tmp_path_factory.mktemp("demo")
    if request.param == "sqlite":
        url = f"sqlite:///{folder / 'demo.db'}"
    else:
        server = request.getfixturevalue("postgres_url")
        engine = create_engine(server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS demo"))
            connection.execute(text("CREATE DATABASE demo"))
        engine.dispose()
        url = server.rsplit("/", 1)[0] + "/demo"
    app = create_app(installation_settings(folder, url))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "FOLDER", folder / "var")
        result = CliRunner().invoke(app.cli, ["demo", "run"])
    yield folder / "var" / "demo", result, url
    app.extensions["evalapp.engine"].dispose()


def test_it_ends_with_the_findings_beside_the_truth_and_two_pdfs(done):
    folder, result, _ = done
    assert result.exit_code == 0, result.output
    for label in ("Monthly profit", "Personal initiative score", "Internal difficulty", "External difficulty"):
        assert re.search(rf"{label}: [+-].*interval .* to .*true effect [+-]", result.output), result.output
    assert {path.name for path in folder.glob("*.pdf")} == {"pi-demo-ko.pdf", "pi-demo-en.pdf"}


def test_every_true_effect_lies_in_its_interval(done):
    lines = [line for line in done[1].output.splitlines() if "; true effect" in line]
    assert len(lines) == 4
    for line in lines:
        estimate, low, high, true = (float(number.replace(",", "")) for number in re.findall(r"[+-][\d,.]*\d", line))
        assert low < estimate < high
        assert low < true < high


def test_the_pdfs_are_in_their_languages_and_say_that_the_data_are_synthetic(done):
    for language, word in (("ko", "합성"), ("en", "ynthetic")):
        reader = PdfReader(done[0] / f"pi-demo-{language}.pdf")
        first = reader.pages[0].extract_text()
        assert word in first
        assert {"ko": "문서 번호", "en": "Document"}[language] in first  # the answer and what it rests on fit on one page
        assert reader.outline
        assert len(reader.pages) > 8


def test_a_pdf_is_recognised_as_ours_and_an_altered_one_is_not(done):
    folder, _, url = done
    from evalapp.core.fingerprint import sha256_of

    content = (folder / "pi-demo-ko.pdf").read_bytes()
    engine = make_engine(url)
    with transaction(engine) as db:
        found = find_report_by_fingerprint(db, sha256_of(content))
        assert found is not None
        assert dataclasses.asdict(found)["language"] == "ko"
        assert find_report_by_fingerprint(db, sha256_of(content + b" ")) is None
    engine.dispose()


def test_no_identifier_of_a_person_is_in_a_pdf(done):
    ids = re.compile(r"\b(PI-[0-9A-Z]{4}-[0-9A-Z]|NE-\d{4})\b")
    for path in done[0].glob("*.pdf"):
        reader = PdfReader(BytesIO(path.read_bytes()))
        words = " ".join(page.extract_text() for page in reader.pages) + json.dumps(dict(reader.metadata or {}), default=str)
        assert not ids.search(words)


def test_done_again_nothing_is_doubled(done, tmp_path):
    url = done[2]
    app = create_app(installation_settings(tmp_path, url))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "FOLDER", tmp_path)
        again = CliRunner().invoke(app.cli, ["demo", "run"])
    app.extensions["evalapp.engine"].dispose()
    assert again.exit_code == 0, again.output
    counts = re.findall(r"(\d+) new, (\d+) already there", again.output)
    assert len(counts) == 9
    assert all(new == "0" for new, _ in counts)


def test_the_true_effects_are_those_the_documentation_prints(tmp_path):
    truth = write_demo_files(BASELINE, tmp_path).truth
    for outcome, (printed, last_digit) in PRINTED.items():
        assert truth[outcome] == pytest.approx(printed, abs=last_digit)
    page = (ROOT / "docs" / "demo.md").read_text(encoding="utf-8")
    for text_ in ("+404,167 KRW", "+0.41 points", "−0.42 SD", "+0.01 SD"):
        assert text_ in page


def test_the_job_training_grants_give_the_published_coefficients(tmp_path):
    url = f"sqlite:///{tmp_path / 'jt.db'}"
    app = create_app(installation_settings(tmp_path, url))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "FOLDER", tmp_path)
        result = CliRunner().invoke(app.cli, ["demo", "job-training"])
    app.extensions["evalapp.engine"].dispose()
    assert result.exit_code == 0, result.output
    table = [line.split() for line in result.output.splitlines() if re.match(r"  (y198|grant)", line)]
    assert [(row[1], row[2]) for row in table] == [(row[3], row[4]) for row in table]
    assert len(table) == 4
    assert "54 firms" in result.output
    assert (tmp_path / "job-training" / "job-training-en.pdf").read_bytes().startswith(b"%PDF")


def test_a_killed_import_leaves_nothing_half_written(tmp_path):
    """Kill the process after the rows are written and before the transaction ends."""
    files = write_demo_files(BASELINE, tmp_path / "files")
    code = f"""
import os
from pathlib import Path
from evalapp.core.db import make_engine, transaction
from evalapp.core.migrate import upgrade
from evalapp.analysis.plans.open_programme import open_programme
from evalapp.analysis.plans.programme_templates import read_description
from evalapp.people.import_people import import_people
from evalapp.core.actor import TERMINAL
from evalapp.core.crypto.key_ring import new_key_ring
url = "sqlite:///{tmp_path / "killed.db"}"
upgrade(url)
with transaction(make_engine(url), actor=TERMINAL, keys=new_key_ring()) as db:
    code = open_programme(db, read_description(Path({str(BASELINE.parent)!r}))).code
    import_people(db, code, Path({str(files.people)!r}), dry_run=False)
    os.kill(os.getpid(), 9)
"""
    killed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert killed.returncode == -9
    engine = make_engine(f"sqlite:///{tmp_path / 'killed.db'}")
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from entrepreneurs")).scalar() == 0
        assert connection.execute(text("select count(*) from programmes")).scalar() == 0
    engine.dispose()
