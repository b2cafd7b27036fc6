"""Wire the application: settings, database, pages, commands."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

import click
from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config.settings import MessageSettings, Settings, read_settings
from evalapp.analysis.run_in_background import run_in_background
from evalapp.cli import commands
from evalapp.cli.edge import Edge
from evalapp.core.check_audit_log import check_in_background
from evalapp.core.crypto.key_ring import KeyRing, UnusableKeyRing, absent_key_ring, new_key_ring, read_key_ring, write_key_ring
from evalapp.core.db import make_engine
from evalapp.core.jobs.context import Handler, Handlers
from evalapp.core.messages.messenger import Channel, Messenger, Transport
from evalapp.core.messages.outbox import Outbox
from evalapp.core.messages.sms_gateway import SmsGateway
from evalapp.core.messages.smtp_transport import SmtpTransport
from evalapp.reports.compose_in_background import compose_in_background, print_in_background
from evalapp.training.follow_up.send_in_background import send_invitations_in_background, send_reminders_in_background
from evalapp.web import BLUEPRINTS, styleguide
from evalapp.web.installation import LARGEST_UPLOAD_BYTES, install
from evalapp.web.pages import HOUR_SECONDS

# What a worker can do, by the kind of the job; a new kind also needs its words in `evalapp/web/jobs.py`.
JOBS: Final[Mapping[str, Handler]] = {
    "run_plan": run_in_background,
    "compose_report": compose_in_background,
    "print_release": print_in_background,
    "check_audit_log": check_in_background,
}
SENDING_JOBS: Final = {
    "send_invitations": send_invitations_in_background,
    "send_reminders": send_reminders_in_background,
}
TEMPLATES = Path(__file__).parent.parent / "templates"


def create_app(settings: Settings | None = None) -> Flask:
    """Return the Flask application for some settings (default: those of the environment)."""
    settings = settings or read_settings(os.environ)
    app = Flask(__name__, template_folder=str(TEMPLATES), static_folder="web/static")
    secure = settings.environment == "production"
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_NAME="__Host-session" if secure else "session",
        TRUSTED_HOSTS=list(settings.hosts) or None,
        MAX_CONTENT_LENGTH=LARGEST_UPLOAD_BYTES,
        SEND_FILE_MAX_AGE_DEFAULT=HOUR_SECONDS,
    )
    # The proxy's word about who asks and how counts; about the host nobody's does but the browser's, and that is checked.
    app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=settings.proxies)  # type: ignore[method-assign]
    keys = key_ring(settings)
    engine = make_engine(prepared_url(settings.database_url))
    blueprints = (*BLUEPRINTS, styleguide.blueprint) if settings.environment == "development" else BLUEPRINTS
    messenger = open_messenger(settings.messages)
    app.extensions["evalapp.messenger"] = messenger
    install(app, engine, keys, blueprints, default_language=settings.language)
    for command in commands(Edge(engine, settings.database_url, settings.language, keys), handlers(messenger)):
        app.cli.add_command(command)
    return app


def handlers(messenger: Messenger) -> Handlers:
    """Return all that a worker can do, those jobs that send messages with what carries them."""
    return {**JOBS, **{kind: partial(send, messenger=messenger) for kind, send in SENDING_JOBS.items()}}


def open_messenger(settings: MessageSettings) -> Messenger:
    """Return what carries messages out. In development a channel that is not set up ends in the outbox folder."""
    transports: dict[Channel, Transport] = {}
    if settings.outbox is not None:
        transports.update(dict.fromkeys(("sms", "kakaotalk", "email"), Outbox(settings.outbox)))
    if settings.smtp_url:
        transports["email"] = SmtpTransport(settings.smtp_url, settings.sender)
    if settings.sms_url:
        token = Path(settings.sms_token_file).read_text(encoding="utf-8").strip()
        transports["sms"] = transports["kakaotalk"] = SmsGateway(settings.sms_url, token)
    return Messenger(transports, settings.public_url)


def key_ring(settings: Settings) -> KeyRing:
    """Read the installation's key ring; in development the first start makes one. Production refuses a development ring."""
    if settings.environment == "development" and not settings.key_ring.exists():
        settings.key_ring.parent.mkdir(parents=True, exist_ok=True)
        write_key_ring(new_key_ring(development=True), settings.key_ring)
        click.echo(f"A key ring for development was made: {settings.key_ring}. It must never protect real people.", err=True)
    if not settings.key_ring.exists() and os.environ.get("FLASK_RUN_FROM_CLI"):
        return absent_key_ring(settings.key_ring)  # for `flask keys create`
    ring = read_key_ring(settings.key_ring)
    if settings.environment == "production" and ring.development:
        raise UnusableKeyRing("this key ring was made for development; make one with: flask keys create FILE")
    return ring


def prepared_url(url: str) -> str:
    """Make the folder of an SQLite file, so that the first start needs no hand."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    return url
