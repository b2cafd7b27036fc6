"""One of everything of training, for tests that try every address."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from evalapp.accounts.tables import Account
from evalapp.core.clock import now, today
from evalapp.people.tables import Entrepreneur, Programme
from evalapp.training.curricula.tables import Module, ModuleItem
from evalapp.training.enrolments.tables import EnrolmentStep
from evalapp.training.fidelity.tables import ChecklistMark
from evalapp.training.sessions.calendar_feeds import open_feed
from evalapp.training.tables import Cohort, Enrolment, Trainer, TrainingSession

WEEK = dt.timedelta(days=7)


def add_training(db: Session, programme: Programme, person: Entrepreneur, owner: Account) -> dict[str, Any]:
    """Open a cohort with somebody in it, and one session that the owner leads; return what addresses name of all that."""
    code = programme.code
    cohort = Cohort(
        programme_id=programme.id, code=f"c-{code}", arm="treatment", starts_on=today() - WEEK, ends_on=today() + 5 * WEEK
    )
    trainer = Trainer(code=f"T-{code}", programme_id=programme.id, account_id=owner.id)
    words = {"name_ko": "계획", "name_en": "Planning", "principle": "future_thinking"}
    module = Module(programme_id=programme.id, code=f"m-{code}", position=1, planned_minutes=150, **words)
    db.add_all([cohort, trainer, module])
    db.flush()
    item = ModuleItem(module_id=module.id, code=f"i-{code}", position=1, kind="content", text_ko="목표", text_en="Goals")
    place = {"programme_id": programme.id, "cohort_id": cohort.id, "entrepreneur_id": person.id}
    enrolment = Enrolment(**place, stage="active", stage_on=today() - WEEK)
    facts = {"module": module.code, "held_on": today(), "state": "planned", "planned_minutes": 150, "starts_at": now()}
    session = TrainingSession(cohort_id=cohort.id, lead_trainer_id=trainer.id, number=1, **facts)
    db.add_all([item, enrolment, session])
    db.flush()
    recorded = {"account": owner.code, "recorded_at": now(), "reason": "imported", "stepped_on": today() - WEEK}
    db.add(EnrolmentStep(enrolment_id=enrolment.id, to_stage="active", cohort_id=cohort.id, **recorded))
    db.add(ChecklistMark(session_id=session.id, item_id=item.id, was_delivered=True, account=owner.code, marked_at=now()))
    db.flush()
    return {
        "cohort": cohort.code,
        "trainer": trainer.code,
        "module": module.code,
        "item": item.code,
        "calendar": open_feed(db, trainer),
        "place": enrolment.id,
    }
