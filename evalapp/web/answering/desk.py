"""Where a survey is answered: in a respondent's browser, or at an interviewer's desk. The pages are the same."""

from __future__ import annotations

from typing import Any, Protocol

from flask import g, url_for
from sqlalchemy.orm import Session

from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.surveys.answering.queries import OpenForm, find_answering, find_held
from evalapp.surveys.interviews.queries import get_interview
from evalapp.surveys.invitations.open_invitation import resume_invitation
from evalapp.web.answering.cookie import read_cookie


class Ended(AppError):  # noqa: N818 - what it is, in words
    """The browser holds no survey, or holds it no more."""


class Desk(Protocol):
    """What the pages ask of the place: its addresses, its invitation, and who answers how."""

    title: Message
    is_staff: bool

    def url(self, endpoint: str, **values: Any) -> str:
        """Return the address of one of its pages."""

    def invitation(self, db: Session) -> Any:
        """Return the invitation that is answered, or raise Ended or NotFound."""

    def handed_in(self, db: Session) -> Any:
        """Return the same though it may have been handed in a moment ago."""

    def open_form(self, db: Session, *, to_write: bool = False) -> OpenForm | None:
        """Return the form as far as it is filled in, None where it was not begun. `to_write` keeps other writers waiting."""


class RespondentDesk:
    """The browser that opened a secret link; its cookie says which."""

    title = Message("Survey")
    is_staff = False

    def url(self, endpoint: str, **values: Any) -> str:
        """Return the address of one of its pages; none says which survey it is."""
        return url_for(f"answering.{endpoint}", **values)

    def invitation(self, db: Session) -> Any:
        """Return the invitation that the browser holds."""
        found = resume_invitation(db, str(read_cookie().get("hold", "")))
        if found is None:
            raise Ended(Message("Open the link from your message again to go on. What you have answered is kept."))
        g.answering = read_cookie()
        return found

    def handed_in(self, db: Session) -> Any:
        """Return the invitation that the browser held before it pressed the last button."""
        return find_held(db, str(read_cookie().get("hold", ""))) or self.invitation(db)

    def open_form(self, db: Session, *, to_write: bool = False) -> OpenForm | None:
        """Return the survey as far as it is answered."""
        return find_answering(db, self.invitation(db), to_write=to_write)


class InterviewDesk:
    """An interviewer's screen, for one person of a programme that they may see."""

    title = Message("Interview")
    is_staff = True

    def __init__(self, code: str, invitation_id: int) -> None:
        self.code = code
        self.invitation_id = invitation_id

    def url(self, endpoint: str, **values: Any) -> str:
        """Return the address of one of its pages."""
        return url_for(f"interviews.{endpoint}", code=self.code, invitation=self.invitation_id, **values)

    def invitation(self, db: Session) -> Any:
        """Return the invitation, if it is one of a programme the interviewer may see."""
        self.programme, self.person, found = get_interview(db, g.viewer, self.code, self.invitation_id)
        return found

    handed_in = invitation

    def open_form(self, db: Session, *, to_write: bool = False) -> OpenForm | None:
        """Return the interview as far as it was held."""
        return find_answering(db, self.invitation(db), to_write=to_write)
