"""People are registered by hand or from a pasted table; nothing is lost, nobody silently doubled, nothing identifying left about."""

from __future__ import annotations

import csv
import datetime as dt

import pytest
from sqlalchemy import func, select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.errors import AppError
from evalapp.core.ids import is_study_id
from evalapp.people.registration import pasted_table
from evalapp.people.registration.person_details import HEADINGS, column_of, read_person
from evalapp.people.registration.possible_duplicates import PossibleDuplicate
from evalapp.people.registration.preview_people import preview_people
from evalapp.people.registration.register_people import register_entrepreneur, register_people
from evalapp.people.tables import Enterprise, Entrepreneur, Programme, Registration
from evalapp.people.vault.check_identity import RefusedIdentity
from evalapp.people.vault.reveal_identity import reveal_identity
from evalapp.people.words import PERSON_COLUMNS
from tests.people.registered import actions, after, register

TABLE = """\
연락처\t이름\t생년월일\t메모\t상호\t사업자등록번호\t업종\t모집 경로
010-1234-5678\t김하늘\t1985-03-02\t친절\t하늘반찬\t220-81-62517\t음식업\t지인 소개
12345\t박바다\t1990.5.6\t\t\t\t\t

010-2222-3333\t이강산\t\t\t\t\t우주\t홈페이지
010-4444-5555\t\t\t\t\t\t\t
010-6666-7777\t최들\t1979/1/1\t\t\t\t\tword_of_mouth
"""


@pytest.fixture
def second(db, programme):
    other = Programme(code="second", name_ko="둘째", name_en="Second", created_at=programme.created_at)
    db.add(other)
    db.flush()
    return other


def people(db):
    return db.scalar(select(func.count()).select_from(Entrepreneur))


def messages(row):
    return {column: str(message) for column, message in row.faults.items()}


def test_every_column_has_words():
    assert tuple(PERSON_COLUMNS) == tuple(HEADINGS)


def test_a_person_registered_by_hand_gets_a_study_id_and_an_identity(db, programme):
    cells = {"phone": "+82 10 1234 5678", "recruitment_channel": "website", "industry": "소매업", "enterprise_name": "하늘가게"}
    person = register(db, programme, "form-1", **cells)
    assert is_study_id(person.study_id)
    registration = db.scalars(select(Registration)).one()
    assert (registration.recruitment_channel, registration.registered_on) == ("website", dt.date(2026, 2, 1))
    enterprise = db.scalars(select(Enterprise)).one()
    assert (enterprise.industry, enterprise.is_current) == ("retail", True)
    assert reveal_identity(db, person.id, "phone", "test reads it") == "010-1234-5678"
    assert reveal_identity(db, person.id, "enterprise_name", "test reads it", enterprise.id) == "하늘가게"
    assert [entry.subject for entry in actions(db, "person_registered")] == [person.study_id]


def test_a_form_sent_twice_registers_once(db, programme):
    first = register(db, programme, "form-1", phone="010-1234-5678")
    assert register(db, programme, "form-1", phone="010-1234-5678").id == first.id
    assert people(db) == 1


def test_a_person_with_faults_is_refused_with_every_field(db, programme):
    details = read_person({"name": " ", "phone": "12", "birth_date": "soon", "industry": "space", "address": "800101-1234567"})
    assert set(details.faults) == {"name", "phone", "birth_date", "industry", "address"}
    with pytest.raises(RefusedIdentity) as refused:
        register_entrepreneur(db, programme, details, "form-1")
    assert set(refused.value.faults) == set(details.faults)
    for key, day, words in (("", None, "no key"), ("k", dt.date(2090, 1, 1), "lies in the future")):
        with pytest.raises(AppError, match=words):
            register_entrepreneur(db, programme, read_person({"name": "김하늘"}), key, day)
    assert people(db) == 0


def test_a_pasted_table_says_which_rows_fail_and_why(db, programme):
    preview = preview_people(db, programme, TABLE)
    assert [row.number for row in preview.good] == [2, 7]
    assert {row.number: messages(row) for row in preview.failing} == {
        3: {"phone": "This is not a Korean telephone number. Write it like 010-1234-5678."},
        5: {"industry": messages(preview.failing[1])["industry"]},
        6: {"name": "The name is missing. Fill it in."},
    }
    assert "“우주” is not one of the choices" in messages(preview.failing[1])["industry"]
    assert [str(notice) for notice in preview.notices] == ["These columns are not taken in: 메모."]
    assert preview.rows[0].details.values == {
        "name": "김하늘", "phone": "010-1234-5678", "email": None, "birth_date": "1985-03-02", "address": None,
        "recruitment_channel": "word_of_mouth", "enterprise_name": "하늘반찬", "registration_number": "220-81-62517",
        "industry": "catering",
    }  # fmt: skip
    assert people(db) == 0


def test_good_rows_are_registered_and_the_others_come_back_to_be_mended(db, programme):
    preview = preview_people(db, programme, TABLE)
    done = register_people(db, programme, preview, [row.number for row in preview.good], "list-1")
    assert (set(done.study_ids), people(db)) == ({2, 7}, 2)
    assert [line.split("\t")[1] for line in done.remaining.splitlines()] == ["이름", "박바다", "이강산", ""]
    assert "친절" not in done.remaining
    mended = preview_people(db, programme, done.remaining.replace("12345", "010-9999-0000"))
    assert [row.cells["name"] for row in mended.good] == ["박바다"]
    assert register_people(db, programme, mended, [2], "list-2").remaining.count("\n") == 3
    assert people(db) == 3


def test_a_list_sent_twice_registers_once_even_when_rows_were_taken_out(db, programme):
    rows = [line for line in TABLE.splitlines() if line]
    first = register_people(db, programme, preview_people(db, programme, TABLE), [2, 7], "list-1")
    shorter = preview_people(db, programme, "\n".join((rows[0], rows[-1])))
    again = register_people(db, programme, shorter, [2], "list-1")
    assert again.study_ids == {2: first.study_ids[7]}
    assert again.remaining == ""
    assert people(db) == 2


def test_two_people_of_one_name_in_a_list_are_two(db, programme):
    preview = preview_people(db, programme, "이름\n김하늘\n김하늘")
    done = register_people(db, programme, preview, [2, 3], "list-1")
    assert len(set(done.study_ids.values())) == 2
    assert register_people(db, programme, preview, [2, 3], "list-1") == done
    assert people(db) == 2
    register_people(db, programme, preview, [2], "another form, on purpose")
    assert people(db) == 3


def test_rows_with_faults_are_not_registered_even_when_asked(db, programme):
    preview = preview_people(db, programme, TABLE)
    with pytest.raises(AppError, match="cannot be registered yet: 3, 5"):
        register_people(db, programme, preview, [2, 3, 5], "list-1")
    assert people(db) == 0


def test_people_who_may_be_known_are_flagged_and_registered_only_on_purpose(db, programme, second):
    known = register(db, programme, "a", name="박바다", phone="010-1111-2222", birth_date="1990-05-06")
    register(db, second, "b", phone="010-3333-4444")
    text = "name,phone,birth date\n이강,010 1111 2222,\n박바다,,1990-05-06\n박바다,,\n오름,01033334444,\n달,010-1111-2222,"
    preview = preview_people(db, programme, text)
    assert {row.number: row.duplicates for row in preview.doubtful} == {
        2: (PossibleDuplicate(("phone",), study_id=known.study_id),),
        3: (PossibleDuplicate(("name", "birth_date"), study_id=known.study_id),),
        5: (PossibleDuplicate(("phone",)),),
        6: (PossibleDuplicate(("phone",), row=2), PossibleDuplicate(("phone",), study_id=known.study_id)),
    }
    assert [row.number for row in preview.good] == [4]
    assert after(actions(db, "people_previewed")[0]) == {"rows": 5, "known": 4}
    register_people(db, programme, preview, [5], "list-1")
    assert people(db) == 3


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("성함,핸드폰\n김하늘,010-1234-5678", ("성함", "핸드폰")),
        ("Full Name\tE-mail\n김하늘\ta@example.org", ("Full Name", "E-mail")),
        ("이름 (필수)*,연락처(휴대폰)\n김하늘,010-1234-5678", ("이름 (필수)*", "연락처(휴대폰)")),
        ("김하늘\t010-1234-5678\t1990-01-02\n이강\t010-5555-6666\t", ("name", "phone", "birth_date")),
        ("a@example.org,김하늘,220-81-62517", ("email", "name", "registration_number")),
        ("\ufeff이름\r\n김하늘\r\n", ("이름",)),
        ('이름,주소\n김하늘,"서울 강서구, 3층"', ("이름", "주소")),
    ],
)
def test_headings_come_in_two_languages_any_order_or_not_at_all(db, programme, text, columns):
    preview = preview_people(db, programme, text)
    assert preview.header == columns
    assert preview.good[0].details.values["name"] == "김하늘"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (" \n\t\n", "Nothing was pasted"),
        ("연락처\n010-1234-5678", "no column with names"),
        ("010-1234-5678", "no column with names"),
        ("이름,연락처", "no rows below"),
        ("이름,성명\n가나,다라", "Two columns mean the same: name"),
        ("김하늘,서울시,소매", "column 2 cannot be told"),
        ("이름\n" + "김하늘\n" * 501, "These are 501 people"),
        ("가" * 500_001, "too long"),
    ],
)
def test_what_is_no_list_of_people_is_refused_in_words(db, programme, text, words):
    with pytest.raises(AppError, match=words):
        preview_people(db, programme, text)


def test_a_row_with_too_many_cells_says_so(db, programme):
    preview = preview_people(db, programme, "이름,주소\n김하늘,서울 강서구, 3층")
    assert "3 cells, but there are 2 column names" in messages(preview.failing[0])["row"]


def test_a_cell_too_large_for_a_table_is_refused(db, programme):
    limit = csv.field_size_limit(10)
    try:
        with pytest.raises(AppError, match="not a table"):
            preview_people(db, programme, "이름\n" + "가" * 20)
    finally:
        csv.field_size_limit(limit)


def test_the_audit_log_names_nobody(db, programme):
    preview = preview_people(db, programme, TABLE)
    register_people(db, programme, preview, [2, 7], "list-1")
    entries = db.scalars(select(AuditEntry)).all()
    text = "".join(entry.before + entry.after + entry.reason + entry.object_key for entry in entries)
    assert entries
    assert not [word for word in ("김하늘", "1234", "하늘반찬", "62517", "친절", "박바다") if word in text]


def test_a_heading_is_known_by_each_of_its_words():
    for column, words in HEADINGS.items():
        assert {column_of(word) for word in words} == {column}
    assert column_of("메모") is None


def test_as_many_people_as_may_be_pasted_are_registered(db, programme):
    lines = [f"김{chr(0xAC00 + number)},010-{number:04d}-{number:04d}" for number in range(1_000, 1_000 + 40)]
    preview = preview_people(db, programme, "\n".join(("이름,연락처", *lines)))
    assert len(preview.good) == 40 <= pasted_table.MOST_PEOPLE
    assert len(set(register_people(db, programme, preview, range(2, 42), "list").study_ids.values())) == 40
