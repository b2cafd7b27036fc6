"""Make one record of two that are one person, so that it can be undone; and undo it.

The record that is merged stays as an empty shell with its study ID, which becomes an alias of the kept one. What the kept record
already says (the same consent, an exit, its own telephone) stays with the shell, and so does nothing else.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Column, delete, insert, select, update
from sqlalchemy.orm import Session

from evalapp.core.actor import actor_of
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.core.language import Message
from evalapp.core.reasons import check_reason
from evalapp.people.records.move_identity import move_identity
from evalapp.people.records.queries import list_kept
from evalapp.people.records.references import Clash, code_of, list_clashes, referring_columns
from evalapp.people.records.tables import MergedRecord
from evalapp.people.tables import Consent, Enterprise, Entrepreneur, Registration, StudyIdAlias
from evalapp.people.vault.tables import IdentityField
from evalapp.people.words import BELONGINGS

# What the kept record says already may stay behind; anything else that both have is a question for people.
STAYS_BEHIND = frozenset({"registrations", "consents", "programme_exits", "own_page_accesses"})


def merge_records(db: Session, kept: Entrepreneur, merged: Entrepreneur, reason: str) -> MergedRecord:
    """Give all rows of one record to another, or refuse, naming what both have and only one can keep."""
    why = check_reason(reason)
    _lock(db, kept, merged)
    stays = _refuse_or_list_clashes(db, kept, merged)
    undo: dict[str, Any] = {
        "withdrawn": _carry_withdrawals(db, kept, stays),
        "former": _make_second_enterprise_former(db, kept, merged),
    }
    undo["registrations"] = _drop_registrations(db, stays)
    moved = {_name(column): _move(db, column, merged.id, kept.id, stays) for column in _moving_columns()}
    undo["identity"] = move_identity(db, merged, kept)
    undo["moved"] = {name: ids for name, ids in moved.items() if ids}
    undo["aliases"] = _add_aliases(db, kept, merged.study_id)
    record = MergedRecord(entrepreneur_id=kept.id, merged_study_id=merged.study_id, undo=json.dumps(undo, default=str))
    record.merged_by, record.merged_at = actor_of(db).account, now()
    db.add(record)
    db.flush()
    db.expire_all()
    after = {"merged": merged.study_id, "rows": {name: len(ids) for name, ids in undo["moved"].items()}}
    record_entry(db, "records_merged", "merged_record", record.id, subject=kept.study_id, after=after, reason=why)
    return record


def undo_merge(db: Session, record: MergedRecord, reason: str) -> Entrepreneur:
    """Part two records again and return the one that was merged; what came since the merge stays with the kept one."""
    why = check_reason(reason)
    kept = db.get_one(Entrepreneur, record.entrepreneur_id)
    merged = db.scalars(select(Entrepreneur).where(Entrepreneur.study_id == record.merged_study_id)).one()
    if record.undone_at is not None:
        raise AppError(Message("This merge was undone already."))
    undo = json.loads(record.undo)
    db.execute(delete(StudyIdAlias).where(StudyIdAlias.id.in_(undo["aliases"])))
    move_identity(db, kept, merged, only=undo["identity"])
    for column in _moving_columns():
        _move_back(db, column, kept.id, merged.id, undo["moved"].get(_name(column), []))
    for row in undo["registrations"]:
        db.execute(insert(Registration).values(**{**row, "registered_on": dt.date.fromisoformat(row["registered_on"])}))
    theirs = Enterprise.id.in_(undo["former"]), Enterprise.entrepreneur_id == merged.id
    db.execute(update(Enterprise).where(*theirs).values(is_current=True))
    db.execute(update(Consent).where(Consent.id.in_(undo["withdrawn"])).values(withdrawn_on=None))
    record.undone_at = now()
    db.flush()
    db.expire_all()
    record_entry(
        db, "merge_undone", "merged_record", record.id, subject=kept.study_id, after={"parted": merged.study_id}, reason=why
    )
    return merged


def _lock(db: Session, kept: Entrepreneur, merged: Entrepreneur) -> None:
    if kept.id == merged.id:
        raise AppError(Message("These are not two records but one."))
    both = {kept.id, merged.id}
    db.execute(select(Entrepreneur.id).where(Entrepreneur.id.in_(both)).order_by(Entrepreneur.id).with_for_update())
    if list_kept(db, both):
        raise AppError(Message("One of the records was merged already. Look at the record that is kept."))


def _moving_columns() -> list[Column[Any]]:
    """Return the columns that change hands by number alone; a sealed identity has to be sealed anew."""
    return [column for column in referring_columns() if column.table.name != IdentityField.__tablename__]


def _refuse_or_list_clashes(db: Session, kept: Entrepreneur, merged: Entrepreneur) -> dict[str, list[int]]:
    stays: dict[str, list[int]] = {}
    # Of two current enterprises one is made a former one, so they are no clash.
    columns = [column for column in _moving_columns() if column.table.name != Enterprise.__tablename__]
    for clash in (clash for column in columns for clash in list_clashes(db, column, kept.id, merged.id)):
        if clash.table.name not in STAYS_BEHIND:
            raise AppError(_refusal(db, clash))
        stays.setdefault(clash.table.name, []).append(clash.row_id)
    return stays


def _refusal(db: Session, clash: Clash) -> Message:
    place = ", ".join(code_of(db, column, value) for column, value in zip(clash.columns, clash.values, strict=True))
    return Message(
        "Both records have an entry of their own (%(entry)s: %(place)s), and one person can have only one. Remove one of the two first.",
        entry=BELONGINGS.get(clash.table.name, clash.table.name),
        place=place,
    )


def _carry_withdrawals(db: Session, kept: Entrepreneur, stays: Mapping[str, list[int]]) -> list[int]:
    """Where both records hold the same consent and only the merged one says that it was withdrawn, it is withdrawn."""
    changed = []
    for theirs in db.scalars(select(Consent).where(Consent.id.in_(stays.get("consents", [])), Consent.withdrawn_on.is_not(None))):
        same = (
            Consent.entrepreneur_id == kept.id, Consent.programme_id == theirs.programme_id, Consent.purpose == theirs.purpose,
            Consent.text_version == theirs.text_version, Consent.given_on == theirs.given_on, Consent.withdrawn_on.is_(None),
        )  # fmt: skip
        for ours in db.scalars(select(Consent).where(*same)):
            ours.withdrawn_on = theirs.withdrawn_on
            changed.append(ours.id)
    db.flush()
    return changed


def _make_second_enterprise_former(db: Session, kept: Entrepreneur, merged: Entrepreneur) -> list[int]:
    current = select(Enterprise.id).where(Enterprise.is_current)
    if not db.scalar(current.where(Enterprise.entrepreneur_id == kept.id)):
        return []
    second = list(db.scalars(current.where(Enterprise.entrepreneur_id == merged.id)))
    db.execute(update(Enterprise).where(Enterprise.id.in_(second)).values(is_current=False))
    return second


def _drop_registrations(db: Session, stays: dict[str, list[int]]) -> list[dict[str, Any]]:
    table = Registration.__table__
    twice = table.c.id.in_(stays.pop("registrations", []))
    rows = [dict(row) for row in db.execute(select(table).where(twice)).mappings()]
    db.execute(delete(Registration).where(twice))
    return rows


def _name(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


def _move(db: Session, column: Column[Any], giver: int, taker: int, stays: Mapping[str, list[int]]) -> list[int]:
    table = column.table
    ids = [i for i in db.scalars(select(table.c.id).where(column == giver)) if i not in stays.get(table.name, [])]
    db.execute(update(table).where(table.c.id.in_(ids)).values({column.name: taker}))
    return ids


def _move_back(db: Session, column: Column[Any], giver: int, taker: int, ids: list[int]) -> None:
    table = column.table
    db.execute(update(table).where(table.c.id.in_(ids), column == giver).values({column.name: taker}))


def _add_aliases(db: Session, kept: Entrepreneur, study_id: str) -> list[int]:
    programmes = db.scalars(select(Registration.programme_id).where(Registration.entrepreneur_id == kept.id)).all()
    aliases = [StudyIdAlias(programme_id=programme, alias=study_id, entrepreneur_id=kept.id) for programme in programmes]
    db.add_all(aliases)
    db.flush()
    return [alias.id for alias in aliases]
