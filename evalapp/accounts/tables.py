"""Accounts of staff, the roles they hold, their sign-ins and invitations. E-mail addresses and names are sealed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base, unique_where


class Account(Base):
    """One member of staff. `code` is what audit entries and other records name; `email_index` finds the account by its address.

    `state` is invited, active or suspended. `totp_last_step` is the last time step whose code was accepted, so that no code opens
    twice. `version` guards against two editors.
    """

    __tablename__ = "accounts"

    code: Mapped[str] = mapped_column(String(20), unique=True)
    email_sealed: Mapped[str]
    email_index: Mapped[str] = mapped_column(String(64), unique=True)
    name_sealed: Mapped[str]
    language: Mapped[str] = mapped_column(String(2), default="ko")
    state: Mapped[str] = mapped_column(String(12), default="invited")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    password_changed_at: Mapped[dt.datetime | None]
    totp_sealed: Mapped[str | None]
    totp_confirmed_at: Mapped[dt.datetime | None]
    totp_last_step: Mapped[int] = mapped_column(default=0)
    failed_attempts: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[dt.datetime | None]
    created_at: Mapped[dt.datetime]
    version: Mapped[int] = mapped_column(default=1)


class RoleGrant(Base):
    """A role held by an account, from when until when and by whose hand. Rows are kept after they end."""

    __tablename__ = "role_grants"
    __table_args__ = (unique_where("uq_role_grants_held", "account_id", "role", condition="revoked_at is null"),)

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    role: Mapped[str] = mapped_column(String(20))
    granted_by: Mapped[str] = mapped_column(String(20))
    granted_at: Mapped[dt.datetime]
    revoked_by: Mapped[str | None] = mapped_column(String(20))
    revoked_at: Mapped[dt.datetime | None]


class AccountLink(Base):
    """A secret link, its `kind` join, reset (another password) or email (another address).

    Only its hash is kept, it works once and expires.
    """

    __tablename__ = "account_links"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_by: Mapped[str] = mapped_column(String(20))
    created_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    used_at: Mapped[dt.datetime | None]


class SignIn(Base):
    """One sign-in, kept on the server: the browser holds a random token, the table its hash.

    `second_factor_at` is when the second factor was given; `confirmed_at` when the password was last entered.
    """

    __tablename__ = "sign_ins"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    address: Mapped[str] = mapped_column(String(45))
    device: Mapped[str] = mapped_column(String(80))
    started_at: Mapped[dt.datetime]
    seen_at: Mapped[dt.datetime]
    second_factor_at: Mapped[dt.datetime | None]
    confirmed_at: Mapped[dt.datetime]
    ended_at: Mapped[dt.datetime | None]


class RecoveryCode(Base):
    """A one-time code for whoever has lost the second factor, kept as a hash."""

    __tablename__ = "recovery_codes"

    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[dt.datetime | None]


class Attempt(Base):
    """One try at something that must not be tried often (a sign-in, a public link), under a hash of who tries."""

    __tablename__ = "attempts"
    __table_args__ = (Index("ix_attempts_bucket_at", "bucket", "at"),)

    bucket: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime]
