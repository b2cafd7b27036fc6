"""Messages as files in a folder: for development and tests, where nobody is to be written to."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from evalapp.core.clock import now
from evalapp.core.messages.messenger import OutgoingMessage


@dataclass(frozen=True)
class Outbox:
    """A folder that only its owner reads, one JSON file a message."""

    folder: Path

    def send(self, message: OutgoingMessage) -> None:
        """Write one message down."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = self.folder / f"{now():%Y%m%dT%H%M%S}-{message.key}.json"
        with open(path, "w", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600)) as target:
            json.dump(asdict(message), target, ensure_ascii=False, indent=2)
