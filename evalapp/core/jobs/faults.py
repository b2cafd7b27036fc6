"""Why a job failed: a message kept as JSON, to be said later in the language of the one who reads it."""

from __future__ import annotations

import json
from typing import Any

from evalapp.core.language import Message

PROGRAM_FAULT = Message(
    "This could not be done because of a fault in the program; no results were stored. Try again. "
    "If it happens again, give the administrator the number of the job."
)
WORKER_DIED = Message(
    "The worker ended in the middle of this several times, so it was given up; no results were stored. "
    "The machine may have too little memory. Tell the administrator the number of the job."
)


def write_fault(message: Message) -> str:
    """Write a message as JSON: its id and its facts."""
    return json.dumps(_plain(message), ensure_ascii=False, default=_plain_fact)


def read_fault(text: str) -> Message | None:
    """Return the message that `write_fault` wrote; None for an empty text."""
    return _message(json.loads(text)) if text else None


def _plain(message: Message) -> dict[str, Any]:
    facts = {name: _plain(fact) if isinstance(fact, Message) else fact for name, fact in message.facts.items()}
    return {"text": message.text, "facts": facts}


def _message(plain: dict[str, Any]) -> Message:
    facts = {name: _message(fact) if isinstance(fact, dict) else fact for name, fact in plain["facts"].items()}
    return Message(plain["text"], **facts)


def _plain_fact(fact: Any) -> object:
    return fact.item() if hasattr(fact, "item") else str(fact)  # a number of numpy stays a number, for %d and %f
