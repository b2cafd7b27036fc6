"""One transaction for one request, with the actor and the keys that verbs ask for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import current_app, g, request
from sqlalchemy.orm import Session

from evalapp.core.actor import Actor
from evalapp.core.db import reading, transaction
from evalapp.web.cookies import device_marks

VISITOR = "visitor"


def actor() -> Actor:
    """Return who acts in this request, in the role that the called page asks for."""
    address = request.remote_addr or ""
    if g.get("device"):
        return Actor(g.device.account, "interviewer", address, g.request_id)
    if g.get("acting_as"):
        return Actor(g.acting_as, "", address, g.request_id)
    account, role = (VISITOR, "") if g.get("viewer") is None else (g.viewer.code, g.get("acting_role", ""))
    return Actor(account, role, address, g.request_id, device_marks())


@contextmanager
def reading_db() -> Iterator[Session]:
    """Open a session that only reads."""
    with reading(current_app.extensions["evalapp.engine"], actor=actor(), keys=current_app.extensions["evalapp.keys"]) as db:
        yield db


@contextmanager
def writing_db() -> Iterator[Session]:
    """Open a session whose work is committed when the block ends well."""
    with transaction(current_app.extensions["evalapp.engine"], actor=actor(), keys=current_app.extensions["evalapp.keys"]) as db:
        yield db
