"""What the codes of fidelity, ratings and the matrix are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from evalapp.core.language import Message
from evalapp.training.enrolments.words import REASONS, STAGES
from evalapp.web.training.attendance_words import NOT_MARKED, STATUSES
from evalapp.web.training.cohort_words import ITEM_KINDS, STAGE_TONES
from evalapp.web.training.session_words import CHANGES

__all__ = ["CHANGES", "ITEM_KINDS", "REASONS", "STAGES", "STAGE_TONES"]
DELIVERED: Final[Mapping[str, Message]] = {
    "planned": Message("As planned"),
    "changed": Message("Changed"),
    "left_out": Message("Left out"),
}
ADAPTATIONS: Final[Mapping[str, Message]] = {
    "shortened": Message("Shortened"),
    "lengthened": Message("Lengthened"),
    "replaced": Message("Replaced by something else"),
    "reordered": Message("At another time"),
    "added": Message("With something added"),
    "left_out": Message("Left out"),
}
ROLES: Final[Mapping[str, Message]] = {"trainer": Message("Trainer"), "observer": Message("Observer")}
TRAITS: Final[Mapping[str, Message]] = {
    "self_starting": Message("Self-starting"),
    "future_thinking": Message("Future thinking"),
    "overcoming_barriers": Message("Overcoming barriers"),
}
TRAIT_HINTS: Final[Mapping[str, Message]] = {
    "self_starting": Message("Begins things without being told."),
    "future_thinking": Message("Plans ahead and prepares for what may come."),
    "overcoming_barriers": Message("Goes on when something stands in the way."),
}
OCCASIONS: Final[Mapping[str, Message]] = {"start": Message("at the start"), "end": Message("at the end")}
CELLS: Final[Mapping[str, Message]] = {
    **STATUSES,
    "made_up": Message("Made up"),
    "not_marked": NOT_MARKED,
    "before": Message("Not enrolled yet"),
    "cancelled": Message("Cancelled"),
}
# Beside the words, for whoever looks at many at once; no two are told apart by colour alone.
SYMBOLS: Final[Mapping[str, str]] = {
    "present": "●", "late": "◐", "left_early": "◑", "excused": "E", "unexcused": "✕", "made_up": "M", "not_marked": "?",
    "before": "·", "cancelled": "–",
}  # fmt: skip
TONES: Final[Mapping[str, str]] = {
    "present": "good", "late": "warn", "left_early": "warn", "excused": "info", "unexcused": "bad", "made_up": "good",
}  # fmt: skip
