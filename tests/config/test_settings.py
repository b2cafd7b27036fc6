"""Settings: all that is wrong is named at once, and production refuses to guess."""

import dataclasses
from pathlib import Path

import pytest

from config.settings import KNOWN, WrongSettings, read_settings

EXAMPLE = Path(__file__).parent.parent.parent / "config" / "env.example"
PRODUCTION = {
    "EVALAPP_ENVIRONMENT": "production",
    "EVALAPP_DATABASE_URL": "sqlite:////srv/x.db",
    "EVALAPP_SECRET_KEY": "s" * 32,
    "EVALAPP_KEY_RING": "/srv/keys/ring.json",
    "EVALAPP_HOSTS": "evaluation.example.org",
}


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
    for word in (
        "EVALAPP_DATABASE_URL",
        "EVALAPP_SECRET_KEY",
        "EVALAPP_LANGUAGE",
        "EVALAPP_HOSTS",
        "EVALAPP_DATABASE is not a setting",
    ):
        assert word in str(refusal.value)


def test_a_refusal_does_not_print_the_secret():
    with pytest.raises(WrongSettings) as refusal:
        read_settings({**PRODUCTION, "EVALAPP_SECRET_KEY": "hunter2"})
    assert "hunter2" not in str(refusal.value)


def test_production_starts_with_what_it_needs():
    assert read_settings(PRODUCTION).environment == "production"


@pytest.mark.parametrize(
    ("address", "is_usable"),
    [
        ("db.example.org/x", False),
        ("db.example.org/x?sslmode=prefer", False),
        ("db.example.org/x?sslmode=require", True),
        ("db.example.org/x?sslmode=verify-full", True),
        ("localhost/x", True),
        ("127.0.0.1:5432/x", True),
        ("/x?host=/var/run/postgresql", True),
        ("/x?host=db.example.org", False),
        ("/x?host=/var/run/postgresql,db.example.org", False),
    ],
)
def test_a_database_on_another_machine_is_spoken_to_encrypted(address, is_usable):
    environ = {**PRODUCTION, "EVALAPP_DATABASE_URL": f"postgresql+psycopg://{address}"}
    if is_usable:
        assert read_settings(environ).database_url.endswith(address)
    else:
        with pytest.raises(WrongSettings, match="sslmode=verify-full"):
            read_settings(environ)


def test_hosts_and_proxies_are_read():
    assert (read_settings({}).hosts, read_settings({}).proxies) == ((), 0)
    settings = read_settings({**PRODUCTION, "EVALAPP_HOSTS": "Evaluation.Example.org, 127.0.0.1", "EVALAPP_PROXIES": "2"})
    assert (settings.hosts, settings.proxies) == (("evaluation.example.org", "127.0.0.1"), 2)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EVALAPP_HOSTS", "https://evaluation.example.org"),
        ("EVALAPP_HOSTS", "*"),
        ("EVALAPP_HOSTS", ""),
        ("EVALAPP_PROXIES", "-1"),
        ("EVALAPP_PROXIES", "one"),
    ],
)
def test_a_host_is_a_name_and_proxies_are_a_number(name, value):
    with pytest.raises(WrongSettings, match=name):
        read_settings({**PRODUCTION, name: value})


def test_settings_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        read_settings({}).language = "ko"


def test_links_in_messages_lead_to_the_first_host_unless_told():
    on_two_hosts = {**PRODUCTION, "EVALAPP_HOSTS": "survey.example.org,other.example.org"}
    assert read_settings(on_two_hosts).messages.public_url == "https://survey.example.org"
    told = {**on_two_hosts, "EVALAPP_PUBLIC_URL": "https://other.example.org/"}
    assert read_settings(told).messages.public_url == "https://other.example.org"


def test_only_development_keeps_messages_in_a_folder():
    assert read_settings({}).messages.outbox is not None
    assert read_settings({**PRODUCTION, "EVALAPP_HOSTS": "survey.example.org"}).messages.outbox is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("EVALAPP_PUBLIC_URL", "http://survey.example.org"),
        ("EVALAPP_PUBLIC_URL", "https://survey.example.org/path"),
        ("EVALAPP_SMTP_URL", "mail.example.org"),
        ("EVALAPP_SENDER", "Survey <survey@example.org>\nBcc: all@example.org"),
        ("EVALAPP_SMS_URL", "http://gateway.example.org/send"),
        ("EVALAPP_SMS_TOKEN_FILE", ""),
    ],
)
def test_wrong_settings_of_messages_are_named(name, value, tmp_path):
    token = tmp_path / "token"
    token.write_text("secret", encoding="utf-8")
    right = {
        "EVALAPP_PUBLIC_URL": "https://survey.example.org",
        "EVALAPP_SMTP_URL": "smtps://survey:p%40ss@mail.example.org:465",
        "EVALAPP_SENDER": "Survey <survey@example.org>",
        "EVALAPP_SMS_URL": "https://gateway.example.org/send",
        "EVALAPP_SMS_TOKEN_FILE": str(token),
    }
    assert read_settings(right).messages.sms_url
    with pytest.raises(WrongSettings) as refusal:
        read_settings({**right, name: value})
    assert f"  - {name}" in str(refusal.value)
    assert "p%40ss" not in str(refusal.value)


def test_the_terminal_speaks_the_language_of_the_locale_unless_told():
    assert read_settings({"LANG": "ko_KR.UTF-8"}).language == "ko"
    assert read_settings({"LANG": "ko_KR.UTF-8", "EVALAPP_LANGUAGE": "en"}).language == "en"


def test_the_example_names_every_setting_and_no_other():
    named = {line.split("=")[0] for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if line.startswith("EVALAPP_")}
    assert named == set(KNOWN)
