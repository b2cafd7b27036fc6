"""A ZIP archive that only its password opens."""

from __future__ import annotations

import io
import secrets
from collections.abc import Mapping

import pyzipper

from evalapp.core.ids import BODY_ALPHABET

PASSWORD_GROUPS, GROUP_LENGTH = 5, 5


def new_password() -> str:
    """Return a password that can be read out and typed: 25 of 31 signs, some 120 bits."""
    return "-".join("".join(secrets.choice(BODY_ALPHABET) for _ in range(GROUP_LENGTH)) for _ in range(PASSWORD_GROUPS))


def encrypted_archive(files: Mapping[str, bytes], password: str) -> bytes:
    """Return an archive of some files by name, encrypted with AES-256."""
    target = io.BytesIO()
    with pyzipper.AESZipFile(target, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()
