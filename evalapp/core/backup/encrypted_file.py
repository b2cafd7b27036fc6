"""A file that is compressed and encrypted piece by piece, so that a large one needs little memory and a cut one is found out.

It begins with a line that names the format and the salt its key is derived with. Then come pieces: length, cipher text of AES-256-GCM.
A piece's nonce is its place in the file and whether it is the last, so pieces cannot be moved, repeated, left out or cut off.
"""

from __future__ import annotations

import os
import secrets
import struct
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evalapp.core.crypto.key_ring import KeyRing
from evalapp.core.errors import AppError
from evalapp.core.language import Message

MAGIC = b"evalapp backup 1\n"
SALT_BYTES = 32
PIECE_BYTES = 256 * 1024
LARGEST_PIECE_BYTES = PIECE_BYTES + 1024
LENGTH = struct.Struct(">I")


class UnusableBackup(AppError):  # noqa: N818 - read as a sentence where it is raised
    """A file that is no backup, was altered or cut off, or belongs to another key ring."""


def write_encrypted(lines: Iterable[bytes], path: Path, keys: KeyRing) -> None:
    """Write lines (without their ends) into a file for its owner's eyes only, whole or not at all."""
    half = path.with_name(f".{path.name}.half")
    half.unlink(missing_ok=True)
    try:
        with open(half, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as target:
            _encrypt(_compressed(lines), target, keys)
            target.flush()
            os.fsync(target.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)


def read_encrypted(path: Path, keys: KeyRing) -> Iterator[bytes]:
    """Return a file's lines one by one, or raise UnusableBackup. Nothing is proved whole before the last line was given."""
    with path.open("rb") as source:
        expand = zlib.decompressobj()
        rest = b""
        for piece in _decrypt(source, keys):
            *lines, rest = (rest + expand.decompress(piece)).split(b"\n")
            yield from lines
        if rest or not expand.eof:
            raise _damaged()


def _compressed(lines: Iterable[bytes]) -> Iterator[bytes]:
    press = zlib.compressobj()
    for line in lines:
        yield press.compress(line + b"\n")
    yield press.flush()


def _encrypt(content: Iterable[bytes], target: BinaryIO, keys: KeyRing) -> None:
    salt = secrets.token_bytes(SALT_BYTES)
    header = MAGIC + salt
    cipher = AESGCM(keys.backup_key(salt))
    target.write(header)
    number, waiting = 0, bytearray()
    for part in content:
        waiting += part
        while len(waiting) > PIECE_BYTES:
            _write_piece(target, cipher.encrypt(_nonce(number, last=False), bytes(waiting[:PIECE_BYTES]), header))
            del waiting[:PIECE_BYTES]
            number += 1
    _write_piece(target, cipher.encrypt(_nonce(number, last=True), bytes(waiting), header))


def _write_piece(target: BinaryIO, piece: bytes) -> None:
    target.write(LENGTH.pack(len(piece)) + piece)


def _decrypt(source: BinaryIO, keys: KeyRing) -> Iterator[bytes]:
    header = source.read(len(MAGIC) + SALT_BYTES)
    if not header.startswith(MAGIC) or len(header) != len(MAGIC) + SALT_BYTES:
        raise UnusableBackup(Message("This file is not a backup of this program, or its format is newer."))
    cipher = AESGCM(keys.backup_key(header.removeprefix(MAGIC)))
    number, piece = 0, _read_piece(source)
    while piece is not None:
        following = _read_piece(source)
        try:
            yield cipher.decrypt(_nonce(number, last=following is None), piece, header)
        except InvalidTag:
            raise _damaged() from None
        number, piece = number + 1, following
    if number == 0:
        raise _damaged()


def _read_piece(source: BinaryIO) -> bytes | None:
    head = source.read(LENGTH.size)
    if not head:
        return None
    length = LENGTH.unpack(head)[0] if len(head) == LENGTH.size else 0
    piece = source.read(length) if 0 < length <= LARGEST_PIECE_BYTES else b""
    if not piece or len(piece) != length:
        raise _damaged()
    return piece


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _damaged() -> UnusableBackup:
    return UnusableBackup(Message("The backup does not open: it was altered or cut off, or it belongs to another key ring."))
