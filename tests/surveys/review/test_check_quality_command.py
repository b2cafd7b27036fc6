"""`flask surveys check-quality` asks the rules about one programme or all."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from evalapp.app import create_app
from evalapp.core.actor import TERMINAL
from evalapp.core.db import transaction
from evalapp.core.migrate import upgrade
from evalapp.surveys.review.tables import QualityFlag
from evalapp.surveys.tables import Instrument
from tests.installation import installation_settings
from tests.programme import SmallProgramme

FORM = '{"code": "small", "version": "1", "title": {"ko": "가", "en": "A"}, "questions": []}'


@pytest.fixture
def app(tmp_path):
    url = f"sqlite:///{tmp_path / 'quality.db'}"
    upgrade(url)
    app = create_app(installation_settings(tmp_path, url))
    yield app
    app.extensions["evalapp.engine"].dispose()


def opened(app):
    return transaction(app.extensions["evalapp.engine"], actor=TERMINAL, keys=app.extensions["evalapp.keys"])


def check(app, *words):
    done = CliRunner().invoke(app.cli, ["surveys", "check-quality", *words])
    assert done.exit_code == 0, done.output
    with opened(app) as db:
        return done.output.strip(), db.query(QualityFlag).count()


def test_the_rules_are_asked_about_one_programme_or_all(app):
    with opened(app) as db:
        for code in ("one", "two"):
            SmallProgramme(db, code).person("A", {"bl": {"profit_krw": 3, "revenue_krw": 1}})
        db.query(Instrument).update({"definition": FORM})
    assert check(app, "--programme", "one") == ("one: the rules were asked about 1 submissions.", 1)
    assert check(app)[1] == 2
    assert check(app)[1] == 2


def test_a_programme_that_is_not_there_is_said_so(app):
    done = CliRunner().invoke(app.cli, ["surveys", "check-quality", "--programme", "none"])
    assert done.exit_code == 1
    assert "There is no programme none." in done.output
