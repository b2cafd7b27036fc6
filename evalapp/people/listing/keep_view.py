"""Keep a list under a name, for oneself; or no longer."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.accounts.viewer import Viewer
from evalapp.core.errors import AppError
from evalapp.core.korean_formats import holds_phone_number, holds_resident_number
from evalapp.core.language import Message
from evalapp.people.listing.queries import get_saved_view, list_saved_views
from evalapp.people.tables import Programme, SavedView

LONGEST_NAME = 60
LONGEST_QUERY = 400
MOST_VIEWS = 20


def keep_view(db: Session, viewer: Viewer, programme: Programme, name: str, query: str) -> SavedView:
    """Keep the filters of a list's address under a name; the same name again keeps the new ones."""
    plain = " ".join(name.split())
    kept = list_saved_views(db, viewer, programme)
    _check(plain, query)
    view = next((view for view in kept if view.name == plain), None)
    if view is None:
        if len(kept) >= MOST_VIEWS:
            raise AppError(Message("You keep %(most)s lists already. Delete one first.", most=MOST_VIEWS))
        view = SavedView(programme_id=programme.id, account_id=viewer.account_id, name=plain)
        db.add(view)
    view.query = query
    db.flush()
    return view


def drop_view(db: Session, viewer: Viewer, programme: Programme, view_id: int) -> None:
    """Keep a list no longer; its people stay as they are."""
    db.delete(get_saved_view(db, viewer, programme, view_id))
    db.flush()


def _check(name: str, query: str) -> None:
    if not name:
        raise AppError(Message("Give the list a name."))
    if len(name) > LONGEST_NAME:
        raise AppError(Message("A name has at most %(most)s characters.", most=LONGEST_NAME))
    if holds_phone_number(name) or holds_resident_number(name) or "@" in name:
        raise AppError(Message("The name of a list must not hold a number or an address of a person."))
    if len(query) > LONGEST_QUERY:
        raise AppError(Message("These filters are too long to be kept."))
