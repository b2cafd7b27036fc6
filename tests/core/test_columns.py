"""Cells become values by their column, and every fault of a sheet is found at once."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalapp.core.cells import BadCell, calendar_date, check_range, choice_key, code, decimal_number, plain_text, whole_number
from evalapp.core.columns import Column, typed_rows
from evalapp.core.errors import RefusedFile
from evalapp.core.faults import SHOWN_FAULTS, FaultLog, refuse, shown, shown_entry
from evalapp.core.korean_formats import (
    holds_phone_number,
    holds_resident_number,
    holds_shortened_number,
    is_business_registration_number,
)
from evalapp.core.language import Message
from evalapp.core.sheets import Sheet, SheetRow

COLUMNS = (
    Column("study_id", "code", required=True, maximum=10),
    Column("age", "integer", minimum=18, maximum=90),
    Column("share", "decimal", minimum=0, maximum=1),
    Column("met_on", "date"),
    Column("arm", "choice", choices=("treatment", "waitlist")),
    Column("note", maximum=5),
)


def sheet_of(header, *rows):
    return Sheet("Page", tuple(header), tuple(SheetRow(number, tuple(cells)) for number, cells in enumerate(rows, start=2)))


def faults_of(header, *rows, columns=COLUMNS):
    faults = FaultLog("Page")
    typed_rows(sheet_of(header, *rows), columns, faults)
    with pytest.raises(RefusedFile) as refused:
        faults.refuse_if_any()
    return [(fault.sheet, fault.row, fault.column, str(fault.message)) for fault in refused.value.faults]


def reading(read, cell):
    with pytest.raises(BadCell) as bad:
        read(cell)
    return str(bad.value.message)


def test_cells_become_values_by_their_column():
    faults = FaultLog()
    header = ("study_id", "age", "share", "met_on", "arm")
    rows = typed_rows(
        sheet_of(header, ("A-1", "30.0", "0.5", "2026. 3. 2.", "Treatment"), ("A-2", "", "", "", "")), COLUMNS, faults
    )
    assert faults.count == 0
    assert rows[0] == (
        2,
        {"study_id": "A-1", "age": 30, "share": 0.5, "met_on": dt.date(2026, 3, 2), "arm": "treatment", "note": None},
    )
    assert rows[1].values == {"study_id": "A-2", **dict.fromkeys(("age", "share", "met_on", "arm", "note"))}


def test_every_fault_of_a_sheet_is_named_with_its_place():
    header = ("study_id", "age", "share", "met_on", "arm", "note")
    assert faults_of(header, ("", "abc", "x", "31.12.2026", "control", "longer"), ("A-2", "17", "1.5", "2026-02-30", "", "")) == [
        ("Page", 2, "study_id", "The cell is empty. Fill it in."),
        ("Page", 2, "age", "“abc” is not a whole number. Write digits only, for example 3."),
        ("Page", 2, "share", "“x” is not a number. Write digits and a decimal point, for example 2.5."),
        ("Page", 2, "met_on", "“31.12.2026” is not a date. Write year, month and day, for example 2026-03-02."),
        ("Page", 2, "arm", "“control” is not one of the choices. Write one of: treatment, waitlist."),
        ("Page", 2, "note", "The text has 6 characters; at most 5 are kept. Shorten it."),
        ("Page", 3, "age", "17 is too small. The least allowed is 18."),
        ("Page", 3, "share", "1.5 is too large. The most allowed is 1."),
        ("Page", 3, "met_on", "“2026-02-30” is not a date. Write year, month and day, for example 2026-03-02."),
    ]


def test_missing_columns_are_named_together():
    columns = (Column("a", required=True), Column("b", required=True), Column("c"))
    assert faults_of(["c"], ["1"], columns=columns) == [("Page", 1, None, "Columns are missing: a, b. Add them.")]


def test_an_unknown_column_is_named_with_the_nearest_known_one():
    assert faults_of(["study_id", "Shares"], ["A-1", "1"]) == [
        ("Page", 1, "Shares", "Column “Shares” is not known. Did you mean “share”?")
    ]
    assert faults_of(["study_id", "xyz"], ["A-1", "1"], columns=COLUMNS[:2]) == [
        ("Page", 1, "xyz", "Column “xyz” is not known. Delete it, or use one of: study_id, age.")
    ]


@pytest.mark.parametrize(
    "name",
    ["name", "Full Name", "phone", "Phone number", "home address", "E-mail", "email", "birth date", "date_of_birth", "이름", "성명",
     "전화번호", "휴대폰", "연락처", "주소", "생년월일", "주민등록번호"],
)  # fmt: skip
def test_columns_that_identify_people_are_refused(name):
    text = f"Column “{name}” seems to hold what identifies a person. This import keeps no identities: delete the column."
    assert faults_of(["study_id", name], ["A-1", "x"]) == [("Page", 1, name, text)]


@pytest.mark.parametrize(
    "cell", ["800101-1234567", "800101 - 1234567", "8001011234567", "call 991231–2345678 now", "８００１０１-1234567"]
)
def test_a_resident_registration_number_is_refused_in_any_column_and_never_shown(cell):
    faults = faults_of(["study_id", "note", "unknown"], ["A-1", "", cell], columns=COLUMNS[:1] + COLUMNS[-1:])
    text = "The cell holds a resident registration number, which must not be kept here. Remove it."
    assert ("Page", 2, "unknown", text) in faults
    assert not any("1234567" in fault[3] for fault in faults)


@pytest.mark.parametrize(
    ("cell", "masked"),
    [
        ("800101-1234567", "••••••-•••••••"),
        ("010-1234-5678", "•••-••••-••••"),
        ("+82 10 1234 5678", "+•• •• •••• ••••"),
        ("kim@example.org", "•••@•••••••.•••"),
        ("x" * 41, "•" * 40 + "…"),
        ("North Hamgyong", "North Hamgyong"),
        ("1,500,000,000", "1,500,000,000"),
    ],
)
def test_cells_that_may_identify_a_person_are_covered(cell, masked):
    assert shown(cell) == masked
    assert masked in reading(whole_number, cell) if cell[0] in "08+k" else True


@pytest.mark.parametrize(
    ("cell", "masked"),
    [
        ("홍길동", "•••"),
        ("서울시 종로구 1", "••• ••• •"),
        ("12 Long Street", "•• •••• ••••••"),
        ("가" * 41, "•" * 40 + "…"),
        ("31.12.2026", "31.12.2026"),
        ("Kim-7", "Kim-7"),
    ],
)
def test_entries_that_are_long_or_not_ascii_are_covered_where_a_code_a_number_or_a_date_is_wanted(cell, masked):
    assert shown_entry(cell) == masked
    for read in (whole_number, decimal_number, calendar_date):
        assert f"“{masked}” is not a" in reading(read, cell)


@pytest.mark.parametrize("cell", ["홍길동", "홍 길동", "Hong Gildong Seoul"])
def test_a_name_in_place_of_a_code_is_not_echoed(cell):
    assert cell not in reading(code, cell)


def test_a_telephone_number_in_a_column_of_quantities_is_not_echoed_when_it_is_too_large():
    with pytest.raises(BadCell) as bad:
        check_range(float("01012345678"), None, 90)
    assert str(bad.value.message) == "•••••••••• is too large. The most allowed is 90."


@pytest.mark.parametrize(("cell", "printed"), [("a\x1b[2Jb", "a�[2Jb"), ("a\nb", "a b"), ("a\x9bb\u202e", "a�b�")])
def test_control_characters_never_reach_a_terminal(cell, printed):
    assert shown(cell) == printed
    assert reading(whole_number, cell).isprintable()
    assert refuse(Message("Wrong."), sheet=cell).faults[0].sheet == printed


@pytest.mark.parametrize("cell", ["홍길동", "A-0001", "1980-01-02", "서울시 주소로 1"])
def test_cells_of_a_file_without_column_names_are_not_echoed(cell):
    faults = faults_of(["study_id", cell, cell + "x"], ["A-1", "1", "2"])
    assert [fault[:3] for fault in faults] == [("Page", 1, None)] * 2
    assert all(fault[3].startswith(f"Column {position} ") for position, fault in enumerate(faults, start=2))
    assert not any(cell in fault[3] for fault in faults)


def test_an_unknown_column_that_may_be_a_cell_is_named_by_its_place():
    columns = (*COLUMNS[:1], Column("item_2024"))
    assert faults_of(["study_id", "item_2025", "도시"], ["A-1", "1", "2"], columns=columns) == [
        ("Page", 1, None, "Column 2 is not known. Did you mean “item_2024”?"),
        ("Page", 1, None, "Column 3 is not known. Delete it, or use one of: study_id, item_2024."),
    ]
    assert faults_of(["study_id", "본인 이름"], ["A-1", "1"]) == [
        (
            "Page", 1, None,
            "Column 2 seems to hold what identifies a person. This import keeps no identities: delete the column.",
        )
    ]  # fmt: skip


def test_a_column_name_of_hangul_is_covered_beside_a_resident_registration_number():
    assert ("Page", 2, "•••") in [fault[:3] for fault in faults_of(["study_id", "홍길동"], ["A-1", "8001011234567"])]


@pytest.mark.parametrize("cell", ["1012345678", "10-1234-5678", "1012345678.0", "102034123456", "call 1012345678"])
def test_numbers_that_lost_their_leading_zero_are_refused_as_text_and_covered(cell):
    text = "The cell seems to hold a telephone or resident registration number, which must not be kept here. Remove it."
    assert reading(plain_text, cell) == text
    assert not any(sign.isdigit() for sign in shown(cell))
    if cell.isalnum():
        assert reading(code, cell) == text


@pytest.mark.parametrize("cell", ["010-1234-5678", "moved, 01012345678"])
def test_a_telephone_number_in_a_text_is_refused(cell):
    text = "The cell seems to hold a telephone or resident registration number, which must not be kept here. Remove it."
    assert faults_of(["study_id", "note"], ["A-1", cell], columns=(COLUMNS[0], Column("note"))) == [("Page", 2, "note", text)]


@pytest.mark.parametrize("cell", ["1012345678", "101231234567", "1,012,345,678"])
def test_quantities_are_not_taken_for_numbers_that_lost_their_zero(cell):
    assert whole_number(cell) == decimal_number(cell) == int(cell.replace(",", ""))


def test_ordinary_texts_hold_no_number_that_lost_its_zero():
    for text in ("2026-03-02", "124-81-00998", "1,012,345,678", "0.1012345678", "1500000000", "209912345678", "A-10-123"):
        assert not holds_shortened_number(text)


def test_only_the_first_faults_are_listed_and_the_rest_counted():
    log = FaultLog()
    for row in range(250):
        log.add(Message("Wrong."), row=row)
    with pytest.raises(RefusedFile, match="Faults: 250") as refused:
        log.refuse_if_any()
    assert len(refused.value.faults) == SHOWN_FAULTS
    assert refused.value.unlisted == 250 - SHOWN_FAULTS


@pytest.mark.parametrize(("cell", "value"), [("3", 3), ("-3", -3), ("1,500,000", 1_500_000), ("1975.0", 1975), ("０３", 3)])
def test_whole_numbers_are_read(cell, value):
    assert whole_number(cell) == value


@pytest.mark.parametrize("cell", ["3.5", "1_000", "12,34", "1e3", "nan", "9" * 16, "--3", "", "٣x"])
def test_what_is_no_whole_number_is_refused(cell):
    assert reading(whole_number, cell).endswith("is not a whole number. Write digits only, for example 3.")


@pytest.mark.parametrize("cell", ["nan", "inf", "1e999", "1,2", ".", "e5", "", "1_0", "0x1"])
def test_what_is_no_number_is_refused(cell):
    assert "is not a number" in reading(decimal_number, cell)


@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_every_written_whole_number_is_read_back(number):
    assert whole_number(str(number)) == whole_number(f"{number:,}") == number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_written_number_is_read_back(number):
    assert decimal_number(repr(number)) == number


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))
def test_every_written_date_is_read_back(date):
    written = (date.isoformat(), f"{date.year}.{date.month}.{date.day}", f"{date.isoformat()} 00:00:00", f"{date:%Y/%m/%d}")
    assert {calendar_date(text) for text in written} == {date}


@pytest.mark.parametrize("cell", ["20260302", "2026-3", "1066-10-14", "3/2/2026", "2026-03-02 09:30:00", "０"])
def test_what_is_no_date_is_refused(cell):
    assert "is not a date" in reading(calendar_date, cell)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("North Hamgyong", "north_hamgyong"),
        ("4-5", "4_5"),
        ("under 1", "under_1"),
        ("Don't know", "dont_know"),
        ("1.0", "1"),
        ("예 ", "예"),
    ],
)
def test_choices_are_compared_without_case_and_signs(text, key):
    assert choice_key(text) == key


@pytest.mark.parametrize("cell", ["김철수", "Kim Ok", "010-1234-5678", "-x", "a@b"])
def test_a_code_cannot_be_a_name_or_a_telephone_number(cell):
    expected = f"“{shown_entry(cell)}” is not a code. Use Latin letters, digits and hyphens, and nobody's name."
    assert reading(code, cell) == expected


@pytest.mark.parametrize("number", ["124-81-00998", "1248100998", "220-81-62517"])
def test_business_registration_numbers_with_a_right_check_digit_are_known(number):
    assert is_business_registration_number(number)


@pytest.mark.parametrize("number", ["124-81-00997", "000-00-00000", "12481009", "124-8100-998", "abc"])
def test_other_numbers_are_no_business_registration_numbers(number):
    assert not is_business_registration_number(number)


@given(st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_noticed_in_a_business_registration_number(position, change):
    digits = [int(digit) for digit in "1248100998"]
    digits[position] = (digits[position] + change) % 10
    # The weight 5 with its carried tens lets no single change of the ninth digit through either.
    assert not is_business_registration_number("".join(map(str, digits)))


def test_ordinary_numbers_are_neither_telephone_nor_resident_numbers():
    for text in ("1500000000000", "2026-03-02", "124-81-00998", "NE-0001", "1,234,567,890,123"):
        assert not holds_resident_number(text)
    for text in ("2026-03-02", "124-81-00998", "15000000", "1,500,000,000"):
        assert not holds_phone_number(text)
