"""Two records of one person become one, nothing gets lost, and it can be undone."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from evalapp.core.errors import AppError, NotFound
from evalapp.panel.queries import count_withdrawn
from evalapp.people.consents.queries import consenting_people
from evalapp.people.contacts.record_contact import Attempt, record_contact
from evalapp.people.contacts.record_exit import record_exit
from evalapp.people.import_people import import_people
from evalapp.people.queries import get_registered, list_registered, resolve_people
from evalapp.people.records.duplicates import DuplicateCandidate, judge_not_duplicate, list_duplicate_candidates
from evalapp.people.records.erase_person import erase_person
from evalapp.people.records.merge_records import merge_records, undo_merge
from evalapp.people.records.queries import get_merge, list_merges
from evalapp.people.records.references import referring_columns
from evalapp.people.registration.preview_people import preview_people
from evalapp.people.tables import Consent, Enterprise, Entrepreneur, Programme, Registration
from evalapp.people.vault.queries import list_masks
from evalapp.people.vault.reveal_identity import reveal_identity
from evalapp.surveys.tables import Submission
from evalapp.training.tables import Enrolment
from tests.people.registered import actions, after, register
from tests.programme import SmallProgramme

NOON = dt.datetime(2026, 3, 10, 3, tzinfo=dt.UTC)
JANUARY, MARCH = dt.date(2026, 1, 10), dt.date(2026, 3, 10)
WHY = "same person, two lists"


@pytest.fixture
def pair(db, programme):
    kept = register(db, programme, "a", phone="010-1111-2222", industry="retail", enterprise_name="하늘가게")
    other = register(
        db, programme, "b", phone="010-3333-4444", email="sky@example.org", industry="catering", enterprise_name="둘째집"
    )
    return kept, other


def everything(db):
    """Every row of every table that belongs to somebody, and every enterprise, as the database has them."""
    columns = referring_columns()
    tables = {column.table.name: column.table for column in columns if column.table.name != "merged_records"}
    rows = {name: sorted(map(repr, db.execute(select(table)).all())) for name, table in tables.items()}
    fields = rows.pop("identity_fields")
    return rows, len(fields)


def test_pairs_that_agree_are_listed_until_they_are_judged_to_be_two(db, programme):
    a = register(db, programme, "a", name="박바다", phone="010-1111-2222", birth_date="1990-05-06")
    b = register(db, programme, "b", name="박바다", phone="010-1111-2222", birth_date="1990-05-06")
    c = register(db, programme, "c", name="박바다", registration_number="220-81-62517")
    d = register(db, programme, "d", name="이강", registration_number="220-81-62517", birth_date="1990-05-06")
    assert list_duplicate_candidates(db, programme.id) == [
        DuplicateCandidate(a.study_id, b.study_id, ("phone", "name", "birth_date")),
        DuplicateCandidate(c.study_id, d.study_id, ("registration_number",)),
    ]
    for _ in range(2):
        judge_not_duplicate(db, d, c, "siblings, one shop")
    assert [pair.first for pair in list_duplicate_candidates(db, programme.id)] == [a.study_id]
    assert [entry.reason for entry in actions(db, "duplicate_denied")] == ["siblings, one shop"]
    with pytest.raises(AppError, match="not two records"):
        judge_not_duplicate(db, a, a, WHY)


def test_people_of_another_programme_are_no_candidates(db, programme):
    other = Programme(code="second", name_ko="둘째", name_en="Second", created_at=programme.created_at)
    db.add(other)
    db.flush()
    register(db, programme, "a", phone="010-1111-2222")
    register(db, other, "b", phone="010-1111-2222")
    assert list_duplicate_candidates(db, programme.id) == []


def test_the_kept_record_has_all_that_both_had(db, programme, pair):
    kept, other = pair
    record_contact(db, programme, other, "k1", Attempt(NOON, "phone", "complete", None, "메모"))
    merge_records(db, kept, other, WHY)
    assert list_registered(db, programme.id) == {kept.id}
    assert resolve_people(db, programme.id, [other.study_id, kept.study_id]) == {other.study_id: kept.id, kept.study_id: kept.id}
    assert get_registered(db, programme.id, other.study_id.lower()).id == kept.id
    enterprises = db.scalars(select(Enterprise).order_by(Enterprise.id)).all()
    assert [(e.entrepreneur_id, e.industry, e.is_current) for e in enterprises] == [
        (kept.id, "retail", True), (kept.id, "catering", False),
    ]  # fmt: skip
    assert reveal_identity(db, kept.id, "email", "test reads it") == "sky@example.org"
    assert reveal_identity(db, kept.id, "phone", "test reads it") == "010-1111-2222"
    assert reveal_identity(db, kept.id, "enterprise_name", "test reads it", enterprises[1].id) == "둘째집"
    entry = actions(db, "records_merged")[0]
    assert (entry.subject, entry.reason, after(entry)["merged"]) == (kept.study_id, WHY, other.study_id)
    assert [merge.merged_study_id for merge in list_merges(db, kept)] == [other.study_id]


def test_undoing_a_merge_puts_every_row_back(db, programme, pair):
    kept, other = pair
    ids = {"programme_id": programme.id, "purpose": "survey", "text_version": "v1", "given_on": JANUARY}
    db.add_all([Consent(**ids, entrepreneur_id=kept.id), Consent(**ids, entrepreneur_id=other.id, withdrawn_on=MARCH)])
    db.add(Consent(**{**ids, "text_version": "v2"}, entrepreneur_id=other.id))
    record_exit(db, programme, kept, "moved", MARCH)
    record_exit(db, programme, other, "moved", MARCH)
    before = everything(db)
    record = merge_records(db, kept, other, WHY)
    assert everything(db) != before
    parted = undo_merge(db, get_merge(db, kept, record.id), "two people after all")
    assert parted.id == other.id
    assert everything(db) == before
    assert reveal_identity(db, other.id, "email", "test reads it") == "sky@example.org"
    assert list_masks(db, [kept.id]).keys() == {kept.id}
    assert len(actions(db, "merge_undone")) == 1
    with pytest.raises(AppError, match="undone already"):
        undo_merge(db, record, "again")
    with pytest.raises(NotFound):
        get_merge(db, kept, record.id)


def test_a_withdrawal_of_either_record_counts(db, programme, pair):
    kept, other = pair
    ids = {"programme_id": programme.id, "purpose": "survey", "text_version": "v1", "given_on": JANUARY}
    db.add_all([Consent(**ids, entrepreneur_id=kept.id), Consent(**ids, entrepreneur_id=other.id, withdrawn_on=MARCH)])
    db.flush()
    assert set(db.scalars(consenting_people(programme.id, "survey", MARCH))) == {kept.id}
    merge_records(db, kept, other, WHY)
    assert set(db.scalars(consenting_people(programme.id, "survey", MARCH))) == set()


def test_rows_of_later_stages_move_and_those_of_both_are_refused_by_name(db):
    small = SmallProgramme(db)
    kept = small.person("A", {"bl": {"profit_krw": 1}})
    other = small.person(None, {"fu1": {"profit_krw": 2}})
    third = small.person("B", {"bl": {"profit_krw": 3}})
    by_id = {person.study_id: person for person in db.scalars(select(Entrepreneur))}
    merge_records(db, by_id[kept], by_id[other], WHY)
    assert db.scalars(select(Submission.entrepreneur_id).order_by(Submission.id)).all()[:2] == [by_id[kept].id] * 2
    assert count_withdrawn(db, small.programme.id, [kept, other]) == 0
    with pytest.raises(
        AppError, match=r"Both records have an entry of their own \((submissions: bl|enrolments in a cohort: small)\)"
    ):
        merge_records(db, by_id[kept], by_id[third], WHY)
    assert db.scalars(select(Enrolment.entrepreneur_id).order_by(Enrolment.id)).all() == [by_id[kept].id, by_id[third].id]
    assert db.scalars(select(Registration.entrepreneur_id).order_by(Registration.id)).all() == [by_id[kept].id, by_id[third].id]


def test_attendance_at_the_same_session_is_a_conflict(db):
    small = SmallProgramme(db)
    kept, other = small.person("A"), small.person(None)
    small.attend(kept, 100, 100)
    small.attend(other, 100)
    by_id = {person.study_id: person for person in db.scalars(select(Entrepreneur))}
    with pytest.raises(AppError, match="attendance: 1"):
        merge_records(db, by_id[kept], by_id[other], WHY)


def test_a_record_is_not_merged_twice_nor_with_itself(db, programme, pair):
    kept, other = pair
    merge_records(db, kept, other, WHY)
    third = register(db, programme, "c")
    for first, second in ((third, other), (other, third)):
        with pytest.raises(AppError, match="merged already"):
            merge_records(db, first, second, WHY)
    with pytest.raises(AppError, match="not two records"):
        merge_records(db, kept, kept, WHY)


def test_merges_in_a_row_are_undone_in_any_order(db, programme, pair):
    b, a = pair
    c = register(db, programme, "c", address="서울 강서구")
    before = everything(db)
    first = merge_records(db, b, a, WHY)
    second = merge_records(db, c, b, WHY)
    assert resolve_people(db, programme.id, [a.study_id, b.study_id]) == {a.study_id: c.id, b.study_id: c.id}
    assert {merge.merged_study_id for merge in list_merges(db, c)} == {a.study_id, b.study_id}
    undo_merge(db, first, "not them")
    undo_merge(db, second, "not them")
    assert everything(db) == before


def test_the_study_id_of_a_merged_record_leads_to_the_kept_one_in_lists_of_any_programme(db, programme, pair, write):
    kept, other = pair
    merge_records(db, kept, other, WHY)
    second = Programme(code="second", name_ko="둘째", name_en="Second", created_at=programme.created_at)
    db.add(second)
    db.flush()
    import_people(db, "second", write("study_id,registered_on", f"{other.study_id},2026-03-01"))
    assert list_registered(db, second.id) == {kept.id}


def test_what_a_merged_record_still_holds_finds_the_kept_one_in_a_pasted_list(db, programme, pair):
    kept, other = pair
    merge_records(db, kept, other, WHY)
    preview = preview_people(db, programme, "이름,연락처\n누구,010-3333-4444")
    assert [found.study_id for found in preview.doubtful[0].duplicates] == [kept.study_id]


@pytest.mark.parametrize("reason", ["", "전화 010-1234-5678"])
def test_a_reason_that_says_nothing_or_names_somebody_is_refused(db, pair, reason):
    kept, other = pair
    for verb in (merge_records, judge_not_duplicate):
        with pytest.raises(AppError, match="reason"):
            verb(db, kept, other, reason)
    with pytest.raises(AppError, match="reason"):
        erase_person(db, kept, "everything", reason)
    assert list_merges(db, kept) == []
