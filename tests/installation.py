"""Settings of an installation for tests: a development one, with its key ring in a folder of the test."""

from pathlib import Path

from config.settings import MessageSettings, Settings


def installation_settings(folder: Path, url: str, language: str = "en") -> Settings:
    """Return settings for a database, with a key ring in `folder` and an outbox beside it."""
    messages = MessageSettings(outbox=folder / "outbox")
    return Settings("development", url, "s" * 32, folder / "key-ring.json", language, messages=messages)
