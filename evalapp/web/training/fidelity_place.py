"""Where the pages of fidelity stand, and the cohort that each is about."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g
from sqlalchemy.orm import Session

from evalapp.people.queries import get_programme_for
from evalapp.training.queries import get_cohort_for
from evalapp.web.training import fidelity_words

blueprint = Blueprint("fidelity", __name__, url_prefix="/programmes/<code>/cohorts/<cohort>")
Facts = dict[str, Any]


@blueprint.context_processor
def vocabulary() -> dict[str, object]:
    """Give every page of fidelity the words for what is stored as a code."""
    return {"words": fidelity_words}


def cohort_of(db: Session, code: str, cohort: str) -> Facts:
    """Return the programme and the cohort that a page is about, or raise NotFound."""
    programme = get_programme_for(db, g.viewer, code)
    return {"programme": programme, "cohort": get_cohort_for(db, g.viewer, programme.id, cohort)}
