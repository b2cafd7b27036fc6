"""The files of a release say the same, in every program, and the table that leaves has no small class."""

import io
import json
import re
import tempfile
import zipfile
from dataclasses import replace

import pandas as pd
import pyreadstat
import pytest

from evalapp.panel.microdata.classify_variables import default_protection
from evalapp.panel.microdata.deidentify import deidentify
from evalapp.panel.microdata.files.archive import ReleaseTitle, release_archive
from evalapp.panel.microdata.measure_risk import class_sizes
from evalapp.panel.microdata.release_microdata import with_random_ids
from tests.panel.shared_panel import source_rows

FILES = {
    "README.txt", "microdata.csv", "microdata.dta", "microdata.sav", "codebook.json", "codebook.xlsx", "risk.json", "risk.txt",
}  # fmt: skip
TITLE = ReleaseTitle("small", {"ko": "작은 프로그램", "en": "Small programme"}, "0" * 64)
DIGITS = 1e-9  # of a number that was written as text


def made():
    source = source_rows()
    protection = replace(default_protection(source.variables), suppress=True, sensitive=frozenset({"profit_krw"}))
    return with_random_ids(deidentify(source, protection))


@pytest.fixture(scope="module")
def files():
    with zipfile.ZipFile(io.BytesIO(release_archive(made(), TITLE, "en"))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


@pytest.fixture(scope="module")
def table(files):
    return pd.read_csv(io.BytesIO(files["microdata.csv"]), dtype=str, encoding="utf-8-sig", keep_default_na=False)


@pytest.mark.parametrize(("suffix", "read"), [("dta", pyreadstat.read_dta), ("sav", pyreadstat.read_sav)])
def test_stata_and_spss_hold_what_the_table_holds(files, table, suffix, read):
    assert set(files) == FILES
    with tempfile.NamedTemporaryFile(suffix=f".{suffix}") as target:
        target.write(files[f"microdata.{suffix}"])
        target.flush()
        frame, labels = read(target.name)
    assert list(frame.columns) == list(table.columns)
    assert frame["person"].tolist() == table["person"].tolist()
    assert labels.variable_value_labels["region"][11] == "Seoul"
    for name in ("profit_krw", "age_band", "region", "days_since_first", "customers"):
        assert frame[name].astype(float).tolist() == pytest.approx(
            pd.to_numeric(table[name], errors="coerce").tolist(), abs=DIGITS, nan_ok=True
        )
    if suffix == "dta":
        assert files["microdata.dta"][:40].startswith(b"<stata_dta><header><release>118<")


def test_the_reasons_for_missing_answers_are_told_apart(files, table):
    with tempfile.NamedTemporaryFile(suffix=".dta") as target:
        target.write(files["microdata.dta"])
        target.flush()
        frame, _ = pyreadstat.read_dta(target.name, user_missing=True)
    letters = {"p": ".p", "r": ".r"}
    for name in ("customers", "age_band", "sector"):
        assert [letters.get(value) for value in frame[name]] == [value if value in (".p", ".r") else None for value in table[name]]
    assert (table[["age_band", "sector", "region"]] == ".p").any(axis=None)


def test_the_table_that_leaves_has_no_small_class(files, table):
    report = json.loads(files["risk.json"])
    people = table.drop_duplicates("person")
    assert (table.groupby("person")[report["quasi_identifiers"]].nunique() == 1).all(axis=None)
    assert class_sizes(people, report["quasi_identifiers"]).min() == report["risk"]["smallest"] >= 5
    assert len(people) == report["risk"]["people"]
    assert "before" not in report


def test_the_codebook_says_what_was_done_and_which_codes_there_are(files, table):
    variables = {each["variable"]: each for each in json.loads(files["codebook.json"])["variables"]}
    assert list(variables) == list(table.columns)
    assert (variables["age_band"]["treatment_en"], variables["age_band"]["is_quasi_identifier"]) == ("In bands of 5 years", "yes")
    assert {"code": 11.0, "label_ko": "서울", "label_en": "Seoul"} in variables["region"]["codes"]
    assert variables["customers"]["missing_codes"] == {".r": "refused"}
    assert int(variables["profit_krw"]["answered"]) == sum(value != "" for value in table["profit_krw"])


def test_the_read_me_stands_in_both_languages_and_names_the_panel(files):
    text = files["README.txt"].decode()
    assert text.index("작은 프로그램") < text.index("Small programme")
    assert "0" * 64 in text


def test_people_have_other_numbers_in_each_release_and_stand_in_their_order():
    first, second = (made().people.tolist() for _ in range(2))
    assert not set(first) & set(second)
    assert first == sorted(first)
    assert all(re.fullmatch(r"P[0-9A-F]{12}", person) for person in first)
