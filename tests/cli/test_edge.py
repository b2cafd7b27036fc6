"""Refusals at the terminal: a sentence and exit code 1, never a traceback, never a value that belongs to a person."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from evalapp.app import create_app
from tests.installation import installation_settings

ROOT = Path(__file__).parent.parent.parent
PROGRAMMES = ROOT / "config" / "programmes"


def flask(url, *words, language="en"):
    app = create_app(installation_settings(Path(url.removeprefix("sqlite:///")).parent, url, language))
    done = CliRunner().invoke(app.cli, [str(word) for word in words])
    app.extensions["evalapp.engine"].dispose()
    return done


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'edge.db'}"


def refused(done, words):
    assert done.exit_code == 1
    assert words in done.output
    assert "Traceback" not in done.output
    assert isinstance(done.exception, SystemExit)


def test_a_report_is_composed_twice_and_is_the_same_file(url, tmp_path):
    from evalapp.cli import demo

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "FOLDER", tmp_path)
        assert flask(url, "demo", "job-training").exit_code == 0
    first, second = tmp_path / "a.pdf", tmp_path / "b.pdf"
    for path in (first, second):
        done = flask(url, "reports", "compose", 1, "--language", "en", "--output", path)
        assert done.exit_code == 0, done.output
    assert first.read_bytes() == second.read_bytes()
    refused(flask(url, "reports", "compose", 1, "--output", tmp_path / "nowhere" / "c.pdf"), "cannot be read or written")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[plan]", "[plann]"), "“code”"),
        (('instrument = "baseline"\n', ""), "instrument"),
        (("opens_on = 2018-03-05", 'opens_on = "2018-03-05"'), "without quotes"),
        (("closes_on = 2018-04-30", "closes_on = 2018-01-30"), "closes before it opens"),
        (('code = "pi-demo"', 'code = "<script>"'), "small letters"),
        (('code = "bl"', "code = 1"), "small letters"),
        (('unit = "log"', 'unit = "won"'), "unit"),
        (('method = "dr"', 'metod = "dr"'), "“method”"),
        (("[plan]", "[plan"), "programme.toml"),
    ],
)
def test_a_wrong_programme_file_is_answered_in_words(url, tmp_path, change, words):
    folder = tmp_path / "programme"
    folder.mkdir()
    right = (path.read_text(encoding="utf-8") for path in sorted(PROGRAMMES.glob("*/programme.toml")))
    text = next(text for text in right if change[0] in text)
    (folder / "programme.toml").write_text(text.replace(*change, 1), encoding="utf-8")
    refused(flask(url, "programmes", "create", folder), words)
    assert "could not be found" not in flask(url, "database", "upgrade").output
    tables = sqlite3.connect(url.removeprefix("sqlite:///"))
    assert tables.execute("select count(*) from programmes").fetchone() == (0,)
    tables.close()


def test_a_file_that_is_no_database_is_said(tmp_path):
    path = tmp_path / "no.db"
    path.write_bytes(b"this is no database at all, it is a letter" * 100)
    refused(flask(f"sqlite:///{path}", "analysis", "run", "--programme", "x"), "The database refused")


def test_an_unknown_snapshot_is_not_a_new_one(url):
    flask(url, "programmes", "create", PROGRAMMES / "pi_demo")
    refused(flask(url, "analysis", "run", "--programme", "pi-demo", "--snapshot", 0), "no snapshot 0")


def test_refusals_are_korean_where_the_terminal_is(url):
    refused(flask(url, "analysis", "run", "--programme", "nowhere", language="ko"), "nowhere")
    assert "There is no" not in flask(url, "analysis", "run", "--programme", "nowhere", language="ko").output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EVALAPP_LANGUGE", "ko"),
        ("EVALAPP_LANGUAGE", "de"),
        ("EVALAPP_DATABASE_URL", "mysql://x"),
        ("EVALAPP_DATABASE_URL", "postgresql+psycopg://u:se@cret:pw@127.0.0.1:x/x"),
        ("EVALAPP_DATABASE_URL", "sqlite:///"),
    ],
)
def test_wrong_settings_are_sentences_and_show_no_password(name, value):
    environment = {"PATH": "/usr/bin:/bin", name: value}
    flask_command = [str(Path(sys.executable).parent / "flask"), "database", "upgrade"]
    done = subprocess.run(flask_command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert name in done.stderr
    assert "Traceback" not in done.stderr
    assert "cret" not in done.stderr
