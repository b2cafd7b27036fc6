"""Reads of the rules that count in a programme."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.surveys.review.rules.read_rules import shipped_rules
from evalapp.surveys.review.rules.rule import Rule
from evalapp.surveys.review.tables import QualityRule


def list_rules(db: Session, programme_id: int) -> list[Rule]:
    """Return a programme's rules: the shipped ones, those of its own in their place, and its other own."""
    own = db.scalars(select(QualityRule).where(QualityRule.programme_id == programme_id).order_by(QualityRule.rule_id))
    rules = {rule.rule_id: rule for rule in shipped_rules()} | {row.rule_id: _rule(row) for row in own}
    return list(rules.values())


def _rule(row: QualityRule) -> Rule:
    words = {"ko": row.message_ko, "en": row.message_en}
    when = tuple(row.when.split())
    return Rule(row.rule_id, row.scope, row.severity, when, row.expression, words, row.active, own=True)
