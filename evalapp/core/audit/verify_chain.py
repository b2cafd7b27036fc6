"""Check that the audit log is whole: no entry altered, removed, moved or cut off since it was written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.audit.record_entry import START, entry_hash
from evalapp.core.audit.tables import AuditEntry, AuditHead
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.language import Message

KEPT_BREAKS = 20
ENTRIES_AT_ONCE = 1_000
NEWEST = 1_000
TOLD_EVERY_SHARE = 0.05
COLUMNS = [column for column in AuditEntry.__table__.columns if column.name != "id"]


@dataclass(frozen=True)
class Head:
    """The number and the hash of a log's last entry, as the log or someone who wrote them down remembers them."""

    number: int
    hash: str


@dataclass(frozen=True)
class ChainReport:
    """How many entries there are, the last one's hash, and where the chain is broken: the first places in words, and how many."""

    entries: int
    head: Head
    breaks: tuple[Message, ...]
    break_count: int

    @property
    def is_whole(self) -> bool:
        """Say whether nothing is wrong."""
        return not self.break_count


def verify_chain(db: Session, remembered: Head | None = None, tell: Callable[[float], None] | None = None) -> ChainReport:
    """Read the whole log and check every entry, its place, and the end.

    `remembered` is a head that was exported earlier: with it a log whose end and head were both cut is found out too. `tell` is
    told now and then which share of the log has been read.
    """
    chain = _Chain(keys_of(db).audit_key, get_head(db), remembered)
    told = 0.0
    for entry in _entries(db, after=0):
        chain.add(entry)
        share = min(chain.count / max(chain.head.number, 1), 1.0)
        if tell and share >= told + TOLD_EVERY_SHARE:
            told = share
            tell(share)
    return chain.report(get_head(db))


def check_chain(entries: Iterable[Mapping[str, Any]], head: Head, key: bytes, remembered: Head | None = None) -> ChainReport:
    """Check entries in the order of their numbers against the log's head."""
    chain = _Chain(key, head, remembered)
    for entry in entries:
        chain.add(entry)
    return chain.report(head)


def verify_newest(db: Session, most: int = NEWEST) -> ChainReport:
    """Check only the newest entries and the end: quick, and enough to see that nothing was cut off or altered lately."""
    head = get_head(db)
    chain = _Chain(keys_of(db).audit_key, head, None)
    first = max(head.number - most, 0)
    before = db.scalar(select(AuditEntry.hash).where(AuditEntry.number == first))
    chain.last = Head(first, before or START)
    for entry in _entries(db, after=first):
        chain.add(entry)
    return chain.report(get_head(db))


def get_head(db: Session) -> Head:
    """Return the number and hash of the last entry: kept elsewhere, they show later whether the log's end was cut off."""
    head = db.execute(select(AuditHead.number, AuditHead.hash)).one_or_none()
    return Head(head.number, head.hash) if head else Head(0, START)


def _entries(db: Session, *, after: int) -> Iterable[Mapping[str, Any]]:
    query = select(*COLUMNS).where(AuditEntry.number > after).order_by(AuditEntry.number)
    with db.execute(query.execution_options(yield_per=ENTRIES_AT_ONCE)) as rows:
        for row in rows.mappings():
            yield {**row}


class _Chain:
    """The chain as far as it has been read. `sound` says whether the last entry may be trusted to point to the next."""

    def __init__(self, key: bytes, head: Head, remembered: Head | None) -> None:
        self.key, self.head, self.remembered = key, head, remembered
        self.last, self.count, self.sound = Head(0, START), 0, True
        self.breaks: list[Message] = []
        self.break_count = 0

    def add(self, entry: Mapping[str, Any]) -> None:
        number = entry["number"]
        if number != self.last.number + 1:
            self._note_missing(self.last.number + 1, number - 1)
            self.sound = False
        own = {name: value for name, value in entry.items() if name != "hash"}
        is_itself = entry_hash(own, self.key) == entry["hash"]
        if not is_itself:
            self._note_altered(own, entry["hash"])
        elif self.sound and own["previous_hash"] != self.last.hash:
            self._note(Message("Entry %(number)s does not follow the entry before it.", number=number))
        if self.remembered and number == self.remembered.number and entry["hash"] != self.remembered.hash:
            self._note(Message("Entry %(number)s is not the one whose hash was kept.", number=number))
        self.last, self.sound = Head(number, entry["hash"]), is_itself
        self.count += 1

    def report(self, head_now: Head) -> ChainReport:
        """Check the end and return what was found. Entries that were added while the log was read are no break."""
        if self.head.number < self.last.number <= head_now.number:
            self.head = self.last if self.last.number < head_now.number else head_now
        self._end()
        return ChainReport(self.count, self.last, tuple(self.breaks), self.break_count)

    def _end(self) -> None:
        if self.head.number > self.last.number:
            self._note_missing(self.last.number + 1, self.head.number)
        elif self.head != self.last:
            self._note(Message("The head of the log does not fit its last entry, number %(number)s.", number=self.last.number))
        if self.remembered and self.remembered.number > max(self.last.number, self.head.number):
            self._note_missing(max(self.last.number, self.head.number) + 1, self.remembered.number)

    def _note_altered(self, own: dict[str, Any], sealed: str) -> None:
        number = own["number"]
        moved_from = self._number_it_was_written_under(own, sealed) if len(self.breaks) < KEPT_BREAKS else None
        if moved_from is None:
            self._note(Message("Entry %(number)s was altered after it was written.", number=number))
        else:
            self._note(
                Message("Entry %(number)s was written as entry %(from)s and moved.", **{"number": number, "from": moved_from})
            )

    def _number_it_was_written_under(self, own: dict[str, Any], sealed: str) -> int | None:
        # Its number is under the hash, so the right one can only be tried; this is done for the few that are listed.
        tried = range(1, max(self.head.number, own["number"]) + 1)
        return next((number for number in tried if entry_hash({**own, "number": number}, self.key) == sealed), None)

    def _note_missing(self, first: int, last: int) -> None:
        if first == last:
            self._note(Message("Entry %(number)s is missing.", number=first))
        else:
            self._note(Message("Entries %(first)s to %(last)s are missing.", first=first, last=last))

    def _note(self, message: Message) -> None:
        self.break_count += 1
        if len(self.breaks) < KEPT_BREAKS:
            self.breaks.append(message)
