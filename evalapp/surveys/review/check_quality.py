"""Ask the rules of quality about submissions and keep their doubts as flags. Asking again changes nothing that has not changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.clock import now
from evalapp.core.fingerprint import canonical_json
from evalapp.people.tables import Programme
from evalapp.surveys.review.corrections.apply_corrections import Answers
from evalapp.surveys.review.rules.built_in import find_call, run
from evalapp.surveys.review.rules.expressions import AnswerSheet, holds, variables_of
from evalapp.surveys.review.rules.queries import list_rules
from evalapp.surveys.review.rules.rule import OCCASIONS, Doubt, Rule
from evalapp.surveys.review.rules.wave_facts import WaveFacts
from evalapp.surveys.review.tables import QualityFlag
from evalapp.surveys.tables import Submission, Wave
from evalapp.xform.faults import FormError

SUBMISSIONS_A_QUERY = 5_000
Found = dict[tuple[int, str, str], tuple[str, str]]


def check_quality(db: Session, submission: Submission, occasion: str = "save") -> None:
    """Ask the rules of one of OCCASIONS about a submission that was handed in, interviewed or corrected."""
    check_wave_quality(db, db.get_one(Wave, submission.wave_id), occasion, [submission.id])


def check_wave_quality(db: Session, wave: Wave, occasion: str = "nightly", only: Collection[int] | None = None) -> int:
    """Ask the rules about the submissions of a wave, or `only` some of them; return how many were asked about."""
    if occasion not in OCCASIONS:
        raise ValueError(occasion)
    every = list_rules(db, wave.programme_id)
    rules = [rule for rule in every if occasion in rule.when]
    facts = WaveFacts(db, wave, only)
    keys = facts.keys
    found: Found = {}
    for key in keys:
        for rule, doubt in _doubts([rule for rule in rules if rule.active], facts, key):
            found[key, rule.rule_id, doubt.variable] = (rule.severity, canonical_json(dict(doubt.facts)))
    asked = {rule.rule_id for rule in rules}
    known = {rule.rule_id for rule in every}
    for start in range(0, len(keys), SUBMISSIONS_A_QUERY):
        _keep(db, keys[start : start + SUBMISSIONS_A_QUERY], found, asked, known)
    db.flush()
    return len(keys)


def check_programme_quality(db: Session, programme: Programme) -> int:
    """Ask the nightly rules about every wave of a programme; return how many submissions were asked about."""
    waves = db.scalars(select(Wave).where(Wave.programme_id == programme.id).order_by(Wave.round)).all()
    return sum(check_wave_quality(db, wave) for wave in waves)


def _doubts(rules: Sequence[Rule], facts: WaveFacts, key: int) -> Iterator[tuple[Rule, Doubt]]:
    line = facts.lines[key]
    sheet = AnswerSheet(facts.answers[key], facts.earlier.get(line.person, {}), facts.definition(key))
    for rule in rules:
        if call := find_call(rule.expression):
            yield from ((rule, doubt) for doubt in run(call, facts, key))
            continue
        try:
            if holds(rule.expression, sheet):
                yield rule, Doubt(_stands_at(rule, facts.answers[key]))
        except FormError:
            # What cannot be judged, such as a question answered in several rounds where one answer is meant, is not doubted.
            continue


def _stands_at(rule: Rule, answers: Answers) -> str:
    """Return the first answer that a rule reads and that was given: that is where the reviewer looks."""
    given = {place.variable for place in answers}
    return next((name for name in variables_of(rule.expression) if name in given), "")


def _keep(db: Session, keys: Sequence[int], found: Found, asked: Collection[str], known: Collection[str]) -> None:
    """Bring the flags of some submissions up to date. What a person cleared stays so until its facts change."""
    flags = db.scalars(select(QualityFlag).where(QualityFlag.submission_id.in_(keys))).all()
    stored = {(flag.submission_id, flag.rule, flag.variable): flag for flag in flags}
    for place, flag in stored.items():
        if place not in found and flag.cleared_at is None and (flag.rule in asked or flag.rule not in known):
            db.delete(flag)
    here = set(keys)
    for place, (severity, facts) in found.items():
        if place[0] not in here:
            continue
        old = stored.get(place)
        if old is None:
            submission, rule, variable = place
            db.add(
                QualityFlag(submission_id=submission, rule=rule, severity=severity, variable=variable, facts=facts, raised_at=now())
            )
        elif (old.severity, old.facts) != (severity, facts):
            old.severity, old.facts, old.raised_at = severity, facts, now()
            old.cleared_by = old.cleared_at = None
            old.cleared_reason = ""
