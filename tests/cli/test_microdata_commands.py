"""`flask panel risk` and `flask panel release` do at the terminal what the pages do."""

import json
import zipfile

import pytest
from click.testing import CliRunner

from evalapp.app import create_app
from evalapp.core.actor import TERMINAL
from evalapp.core.db import transaction
from evalapp.core.migrate import upgrade
from tests.installation import installation_settings
from tests.panel.shared_panel import SharedPanel

SAFE = ("--suppress", "--band-years", "10", "--leave-out", "region", "--leave-out", "sector")
REASON = ("--reason", "for the evaluation of a partner university")


@pytest.fixture
def app(tmp_path):
    url = f"sqlite:///{tmp_path / 'panel.db'}"
    upgrade(url)
    app = create_app(installation_settings(tmp_path, url))
    with transaction(app.extensions["evalapp.engine"], actor=TERMINAL, keys=app.extensions["evalapp.keys"]) as db:
        SharedPanel(db).freeze()
    yield app
    app.extensions["evalapp.engine"].dispose()


def test_a_panel_is_measured_made_safe_and_released(app, tmp_path):
    def run(*words):
        return CliRunner().invoke(app.cli, ["panel", *words, "--programme", "small"])

    risk = json.loads(run("risk").output)
    assert risk["risk"]["at_risk"] > 0
    safe = json.loads(run("risk", *SAFE).output)
    assert (safe["risk"]["at_risk"], "region" in safe["quasi_identifiers"]) == (0, False)
    target = tmp_path / "out.zip"
    refused = run("release", *REASON, "--output", str(target))
    assert (refused.exit_code, "stand among fewer than 5" in refused.output, target.exists()) == (1, True, False)
    unknown = run("release", *REASON, "--output", str(target), "--sensitive", "income")
    assert (unknown.exit_code, "no variable income" in unknown.output) == (1, True)
    made = run("release", *REASON, "--output", str(target), *SAFE)
    assert (made.exit_code, "release 1" in made.output) == (0, True)
    with zipfile.ZipFile(target) as archive:
        assert json.loads(archive.read("risk.json"))["risk"]["at_risk"] == 0
