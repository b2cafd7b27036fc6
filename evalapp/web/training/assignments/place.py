"""Where the pages of assignments stand, and what all of them show: the programme, the assignment and its two cohorts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from flask import Blueprint, g, redirect, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.training.assignment import words
from evalapp.training.assignment.baseline import list_characteristics
from evalapp.training.assignment.edit_assignment import find_replaced
from evalapp.training.assignment.queries import get_assignment, get_cohorts_of, get_record
from evalapp.training.assignment.strata import stratum_text

blueprint = Blueprint("assignments", __name__, url_prefix="/programmes/<code>/assignments")
STATE_TONES: Final[Mapping[str, str]] = {"draft": "plain", "pool_frozen": "info", "locked": "good"}
ARM_TONES: Final[Mapping[str, str]] = {"treatment": "good", "waitlist": "info", "comparison": "plain"}
ACCEPTED_WORDS: Final[Mapping[str, Message]] = {
    "": Message("Keep the first draw, whatever it is"),
    "0.5": Message("Keep the better half of all draws"),
    "0.2": Message("Keep the best fifth of all draws"),
    "0.1": Message("Keep the best tenth of all draws"),
    "0.05": Message("Keep the best 5 in 100 draws"),
    "0.01": Message("Keep the best 1 in 100 draws"),
}


@blueprint.context_processor
def vocabulary() -> dict[str, object]:
    """Give every page of assignments the words for what is stored as a code."""
    return {
        "words": words,
        "state_tones": STATE_TONES,
        "arm_tones": ARM_TONES,
        "accepted_words": ACCEPTED_WORDS,
        "refusal_text": lambda refused: Message(refused["text"], **refused["facts"]).within(g.language),
        "stratum_text": lambda stored, stratum: stratum_text(stored, stratum, g.language),
    }


def place(db: Session, code: str, assignment: str) -> dict[str, Any]:
    """Return what every page of an assignment shows, or raise NotFound."""
    programme = get_programme_for(db, g.viewer, code)
    found = get_assignment(db, programme.id, assignment)
    treated, control = get_cohorts_of(db, found)
    return {
        "programme": programme,
        "assignment": found,
        "treated": treated,
        "control": control,
        "replaces": find_replaced(db, found),
        "record": get_record(found),
    }


def back_to(code: str, assignment: str) -> Response:
    """Lead to the page of an assignment from a step that is not to be taken now."""
    return redirect(url_for("assignments.show", code=code, assignment=assignment), 303)


def characteristics_of(db: Session, where: Mapping[str, Any]) -> dict[str, Any]:
    """Return what people can be stratified, put in order, grouped and balanced by, as options of a form."""
    known = [one for one in list_characteristics(db, where["programme"].id) if one.name != "reg_day"]
    named = {one.name: f"{one.label[g.language]} ({one.name})" for one in known}
    nothing = [("", Message("Nothing").within(g.language))]
    ordered = [("reg_day", words.REGISTRATION_WORDS["reg_day"].within(g.language))]
    return {
        "stratifiers": nothing + [(one.name, named[one.name]) for one in known],
        "orders": ordered + [(one.name, named[one.name]) for one in known if one.is_number],
        "groups": [("pool", Message("The groups named in the pool").within(g.language))]
        + [(one.name, named[one.name]) for one in known if not one.is_number],
        "balanced": [(one.name, one.numeric_label[g.language]) for one in known if one.can_balance],
    }
