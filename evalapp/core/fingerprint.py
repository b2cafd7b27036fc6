"""SHA-256 fingerprints of bytes and of plain data in one canonical form."""

from __future__ import annotations

import hashlib
import json


def canonical_json(value: object) -> str:
    """Write plain data as JSON with sorted keys and no spare spaces, so that equal data give equal text."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def sha256_of(value: object) -> str:
    """Return the hexadecimal SHA-256 of bytes, or of plain data in canonical JSON."""
    content = value if isinstance(value, bytes) else canonical_json(value).encode()
    return hashlib.sha256(content).hexdigest()
