"""The audit log refuses changes, and shows those made behind its back."""

from __future__ import annotations

import datetime as dt
import threading
import time
from functools import partial

import pytest
from sqlalchemy import delete, func, select, text, update
from sqlalchemy.exc import DBAPIError

from evalapp.core import clock
from evalapp.core.actor import Actor
from evalapp.core.audit import month_review
from evalapp.core.audit import verify_chain as verify_chain_module
from evalapp.core.audit.month_review import MANY_REVEALS_A_DAY, get_month, sign_month
from evalapp.core.audit.queries import ENTRIES_A_PAGE, EntryFilter, entries_file, list_entries, list_months
from evalapp.core.audit.record_entry import record_entry
from evalapp.core.audit.tables import AuditEntry, AuditHead
from evalapp.core.audit.verify_chain import Head, get_head, verify_chain, verify_newest
from evalapp.core.db import make_engine, reading, transaction
from evalapp.core.errors import AppError, NotFound
from evalapp.core.migrate import upgrade
from tests.conftest import ACTOR, KEYS

UNTIL_ALL_WAIT_SECONDS = 0.5  # long enough for threads to begin; where they are slower the test proves less and does not fail
TRIGGERS = {
    "sqlite": ("DROP TRIGGER audit_entries_no_UPDATE", "DROP TRIGGER audit_entries_no_DELETE"),
    "postgresql": ("DROP TRIGGER audit_entries_no_change ON audit_entries",),
}


@pytest.fixture
def log(db):
    """A log of nine entries whose triggers have been dropped, as someone with the database in their hands could."""
    for number in range(1, 10):
        record_entry(db, "role_granted", "account", f"AC-{number}", after={"role": "analyst"}, reason=f"reason {number}")
    for statement in TRIGGERS[db.get_bind().dialect.name]:
        db.execute(text(statement))
    return db


def breaks(db, remembered=None):
    report = verify_chain(db, remembered)
    assert report.is_whole == (not report.breaks)
    return [str(message) for message in report.breaks]


def alter(db, position, **values):
    db.execute(
        update(AuditEntry).where(AuditEntry.number == position).values(**values).execution_options(synchronize_session=False)
    )


def remove(db, *numbers):
    db.execute(delete(AuditEntry).where(AuditEntry.number.in_(numbers)).execution_options(synchronize_session=False))


def test_entries_are_numbered_without_a_gap_and_carry_the_actor(db):
    record_entry(
        db, "person_merged", "entrepreneur", "PI-7K3Q-4", subject="PI-7K3Q-4", before={"b": 1}, after={"a": 2}, reason="twice"
    )
    record_entry(db, "role_granted")
    first, second = db.scalars(select(AuditEntry).order_by(AuditEntry.number))
    assert (first.number, second.number, second.previous_hash) == (1, 2, first.hash)
    assert (first.account, first.role, first.address, first.request_id) == (
        ACTOR.account,
        ACTOR.role,
        ACTOR.address,
        ACTOR.request_id,
    )
    assert (first.before, first.after, first.reason, first.subject) == ('{"b": 1}', '{"a": 2}', "twice", "PI-7K3Q-4")


@pytest.mark.parametrize("statement", [update(AuditEntry).values(reason="other"), delete(AuditEntry)])
def test_the_database_refuses_to_change_or_delete_an_entry(db, statement):
    record_entry(db, "role_granted")
    with pytest.raises(DBAPIError, match="never changed"), db.begin_nested():
        db.execute(statement.execution_options(synchronize_session=False))
    assert db.scalar(select(func.count()).select_from(AuditEntry)) == 1


def test_an_untouched_log_is_whole(log):
    report = verify_chain(log)
    assert (report.is_whole, report.entries, report.head) == (True, 9, get_head(log))


def test_an_empty_log_is_whole(db):
    assert breaks(db) == []


@pytest.mark.parametrize(
    "values",
    [
        {"reason": "another"},
        {"account": "AC-OTHER"},
        {"at": dt.datetime(2020, 1, 1, tzinfo=dt.UTC)},
        {"after": "{}"},
        {"hash": "0" * 64},
        {"previous_hash": "0" * 64},
    ],
)
def test_an_altered_entry_is_named(log, values):
    alter(log, 4, **values)
    assert breaks(log) == ["Entry 4 was altered after it was written."]


def test_every_column_is_under_the_hash():
    assert {c.name for c in AuditEntry.__table__.columns} - {"id", "hash"} == {
        "number", "at", "account", "role", "address", "action", "object_type", "object_key", "subject", "before", "after", "reason",
        "request_id", "previous_hash",
    }  # fmt: skip


def test_removed_entries_are_named(log):
    remove(log, 1, 4, 6, 7)
    assert breaks(log) == ["Entry 1 is missing.", "Entry 4 is missing.", "Entries 6 to 7 are missing."]


def test_a_gap_that_was_closed_by_renumbering_is_found(log):
    remove(log, 8)
    alter(log, 9, number=8)
    assert breaks(log) == ["Entry 8 was written as entry 9 and moved.", "Entry 9 is missing."]


def test_entries_that_changed_places_are_named(log):
    alter(log, 3, number=99)
    alter(log, 5, number=3)
    alter(log, 99, number=5)
    assert breaks(log) == ["Entry 3 was written as entry 5 and moved.", "Entry 5 was written as entry 3 and moved."]


def test_a_cut_end_is_found_by_the_head(log):
    remove(log, 8, 9)
    assert breaks(log) == ["Entries 8 to 9 are missing."]


def test_a_head_that_was_put_back_is_found_while_entries_remain(log):
    log.execute(update(AuditHead).values(number=7))
    assert breaks(log) == ["The head of the log does not fit its last entry, number 9."]


def test_an_end_cut_together_with_its_head_is_found_by_a_head_that_was_kept_elsewhere(log):
    kept = get_head(log)
    seventh = log.scalars(select(AuditEntry).where(AuditEntry.number == 7)).one().hash
    remove(log, 8, 9)
    log.execute(update(AuditHead).values(number=7, hash=seventh))
    assert breaks(log) == []
    assert breaks(log, kept) == ["Entries 8 to 9 are missing."]
    assert breaks(log, Head(7, "0" * 64)) == ["Entry 7 is not the one whose hash was kept."]


def test_a_log_that_was_emptied_with_its_head_is_found_by_a_kept_head(log):
    kept = get_head(log)
    remove(log, *range(1, 10))
    log.execute(delete(AuditHead))
    assert breaks(log, kept) == ["Entries 1 to 9 are missing."]


def test_an_entry_of_another_log_does_not_fit_in(log):
    """Both logs were written with the same key: a copy of the installation that went its own way."""
    stranger = log.execute(select(*AuditEntry.__table__.columns).where(AuditEntry.number == 3)).mappings().one()
    from evalapp.core.audit.record_entry import entry_hash

    own = {name: value for name, value in stranger.items() if name not in ("id", "hash")} | {"previous_hash": "a" * 64}
    alter(log, 3, previous_hash="a" * 64, hash=entry_hash(own, KEYS.audit_key))
    assert breaks(log) == ["Entry 3 does not follow the entry before it.", "Entry 4 does not follow the entry before it."]


def test_many_breaks_are_counted_and_the_first_ones_named(db):
    for _ in range(60):
        record_entry(db, "role_granted")
    for statement in TRIGGERS[db.get_bind().dialect.name]:
        db.execute(text(statement))
    db.execute(update(AuditEntry).values(reason="all").execution_options(synchronize_session=False))
    report = verify_chain(db)
    assert (len(report.breaks), report.break_count) == (20, 60)


def test_an_entry_that_would_be_lost_is_a_fault_of_the_program(engine):
    with reading(engine, actor=ACTOR, keys=KEYS) as db, pytest.raises(LookupError, match="session that only reads"):
        record_entry(db, "identity_masks_shown")


def test_pages_go_back_without_leaving_an_entry_out(db):
    for number in range(ENTRIES_A_PAGE * 2 + 3):
        record_entry(db, "role_granted" if number % 2 else "role_revoked", object_key=number)
    seen, below = [], None
    while True:
        page = list_entries(db, EntryFilter(), below)
        seen += [entry.number for entry in page.entries]
        if page.older is None:
            break
        below = page.older
    assert seen == list(range(ENTRIES_A_PAGE * 2 + 3, 0, -1))
    assert {entry.action for entry in list_entries(db, EntryFilter(action="role_granted")).entries} == {"role_granted"}


def test_filters_narrow_by_day_in_seoul_account_subject_and_object(db, monkeypatch):
    late = dt.datetime(2026, 3, 1, 15, 30, tzinfo=dt.UTC)  # half past midnight of the second in Seoul
    monkeypatch.setattr("evalapp.core.audit.record_entry.now", lambda: late)
    record_entry(db, "a_done", "thing", "x", subject="PI-7K3Q-4")
    monkeypatch.setattr("evalapp.core.audit.record_entry.now", lambda: late - dt.timedelta(hours=1))
    record_entry(db, "b_done", "thing", "y")

    def found(**wanted):
        return [entry.action for entry in list_entries(db, EntryFilter(**wanted)).entries]

    assert found(since_on=dt.date(2026, 3, 2)) == ["a_done"]
    assert found(until_on=dt.date(2026, 3, 1)) == ["b_done"]
    assert found(subject="PI-7K3Q-4") == found(object_type="thing", object_key="x") == ["a_done"]
    assert found(account="nobody") == []


def test_the_file_of_entries_runs_no_formula(db):
    record_entry(db, "a_done", reason="=HYPERLINK(0)")
    content = entries_file(db, EntryFilter()).decode("utf-8-sig")
    assert content.splitlines()[0].startswith("number,at,account")
    assert "'=HYPERLINK(0)" in content


@pytest.fixture
def march(db, monkeypatch):
    """A March with many identities revealed by one account in a day, and two read at night by another."""

    def at(day, hour, account, action):
        moment = dt.datetime(2026, 3, day, hour, tzinfo=dt.timezone(dt.timedelta(hours=9))).astimezone(dt.UTC)
        monkeypatch.setattr("evalapp.core.audit.record_entry.now", lambda: moment)
        db.info["actor"] = Actor(account, "interviewer")
        record_entry(db, action, subject="PI-7K3Q-4", reason="follow-up call")

    for _ in range(MANY_REVEALS_A_DAY):
        at(3, 10, "AC-BUSY", "identity_revealed")
    at(4, 6, "AC-NIGHT", "identity_revealed")
    at(4, 21, "AC-NIGHT", "identity_searched")
    at(5, 20, "AC-DAY", "identity_revealed")
    at(5, 3, "AC-DAY", "role_granted")
    db.info["actor"] = ACTOR
    return db


def test_a_month_shows_what_is_unusual(march):
    review = get_month(march, "2026-03")
    assert (review.entries, review.reveal_count) == (MANY_REVEALS_A_DAY + 4, MANY_REVEALS_A_DAY + 2)
    assert dict(review.by_action) == {"identity_revealed": MANY_REVEALS_A_DAY + 2, "identity_searched": 1, "role_granted": 1}
    assert review.by_account[0] == ("AC-BUSY", MANY_REVEALS_A_DAY)
    assert review.busy_days == [("AC-BUSY", dt.date(2026, 3, 3), MANY_REVEALS_A_DAY)]
    assert review.out_of_hours == [("AC-NIGHT", 2)]
    assert get_month(march, "2026-02").entries == 0


def test_a_month_that_is_over_is_signed_and_shows_it(march, monkeypatch):
    monkeypatch.setattr("evalapp.core.audit.record_entry.now", clock.now)
    sign_month(march, "2026-03", "nothing unusual but one")
    (signature,) = get_month(march, "2026-03").signatures
    assert (signature.account, signature.reason) == (ACTOR.account, "nothing unusual but one")
    assert '"out_of_hours": 2' in signature.after
    assert dict(list_months(march))["2026-03"].number == signature.number


def test_a_month_shows_roles_that_were_given_and_browsers_that_two_accounts_share(march):
    record = partial(record_entry, march, object_type="account")
    record("role_granted", object_key="AC-NEW", after={"role": "privacy_officer"})
    record("browser_shared", object_key="AC-NEW", after={"accounts": ["AC-ADMIN"]})
    record("browser_shared", object_key="AC-ADMIN", after={"accounts": ["AC-NEW"]})
    review = get_month(march, "2026-03")
    assert [(each.by, each.account, each.role) for each in review.grants][1:] == [(ACTOR.account, "AC-NEW", "privacy_officer")]
    assert review.shared_browsers == [("AC-ADMIN", "AC-NEW")]
    with pytest.raises(AppError, match="Another reviewer signs it"):
        sign_month(march, "2026-03")
    march.info["actor"] = Actor("AC-PRIVACY", "privacy_officer")
    sign_month(march, "2026-03")
    (signature,) = get_month(march, "2026-03").signatures
    assert '"grants": 2' in signature.after


@pytest.mark.parametrize("remark", ["ok", "called 010-1234-5678 about it", "wrote to a@b.kr about it", "x" * 401])
def test_a_remark_says_something_and_names_nobody(march, remark):
    with pytest.raises(AppError):
        sign_month(march, "2026-03", remark)
    assert get_month(march, "2026-03").signatures == []


def test_a_month_that_is_not_over_cannot_be_signed(db, monkeypatch):
    monkeypatch.setattr(month_review, "today", lambda: dt.date(2026, 3, 31))
    with pytest.raises(AppError, match="not over yet"):
        sign_month(db, "2026-03")
    monkeypatch.setattr(month_review, "today", lambda: dt.date(2026, 4, 1))
    sign_month(db, "2026-03")


@pytest.mark.parametrize("month", ["2026-13", "2026-3", "march", "1999-01"])
def test_what_is_not_a_month_is_not_found(db, month):
    with pytest.raises(NotFound):
        get_month(db, month)


@pytest.fixture
def empty(engine, tmp_path):
    """A database of its own, whose work is committed."""
    if engine.dialect.name == "sqlite":
        url = f"sqlite:///{tmp_path / 'two.db'}"
        upgrade(url)
    else:
        name = f"log_{tmp_path.parent.name}_{tmp_path.name}".replace("-", "_")[:60]
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        url = engine.url.set(database=name).render_as_string(hide_password=False)
        upgrade(url)
    own = make_engine(url)
    yield own
    own.dispose()


def test_sessions_that_write_at_once_make_one_chain_from_the_first_entry_on(empty):
    """The second waits for the first, even where the log begins; neither takes the other's number."""

    def work():
        for _ in range(20):
            with transaction(empty, actor=ACTOR, keys=KEYS) as db:
                record_entry(db, "a_done")
                record_entry(db, "b_done")

    threads = [threading.Thread(target=work) for _ in range(3)]
    with transaction(empty, actor=ACTOR, keys=KEYS) as db:
        record_entry(db, "first_done")
        for thread in threads:
            thread.start()
        time.sleep(UNTIL_ALL_WAIT_SECONDS)
    for thread in threads:
        thread.join()
    with reading(empty, actor=ACTOR, keys=KEYS) as db:
        report = verify_chain(db)
    assert (report.is_whole, report.entries) == (True, 121)


def test_an_entry_that_is_written_while_the_log_is_checked_is_no_break(empty, monkeypatch):
    def write(count):
        with transaction(empty, actor=ACTOR, keys=KEYS) as db:
            for _ in range(count):
                record_entry(db, "a_done")

    def head_and_then_another_entry(db):
        head = get_head(db)
        write(1)
        return head

    write(3)
    monkeypatch.setattr(verify_chain_module, "get_head", head_and_then_another_entry)
    for check in (verify_chain, verify_newest):
        with reading(empty, actor=ACTOR, keys=KEYS) as db:
            assert check(db).breaks == ()


def test_the_newest_entries_are_checked_by_themselves(log):
    assert (verify_newest(log, 4).is_whole, verify_newest(log, 4).entries) == (True, 4)
    assert verify_newest(log, 100).entries == 9
    alter(log, 3, reason="another")
    assert verify_newest(log, 4).is_whole
    alter(log, 7, reason="another")
    assert [str(each) for each in verify_newest(log, 4).breaks] == ["Entry 7 was altered after it was written."]
    remove(log, 9)
    assert "Entry 9 is missing." in map(str, verify_newest(log, 4).breaks)


def test_a_check_of_the_log_tells_how_far_it_is(db):
    for _ in range(50):
        record_entry(db, "role_granted")
    told = []
    verify_chain(db, tell=told.append)
    assert told == sorted(told)
    assert 0.9 < told[-1] <= 1.0
    assert 10 < len(told) <= 20
