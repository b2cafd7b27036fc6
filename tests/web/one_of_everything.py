"""A programme with one of everything that an address can name, for tests that try every address."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.accounts.credentials.passwords import hash_password
from evalapp.accounts.own.change_email import ask_email_change
from evalapp.accounts.staff.issue_link import issue_link
from evalapp.accounts.tables import Account, SignIn
from evalapp.core.clock import now, today
from evalapp.core.crypto.key_ring import keys_of
from evalapp.core.jobs.queue_job import queue_job
from evalapp.panel.build_panel import KEYS, Panel
from evalapp.panel.freeze_panel import freeze_panel
from evalapp.panel.microdata.classify_variables import default_protection
from evalapp.panel.microdata.deidentify import deidentify
from evalapp.panel.microdata.files.risk_report import stored_report
from evalapp.panel.microdata.queries import release_context
from evalapp.panel.microdata.read_rows import read_rows
from evalapp.panel.microdata.release_microdata import KEPT_FOR
from evalapp.panel.microdata.tables import MicrodataRelease
from evalapp.people.consents.publish_consent_text import publish_consent_text
from evalapp.people.identified_exports.decide_export import decide_export
from evalapp.people.identified_exports.request_export import request_export
from evalapp.people.records.erase_person import erase_person
from evalapp.people.records.merge_records import merge_records
from evalapp.people.rights.ask_request import ask_request
from evalapp.people.tables import Enterprise, Entrepreneur, Programme, SavedView
from evalapp.reports.tables import Report
from evalapp.surveys.double_entry.begin_entry import begin_entry
from evalapp.surveys.imports.keep_upload import keep_upload
from evalapp.surveys.imports.reading.file_mapping import FileMapping
from evalapp.surveys.instruments.publish_instrument import publish_instrument
from evalapp.surveys.instruments.read_instrument import load_instrument
from evalapp.surveys.instruments.upload_instrument import upload_instrument
from evalapp.surveys.invitations.tables import Invitation
from evalapp.surveys.openrosa.kept_form import keep_form
from evalapp.surveys.openrosa.read_envelope import read_envelope
from evalapp.surveys.openrosa.tables import OpenRosaDevice, OpenRosaInstance
from evalapp.surveys.review.tables import Correction, QualityFlag, QualityRule, SubmissionQuery
from evalapp.surveys.tables import Answer, Submission, SurveyImport, Wave
from tests.people.registered import register
from tests.stored_run import add_run
from tests.surveys.answering.invited import invite, open_wave
from tests.web.site import Site
from tests.web.training.assigned import add_assignment_of
from tests.web.training.things import add_training

INSTRUMENTS = Path(__file__).parent.parent.parent / "config" / "instruments"
REASON = "for the test of every address"


@dataclass(frozen=True)
class Things:
    """What an address of a programme may name, by the name it has there; `erased` is the study ID of somebody forgotten."""

    code: str
    study_id: str
    first: str
    second: str
    erased: str
    enterprise: int
    merge: int
    view: int
    export: int
    run: int
    report: int
    key: str
    wave: str
    invitation: int
    submission: int
    variable: str
    flag: int
    query: int
    correction: int
    rule: str
    upload: str
    taken: int
    snapshot: int
    release: int
    entry: int
    paper: int
    asked: int
    own_programme: int
    device: int
    interview: int
    cohort: str
    trainer: str
    module: str
    item: str
    assignment: str
    place: int
    calendar: str


def add_things(site: Site, programme_code: str, owner: str) -> dict[str, Any]:
    """Fill a programme. The list asked for and the kept filters are the `owner`'s, an account's code; the job is nobody's."""
    with site.transaction(owner) as db:
        account = db.scalars(select(Account).where(Account.code == owner)).one()
        programme = db.scalar(select(Programme).where(Programme.code == programme_code))
        if programme is None:
            programme = Programme(code=programme_code, name_ko="다른 프로그램", name_en="Another", created_at=now())
            db.add(programme)
            db.flush()
        publish_consent_text(db, programme, "survey", "1", {"ko": "동의서", "en": "Consent"}, 24)
        cells = {"industry": "retail", "enterprise_name": "하늘가게", "phone": "010-1234-5678"}
        person, twin, forgotten, other = (
            register(db, programme, f"{programme_code}-{number}", **(cells if number == 0 else {})) for number in range(4)
        )
        erase_person(db, forgotten, "identity_only", REASON)
        merge = merge_records(db, person, twin, REASON)
        run = add_run(db, programme)
        report = Report(
            run_id=run, language="en", state="released", sha256=f"{programme.id:064x}", content=b"%PDF-", pages=1, composed_at=now()
        )
        view = SavedView(programme_id=programme.id, account_id=account.id, name="mine", query="contact=due")
        db.add_all([report, view])
        export = request_export(db, programme, ["name"], REASON)
        wish = ask_request(db, other, "access")
        asked = _survey(db, programme, other, owner) | _microdata(db, programme, person)
        asked |= add_training(db, programme, other, account)
        asked |= add_assignment_of(db, programme, person)
        db.flush()
        enterprise = db.scalars(select(Enterprise.id).where(Enterprise.entrepreneur_id == person.id)).one()
        things = Things(
            code=programme_code, study_id=person.study_id, first=person.study_id, second=other.study_id, erased=forgotten.study_id,
            enterprise=enterprise, merge=merge.id, view=view.id, export=export.id, run=run, report=report.id, key=f"{programme_code:-<16}",
            asked=wish.id, own_programme=programme.id, **asked,
        )  # fmt: skip
    with site.transaction("AC-SECOND", "privacy_officer") as db:
        decide_export(db, things.export, allow=True)
        queue_job(db, things.key, "run_plan", programme_code, {"plan": "main", "seed": 0})
    return asdict(things)


def _survey(db: Session, programme: Programme, person: Entrepreneur, interviewer: str) -> dict[str, Any]:
    """Open a wave, with somebody who answers by telephone, and what a reviewer has to say to it."""
    wave = open_wave(db, programme, code=f"w-{programme.code}")
    invitation = invite(db, wave).invitation_id
    facts = {"wave_id": wave.id, "entrepreneur_id": person.id, "instrument_id": wave.instrument_id, "language": "ko"}
    submission = Submission(state="received", received_at=now(), account=interviewer, mode="phone", **facts)
    db.add(submission)
    db.flush()
    of_it = {"submission_id": submission.id, "variable": "age"}
    db.add(Answer(**of_it, text="41", number=41))
    flag = QualityFlag(**of_it, rule="own", severity="warn", raised_at=now())
    query = SubmissionQuery(**of_it, question="Really?", asked_by="AC-SECOND", asked_at=now())
    correction = Correction(**of_it, old="41", new="14", reason=REASON, source="call_back", made_by="AC-SECOND", made_at=now())
    rule = QualityRule(
        programme_id=programme.id, rule_id=f"rule-{programme.code}", scope="wave", severity="warn", when="nightly", expression="1 = 2",
        message_ko="드묾", message_en="Rare", active=True, changed_by="AC-SECOND", changed_at=now(),
    )  # fmt: skip
    db.add_all([flag, query, correction, rule])
    db.flush()
    entry = begin_entry(db, wave, db.get_one(Entrepreneur, db.get_one(Invitation, invitation).entrepreneur_id), today(), "ko")
    typed = {"entry": entry.id, "paper": entry.form_id}
    keys = {**typed, "flag": flag.id, "query": query.id, "correction": correction.id, "rule": rule.rule_id, **_imports(db, wave)}
    keys |= _devices(db, wave, interviewer)
    return {"wave": wave.code, "invitation": invitation, "submission": submission.id, "variable": "age", **keys}


def _devices(db: Session, wave: Wave, interviewer: str) -> dict[str, Any]:
    """Add an interviewer's device, and an interview from it that belongs to nobody."""
    device = OpenRosaDevice(
        programme_id=wave.programme_id, label="Tablet", username=f"d-{wave.code}", password_hash="0" * 64, account=interviewer,
        expires_on=today(), created_by="AC-SECOND", created_at=now(),
    )  # fmt: skip
    db.add(device)
    db.flush()
    interview = OpenRosaInstance(
        programme_id=wave.programme_id, device_id=device.id, wave_id=wave.id, instrument_id=wave.instrument_id, instance_id="uuid:1",
        root_id="uuid:1", sha256="0" * 64, state="waiting", problem="no_study_id", received_at=now(),
    )  # fmt: skip
    keep_form(db, interview, read_envelope(b"<data><meta><instanceID>uuid:1</instanceID></meta></data>"))
    db.add(interview)
    db.flush()
    return {"device": device.id, "interview": interview.id}


def _microdata(db: Session, programme: Programme, person: Entrepreneur) -> dict[str, Any]:
    """Freeze a panel of one person, and release it as it would leave: with nobody in it, who did not agree."""
    row = [person.study_id, 1, f"w-{programme.code}", 2026, "comparison", "C", 0, None, None, "missing"]
    snapshot = freeze_panel(db, programme, Panel(pd.DataFrame([row], columns=list(KEYS)), {}))
    source = read_rows(db, programme, snapshot)
    found = deidentify(source, default_protection(source.variables))
    release = MicrodataRelease(
        programme_id=programme.id, snapshot_id=snapshot.id, content_sealed=keys_of(db).seal("UEsFBg==", release_context("0" * 64)),
        sha256="0" * 64, protection='{"k":5,"band_years":5,"sensitive":[]}', report=json.dumps(stored_report(found)), people=0, rows=0,
        variables=0, reason=REASON, released_by="AC-SECOND", released_at=now(), expires_at=now() + KEPT_FOR, downloads=0,
    )  # fmt: skip
    db.add(release)
    db.flush()
    return {"snapshot": snapshot.id, "release": release.id}


def _imports(db: Session, wave: Wave) -> dict[str, Any]:
    """Take a file in that brought nothing, and keep another one that waits."""
    taken = SurveyImport(wave_id=wave.id, sha256="0" * 64, rows=1, imported_at=now())
    db.add(taken)
    db.flush()
    return {"taken": taken.id, "upload": keep_upload(db, wave, b"study_id,age\nA-1,41\n", ".csv", FileMapping()).key}


def add_forms(site: Site, owner: str) -> dict[str, Any]:
    """Add what belongs to no programme: a published form, a draft of one, and the link of somebody who is asked."""
    with site.transaction(owner) as db:
        read = load_instrument(INSTRUMENTS / "baseline")
        published, draft = publish_instrument(db, read), upload_instrument(db, read)
        wave = db.scalars(select(Wave).join(Programme).where(Programme.code == "pi")).first()
        return {"form": published.code, "version": published.version, "draft": draft.id, "survey": invite(db, wave).token}


def add_own(site: Site, owner: str) -> dict[str, Any]:
    """Sign an account in on another browser, and send links to two colleagues; return what addresses name of all that."""
    site.sign_in(site.app.test_client(), owner)
    colleague, forgetful = site.account("trainer", programmes=("pi",)), site.account("trainer")
    with site.transaction() as db:
        sign_in = db.scalars(select(SignIn.id).join(Account, SignIn.account_id == Account.id).where(Account.code == owner)).first()
        db.scalars(select(Account).where(Account.code == forgetful)).one().password_hash = "kept"  # noqa: S105 - no password
        links = {"token": issue_link(db, colleague).token, "reset": issue_link(db, forgetful).token}
        db.scalars(select(Account).where(Account.code == owner)).one().password_hash = hash_password(REASON)
        change = ask_email_change(db, owner, f"{owner}@example.net", REASON)
        return {"sign_in": sign_in, "account": colleague, "new_email": change.token, **links}
