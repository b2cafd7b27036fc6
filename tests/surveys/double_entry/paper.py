"""Paper forms that two people type, in a session of the database."""

from __future__ import annotations

from contextlib import contextmanager

from evalapp.core.actor import Actor
from evalapp.core.clock import now, today
from evalapp.people.tables import Entrepreneur
from evalapp.surveys.answering.change_rounds import add_round, remove_round
from evalapp.surveys.answering.save_screen import Sent, save_screen
from evalapp.surveys.double_entry.begin_entry import begin_entry
from evalapp.surveys.double_entry.finish_entry import finish_entry
from evalapp.surveys.double_entry.typed_form import open_entry
from evalapp.surveys.invitations.tables import Invitation

FIRST, SECOND, THIRD = "AC-FIRST", "AC-SECOND", "AC-THIRD"
PAPER = {
    "firm_operating": "yes",
    "revenue_krw": "1,000",
    "hours": "40",
    "channels": ["shop", "market"],
    "difficulty.difficulty_money": "3",
    "word": "천천히 가겠습니다",
}


@contextmanager
def acting(db, account):
    """Let somebody else act in a session."""
    before = db.info["actor"]
    db.info["actor"] = Actor(account, "interviewer", "127.0.0.1", "request")
    try:
        yield
    finally:
        db.info["actor"] = before


def person_of(db, invited):
    """Return the person of an invitation."""
    return db.get_one(Entrepreneur, db.get_one(Invitation, invited.invitation_id).entrepreneur_id)


def type_field(db, entry, name, text, way="as_written"):
    """Type one field on its screen; returns what was said to it."""
    typed = open_entry(db, entry, "ko", to_write=True)
    screen = next(each.key for each in typed.screens if name == each.key or name.startswith(f"{each.key}."))
    values = {name: [text] if isinstance(text, str) else text}
    return save_screen(db, typed, Sent(screen, values, frozenset({name}), typed.draft.version, now()), way)


def add_trades(db, entry, *rounds):
    """Type rounds of the repeat of the form: what is sold, and its share."""
    for goods, share in rounds:
        typed = open_entry(db, entry, "ko", to_write=True)
        add_round(db, typed, "rounds:trade")
        typed = open_entry(db, entry, "ko", to_write=True)
        number = len(typed.instance.root.children["trade"])
        prefix = f"trade.{number}" if number > 1 else "trade"
        type_field(db, entry, f"{prefix}.goods", goods)
        type_field(db, entry, f"{prefix}.share", share)


def type_paper(db, wave, person, account, *, trades=(), finish=True, filled_on=None, **changes):
    """Type a whole form as somebody, with what they typed otherwise than it stands on PAPER; returns the entry."""
    with acting(db, account):
        entry = begin_entry(db, wave, person, filled_on or today(), "ko")
        for name, text in {**PAPER, **{name.replace("__", "."): text for name, text in changes.items()}}.items():
            if text:
                type_field(db, entry, name, text)
        typed = open_entry(db, entry, "ko", to_write=True)
        remove_round(db, typed, "rounds:trade", 1)  # the form begins with one
        add_trades(db, entry, *trades)
        if finish:
            finish_entry(db, entry)
    return entry
