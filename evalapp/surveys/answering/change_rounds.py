"""Add a round to a repeat, or take one away."""

from __future__ import annotations

from sqlalchemy.orm import Session

from evalapp.surveys.answering.queries import OpenForm
from evalapp.surveys.answering.question_types.question import field_name
from evalapp.surveys.answering.save_screen import store


def add_round(db: Session, answering: OpenForm, screen_key: str) -> None:
    """Add a round to the repeat that a screen lists, and go to its first question. FormError where there are too many."""
    repeat = next((screen.rounds for screen in answering.screens if screen.key == screen_key), None)
    if repeat is None:
        return
    added = field_name(answering.instance.add_round(repeat.address).address)
    answering.moved()
    keys = [screen.key for screen in answering.screens]
    inside = (key for key in keys if key == added or key.startswith((f"{added}.", f"rounds:{added}.")))
    answering.draft.screen = next(inside, screen_key)
    store(db, answering)


def remove_round(db: Session, answering: OpenForm, screen_key: str, place: int) -> None:
    """Take a round, counted from 1, away from the repeat that a screen lists. A round that is gone already stays gone."""
    repeat = next((screen.rounds for screen in answering.screens if screen.key == screen_key), None)
    if repeat is None or not 1 <= place <= len(repeat.children):
        return
    answering.instance.remove_round(repeat.children[place - 1].address)
    answering.moved()
    answering.draft.screen = screen_key
    store(db, answering)
