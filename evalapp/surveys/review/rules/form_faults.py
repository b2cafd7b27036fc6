"""Check of answers that came from outside of our own pages: what the form itself would not have let pass."""

from __future__ import annotations

import json
from collections.abc import Iterator

from evalapp.core.fingerprint import canonical_json
from evalapp.surveys.review.corrections.apply_corrections import Answers, Place
from evalapp.surveys.review.rules.rule import Doubt
from evalapp.surveys.review.rules.wave_facts import WaveFacts

ABSENT = ""


def faults_to_json(faults: list[tuple[Place, str, str]]) -> str | None:
    """Write faults: where, what is wrong ("required", "constraint", …), and the answer that stood there ("" for none)."""
    return canonical_json([[place.variable, place.repeat_path, kind, given] for place, kind, given in faults]) if faults else None


def form_faults(facts: WaveFacts, key: int, *, kinds: tuple[str, ...]) -> Iterator[Doubt]:
    """Doubt answers that the form's own conditions do not let pass, until they are corrected."""
    for variable, repeat_path, kind, given in json.loads(facts.lines[key].form_faults or "[]"):
        if kind in kinds and _stands(facts.answers[key], Place(variable, repeat_path), given):
            yield Doubt(variable)


def _stands(answers: Answers, place: Place, given: str) -> bool:
    return answers.get(place, ABSENT) == given
