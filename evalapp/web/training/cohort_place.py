"""Where the pages of cohorts stand, and the cohort that each is about."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g
from sqlalchemy.orm import Session

from evalapp.people.queries import get_programme_for
from evalapp.training.queries import get_cohort_for
from evalapp.web.training import cohort_words

blueprint = Blueprint("cohorts", __name__, url_prefix="/programmes/<code>/cohorts")


@blueprint.context_processor
def vocabulary() -> dict[str, object]:
    """Give every page of cohorts the words for what is stored as a code."""
    return {"words": cohort_words}


def place(db: Session, code: str, cohort: str) -> dict[str, Any]:
    """Return what every page of a cohort shows: the programme and the cohort in it, or raise NotFound."""
    programme = get_programme_for(db, g.viewer, code)
    return {"programme": programme, "cohort": get_cohort_for(db, g.viewer, programme.id, cohort)}
