"""A secret that one answer makes and the next page shows, once: recovery codes, a link to copy.

It waits in the browser's own session cookie, sealed, since that cookie is signed but can be read.
"""

from __future__ import annotations

from flask import current_app, g, session

from evalapp.core.crypto.key_ring import UnusableKeyRing


def keep_once(name: str, text: str) -> None:
    """Keep a text for the next page of this sign-in."""
    session[name] = current_app.extensions["evalapp.keys"].seal(text, _context(name))


def take_once(name: str) -> str | None:
    """Return the text and forget it, or None where there is none for this sign-in."""
    sealed = session.pop(name, None)
    if sealed is None:
        return None
    try:
        text: str = current_app.extensions["evalapp.keys"].open(sealed, _context(name))
    except UnusableKeyRing:
        return None
    return text


def _context(name: str) -> str:
    return f"shown-once:{name}:{g.sign_in_id}"
