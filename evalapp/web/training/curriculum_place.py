"""Where the pages of curricula stand, and the words they use."""

from __future__ import annotations

from flask import Blueprint

from evalapp.web.training import cohort_words

blueprint = Blueprint("curriculum", __name__, url_prefix="/programmes/<code>/curriculum")


@blueprint.context_processor
def vocabulary() -> dict[str, object]:
    """Give every page of the curriculum the words for what is stored as a code."""
    return {"words": cohort_words}
