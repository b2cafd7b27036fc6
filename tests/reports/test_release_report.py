"""A report reaches funders through two people."""

import io

import pypdf
import pytest

from evalapp.core.actor import Actor
from evalapp.core.clock import now
from evalapp.core.errors import AppError
from evalapp.reports.compose_report import compose_report
from evalapp.reports.queries import find_report_by_fingerprint
from evalapp.reports.release_report import approve_report, print_release, return_report, submit_report, withdraw_report

SECOND = Actor("AC-TEST-2", "program_officer", "127.0.0.1", "request")


@pytest.fixture
def draft(db, run_id):
    return compose_report(db, run_id, "en", composed_at=now())


def test_whoever_hands_a_report_in_does_not_release_it(db, draft):
    submit_report(db, draft)
    with pytest.raises(AppError, match="second person"):
        approve_report(db, draft)
    db.info["actor"] = SECOND
    approve_report(db, draft)
    assert draft.released_by == SECOND.account


def test_the_released_edition_says_so_and_the_draft_stays_genuine(db, draft):
    submit_report(db, draft)
    db.info["actor"] = SECOND
    approve_report(db, draft)
    released = print_release(db, draft)
    words = pypdf.PdfReader(io.BytesIO(released.content)).pages[0].extract_text()
    assert "Released" in words
    assert "Draft" not in words
    assert find_report_by_fingerprint(db, released.sha256).state == "released"
    assert find_report_by_fingerprint(db, draft.sha256).state == "draft"


def test_a_release_printed_twice_is_printed_once(db, draft):
    submit_report(db, draft)
    db.info["actor"] = SECOND
    approve_report(db, draft)
    released = print_release(db, draft)
    with pytest.raises(AppError, match="not approved"):
        print_release(db, draft)
    submit_report(db, draft)
    db.info["actor"] = Actor("AC-TEST-3", "program_officer")
    approve_report(db, draft)
    assert print_release(db, draft).id == released.id


def test_a_report_that_was_given_back_can_be_handed_in_again(db, draft):
    submit_report(db, draft)
    for reason in ("no", "call 010-1234-5678", "write to a@b.kr"):
        with pytest.raises(AppError):
            return_report(db, draft, reason)
    return_report(db, draft, "The title is wrong.")
    assert draft.state == "draft"
    with pytest.raises(AppError, match="must not hold"):
        withdraw_report(db, draft, "call 010-1234-5678")
    submit_report(db, draft)


def test_only_a_released_report_can_be_withdrawn(db, draft):
    with pytest.raises(AppError, match="changed meanwhile"):
        withdraw_report(db, draft, "An error in the data.")
