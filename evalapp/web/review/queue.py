"""The queue of submissions, and the approval of those that nothing doubts."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request, url_for
from sqlalchemy.orm import Session

from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.surveys.queries import list_wave_responses
from evalapp.surveys.review.decide_submission import approve_unflagged
from evalapp.surveys.review.overview.queue import NO_FLAG, list_choices, list_queue, list_unflagged
from evalapp.web.access import allows
from evalapp.web.forms import Form, row_number
from evalapp.web.review import words
from evalapp.web.review.place import Answer, blueprint, chosen_filters, done, queue_filter, trying
from evalapp.web.transactions import reading_db, writing_db


@blueprint.get("")
@allows("submission.view")
def list_submissions(code: str) -> str:
    """List a programme's submissions, the worst doubts first, narrowed by the filters of the address."""
    with reading_db() as db:
        return _page(db, code, Form())


@blueprint.post("/approve")
@allows("submission.review")
def approve(code: str) -> Answer:
    """Approve the received submissions of the queue that nothing doubts, as many as the reviewer was shown."""
    last, form = row_number(request.form.get("last", "")), Form()
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        clear = [each for each in list_unflagged(db, programme.id, queue_filter()) if last is not None and each.id <= last]
        if not clear:
            form.add_fault("last", Message("There is no received submission without a flag here any more."))
        count = 0
        if not form.refused:
            with trying(db, form, "last"):
                count = approve_unflagged(db, clear)
        if form.refused:
            return _page(db, code, form), 422
    return done(Message("Approved: %(count)s.", count=count), ".list_submissions", code=code)


def _page(db: Session, code: str, form: Form) -> str:
    programme = get_programme_for(db, g.viewer, code)
    wanted = queue_filter()
    clear = list_unflagged(db, programme.id, wanted) if g.viewer.may("submission.review") else []
    number = row_number(request.args.get("page", "1")) or 1
    return render_template(
        "review/queue.html",
        programme=programme,
        form=form,
        page=list_queue(db, programme.id, wanted, number),
        options=_options(db, programme),
        clear=len(clear),
        last=max((each.id for each in clear), default=0),
        page_url=lambda page: url_for(".list_submissions", code=code, page=page, **chosen_filters()),
    )


def _options(db: Session, programme: Any) -> dict[str, list[tuple[str, str]]]:
    rules, interviewers = list_choices(db, programme.id)
    said = {state: name.within(g.language) for state, name in words.FILTERED_STATES.items()}
    return {
        "wave": [(wave.code, wave.label[g.language]) for wave in list_wave_responses(db, programme.id)],
        "state": [*said.items(), ("all", Message("every state").within(g.language))],
        "flag": [(NO_FLAG, Message("no flag").within(g.language)), *((rule, rule) for rule in rules)],
        "interviewer": [(account, account) for account in interviewers],
    }
