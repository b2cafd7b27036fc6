"""Values of a table as JSON and back, the same for both kinds of database."""

from __future__ import annotations

import base64
import datetime as dt
from typing import Any

from sqlalchemy import Column, Date, DateTime, LargeBinary


def plain(value: Any) -> Any:
    """Return a stored value as JSON can hold it. SQLite forgets the zone of an instant, which is UTC throughout."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(dt.UTC).isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return value


def stored(value: Any, column: Column[Any]) -> Any:
    """Return a value of JSON as a column stores it."""
    if value is None:
        return None
    if isinstance(column.type, LargeBinary):
        return base64.b64decode(value, validate=True)
    if isinstance(column.type, DateTime):
        return dt.datetime.fromisoformat(value)
    if isinstance(column.type, Date):
        return dt.date.fromisoformat(value)
    return value
