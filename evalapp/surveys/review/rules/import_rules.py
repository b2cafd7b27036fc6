"""Take rules of quality into a programme, all of a file or none."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import NotFound
from evalapp.core.import_summary import ImportSummary
from evalapp.core.language import Message
from evalapp.people.tables import Programme
from evalapp.surveys.queries import get_instrument_definition
from evalapp.surveys.review.rules.queries import list_rules
from evalapp.surveys.review.rules.read_rules import read_rules
from evalapp.surveys.review.rules.rule import Rule
from evalapp.surveys.review.tables import QualityRule
from evalapp.surveys.tables import Wave


def import_quality_rules(db: Session, programme: Programme, path: Path) -> ImportSummary:
    """Store the rules of a file for a programme; one under a known name takes its place."""
    rules = read_rules(path, _questions(db, programme))
    stored = {row.rule_id: row for row in db.scalars(select(QualityRule).where(QualityRule.programme_id == programme.id))}
    standing = {rule.rule_id: rule for rule in list_rules(db, programme.id)}
    new = changed = 0
    for rule in rules:
        known = standing.get(rule.rule_id)
        if known is not None and _same(known, rule):
            continue
        new, changed = (new + 1, changed) if known is None else (new, changed + 1)
        _store(db, programme, rule, stored.get(rule.rule_id))
    db.flush()
    if new or changed:
        record_entry(db, "quality_rules_imported", "programme", programme.code, after={"new": new, "changed": changed})
    return ImportSummary(len(rules), new, len(rules) - new - changed, changed=changed)


def drop_quality_rule(db: Session, programme: Programme, rule_id: str) -> None:
    """Remove a programme's own rule; a shipped one of the same name counts again."""
    own = QualityRule.programme_id == programme.id, QualityRule.rule_id == rule_id
    row = db.scalar(select(QualityRule).where(*own))
    if row is None:
        raise NotFound(Message("The programme has no rule “%(rule)s” of its own.", rule=rule_id))
    db.delete(row)
    db.flush()
    record_entry(db, "quality_rule_dropped", "programme", programme.code, before={"rule": rule_id})


def _questions(db: Session, programme: Programme) -> set[str]:
    instruments = db.scalars(select(Wave.instrument_id).where(Wave.programme_id == programme.id).distinct())
    return {name for key in instruments for name in get_instrument_definition(db, key).by_name}


def _same(known: Rule, rule: Rule) -> bool:
    return all(
        getattr(known, name) == getattr(rule, name) for name in ("scope", "severity", "when", "expression", "message", "active")
    )


def _store(db: Session, programme: Programme, rule: Rule, row: QualityRule | None) -> None:
    if row is None:
        row = QualityRule(programme_id=programme.id, rule_id=rule.rule_id)
        db.add(row)
    row.scope, row.severity, row.when, row.expression, row.active = (
        rule.scope, rule.severity, " ".join(rule.when), rule.expression, rule.active,
    )  # fmt: skip
    row.message_ko, row.message_en = rule.message["ko"], rule.message["en"]
    row.changed_by, row.changed_at = actor_of(db).account, now()
