"""Who is acting, as every audit entry names them: set once by the edge when it opens a transaction."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session


@dataclass(frozen=True)
class Actor:
    """An account (its public code, never a name), the role it acts in, where it came from, and the request it acts by.

    `device_marks` are what a browser keeps of the accounts that signed in there: pairs of name and mark.
    """

    account: str
    role: str
    address: str = ""
    request_id: str = ""
    device_marks: tuple[tuple[str, str], ...] = ()


TERMINAL = Actor("terminal", "operator")
WORKER = Actor("worker", "operator")


def actor_of(db: Session) -> Actor:
    """Return who acts in a session; a session that does not say is a fault of the program."""
    actor = db.info.get("actor")
    if not isinstance(actor, Actor):
        raise LookupError(  # noqa: TRY004 - absent or of another kind, it is not there
            "the session does not say who acts: open it with transaction(engine, actor=…)"
        )
    return actor
