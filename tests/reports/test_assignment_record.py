"""The printed record of an assignment: what it says, that it stays the same, and that it shows nothing it must not."""

from __future__ import annotations

import io
from dataclasses import replace

import pypdf
import pytest
from sqlalchemy import select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.errors import AppError
from evalapp.people.tables import Entrepreneur
from evalapp.reports.assignment_record.outline_record import record_file_name
from evalapp.reports.assignment_record.print_record import print_record, render_record
from evalapp.reports.assignment_record.queries import find_record_by_fingerprint, list_records
from evalapp.training.assignment.choose_pool import freeze_pool, judge_member, thaw_pool
from evalapp.training.assignment.decide_assignment import Decision, keep_decisions, lock_decisions
from evalapp.training.assignment.design import design_assignment
from evalapp.training.assignment.draw_assignment import draw_assignment
from evalapp.training.assignment.queries import get_member, get_record
from tests.training.assignment.prepared import CRITERIA, DETAILS, REASON, STRATIFIED, Ready


def text_of(rendered):
    reader = pypdf.PdfReader(io.BytesIO(rendered.content))
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.fixture
def ready(db, programme):
    return Ready(db, programme, people=14)


@pytest.fixture
def drawn(ready, db):
    """A drawn assignment with one person who could not be chosen."""
    assignment = ready.frozen()
    thaw_pool(db, assignment, REASON)
    judge_member(db, assignment, get_member(db, assignment, ready.ids[0]), is_eligible=False, reason="has closed the business")
    freeze_pool(db, assignment)
    design_assignment(db, assignment, replace(STRATIFIED, accepted_share=0.2))
    draw_assignment(db, assignment)
    return assignment


def test_the_record_says_how_it_was_done_and_who_has_which_place(ready, drawn):
    text = text_of(render_record(drawn, "en"))
    record = get_record(drawn)
    compact = text.replace(" ", "")
    for fact in (
        drawn.pool_sha256,
        drawn.procedure_sha256,
        record["arms_sha256"],
        record["audit"]["hash"],
        str(drawn.seed),
        "PCG64",
    ):
        assert fact in compact
    for fact in (CRITERIA, "has closed the business", "Mahalanobis", "Witness", "Strata and their places", *ready.ids):
        assert fact in text
    assert f"Waitlist ({list(record['arms'].values()).count('waitlist')})" in text
    assert "1 / 2" in text


def test_the_record_is_the_same_to_the_byte_whatever_happens_to_people(ready, drawn, db):
    first = {language: render_record(drawn, language).sha256 for language in ("ko", "en")}
    db.execute(Entrepreneur.__table__.delete().where(Entrepreneur.__table__.c.study_id == ready.ids[3]))
    ready.programme.name_en = "Renamed"
    db.flush()
    db.expire_all()
    assert {language: render_record(drawn, language).sha256 for language in ("ko", "en")} == first
    assert first["ko"] != first["en"]


def test_a_record_is_printed_once_and_known_by_its_fingerprint(drawn, db):
    printed = print_record(db, drawn, "en")
    assert print_record(db, drawn, "en").id == printed.id
    assert [one.language for one in list_records(db, drawn.id)] == ["en"]
    found = find_record_by_fingerprint(db, printed.sha256)
    assert (found.code, found.language, found.is_replaced) == ("a1", "en", False)
    assert find_record_by_fingerprint(db, "0" * 64) is None
    entries = db.scalars(select(AuditEntry).where(AuditEntry.action == "assignment_record_printed")).all()
    assert [printed.sha256 in entry.after for entry in entries] == [True]
    assert record_file_name(drawn, "en").startswith("assignment-")


def test_strata_are_not_told_of_single_people(drawn):
    text = text_of(render_record(drawn, "en"))
    appendix = text[text.index("Study IDs by place") :]
    assert "Female" not in appendix
    assert "profit" not in appendix


def test_what_was_decided_is_printed_with_its_reasons_and_is_called_no_experiment(ready, db):
    assignment = ready.frozen(details=replace(DETAILS, kind="decided"))
    chosen = {
        one: Decision("treatment" if place < 7 else "waitlist", f"condition {place} of the list", None if place < 7 else place)
        for place, one in enumerate(ready.ids)
    }
    keep_decisions(db, assignment, ["officer", "partner"], chosen)
    lock_decisions(db, assignment, ["profit_krw"])
    text = text_of(render_record(assignment, "en"))
    assert "Places were not drawn by lot" in text
    assert "Programme officer, Partner organisation" in text
    assert "condition 9 of the list" in text
    assert "Seed" not in text


def test_there_is_no_record_before_the_lock(ready):
    with pytest.raises(AppError, match="Only a locked assignment"):
        render_record(ready.designed(), "en")
