"""Files that are damaged, too large, or made to do harm are refused in words, and soon."""

from __future__ import annotations

import io
import time
import zipfile

import pytest

from evalapp.core.errors import RefusedFile
from evalapp.core.read_table import MEGABYTE, MOST_MEGABYTES
from evalapp.core.sheets import LONGEST_CELL, MOST_ROWS
from tests.surveys.imports.files import archive, opened, table

STATA = b"<stata_dta><header><release>118</release><byteorder>LSF</byteorder><K>\xff\xff</K><N>\xff\xff\xff\xff\xff\xff\xff\x7f</N>"
FEW_SECONDS = 20  # under 3 s measured; the rest is for a busy machine


def refused(content, suffix=".csv"):
    with pytest.raises(RefusedFile) as error:
        opened(content, suffix)
    return str(error.value.faults[0].message)


@pytest.mark.parametrize(
    ("content", "suffix"),
    [
        (STATA, ".dta"), (STATA + b"\0" * 10_000, ".dta"), (b"$FL2@(#) SPSS DATA FILE" + b"\xff" * 5_000, ".sav"),
        (b"$FL3" + b"\0" * 400, ".zsav"), (b"\x73\x01\x01\x00" + b"\xff" * 3_000, ".dta"),
    ],
)  # fmt: skip
def test_damaged_statistics_files(content, suffix):
    started = time.monotonic()
    assert "damaged or too large" in refused(content, suffix)
    assert time.monotonic() - started < FEW_SECONDS


def test_an_archive_that_unpacks_to_far_more_is_not_unpacked():
    started = time.monotonic()
    assert "would unpack to far more" in refused(archive(form=b"a,b\n" + b"0,0\n" * 20_000_000), ".zip")
    assert time.monotonic() - started < FEW_SECONDS


def test_an_archive_of_too_many_files():
    assert "would unpack to far more" in refused(archive(**{f"f{n}": "a,b\n1,2\n" for n in range(201)}), ".zip")


def test_an_archive_that_lies_about_what_it_holds():
    packed = bytearray(archive(form=table(["KEY", "SubmissionDate"], *([["a", "b"]] * 50))))
    at = packed.index(b"PK\x01\x02")
    packed[at + 24 : at + 28] = (5).to_bytes(4, "little")
    assert "damaged" in refused(bytes(packed), ".zip")


def test_an_archive_with_a_password():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("form.csv", "a,b\n1,2\n")
    content = bytearray(target.getvalue())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(mark) + place] |= 1
    assert "password" in refused(bytes(content), ".zip")


def test_names_in_an_archive_lead_nowhere(tmp_path):
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("../../escaped.csv", "study_id,operating\nA-1,yes\n")
    assert opened(target.getvalue(), ".zip").main.header == ("study_id", "operating")
    assert not list(tmp_path.parent.rglob("escaped.csv"))


def test_files_beyond_the_limits():
    assert f"at most {MOST_MEGABYTES} MB" in refused(b"a" * (MOST_MEGABYTES * MEGABYTE + 1))
    assert "more than 100,000 rows" in refused(b"a,b\n" + b"1,2\n" * (MOST_ROWS + 1))
    assert "more than 32,767 characters" in refused(table(["a", "b"], ["x" * (LONGEST_CELL + 1), "y"]))


@pytest.mark.parametrize("content", [b"", b"\0\1\2\3", b"PK\x03\x04 not an archive", b'a,b\n"1,2\n', b"\xff\xfe\x00"])
def test_what_is_no_table(content):
    assert refused(content)


def test_two_tables_of_people_are_one_too_many():
    message = refused(archive(first=table(["study_id"], ["A-1"]), second=table(["study_id"], ["A-2"])), ".zip")
    assert message == "The file has several tables of people: first, second. Keep the one to import and delete the others."
    assert "repeated groups only" in refused(archive(first=table(["PARENT_KEY", "KEY"], ["a", "b"])), ".zip")
