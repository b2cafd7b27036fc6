"""The key ring: what seals identities, finds them again, seals the audit log and backups. It is a file apart from every database.

Sealed text reads `k1:…`: the key's name, then nonce and AES-256-GCM cipher text in base 64. The context a text was sealed in (which
person, which field) is authenticated with it, so that a sealed value moved to another row does not open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy.orm import Session

KEY_BYTES = 32
NONCE_BYTES = 12


class UnusableKeyRing(Exception):  # noqa: N818 - read as a sentence where it is raised
    """The key ring is missing, damaged, or not the one this text was sealed with."""


@dataclass(frozen=True, repr=False)
class KeyRing:
    """Field keys by name, the one in use for sealing, and the keys of the blind index and of the audit log.

    `file` is where the ring was read: another process may have put a newer one there, with a key that this process has not met yet.
    """

    active: str
    field_keys: Mapping[str, bytes]
    index_key: bytes
    audit_key: bytes
    development: bool = False
    file: Path | None = field(default=None, compare=False)

    def current(self) -> KeyRing:
        """Return the ring as its file holds it now. It is read again only when the file was replaced."""
        return self if self.file is None else _ring_as_of(self.file, _stamp(self.file))

    def seal(self, text: str, context: str) -> str:
        """Return a text sealed with the active key, to be opened in the same context only."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = AESGCM(self.field_keys[self.active]).encrypt(nonce, text.encode(), context.encode())
        return f"{self.active}:{base64.b64encode(nonce + cipher).decode()}"

    def open(self, sealed: str, context: str) -> str:
        """Return the text that was sealed in this context, or raise UnusableKeyRing."""
        name, _, body = sealed.partition(":")
        # A rotation may have ended between the moment this ring was read and the moment the row was.
        key = self.field_keys.get(name) or self.current().field_keys.get(name)
        if key is None:
            raise UnusableKeyRing("a text is sealed with a key that is not on the key ring")
        try:
            raw = base64.b64decode(body, validate=True)
            return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode()).decode()
        except (InvalidTag, ValueError):
            raise UnusableKeyRing("a sealed text does not open: it was altered, moved, or sealed with other keys") from None

    def blind_index(self, text: str, context: str) -> str:
        """Return what equal texts share and what tells nothing about them without the key; `context` keeps fields apart."""
        plain = unicodedata.normalize("NFC", text)
        return hmac.new(self.index_key, f"{context}\0{plain}".encode(), hashlib.sha256).hexdigest()

    def backup_key(self, salt: bytes) -> bytes:
        """Return the key of one backup. It comes from the two keys that a rotation leaves alone, so old backups open for good."""
        return HKDF(SHA256(), KEY_BYTES, salt, b"evalapp backup").derive(self.index_key + self.audit_key)

    def rotated(self) -> KeyRing:
        """Return the ring with a new active key; the old ones stay, to open what they sealed."""
        name = f"k{1 + max(int(known.removeprefix('k')) for known in self.field_keys)}"
        return replace(self, active=name, field_keys={**self.field_keys, name: secrets.token_bytes(KEY_BYTES)})

    def without(self, retired: frozenset[str]) -> KeyRing:
        """Return the ring without some retired keys."""
        if self.active in retired:
            raise UnusableKeyRing("the key in use cannot be retired; rotate first")
        return replace(self, field_keys={name: key for name, key in self.field_keys.items() if name not in retired})


def new_key_ring(*, development: bool = False) -> KeyRing:
    """Return a ring of fresh random keys."""
    key = secrets.token_bytes
    return KeyRing("k1", {"k1": key(KEY_BYTES)}, key(KEY_BYTES), key(KEY_BYTES), development)


def absent_key_ring(path: Path) -> KeyRing:
    """Return a ring for commands that come before there is one; whoever asks it for a key is refused, until its file is there."""
    return KeyRing("", {}, b"", b"", file=path)


def read_key_ring(path: Path) -> KeyRing:
    """Read a ring from its file, or raise UnusableKeyRing."""
    return _ring_as_of(path, _stamp(path))


def _stamp(path: Path) -> tuple[int, int, int]:
    """Return what changes when a file is replaced. A ring that has gone is refused, not replaced by the one in memory."""
    try:
        found = path.stat()
    except OSError as error:
        raise UnusableKeyRing(f"the key ring cannot be read: {type(error).__name__}") from None
    return found.st_ino, found.st_mtime_ns, found.st_size


@lru_cache(maxsize=4)
def _ring_as_of(path: Path, _as_of: tuple[int, int, int]) -> KeyRing:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        keys = {name: base64.b64decode(key, validate=True) for name, key in held["field_keys"].items()}
        index_key, audit_key = (base64.b64decode(held[name], validate=True) for name in ("index_key", "audit_key"))
        ring = KeyRing(held["active"], keys, index_key, audit_key, bool(held.get("development")), path)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise UnusableKeyRing(f"the key ring cannot be read: {type(error).__name__}") from None
    if ring.active not in keys or any(len(key) != KEY_BYTES for key in (*keys.values(), index_key, audit_key)):
        raise UnusableKeyRing("the key ring is damaged: a key is missing or has the wrong length")
    return ring


def write_key_ring(ring: KeyRing, path: Path) -> None:
    """Write a ring for its owner's eyes only, whole or not at all."""
    text = base64.b64encode
    held = {
        "active": ring.active,
        "field_keys": {name: text(key).decode() for name, key in ring.field_keys.items()},
        "index_key": text(ring.index_key).decode(),
        "audit_key": text(ring.audit_key).decode(),
        "development": ring.development,
    }
    half = path.with_name(f".{path.name}.half")
    half.unlink(missing_ok=True)  # one left by a kill may be open to others
    with open(half, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as target:
        json.dump(held, target, indent=2)
        target.flush()
        os.fsync(target.fileno())
    half.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)  # rows are sealed with the new key next: the new name must outlive a power cut
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def keys_of(db: Session) -> KeyRing:
    """Return the key ring of a session, as it is now; a session without one is a fault of the program."""
    ring = db.info.get("keys")
    if isinstance(ring, KeyRing):
        return ring.current()
    raise LookupError("the session has no key ring: open it with transaction(engine, keys=…)")
