"""Where the pages of survey forms stand, and the words for what is stored as a code."""

from __future__ import annotations

from flask import Blueprint
from werkzeug.wrappers import Response

from evalapp.core.language import Message
from evalapp.surveys.instruments.definition import Question

blueprint = Blueprint("instruments", __name__)
Answer = str | tuple[str, int] | Response

TYPES = {
    "select_one": Message("One choice"), "select_multiple": Message("Several choices"), "rank": Message("Choices in an order"),
    "integer": Message("Whole number"), "decimal": Message("Decimal number"), "text": Message("Words"), "date": Message("Date"),
    "time": Message("Time of day"), "dateTime": Message("Date and time"), "acknowledge": Message("Confirmation"),
    "calculate": Message("Calculated"), "geopoint": Message("Place"), "barcode": Message("Bar code"),
}  # fmt: skip
CONCORDS = {
    "same": Message("Same"), "reworded": Message("Other words"), "rescoped": Message("Asked of others"),
    "recoded": Message("Other answers"), "added": Message("New"), "removed": Message("Gone"),
}  # fmt: skip
CONCORD_TONES = {
    "same": "plain",
    "reworded": "warn",
    "rescoped": "warn",
    "recoded": "bad",
    "added": "good",
    "removed": "bad",
}
ASPECTS = {
    "type": Message("Type"), "required": Message("Must be answered"), "condition": Message("Asked when"),
    "constraint": Message("Constraint"), "calculation": Message("Calculation"), "repeat": Message("Repeated in"),
    "scale": Message("Scale"), "reverse": Message("Reversed"), "unit": Message("Unit"), "minimum": Message("Least"),
    "maximum": Message("Most"), "label": Message("Question"), "hint": Message("Hint"),
    "constraint_message": Message("What is said of a wrong answer"), "choice_added": Message("New choice"),
    "choice_removed": Message("Choice gone"), "choice_label": Message("Words of a choice"),
    "choice_order": Message("Order of the choices"),
}  # fmt: skip
SENSITIVITIES = {
    "ordinary": Message("Ordinary"), "sensitive": Message("Sensitive"), "free_text": Message("Free words"),
    "identifier": Message("Identifies a person"),
}  # fmt: skip


@blueprint.context_processor
def vocabulary() -> dict[str, object]:
    """Give every page of forms the words for what is stored as a code."""
    return {
        "types": TYPES,
        "concords": CONCORDS,
        "concord_tones": CONCORD_TONES,
        "aspects": ASPECTS,
        "sensitivities": SENSITIVITIES,
        "asked_when": asked_when,
    }


def asked_when(question: Question) -> str:
    """Return when a question is asked, as its author wrote it."""
    if question.condition or question.relevant is None:
        return question.condition
    return f"${{{question.relevant.question}}} = '{question.relevant.choice}'"
