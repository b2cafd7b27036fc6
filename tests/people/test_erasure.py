"""Who asks to be forgotten is forgotten, in part or whole, and nothing brings them back."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, select

from evalapp.analysis.plans.register_plan import register_plan
from evalapp.analysis.run_plan import run_plan
from evalapp.core.db import Base
from evalapp.core.errors import AppError, RefusedFile
from evalapp.panel.build_panel import build_panel
from evalapp.panel.freeze_panel import freeze_panel
from evalapp.panel.queries import count_erased, count_withdrawn
from evalapp.people.consents.queries import list_consents
from evalapp.people.contacts.record_contact import Attempt, record_contact
from evalapp.people.import_people import import_people
from evalapp.people.records.destroy_identities import destroy_identities, list_due_destruction, set_identity_kept_until
from evalapp.people.records.erase_person import default_erasure_kind, erase_person
from evalapp.people.records.merge_records import merge_records
from evalapp.people.records.queries import find_erasure, list_taken_study_ids
from evalapp.people.records.references import referring_columns
from evalapp.people.records.tables import ERASURE_KINDS, ErasedAlias, Erasure
from evalapp.people.tables import Consent, Entrepreneur, Programme, Registration, StudyIdAlias
from evalapp.people.vault.queries import list_identity_fields
from evalapp.people.vault.tables import IdentityField
from evalapp.people.vault.write_identity import write_identity
from evalapp.people.words import ERASURES
from evalapp.surveys.tables import Answer
from tests.analysis.test_run_plan import PLAN
from tests.people.registered import actions, after, register
from tests.programme import SmallProgramme

NOON = dt.datetime(2026, 3, 10, 3, tzinfo=dt.UTC)
WHY = "the person asked by telephone"


def count(db, table):
    return db.scalar(select(func.count()).select_from(table))


def consent(db, programme, person, **facts):
    row = {"purpose": "survey", "text_version": "v1", "given_on": dt.date(2026, 1, 1)} | facts
    db.add(Consent(programme_id=programme.id, entrepreneur_id=person.id, **row))
    db.flush()


def small_person(db):
    small = SmallProgramme(db)
    study_id = small.person("A", {"bl": {"profit_krw": 1}, "fu1": {"profit_krw": 2, "sales": 3}})
    small.attend(study_id, 100, 100)
    person = db.scalars(select(Entrepreneur)).one()
    write_identity(db, person.id, {"name": "김하늘", "phone": "010-1234-5678"})
    record_contact(db, small.programme, person, "k1", Attempt(NOON, "phone", "complete", None, "메모"))
    db.add(StudyIdAlias(programme_id=small.programme.id, alias="NE-1", entrepreneur_id=person.id))
    db.flush()
    return small, person


def test_every_row_of_a_person_goes_with_them_in_every_table():
    rules = {column.table.name: key.ondelete for column in referring_columns() for key in column.foreign_keys}
    # That somebody asked, and what became of it, stays without the person.
    assert rules.pop("respondent_requests") == "SET NULL"
    assert set(rules.values()) == {"CASCADE"}
    assert tuple(ERASURES) == ERASURE_KINDS


def test_the_consents_say_what_is_proposed(db, programme):
    person = register(db, programme, "a")
    assert default_erasure_kind(db, person) == "everything"
    consent(db, programme, person)
    assert default_erasure_kind(db, person) == "identity_only"
    db.query(Consent).update({"withdrawn_on": dt.date(2026, 2, 1)})
    assert default_erasure_kind(db, person) == "everything"


def test_the_identity_goes_and_the_answers_stay(db):
    small, person = small_person(db)
    consent(db, small.programme, person, purpose="recontact")
    done = erase_person(db, person, "identity_only", WHY)
    assert done == ("identity_only", (person.study_id,), {"identity_fields": 2, "contact_notes": 1, "study_id_aliases": 1})
    assert (count(db, IdentityField), count(db, Answer), count(db, Registration)) == (0, 3, 1)
    states = {c.purpose: c.state for c in list_consents(db, small.programme.id, person.id)}
    assert (states["survey"], states["recontact"]) == ("given", "withdrawn")
    assert set(build_panel(db, small.programme).frame["study_id"]) == {person.study_id}
    entry = actions(db, "person_erased")[0]
    assert (entry.subject, entry.reason, after(entry)["kind"]) == (person.study_id, WHY, "identity_only")


def test_the_person_may_withdraw_the_survey_too(db):
    small, person = small_person(db)
    erase_person(db, person, "identity_only", WHY, ["survey"])
    assert next(iter(list_consents(db, small.programme.id, person.id))).state == "withdrawn"
    assert count(db, Answer) == 3


def test_everything_goes_in_every_stage_and_is_counted(db):
    _, person = small_person(db)
    study_id = person.study_id
    belongings = {column.table.name for column in referring_columns()} | {"answers"}
    done = erase_person(db, person, "everything", WHY)
    assert done.removed == {
        "study_id_aliases": 1, "registrations": 1, "consents": 1, "contact_attempts": 1, "identity_fields": 2, "enrolments": 1,
        "submissions": 2, "attendance": 2, "answers": 3,
    }  # fmt: skip
    assert {name: count(db, Base.metadata.tables[name]) for name in belongings} == dict.fromkeys(belongings, 0)
    assert count(db, Entrepreneur) == 0
    assert (find_erasure(db, study_id).kind, list_taken_study_ids(db, {study_id, "X"})) == ("everything", {study_id})
    assert after(actions(db, "person_erased")[0])["rows"] == done.removed


def test_first_the_identity_then_everything(db, programme):
    person = register(db, programme, "a")
    study_id = person.study_id
    for kind in ("identity_only", "everything"):
        erase_person(db, person, kind, WHY)
        assert find_erasure(db, study_id).kind == kind
    assert count(db, Erasure) == 1
    with pytest.raises(AppError, match="not a kind"):
        erase_person(db, register(db, programme, "b"), "half", WHY)


def test_records_that_were_merged_go_together(db, programme):
    kept, other = register(db, programme, "a", phone="010-1111-2222"), register(db, programme, "b", phone="010-3333-4444")
    merge_records(db, kept, other, "same person")
    gone = {kept.study_id, other.study_id}
    assert set(erase_person(db, kept, "everything", WHY).study_ids) == gone
    assert (count(db, Entrepreneur), count(db, IdentityField)) == (0, 0)
    assert list_taken_study_ids(db, gone) == gone


@pytest.mark.parametrize("kind", ERASURE_KINDS)
def test_an_old_list_does_not_bring_an_erased_person_back(db, programme, write, kind):
    path = write("study_id,registered_on", "NE-1,2026-02-01")
    import_people(db, "pi", path)
    person = db.scalars(select(Entrepreneur)).one()
    erase_person(db, person, kind, WHY)
    people = count(db, Entrepreneur)
    with pytest.raises(RefusedFile) as refused:
        import_people(db, "pi", path)
    assert [(f.row, str(f.message)) for f in refused.value.faults] == [
        (2, "This person asked to be forgotten and must not be brought back. Leave the row out.")
    ]
    assert count(db, Entrepreneur) == people
    assert "NE-1" not in db.scalars(select(ErasedAlias.alias_index)).one()
    db.add(Programme(code="second", name_ko="둘째", name_en="Second", created_at=programme.created_at))
    assert import_people(db, "second", path).new == 1


def test_a_list_with_the_study_id_of_an_erased_person_is_refused(db, programme, write):
    person = register(db, programme, "a")
    path = write("study_id,registered_on", f"{person.study_id.lower()},2026-02-01")
    erase_person(db, person, "everything", WHY)
    with pytest.raises(RefusedFile):
        import_people(db, "pi", path)


def test_a_frozen_panel_keeps_its_bytes_and_is_not_run_again(db):
    small, person = small_person(db)
    small.person("C", {"bl": {"profit_krw": 5}})
    snapshot = freeze_panel(db, small.programme, build_panel(db, small.programme))
    plan = register_plan(db, small.programme, "main", PLAN)
    content, study_id = snapshot.content, person.study_id
    erase_person(db, person, "everything", WHY)
    assert snapshot.content == content
    assert count_erased(db, [study_id, "X"]) == 1
    with pytest.raises(AppError, match="withdrawn their consent"):
        run_plan(db, plan, snapshot)
    assert study_id not in set(build_panel(db, small.programme).frame["study_id"])


def test_an_old_panel_runs_on_after_a_consent_expired_but_not_after_it_was_withdrawn(db):
    small, person = small_person(db)
    row = db.scalars(select(Consent)).one()
    row.expires_on = dt.date(2021, 1, 1)
    db.flush()
    assert count_withdrawn(db, small.programme.id, [person.study_id]) == 0
    row.withdrawn_on = dt.date(2021, 1, 1)
    db.flush()
    assert count_withdrawn(db, small.programme.id, [person.study_id]) == 1


END = dt.date(2026, 6, 30)
AFTER = END + dt.timedelta(days=1)


def test_identities_are_destroyed_when_their_time_is_over(db, programme):
    a, b = register(db, programme, "a", phone="010-1111-2222"), register(db, programme, "b")
    record_contact(db, programme, a, "k1", Attempt(NOON, "phone", "complete", None, "메모"))
    set_identity_kept_until(db, programme, END)
    set_identity_kept_until(db, programme, END)
    assert len(actions(db, "identity_retention_set")) == 1
    assert list_due_destruction(db, END) == []
    with pytest.raises(AppError, match="not over"):
        destroy_identities(db, programme, END)
    assert [(due.programme.code, due.people) for due in list_due_destruction(db, AFTER)] == [("pi", 2)]
    assert destroy_identities(db, programme, AFTER) == 2
    assert (list_identity_fields(db, a.id), list_identity_fields(db, b.id), list_due_destruction(db, AFTER)) == ([], [], [])
    assert after(actions(db, "identities_destroyed")[0]) == {"people": 2, "kept_until": "2026-06-30"}
    assert count(db, Registration) == 2


def test_who_is_in_another_programme_keeps_the_identity_until_that_ones_day(db, programme):
    other = Programme(code="second", name_ko="둘째", name_en="Second", created_at=programme.created_at)
    db.add(other)
    db.flush()
    both = register(db, programme, "a")
    db.add(Registration(programme_id=other.id, entrepreneur_id=both.id, registered_on=END))
    record_contact(db, programme, both, "k1", Attempt(NOON, "phone", "complete", None, "메모"))
    set_identity_kept_until(db, programme, END)
    assert destroy_identities(db, programme, AFTER) == 1
    assert len(list_identity_fields(db, both.id)) == 1
    assert list_due_destruction(db, AFTER) == []
    set_identity_kept_until(db, other, END)
    assert {due.programme.code for due in list_due_destruction(db, AFTER)} == {"pi", "second"}
    destroy_identities(db, other, AFTER)
    assert list_identity_fields(db, both.id) == []


def test_a_merged_record_holds_no_identity_back(db, programme):
    kept, other = register(db, programme, "a", phone="010-1111-2222"), register(db, programme, "b", phone="010-3333-4444")
    merge_records(db, kept, other, "same person")
    set_identity_kept_until(db, programme, END)
    destroy_identities(db, programme, AFTER)
    assert count(db, IdentityField) == 0
