"""Programmes: opened from a template, seen by their members only."""

import pytest

from tests.web.site import send

NEW = {
    "template": "pi_training",
    "code": "pi-2027",
    "name_ko": "새 프로그램",
    "name_en": "New programme",
    "starts_on": "2027-03-02",
}


def test_an_officer_opens_a_programme_from_a_template_and_is_its_member(site):
    officer = site.client("program_officer")
    done = send(officer, "/programmes/new", NEW)
    assert (done.status_code, done.location) == (303, "/programmes/pi-2027")
    page = officer.get("/programmes/pi-2027").text
    assert "12-month follow-up" in page
    assert "New programme" in officer.get("/programmes").text


def test_the_same_form_sent_twice_opens_one_programme(site):
    officer = site.client("program_officer")
    send(officer, "/programmes/new", NEW)
    again = send(officer, "/programmes/new", NEW)
    assert again.status_code == 422
    assert "There is a programme with this code already" in again.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("code", "PI 2027", "small letters"),
        ("code", "", "Fill this in"),
        ("starts_on", "soon", "starts_on"),
        ("template", "magic", "template"),
        ("name_ko", "900101-1234567", "resident registration number"),
    ],
)
def test_a_refused_form_keeps_what_was_typed_and_writes_nothing(site, field, value, said):
    officer = site.client("program_officer")
    refused = send(officer, "/programmes/new", NEW | {field: value})
    assert refused.status_code == 422
    assert said in refused.text
    assert "No programmes yet" in officer.get("/programmes").text


@pytest.mark.parametrize("path", ["/programmes/pi", "/programmes/pi/analysis", "/programmes/pi/reports"])
def test_another_programme_is_not_there(site, path):
    site.account("program_officer", programmes=("pi",))
    assert site.client("program_officer", programmes=("mine",)).get(path).status_code == 404


def test_a_trainer_sees_no_numbers_of_surveys(site):
    trainer = site.client("trainer", programmes=("pi",))
    page = trainer.get("/programmes/pi").text
    assert "Waves" not in page
    assert trainer.get("/programmes/pi/analysis").status_code == 403
