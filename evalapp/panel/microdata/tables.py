"""Releases of microdata."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from evalapp.core.db import Base


class MicrodataRelease(Base):
    """A frozen panel that left without identities: what was done to it, why, and for some days the archive itself, sealed.

    `protection` and `report` are JSON: the settings, and how well people are hidden. Nothing here leads from a person in the archive
    to a study ID. `content_sealed` is empty once the time to fetch it is over.
    """

    __tablename__ = "microdata_releases"

    programme_id: Mapped[int] = mapped_column(ForeignKey("programmes.id"), index=True)
    snapshot_id: Mapped[int] = mapped_column(ForeignKey("panel_snapshots.id"), index=True)
    content_sealed: Mapped[str | None] = mapped_column(deferred=True)
    sha256: Mapped[str] = mapped_column(String(64))
    protection: Mapped[str]
    report: Mapped[str]
    people: Mapped[int]
    rows: Mapped[int]
    variables: Mapped[int]
    reason: Mapped[str] = mapped_column(String(500))
    sensitive_reason: Mapped[str | None] = mapped_column(String(500))
    released_by: Mapped[str] = mapped_column(String(20))
    released_at: Mapped[dt.datetime]
    expires_at: Mapped[dt.datetime]
    downloads: Mapped[int] = mapped_column(default=0)
    downloaded_at: Mapped[dt.datetime | None]
