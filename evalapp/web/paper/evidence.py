"""What two people typed and a third decided, behind a submission that came from paper."""

from __future__ import annotations

from flask import g, render_template

from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.surveys.double_entry.queries import compare_form, find_paper_form_of, get_paper_form, read_decisions
from evalapp.surveys.review.queries import get_submission
from evalapp.web.access import allows
from evalapp.web.paper.place import blueprint
from evalapp.web.paper.shown_fields import shown_fields
from evalapp.web.transactions import reading_db


@blueprint.get("/review/<int:submission>/paper")
@allows("submission.review")
def show_evidence(code: str, submission: int) -> str:
    """Show both entries of a submission's form and what was decided."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        found = find_paper_form_of(db, get_submission(db, programme.id, submission).id)
        if found is None:
            raise NotFound(Message("This submission was not typed from paper."))
        paper, wave, person = get_paper_form(db, programme.id, found.id)
        compared = compare_form(db, paper, g.language)
        return render_template(
            "paper/evidence.html",
            programme=programme,
            paper=paper,
            wave=wave,
            person=person,
            submission=submission,
            found=compared,
            fields=shown_fields(compared, every=True),
            decisions=read_decisions(db, paper),
            differing={field.place for field in compared.differing},
        )
