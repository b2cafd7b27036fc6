"""Where one person stands in one wave, and the final code of it in AAPOR's families. Nothing here knows a database."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final

from evalapp.people.contacts.queries import OUTCOME_FLAGS
from evalapp.people.listing.roster import SAID_NO, RosterLine
from evalapp.surveys.invitations.plan_invitations import Window
from evalapp.surveys.invitations.queries import InvitationFacts

STATUSES: Final = ("not_due", "due", "open", "overdue", "complete", "partial", "missed", "not_applicable")
WAITING: Final = frozenset({"due", "open", "overdue"})
FINAL_CODES: Final = ("1.1", "1.2", "2.1", "2.2", "2.3", "3", "4")


@dataclass(frozen=True)
class Standing:
    """All that the outcome of one person in one wave is made of. `window` is None where the wave does not apply to the person.

    `submission` is the review state of the answers, None without any; `begun` says that there is a draft of them.
    """

    person: RosterLine
    window: Window | None
    invitation: InvitationFacts | None
    submission: str | None
    begun: bool

    @property
    def _own_window(self) -> Window | None:
        return self.invitation.window if self.invitation else self.window

    @property
    def answered(self) -> bool:
        """Say whether the answers came back, whatever a review said of them."""
        return self.submission is not None and self.submission != "draft"

    @property
    def _begun(self) -> bool:
        return self.begun or self.submission == "draft"

    def counts(self, on: dt.date) -> bool:
        """Say whether an answer was due by a day: the wave applies, has opened, and the person turned out to be eligible."""
        window = self._own_window
        opened = window is not None and window.opens_on <= on
        return self.answered or (opened and self.final_code(on) != "4")

    def status(self, on: dt.date) -> str:
        """Return one of STATUSES on a day."""
        window = self._own_window
        if self.answered:
            return "complete"
        if window is None or self._not_asked():
            return "not_applicable"
        if on > window.closes_on:
            return "partial" if self._begun else "missed"
        if on < window.opens_on:
            return "not_due"
        if on > window.due_on:
            return "overdue"
        return "open" if self.invitation and self.invitation.state != "planned" else "due"

    def _not_asked(self) -> bool:
        ended = self.invitation is not None and self.invitation.state in ("cancelled", "refused")
        return ended or (bool(self.person.obstacle) and not self._begun)

    def final_code(self, on: dt.date) -> str:
        """Return one of FINAL_CODES, or "" while the person may still answer or the wave does not apply."""
        window = self._own_window
        if self.answered:
            return "1.1"
        if window is None:
            return ""
        left_for, over = self.person.left_for, on > window.closes_on
        first_that_holds = (
            ("4", left_for == "ineligible"),
            ("1.2", over and self._begun),
            ("2.1", self._refused(window)),
            ("2.3", left_for == "died"),
            ("", not over and left_for is None),
            (self._without_answer(window), True),
        )
        return next(code for code, holds in first_that_holds if holds)

    def _refused(self, window: Window) -> bool:
        said = [OUTCOME_FLAGS[outcome].refused for day, outcome in self.person.contacts if day >= window.opens_on]
        by_state = self.invitation is not None and self.invitation.state == "refused"
        return by_state or self.person.left_for == "withdrawn" or self.person.consent in SAID_NO or any(said)

    def _without_answer(self, window: Window) -> str:
        """Tell a break-off, who opened the survey and left it, from somebody not reached and somebody never asked."""
        if self.invitation and self.invitation.opened:
            return "2.1"
        tried = (self.invitation is not None and bool(self.invitation.tries)) or self.person.left_for is not None
        called = any(window.opens_on <= day <= window.closes_on for day, _outcome in self.person.contacts)
        return "2.2" if tried or called else "3"
