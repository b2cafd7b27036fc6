"""Settings: all that is wrong is named at once, and production refuses to guess."""

import dataclasses
from pathlib import Path

import pytest

from config.settings import KNOWN, WrongSettings, read_settings

EXAMPLE = Path(__file__).parent.parent.parent / "config" / "env.example"
PRODUCTION = {"EVALAPP_ENVIRONMENT": "production", "EVALAPP_DATABASE_URL": "sqlite:////tmp/x.db", "EVALAPP_SECRET_KEY": "s" * 32}


def test_development_needs_nothing():
    settings = read_settings({})
    assert settings.environment == "development"
    assert settings.database_url.startswith("sqlite:///")
    assert settings.secret_key != read_settings({}).secret_key


def test_production_names_everything_that_is_missing_or_wrong_at_once():
    with pytest.raises(WrongSettings) as refusal:
        read_settings(
            {"EVALAPP_ENVIRONMENT": "production", "EVALAPP_SECRET_KEY": "short", "EVALAPP_LANGUAGE": "fr", "EVALAPP_DATABASE": "x"}
        )
    for word in ("EVALAPP_DATABASE_URL", "EVALAPP_SECRET_KEY", "EVALAPP_LANGUAGE", "EVALAPP_DATABASE is not a setting"):
        assert word in str(refusal.value)


def test_a_refusal_does_not_print_the_secret():
    with pytest.raises(WrongSettings) as refusal:
        read_settings({**PRODUCTION, "EVALAPP_SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(refusal.value)


def test_production_starts_with_what_it_needs():
    assert read_settings(PRODUCTION).environment == "production"


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        read_settings({}).language = "ko"


def test_the_terminal_speaks_the_language_of_the_locale_unless_told():
    assert read_settings({"LANG": "ko_KR.UTF-8"}).language == "ko"
    assert read_settings({"LANG": "ko_KR.UTF-8", "EVALAPP_LANGUAGE": "en"}).language == "en"


def test_the_example_names_every_setting_and_no_other():
    named = {line.split("=")[0] for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if line.startswith("EVALAPP_")}
    assert named == set(KNOWN)
