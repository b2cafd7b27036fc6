"""The register of trainers: who they are by code, which account is theirs, their certificate, and when they left."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import today
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.training.cohorts.queries import find_account_code, list_trainer_accounts
from evalapp.training.tables import Trainer

CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")


@dataclass(frozen=True)
class TrainerDetails:
    """What the register says of a trainer; `account` is the code of the account they sign in with."""

    account: str | None = None
    certified_on: dt.date | None = None
    certificate: str = ""
    left_on: dt.date | None = None


class RefusedTrainer(AppError):  # noqa: N818 - what it is, in words
    """What a register cannot say of a trainer; `field` names what is wrong."""

    def __init__(self, field: str, message: Message) -> None:
        super().__init__(message)
        self.field = field


def add_trainer(db: Session, programme_id: int, code: str, details: TrainerDetails) -> Trainer:
    """Put a trainer into a programme's register, or raise RefusedTrainer."""
    if not CODE.fullmatch(code):
        raise RefusedTrainer(
            "code", Message("A trainer's code has Latin letters, digits, _ and -, at most 20 of them, such as T-06.")
        )
    if db.scalar(select(Trainer.id).where(Trainer.code == code)) is not None:
        raise RefusedTrainer("code", Message("This code is taken. Choose another."))
    trainer = Trainer(code=code, programme_id=programme_id)
    account_id = _check(db, programme_id, trainer, details)
    trainer.account_id = account_id
    trainer.certified_on, trainer.certificate, trainer.left_on = details.certified_on, details.certificate, details.left_on
    db.add(trainer)
    db.flush()
    record_entry(db, "trainer_added", "trainer", code, after=_recorded(details))
    return trainer


def change_trainer(db: Session, programme_id: int, trainer: Trainer, details: TrainerDetails) -> None:
    """Change what the register says of a trainer, or raise RefusedTrainer. Their sessions stay theirs."""
    account_id = _check(db, programme_id, trainer, details)
    before = {"account": trainer.account_id, "certified_on": trainer.certified_on, "left_on": trainer.left_on}
    trainer.account_id = account_id
    trainer.certified_on, trainer.certificate, trainer.left_on = details.certified_on, details.certificate, details.left_on
    db.flush()
    record_entry(db, "trainer_changed", "trainer", trainer.code, before=before, after=_recorded(details))


def _recorded(details: TrainerDetails) -> dict[str, object]:
    return {"account": details.account, "certified_on": details.certified_on, "left_on": details.left_on}


def _check(db: Session, programme_id: int, trainer: Trainer, details: TrainerDetails) -> int | None:
    """Return the key of the account, which must be that of a trainer of the programme and nobody else's."""
    if details.certified_on and details.certified_on > today():
        raise RefusedTrainer("certified_on", Message("%(date)s lies in the future.", date=details.certified_on))
    if details.account is None:
        return None
    account_id = list_trainer_accounts(db, programme_id).get(details.account)
    if account_id is None and details.account == find_account_code(db, trainer):
        return trainer.account_id  # their membership ended; the link says whose sessions they were
    if account_id is None:
        raise RefusedTrainer("account", Message("No account of this programme with the role of a trainer has this code."))
    other = db.scalar(select(Trainer.code).where(Trainer.account_id == account_id, Trainer.code != trainer.code))
    if other is not None:
        raise RefusedTrainer("account", Message("This account is linked to another trainer."))
    return account_id
