"""Where a form leads back to: a page of ours, or the first page."""

from __future__ import annotations

from urllib.parse import urlsplit


def safe_back(target: str | None, otherwise: str = "/") -> str:
    """Return a path of this site to return to; anything that could lead elsewhere becomes `otherwise`."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or any(ord(sign) < ord(" ") for sign in target):
        return otherwise
    parts = urlsplit(target.replace("\\", "/"))
    return otherwise if parts.scheme or parts.netloc else target
