"""Where the pages of devices stand, and their words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from flask import Blueprint
from werkzeug.wrappers import Response

from evalapp.core.language import Message

blueprint = Blueprint("devices", __name__, url_prefix="/programmes/<code>/devices")
Answer = str | tuple[str, int] | Response

PROBLEMS: Final[Mapping[str, Message]] = {
    "no_study_id": Message("no study ID was typed"),
    "unknown_person": Message("nobody in the programme has the study ID that was typed"),
    "no_consent": Message("the person has not agreed to be surveyed, or not any more"),
    "already_answered": Message("the person has answered this wave already"),
    "wave_closed": Message("it came while the wave was closed"),
    "wave_locked": Message("the wave is locked"),
    "other_form": Message("the wave asks another form"),
    "other_person": Message("it was edited, and names another person than before"),
    "correction_waits": Message("it was edited, and an earlier correction waits for a second person"),
}


@blueprint.context_processor
def vocabulary() -> dict[str, object]:
    """Give every page of devices the words for what is stored as a code."""
    return {"problems": PROBLEMS}
