"""What a person's statements on one purpose add up to: the last word counts.

`queries.consenting_people` says the same of everybody in SQL; a test holds the two together.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal, NamedTuple

from evalapp.people.tables import Consent

State = Literal["not_asked", "requested", "given", "renewed", "refused", "withdrawn", "expired"]
VALID: tuple[State, ...] = ("given", "renewed")


class Statement(NamedTuple):
    """One thing that happened to a consent: `kind` is asked, given, renewed, refused, expired or withdrawn."""

    purpose: str
    kind: str
    happened_on: dt.date
    version: str
    language: str | None
    recorded_by: str | None


def consent_state(consents: Sequence[Consent], on: dt.date) -> State:
    """Return the state of one purpose from its rows, as they stood on a day."""
    given = [row for row in consents if row.given_on and row.given_on <= on]
    last_no = _last_no(consents, on)
    standing = [row for row in given if row.given_on and (last_no is None or (row.given_on, row.id) > last_no[:2])]
    if any(row.expires_on is None or row.expires_on > on for row in standing):
        return "renewed" if len(given) > 1 else "given"
    if standing:
        return "expired"
    asked = [row for row in consents if row.asked_on and row.asked_on <= on and not (row.given_on or row.refused_on)]
    if any(last_no is None or (row.asked_on, row.id) > last_no[:2] for row in asked):
        return "requested"
    return last_no[2] if last_no else "not_asked"


def _last_no(consents: Sequence[Consent], on: dt.date) -> tuple[dt.date, int, State] | None:
    withdrawn: list[tuple[dt.date, int, State]] = [(row.withdrawn_on, row.id, "withdrawn") for row in consents if row.withdrawn_on]
    refused: list[tuple[dt.date, int, State]] = [(row.refused_on, row.id, "refused") for row in consents if row.refused_on]
    return max((no for no in (*withdrawn, *refused) if no[0] <= on), default=None)


def list_statements(consents: Sequence[Consent], on: dt.date) -> list[Statement]:
    """Return all that happened up to a day, the oldest first."""
    steps = [
        (day, row.id, order, kind, row) for row in consents for order, (kind, day) in enumerate(_steps(row)) if day and day <= on
    ]
    statements = []
    given: set[str] = set()
    for day, _, _, kind, row in sorted(steps, key=lambda step: step[:3]):
        said = "renewed" if kind == "given" and row.purpose in given else kind
        given |= {row.purpose} if kind == "given" else set()
        statements.append(Statement(row.purpose, said, day, row.text_version, row.language, row.recorded_by))
    return statements


def _steps(row: Consent) -> tuple[tuple[str, dt.date | None], ...]:
    withdrawn, expires = row.withdrawn_on, row.expires_on
    expired = None if withdrawn and expires and withdrawn <= expires else expires
    return (
        ("asked", row.asked_on),
        ("given", row.given_on),
        ("refused", row.refused_on),
        ("expired", expired),
        ("withdrawn", withdrawn),
    )
