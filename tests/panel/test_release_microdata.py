"""A release holds nothing that leads to a person, only people who agreed, and is kept and written down as it should be."""

import datetime as dt
import io
import json
import zipfile
from dataclasses import replace

import pytest
from sqlalchemy import select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.errors import AppError
from evalapp.panel.microdata import queries as release_queries
from evalapp.panel.microdata import release_microdata as releasing
from evalapp.panel.microdata.classify_variables import default_protection
from evalapp.panel.microdata.read_rows import read_rows
from evalapp.panel.microdata.release_microdata import drop_expired, fetch_release, release_microdata
from evalapp.panel.microdata.tables import MicrodataRelease
from evalapp.people.tables import Consent
from tests.panel.shared_panel import ANSWERED_ON, NAMES, SharedPanel, change_an_answer

REASON = "for the evaluation of a partner university"


@pytest.fixture
def shared(db):
    return SharedPanel(db)


def release(db, shared, *, reason=REASON, **settings):
    snapshot = shared.freeze()
    protection = default_protection(read_rows(db, shared.programme, snapshot).variables)
    protection = replace(protection, suppress=True, **{k: v for k, v in settings.items() if k != "sensitive_reason"})
    reasons = {"reason": reason, "sensitive_reason": settings.get("sensitive_reason", "")}
    return release_microdata(db, shared.programme, snapshot, protection, **reasons)


def files_of(db, made):
    with zipfile.ZipFile(io.BytesIO(fetch_release(db, made))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def raw_bytes(files):
    """Return all bytes of a release, those inside of workbooks unpacked."""
    parts = list(files.values())
    with zipfile.ZipFile(io.BytesIO(files["codebook.xlsx"])) as book:
        parts += [book.read(name) for name in book.namelist() if not name.startswith("docProps/")]
    return b"\n".join(parts)


def test_nothing_in_the_bytes_leads_to_a_person(db, shared):
    made = release(db, shared, sensitive=frozenset({"profit_krw", "rent"}), sensitive_reason="profit is the outcome")
    content = raw_bytes(files_of(db, made))
    days = [ANSWERED_ON + dt.timedelta(days=number) for number in range(-130, 120)]
    traces = [*shared.study_ids, *NAMES, *(f"1234-{5000 + number}" for number in range(24)), "010-", "이야기"]
    for text in (*traces, *(day.isoformat() for day in days), *(f"{day:%Y%m%d}" for day in days)):
        assert text.encode() not in content, text
        assert text.encode("utf-16-le") not in content, text
    assert str(1_234_567).encode() not in content  # an amount as it was answered
    assert b"gangnam" not in content


def test_only_people_whose_consent_to_sharing_is_in_force_are_in_it(db, shared):
    snapshot = shared.freeze()
    withdrawn, expired, left = (shared.entrepreneur(study_id).id for study_id in shared.study_ids[:3])
    sharing = db.query(Consent).filter_by(purpose="sharing")
    sharing.filter_by(entrepreneur_id=withdrawn).one().withdrawn_on = dt.date(2020, 3, 1)
    sharing.filter_by(entrepreneur_id=expired).one().expires_on = dt.date(2020, 3, 1)
    db.query(Consent).filter_by(purpose="survey", entrepreneur_id=left).one().withdrawn_on = dt.date(2020, 3, 1)
    db.flush()
    rows = read_rows(db, shared.programme, snapshot)
    assert set(rows.frame["study_id"]) == set(shared.study_ids[3:])
    assert rows.without_consent == 3


def test_a_panel_of_people_who_did_not_agree_is_refused_in_words(db, shared):
    snapshot = shared.freeze()
    db.query(Consent).filter_by(purpose="sharing").delete()
    db.flush()
    protection = default_protection(read_rows(db, shared.programme, snapshot).variables)
    with pytest.raises(AppError, match="Nobody is left who agreed"):
        release_microdata(db, shared.programme, snapshot, protection, reason=REASON)


@pytest.mark.parametrize("variable", ["profit_krw", "gender"])
def test_a_panel_behind_which_answers_changed_is_refused(db, shared, variable):
    snapshot = shared.freeze()
    change_an_answer(db, variable)
    with pytest.raises(AppError, match="have changed since"):
        read_rows(db, shared.programme, snapshot)


def test_nothing_leaves_while_anybody_is_at_risk(db, shared):
    snapshot = shared.freeze()
    protection = default_protection(read_rows(db, shared.programme, snapshot).variables)
    with pytest.raises(AppError, match="stand among fewer than 5"):
        release_microdata(db, shared.programme, snapshot, protection, reason=REASON)
    assert db.query(MicrodataRelease).count() == 0


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"reason": "x"}, "in a few words"),
        ({"reason": "call 010-1234-5678"}, "must not hold"),
        ({"sensitive": frozenset({"profit_krw"})}, "why the sensitive"),
        ({"sensitive": frozenset({"profit_krw"}), "sensitive_reason": "no"}, "in a few words"),
    ],
)
def test_a_release_without_reasons_is_refused(db, shared, settings, words):
    with pytest.raises(AppError, match=words):
        release(db, shared, **settings)


def test_release_and_download_are_written_down_with_counts_and_without_people(db, shared):
    made = release(db, shared)
    fetch_release(db, made)
    entries = db.execute(select(AuditEntry.action, AuditEntry.after, AuditEntry.reason).order_by(AuditEntry.number.desc()).limit(2))
    (fetched, facts, reason), (released, *_) = entries.all()
    assert (fetched, released, reason) == ("microdata_downloaded", "microdata_released", REASON)
    assert json.loads(facts) == {"people": made.people, "rows": made.rows, "variables": made.variables, "sha256": made.sha256}
    assert (made.downloads, made.released_by) == (1, "AC-TEST-1")
    stored = " ".join(str(getattr(made, column.key)) for column in MicrodataRelease.__table__.columns)
    assert not any(study_id in stored for study_id in shared.study_ids)


def test_after_three_days_the_files_are_gone_and_the_record_stays(db, shared, monkeypatch):
    made = release(db, shared)
    later = made.released_at + dt.timedelta(hours=72)
    for module in (release_queries, releasing):
        monkeypatch.setattr(module, "now", lambda: later)
    with pytest.raises(AppError, match="The time to fetch"):
        fetch_release(db, made)
    drop_expired(db)
    db.expire(made)
    assert made.content_sealed is None
    assert made.people > 0
