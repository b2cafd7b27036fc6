"""Wire the application: settings, database, pages, commands."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask

from config.settings import Settings, read_settings
from evalapp.cli import commands
from evalapp.cli.edge import Edge
from evalapp.core.db import make_engine
from evalapp.web import pages

TEMPLATES = Path(__file__).parent.parent / "templates"


def create_app(settings: Settings | None = None) -> Flask:
    """Return the Flask application for some settings (default: those of the environment)."""
    settings = settings or read_settings(os.environ)
    app = Flask(__name__, template_folder=str(TEMPLATES), static_folder="web/static")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.environment == "production",
        MAX_CONTENT_LENGTH=pages.LARGEST_UPLOAD_BYTES,
    )
    engine = make_engine(prepared_url(settings.database_url))
    pages.install(app, engine, default_language=settings.language)
    for command in commands(Edge(engine, settings.database_url, settings.language)):
        app.cli.add_command(command)
    return app


def prepared_url(url: str) -> str:
    """Make the folder of an SQLite file, so that the first start needs no hand."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    return url
