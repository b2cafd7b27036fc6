"""The settings of one installation, read from the environment once and never changed."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

VAR = Path(__file__).parent.parent / "var"
DEFAULT_KEY_RING = VAR / "key-ring.json"
DEFAULT_DATABASE = f"sqlite:///{VAR / 'evalapp.db'}"
SHORTEST_SECRET = 32
KNOWN = (
    "EVALAPP_ENVIRONMENT", "EVALAPP_DATABASE_URL", "EVALAPP_SECRET_KEY", "EVALAPP_KEY_RING", "EVALAPP_LANGUAGE", "EVALAPP_HOSTS",
    "EVALAPP_PROXIES", "EVALAPP_PUBLIC_URL", "EVALAPP_SMTP_URL", "EVALAPP_SENDER", "EVALAPP_SMS_URL", "EVALAPP_SMS_TOKEN_FILE",
)  # fmt: skip
DEFAULT_OUTBOX = VAR / "outbox"
LOCAL_PAGES = "http://127.0.0.1:5000"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
ENCRYPTED = frozenset({"require", "verify-ca", "verify-full"})
HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*")
PUBLIC_URL = re.compile(r"https://[a-z0-9.-]+(:\d+)?|http://(localhost|127\.0\.0\.1)(:\d+)?")
SMTP_URL = re.compile(r"smtps?://([^\s/@]+@)?[^\s/@:]+(:\d+)?/?")
GATEWAY_URL = re.compile(r"https://\S+|http://(localhost|127\.0\.0\.1)(:\d+)?(/\S*)?")
SENDER = re.compile(r"([^<>\r\n]+<[^\s@<>]+@[^\s@<>]+>|[^\s@<>]+@[^\s@<>]+)")


class WrongSettings(Exception):  # noqa: N818 - read as a sentence where it is raised
    """One or more variables are wrong or missing; the message names every one of them."""


@dataclass(frozen=True)
class MessageSettings:
    """How people outside are written to.

    Attributes
    ----------
    public_url
        The pages' address as links in messages have it, without a path: never taken from a request.
    smtp_url
        `smtp://user:password@host:587` or `smtps://…:465`; empty: no e-mail.
    sender
        The sender of e-mail, with a name that gives nobody away: `Survey <survey@example.org>`.
    sms_url
        The gateway of text messages; empty: none.
    sms_token_file
        Path of the file with the gateway's token.
    outbox
        Folder for messages of channels that are not set up, in development; None in production, where they are refused.
    """

    public_url: str = LOCAL_PAGES
    smtp_url: str = ""
    sender: str = ""
    sms_url: str = ""
    sms_token_file: str = ""
    outbox: Path | None = DEFAULT_OUTBOX


@dataclass(frozen=True)
class Settings:
    """One installation.

    Attributes
    ----------
    environment
        `development` or `production`.
    database_url
        `sqlite:///…` or `postgresql+psycopg://…`.
    secret_key
        At least 32 characters; signs cookies. Made up at every start in development.
    key_ring
        Path of the file with the keys that seal identities, never beside the database's backups. `flask keys create` makes one; in
        development the first start does.
    language
        `ko` or `en`: the language of the terminal, and of pages for visitors who state no preference.
    hosts
        The names under which browsers reach the pages. Requests for another name are refused, so that no link is made with it.
        None means any, in development only.
    proxies
        How many proxies stand before the pages and are trusted to say who asks and whether by TLS.
    messages
        How people outside are written to.
    """

    environment: str
    database_url: str
    secret_key: str
    key_ring: Path
    language: str
    hosts: tuple[str, ...] = ()
    proxies: int = 0
    messages: MessageSettings = MessageSettings()


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read the settings from environment variables (see `config/env.example`), or raise WrongSettings naming all that is wrong."""
    environment = environ.get("EVALAPP_ENVIRONMENT", "development")
    production = environment == "production"
    database = environ.get("EVALAPP_DATABASE_URL") or ("" if production else DEFAULT_DATABASE)
    secret = environ.get("EVALAPP_SECRET_KEY") or ("" if production else secrets.token_hex(SHORTEST_SECRET))
    ring = environ.get("EVALAPP_KEY_RING") or ("" if production else str(DEFAULT_KEY_RING))
    language = environ.get("EVALAPP_LANGUAGE") or ("ko" if environ.get("LANG", "").startswith("ko") else "en")
    hosts = tuple(name.strip().lower() for name in environ.get("EVALAPP_HOSTS", "").split(",") if name.strip())
    proxies = environ.get("EVALAPP_PROXIES") or "0"
    messages = _messages(environ, hosts, production=production)
    wrong = [
        *(f"{name} is not a setting; is it misspelt?" for name in environ if name.startswith("EVALAPP_") and name not in KNOWN),
        *_unless(environment in ("development", "production"), "EVALAPP_ENVIRONMENT must be development or production."),
        *_unless(
            _usable(database),
            "EVALAPP_DATABASE_URL must be sqlite:/// and a path, or postgresql+psycopg://user:password@host/database; special characters "
            "of a password are percent-encoded (production has no default).",
        ),
        *_unless(
            not production or not _usable(database) or _goes_encrypted(database),
            "EVALAPP_DATABASE_URL names a database on another machine: add ?sslmode=verify-full, or at least ?sslmode=require.",
        ),
        *_unless(len(secret) >= SHORTEST_SECRET, f"EVALAPP_SECRET_KEY must have at least {SHORTEST_SECRET} characters."),
        *_unless(bool(ring), "EVALAPP_KEY_RING must name the file with the keys; `flask keys create FILE` makes one."),
        *_unless(language in ("ko", "en"), "EVALAPP_LANGUAGE must be ko or en."),
        *_unless(
            all(map(HOST.fullmatch, hosts)) and (bool(hosts) or not production),
            "EVALAPP_HOSTS must name the host of the pages' address, like survey.example.org; several are parted by commas.",
        ),
        *_unless(proxies in tuple("0123456789"), "EVALAPP_PROXIES must be the number of proxies before the pages, 0 to 9."),
        *_wrong_messages(messages),
    ]
    if wrong:
        raise WrongSettings("\n".join(["The settings are not usable:", *(f"  - {line}" for line in wrong)]))
    return Settings(environment, database, secret, Path(ring), language, hosts, int(proxies), messages)


def _messages(environ: Mapping[str, str], hosts: tuple[str, ...], *, production: bool) -> MessageSettings:
    fallback = f"https://{hosts[0]}" if hosts else LOCAL_PAGES
    return MessageSettings(
        (environ.get("EVALAPP_PUBLIC_URL") or fallback).rstrip("/"),
        environ.get("EVALAPP_SMTP_URL", ""),
        environ.get("EVALAPP_SENDER", ""),
        environ.get("EVALAPP_SMS_URL", ""),
        environ.get("EVALAPP_SMS_TOKEN_FILE", ""),
        None if production else DEFAULT_OUTBOX,
    )


def _wrong_messages(messages: MessageSettings) -> list[str]:
    smtp, sms = messages.smtp_url, messages.sms_url
    return [
        *_unless(
            PUBLIC_URL.fullmatch(messages.public_url) is not None,
            "EVALAPP_PUBLIC_URL must be the address of the pages, like https://survey.example.org, without a path.",
        ),
        *_unless(
            not smtp or SMTP_URL.fullmatch(smtp) is not None,
            "EVALAPP_SMTP_URL must be smtp://user:password@host:587 or smtps://user:password@host:465.",
        ),
        *_unless(
            SENDER.fullmatch(messages.sender) is not None if messages.sender or smtp else True,
            "EVALAPP_SENDER must be the sender of e-mail, like: Survey <survey@example.org>.",
        ),
        *_unless(not sms or GATEWAY_URL.fullmatch(sms) is not None, "EVALAPP_SMS_URL must be the https:// address of a gateway."),
        *_unless(
            not sms or Path(messages.sms_token_file).is_file(),
            "EVALAPP_SMS_TOKEN_FILE must name the file with the gateway's token.",
        ),
    ]


def _usable(database: str) -> bool:
    try:
        url = make_url(database)
    except (ArgumentError, ValueError):
        return False
    return url.drivername in ("sqlite", "postgresql+psycopg") and bool(url.database) and url.database != ":memory:"


def _goes_encrypted(database: str) -> bool:
    url = make_url(database)
    named = url.query.get("host", url.host or "")
    hosts = named.split(",") if isinstance(named, str) else named
    is_here = all(not host or host in LOOPBACK or host.startswith("/") for host in hosts)
    return url.drivername == "sqlite" or is_here or url.query.get("sslmode") in ENCRYPTED


def _unless(condition: bool, message: str) -> list[str]:
    return [] if condition else [message]
