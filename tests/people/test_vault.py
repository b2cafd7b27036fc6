"""The identity vault: one normal form per field, sealed, found again exactly, shown only for a reason that is written down."""

from __future__ import annotations

import json
import unicodedata

import pytest
from sqlalchemy import func, select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.cells import BadCell
from evalapp.core.clock import now, today
from evalapp.core.crypto.key_ring import UnusableKeyRing
from evalapp.core.errors import AppError, NotFound
from evalapp.core.reasons import LONGEST_REASON
from evalapp.people.tables import Enterprise, Entrepreneur, Programme, Registration
from evalapp.people.vault.check_identity import FIELDS, RefusedIdentity, check_identity
from evalapp.people.vault.forget_identity import forget_identity
from evalapp.people.vault.masks import mask
from evalapp.people.vault.queries import MaskedField, find_people_by_identity, list_identity_fields, list_masks
from evalapp.people.vault.reveal_identity import reveal_identity
from evalapp.people.vault.tables import IdentityField
from evalapp.people.vault.write_identity import write_identity
from tests.conftest import KEYS

REASON = "call-back agreed for today"
PERSON = {
    "name": "김철수", "phone": "01012345678", "email": "Chul.Soo@Example.ORG", "address": "서울특별시 중구 세종대로 110",
    "birth_date": "1985.3.2",
}  # fmt: skip
ENTERPRISE = {"enterprise_name": "한라산 식당", "registration_number": "2208162517"}


@pytest.fixture
def person(db, programme):
    """A person registered in the programme."""
    return add_person(db, programme, "PI-7K3Q-4")


@pytest.fixture
def enterprise(db, person):
    firm = Enterprise(entrepreneur_id=person.id)
    db.add(firm)
    db.flush()
    return firm


def add_person(db, programme, study_id):
    person = Entrepreneur(study_id=study_id, created_at=now())
    db.add(person)
    db.flush()
    db.add(Registration(programme_id=programme.id, entrepreneur_id=person.id, registered_on=today()))
    db.flush()
    return person


def entries(db, action):
    return db.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.number)).all()


def everything_logged(db):
    return [[str(getattr(entry, c.name)) for c in AuditEntry.__table__.columns] for entry in db.scalars(select(AuditEntry))]


@pytest.mark.parametrize(
    ("field", "text", "plain"),
    [
        ("name", "  김 \u3000 철수 ", "김 철수"),
        ("name", unicodedata.normalize("NFD", "김철수"), "김철수"),
        ("name", "Kim Chul-Soo", "Kim Chul-Soo"),
        ("phone", "010-1234-5678", "010-1234-5678"),
        ("phone", "01012345678", "010-1234-5678"),
        ("phone", "+82 10 1234 5678", "010-1234-5678"),
        ("phone", "+82 (0)10-1234-5678", "010-1234-5678"),
        ("phone", "0082-10-1234-5678", "010-1234-5678"),
        ("phone", "1012345678", "010-1234-5678"),
        ("phone", "010.1234.5678", "010-1234-5678"),
        ("phone", "011-123-4567", "011-123-4567"),
        ("phone", "02-123-4567", "02-123-4567"),
        ("phone", "0311234567", "031-123-4567"),
        ("email", " A.B@Example.Org ", "a.b@example.org"),
        ("birth_date", "1985. 3. 2", "1985-03-02"),
        ("address", "서울  중구", "서울 중구"),
        ("registration_number", "220 81 62517", "220-81-62517"),
        ("registration_number", "2208162517", "220-81-62517"),
        ("enterprise_name", "㈜ 한라산", "㈜ 한라산"),
    ],
)
def test_a_field_has_one_normal_form_and_keeps_it(field, text, plain):
    assert check_identity(field, text) == plain
    assert check_identity(field, plain) == plain


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("name", "김철수 010-1234-5678", "write letters only"),
        ("name", "123", "not a name"),
        ("name", "a@b.kr", "not a name"),
        ("name", "김" * 81, "81 characters; at most 80"),
        ("phone", "999", "010-1234-5678"),
        ("phone", "+86 138 0013 8000", "not a Korean telephone"),
        ("phone", "010-1234-567a", "not a Korean telephone"),
        ("email", "no-address", "someone@example.org"),
        ("email", "a@b", "not an e-mail"),
        ("email", "a b@c.kr", "not an e-mail"),
        ("birth_date", "2.3.1985", "year, month and day"),
        ("birth_date", "2099-01-01", "lies in the past"),
        ("registration_number", "220-81-62518", "checks the others"),
        ("registration_number", "220-81-6251", "ten digits"),
        ("registration_number", "2208162517가", "ten digits"),
        ("address", "서울 010-1234-5678", "telephone"),
    ],
)
def test_a_wrong_value_is_refused_with_its_mend_and_without_being_quoted(field, text, words):
    with pytest.raises(BadCell) as refused:
        check_identity(field, text)
    message = str(refused.value.message)
    assert words in message
    assert text not in message


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("number", ["850302-1234567", "8503021234567", "850302 - 1234567"])
def test_a_resident_registration_number_is_refused_in_every_field(field, number):
    with pytest.raises(BadCell) as refused:
        check_identity(field, number)
    assert "resident registration number" in str(refused.value.message)


def test_what_is_written_is_sealed_and_comes_back_for_a_reason(db, person, enterprise):
    assert write_identity(db, person.id, PERSON) == tuple(PERSON)
    assert write_identity(db, person.id, ENTERPRISE, enterprise.id) == tuple(ENTERPRISE)
    for row in db.scalars(select(IdentityField)):
        assert row.sealed.startswith("k1:")
        assert len(row.blind_index) == 64
    assert reveal_identity(db, person.id, "phone", REASON) == "010-1234-5678"
    assert reveal_identity(db, person.id, "registration_number", REASON, enterprise.id) == "220-81-62517"


def test_a_reveal_is_logged_with_subject_field_and_reason_and_not_with_what_was_seen(db, person):
    write_identity(db, person.id, PERSON)
    reveal_identity(db, person.id, "name", f"  {REASON} ")
    (entry,) = entries(db, "identity_revealed")
    assert (entry.subject, entry.object_key, entry.reason) == ("PI-7K3Q-4", "name", REASON)
    assert json.loads(entry.after) == {}


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("", "in a few words"),
        ("   ok    ", "in a few words"),
        ("x" * (LONGEST_REASON + 1), f"at most {LONGEST_REASON}"),
        ("to call 010-1234-5678 back", "must not hold"),
        ("is 850302-1234567 right", "must not hold"),
        ("mail to a@b.kr", "must not hold"),
    ],
)
def test_without_a_proper_reason_nothing_is_shown(db, person, reason, words):
    write_identity(db, person.id, PERSON)
    with pytest.raises(AppError, match=words):
        reveal_identity(db, person.id, "name", reason)
    assert entries(db, "identity_revealed") == []


def test_what_is_not_recorded_or_not_theirs_is_not_found(db, programme, person, enterprise):
    other = add_person(db, programme, "PI-0000-0")
    for wanted in ((person.id, "name", None), (other.id, "registration_number", enterprise.id), (999_999, "name", None)):
        with pytest.raises(NotFound):
            reveal_identity(db, wanted[0], wanted[1], REASON, wanted[2])
    with pytest.raises(NotFound):
        write_identity(db, other.id, ENTERPRISE, enterprise.id)


def test_the_log_says_which_fields_changed_and_never_a_value(db, person, enterprise):
    write_identity(db, person.id, PERSON)
    write_identity(db, person.id, ENTERPRISE, enterprise.id)
    write_identity(db, person.id, {"phone": "010-8765-4321", "address": None, "name": "김철수"})
    forget_identity(db, person.id)
    written = [json.loads(entry.after) for entry in entries(db, "identity_written")]
    assert written[2] == {"fields": ["phone", "address"], "removed": ["address"]}
    logged = json.dumps(everything_logged(db), ensure_ascii=False)
    for value in (*PERSON.values(), *ENTERPRISE.values(), "010-1234-5678", "8765", "chul.soo", "1985", "220-81"):
        assert value not in logged


def test_writing_the_same_again_changes_nothing_and_is_not_logged(db, person):
    write_identity(db, person.id, PERSON)
    before = {row.field: row.sealed for row in db.scalars(select(IdentityField))}
    assert write_identity(db, person.id, {**PERSON, "phone": "+82 10-1234-5678"}) == ()
    assert write_identity(db, person.id, {}) == ()
    assert {row.field: row.sealed for row in db.scalars(select(IdentityField))} == before
    assert len(entries(db, "identity_written")) == 1


def test_one_fault_keeps_every_field_out_and_all_faults_are_named(db, person):
    with pytest.raises(RefusedIdentity) as refused:
        write_identity(db, person.id, {**PERSON, "phone": "12", "email": "x"})
    assert set(refused.value.faults) == {"phone", "email"}
    assert db.scalar(select(func.count()).select_from(IdentityField)) == 0


def test_a_field_of_an_enterprise_is_not_one_of_a_person(db, person, enterprise):
    with pytest.raises(KeyError):
        write_identity(db, person.id, ENTERPRISE)
    with pytest.raises(KeyError):
        write_identity(db, person.id, PERSON, enterprise.id)


def test_a_sealed_value_moved_to_another_person_does_not_open(db, programme, person):
    other = add_person(db, programme, "PI-0000-0")
    write_identity(db, person.id, {"name": "김철수"})
    write_identity(db, other.id, {"name": "이영희"})
    mine, theirs = db.scalars(select(IdentityField).order_by(IdentityField.entrepreneur_id))
    mine.sealed = theirs.sealed
    db.flush()
    with pytest.raises(UnusableKeyRing, match="moved"):
        reveal_identity(db, person.id, "name", REASON)


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("name", "김철수", "김○○"),
        ("name", "남궁민수", "남○○○"),
        ("name", "이산", "이○"),
        ("name", "김", "김○"),
        ("name", "Kim Chul-Soo", "K○○"),
        ("name", "블라디미르 최", "블○○"),
        ("phone", "010-1234-5678", "010-••••-5678"),
        ("phone", "02-123-4567", "02-••••-4567"),
        ("email", "chul.soo@example.org", "c•••@•••"),
        ("address", "서울특별시 중구", "••••"),
        ("birth_date", "1985-03-02", "••••"),
        ("enterprise_name", "한라산 식당", "한○○"),
        ("registration_number", "220-81-62517", "220-••-•••••"),
    ],
)
def test_a_mask_covers_what_identifies(field, value, shown):
    assert mask(field, value) == shown


def test_masks_of_a_list_are_logged_once_with_their_number(db, programme, person, enterprise):
    other, bare = add_person(db, programme, "PI-0000-0"), add_person(db, programme, "PI-1111-1")
    write_identity(db, person.id, PERSON)
    write_identity(db, person.id, ENTERPRISE, enterprise.id)
    write_identity(db, other.id, {"name": "이영희"})
    assert list_masks(db, [person.id, other.id, bare.id]) == {
        person.id: {"name": "김○○", "phone": "010-••••-5678", "email": "c•••@•••", "address": "••••", "birth_date": "••••"},
        other.id: {"name": "이○○"},
    }
    (entry,) = entries(db, "identity_masks_shown")
    assert json.loads(entry.after) == {"people": 2}
    assert list_masks(db, [bare.id]) == {}
    assert len(entries(db, "identity_masks_shown")) == 1


def test_the_fields_of_a_person_are_listed_with_those_of_their_enterprises(db, person, enterprise):
    write_identity(db, person.id, {"phone": "01012345678", "name": "김철수"})
    write_identity(db, person.id, {"enterprise_name": "한라산"}, enterprise.id)
    assert list_identity_fields(db, person.id) == [
        MaskedField("name", "김○○"), MaskedField("phone", "010-••••-5678"), MaskedField("enterprise_name", "한○○", enterprise.id),
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["김철수", " 김철수 ", "+82 10 1234 5678", "CHUL.SOO@example.org", "220-81-62517"])
def test_a_person_is_found_by_an_exact_value_and_the_log_keeps_the_number_found(db, programme, person, enterprise, text):
    write_identity(db, person.id, PERSON)
    write_identity(db, person.id, ENTERPRISE, enterprise.id)
    assert find_people_by_identity(db, programme.id, text) == [person.id]
    (entry,) = entries(db, "identity_searched")
    assert json.loads(entry.after) == {"found": 1}
    assert text.strip() not in json.dumps(everything_logged(db), ensure_ascii=False)


@pytest.mark.parametrize("text", ["김철", "철수", "12345678", "", "%", "서울특별시 중구 세종대로 110"])
def test_a_part_finds_nobody_and_the_search_is_logged_all_the_same(db, programme, person, text):
    write_identity(db, person.id, PERSON)
    assert find_people_by_identity(db, programme.id, text) == []
    assert len(entries(db, "identity_searched")) == 1


def test_a_search_stays_inside_the_programme(db, person):
    other = Programme(code="other", name_ko="다른", name_en="Other", created_at=now())
    db.add(other)
    db.flush()
    write_identity(db, person.id, PERSON)
    assert find_people_by_identity(db, other.id, "김철수") == []


def test_two_people_of_one_name_are_both_found(db, programme, person):
    twin = add_person(db, programme, "PI-0000-0")
    for someone in (person, twin):
        write_identity(db, someone.id, {"name": "김철수"})
    assert find_people_by_identity(db, programme.id, "김철수") == sorted([person.id, twin.id])


def test_a_forgotten_person_leaves_nothing_in_the_vault(db, programme, person, enterprise):
    other = add_person(db, programme, "PI-0000-0")
    write_identity(db, person.id, PERSON)
    write_identity(db, person.id, ENTERPRISE, enterprise.id)
    write_identity(db, other.id, {"name": "이영희"})
    assert set(forget_identity(db, person.id)) == {*PERSON, *ENTERPRISE}
    assert list_identity_fields(db, person.id) == []
    assert [row.entrepreneur_id for row in db.scalars(select(IdentityField))] == [other.id]
    assert forget_identity(db, person.id) == ()
    (entry,) = entries(db, "identity_forgotten")
    assert entry.subject == "PI-7K3Q-4"


def test_the_index_is_useless_without_its_key(db, person):
    write_identity(db, person.id, {"name": "김철수"})
    stored = db.scalars(select(IdentityField)).one()
    assert stored.blind_index == KEYS.blind_index("김철수", "identity:name")
    assert stored.blind_index != KEYS.blind_index("김철수", "identity:enterprise_name")
