"""Reads of releases of microdata."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.panel.microdata.tables import MicrodataRelease

SHOWN_RELEASES = 200


def release_context(key: str) -> str:
    """Return the context in which a release is sealed: the fingerprint of its archive."""
    return f"microdata:{key}"


def get_release(db: Session, programme_id: int, release_id: int) -> MicrodataRelease:
    """Return one of a programme's releases, or raise NotFound."""
    of_programme = select(MicrodataRelease).where(MicrodataRelease.programme_id == programme_id)
    found = db.scalar(of_programme.where(MicrodataRelease.id == release_id))
    if found is None:
        raise NotFound(Message("There is no such release."))
    return found


def list_releases(db: Session, programme_id: int) -> Sequence[MicrodataRelease]:
    """Return a programme's releases, the newest first."""
    releases = select(MicrodataRelease).where(MicrodataRelease.programme_id == programme_id)
    return db.scalars(releases.order_by(MicrodataRelease.id.desc()).limit(SHOWN_RELEASES)).all()


def can_be_fetched(release: MicrodataRelease) -> bool:
    """Say whether the archive of a release is still there."""
    return release.expires_at > now()
