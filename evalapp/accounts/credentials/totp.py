"""Time-based one-time codes, as authenticator apps show them: six digits, new every half minute."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pyotp
import segno

from evalapp.core.clock import now

STEP_SECONDS = 30
TOLERATED_STEPS = (-1, 0, 1)  # a phone's clock may be half a minute off
ISSUER = "evalapp"


@dataclass(frozen=True)
class TotpSecret:
    """A new secret as people take it into their app: to scan (an address of an image) or to type in groups of four."""

    text: str
    image: str

    @property
    def typed(self) -> str:
        """The secret in groups, for reading aloud or typing."""
        return " ".join(self.text[start : start + 4] for start in range(0, len(self.text), 4))


def new_secret() -> str:
    """Return a new random secret of 160 bits."""
    return str(pyotp.random_base32())


def show_secret(text: str, label: str) -> TotpSecret:
    """Return a secret as it is shown. `label` is what the app lists it under; it never leaves the two screens."""
    query = urlencode({"secret": text, "issuer": ISSUER})
    code = segno.make(f"otpauth://totp/{quote(ISSUER)}:{quote(label)}?{query}", error="m", micro=False)
    return TotpSecret(text, code.svg_data_uri(scale=5, border=4, dark="#000", light="#fff"))


def accepted_step(secret: str, code: str, last_step: int) -> int | None:
    """Return the time step whose code this is, or None. A step at or before the last accepted one does not count again."""
    digits = "".join(code.split())
    present = int(now().timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    steps = [step for step in (present + shift for shift in TOLERATED_STEPS) if step > last_step]
    return next((step for step in steps if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode())), None)
