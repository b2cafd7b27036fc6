"""The first page of whoever is signed in: the work that waits for them, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, g, render_template, url_for
from sqlalchemy.orm import Session

from evalapp.accounts.queries import count_waiting_accounts
from evalapp.core.audit.queries import find_review
from evalapp.core.clock import today
from evalapp.core.jobs.queries import list_unfinished
from evalapp.core.language import Message
from evalapp.people.consents.queries import count_ending_consents
from evalapp.people.contacts.queries import count_due_contacts
from evalapp.people.identified_exports.queries import list_every_export
from evalapp.people.queries import list_programmes_of
from evalapp.people.records.destroy_identities import list_due_destruction
from evalapp.people.records.duplicates import list_duplicate_candidates
from evalapp.people.rights.queries import count_requests
from evalapp.reports.outline import STATES
from evalapp.reports.queries import list_reports
from evalapp.surveys.double_entry.queries import count_paper_to_decide
from evalapp.surveys.openrosa.queries import count_waiting
from evalapp.surveys.queries import list_wave_responses
from evalapp.surveys.review.queries import count_queries_for
from evalapp.training.fidelity.attendance_queries import count_absences
from evalapp.training.sessions.queries import list_sessions_of
from evalapp.web.access import signed_in
from evalapp.web.transactions import reading_db

blueprint = Blueprint("work", __name__)
SOON_DAYS = 14
UPCOMING = 10


@dataclass(frozen=True)
class Waiting:
    """One thing to do: what it is, where to do it, how much of it, and whether it is late or only to be known."""

    text: Message
    url: str
    count: int | None = None
    tone: str = "plain"


@dataclass(frozen=True)
class Desk:
    """What waits in one programme, or outside of any (`programme` is None)."""

    programme: Any | None
    waiting: tuple[Waiting, ...]


@blueprint.get("/work")
@signed_in
def show() -> str:
    """Show what waits for the account, programme by programme."""
    with reading_db() as db:
        desks = [Desk(programme, tuple(_in_programme(db, programme))) for programme in _programmes(db)]
        own = Desk(None, tuple(_everywhere(db)))
        sessions = list_sessions_of(db, g.viewer, today())[:UPCOMING]
        released = list_reports(db, g.viewer)[:UPCOMING] if not g.viewer.may("report.view_any") else []
        return render_template(
            "work/show.html",
            desks=[desk for desk in (own, *desks) if desk.waiting],
            sessions=sessions,
            today=today(),
            reports=released,
            states=STATES,
        )


def _programmes(db: Session) -> list[Any]:
    return list(list_programmes_of(db, g.viewer)) if g.viewer.may("programme.view") else []


def _everywhere(db: Session) -> Iterator[Waiting]:
    if g.viewer.may("identity.allow_export") and (asked := _undecided(db)):
        yield Waiting(Message("Lists with identities wait for your decision"), url_for("exports.list_exports"), asked, "warn")
    if g.viewer.may("request.handle") and (waiting := count_requests(db)):
        late = count_requests(db, due_before=today())
        text = Message("People wait for an answer about their own data")
        yield Waiting(text, url_for("requests.list_requests"), waiting, "bad" if late else "warn")
    if g.viewer.may("retention.manage") and (due := len(list_due_destruction(db, today()))):
        yield Waiting(Message("Programmes whose identities are to be destroyed"), url_for("exports.list_exports"), due, "bad")
    if g.viewer.may("audit.review") and not find_review(db, last_month()):
        yield Waiting(Message("Last month's audit log has not been reviewed"), url_for("audit.list_entries"), None, "warn")
    if g.viewer.may("account.manage") and (invited := count_waiting_accounts(db)):
        yield Waiting(Message("Invited, but not joined yet"), url_for("staff.list_accounts"), invited)


def _in_programme(db: Session, programme: Any) -> Iterator[Waiting]:
    if g.viewer.may("programme.manage"):
        yield from _waves(db, programme)
    yield from _about_people(db, programme)
    if g.viewer.may("interview.hold") and (typed := count_paper_to_decide(db, programme.id, g.viewer.code)):
        yield Waiting(
            Message("Paper forms typed twice, to be decided"), url_for("paper.list_waves", code=programme.code), typed, "warn"
        )
    if g.viewer.may("query.reply") and (asked := count_queries_for(db, programme.id, g.viewer.code)):
        questions = url_for("review.list_questions", code=programme.code)
        yield Waiting(Message("Questions about interviews that you entered"), questions, asked, "warn")
    if g.viewer.may("submission.review") and (waiting := count_waiting(db, programme.id)):
        unplaced = url_for("devices.list_waiting", code=programme.code)
        yield Waiting(Message("Interviews from devices that belong to nobody yet"), unplaced, waiting, "warn")
    if g.viewer.may("report.release"):
        yield from _reports(db, programme)
    if g.viewer.may("run.view"):
        for job in list_unfinished(db, programme.code):
            yield Waiting(Message("Work in the background"), url_for("jobs.show", key=job.key), None, "info")


def _about_people(db: Session, programme: Any) -> Iterator[Waiting]:
    if g.viewer.may("contact.record") and (due := count_due_contacts(db, programme.id, today())):
        yield Waiting(Message("People to be contacted today or earlier"), _people(programme, "contact", "due"), due, "warn")
    if g.viewer.may("people.manage") and (ending := count_ending_consents(db, programme.id, "survey", today(), SOON_DAYS)):
        yield Waiting(Message("Consents to the survey that end within two weeks"), _people(programme, "consent", "ending"), ending)
    if g.viewer.may("people.merge") and (pairs := len(list_duplicate_candidates(db, programme.id))):
        yield Waiting(Message("Records that may be the same person"), url_for("people.list_duplicates", code=programme.code), pairs)
    if g.viewer.may("cohort.manage"):
        for cohort, count in count_absences(db, programme.id).items():
            matrix = url_for("matrix.show", code=programme.code, cohort=cohort)
            yield Waiting(Message("Cohort %(cohort)s: people absent three times in a row", cohort=cohort), matrix, count, "warn")


def _people(programme: Any, name: str, value: str) -> str:
    return f"{url_for('people.list_people', code=programme.code)}?{name}={value}"


def _waves(db: Session, programme: Any) -> Iterator[Waiting]:
    overview = url_for("programmes.show", code=programme.code)
    for wave in list_wave_responses(db, programme.id):
        label = {"wave": wave.label[g.language]}
        if wave.stands(today()) == "open" and wave.expected:
            days = (wave.closes_on - today()).days
            text = Message(
                "%(wave)s is open: %(answered)s of %(expected)s have answered, %(days)s days are left",
                answered=wave.answered,
                expected=wave.expected,
                days=days,
                **label,
            )
            yield Waiting(text, overview, None, "info")
        queue = url_for("review.list_submissions", code=programme.code, wave=wave.code)
        if unread := wave.states.get("received", 0) + wave.states.get("has_issues", 0):
            yield Waiting(Message("%(wave)s: submissions that nobody has reviewed", **label), queue, unread, "warn")


def _reports(db: Session, programme: Any) -> Iterator[Waiting]:
    for report in list_reports(db, g.viewer, programme_id=programme.id):
        if report.state == "in_review" and report.submitted_by != g.viewer.code and not report.released_by:
            yield Waiting(
                Message("A report waits for a second person to release it"), url_for("reports.show", report=report.id), None, "warn"
            )


def _undecided(db: Session) -> int:
    return sum(asked.state == "requested" for asked, _ in list_every_export(db, g.viewer))


def last_month() -> str:
    """Return the month before this one as `2026-10`."""
    first = today().replace(day=1)
    return (first - dt.timedelta(days=1)).strftime("%Y-%m")
