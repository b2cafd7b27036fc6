"""The first page of whoever is signed in: the work that waits, nothing else."""

import datetime as dt

import pytest

from evalapp.core.clock import now, today
from evalapp.people.contacts.tables import ContactAttempt
from evalapp.people.tables import Consent, Entrepreneur, Programme, Registration
from evalapp.surveys.tables import Instrument, Submission, Wave
from evalapp.training.tables import Cohort, Trainer, TrainingSession


@pytest.fixture
def officer(site):
    return site.client("program_officer", programmes=("pi",))


def person(db, programme, study_id):
    someone = Entrepreneur(study_id=study_id, created_at=now())
    db.add(someone)
    db.flush()
    ids = {"programme_id": programme.id, "entrepreneur_id": someone.id}
    db.add(Registration(**ids, registered_on=today()))
    return ids


def programme(db):
    return db.query(Programme).filter_by(code="pi").one()


def test_whoever_has_nothing_to_do_reads_so(officer):
    assert "Nothing waits for you" in officer.get("/work").text


@pytest.mark.usefixtures("officer")
def test_signing_in_leads_to_the_work(site):
    assert site.client("program_officer").get("/").location == "/work"
    assert site.client().get("/").status_code == 200


def test_people_to_be_called_today_wait_until_they_are_called_again(site, officer):
    with site.transaction() as db:
        ids = person(db, programme(db), "PI-0001-1")
        words = {"channel": "phone", "account": "AC-1", **ids}
        db.add(ContactAttempt(key="a" * 20, at=now() - dt.timedelta(days=2), outcome="no_answer", next_on=today(), **words))
    assert "People to be contacted today or earlier" in officer.get("/work").text
    with site.transaction() as db:
        db.add(ContactAttempt(key="b" * 20, at=now(), outcome="complete", **words))
    assert "People to be contacted" not in officer.get("/work").text


def test_a_consent_that_ends_soon_waits(site, officer):
    with site.transaction() as db:
        ids = person(db, programme(db), "PI-0002-2")
        ends = today() + dt.timedelta(days=10)
        db.add(Consent(**ids, purpose="survey", text_version="1", given_on=dt.date(2020, 1, 1), expires_on=ends))
    assert "Consents to the survey that end within two weeks" in officer.get("/work").text


def test_an_open_wave_says_how_many_answered_and_what_nobody_has_reviewed(site, officer):
    with site.transaction() as db:
        here = programme(db)
        ids = [person(db, here, f"PI-000{number}-{number}") for number in (3, 4)]
        instrument = Instrument(code="b", version="1", definition="{}", sha256="0" * 64, published_at=now())
        db.add(instrument)
        db.flush()
        dates = {"opens_on": today() - dt.timedelta(days=1), "closes_on": today() + dt.timedelta(days=5), "survey_year": 2026}
        labels = {"label_ko": "기초조사", "label_en": "Baseline"}
        wave = Wave(programme_id=here.id, instrument_id=instrument.id, code="bl", round=1, **labels, **dates)
        db.add(wave)
        db.flush()
        db.add(Submission(wave_id=wave.id, entrepreneur_id=ids[0]["entrepreneur_id"], state="received", received_at=now()))
    page = officer.get("/work").text
    assert "Baseline is open: 1 of 2 have answered, 5 days are left" in page
    assert "Baseline: submissions that nobody has reviewed" in page


def test_a_trainer_reads_the_next_sessions_and_not_those_of_others(site):
    code = site.account("trainer", programmes=("pi",))
    with site.transaction() as db:
        account_id = db.execute(Trainer.__table__.metadata.tables["accounts"].select()).mappings().all()[-1]["id"]
        cohort = Cohort(programme_id=programme(db).id, code="C1", arm="treatment", starts_on=today(), ends_on=today())
        mine, theirs = Trainer(code="T1", account_id=account_id), Trainer(code="T2")
        db.add_all([cohort, mine, theirs])
        db.flush()
        for number, (trainer, module) in enumerate(((mine, "planning"), (theirs, "secrets")), start=1):
            facts = {"held_on": today(), "state": "planned", "planned_minutes": 90}
            db.add(TrainingSession(cohort_id=cohort.id, lead_trainer_id=trainer.id, number=number, module=module, **facts))
    client = site.client()
    site.sign_in(client, code)
    client.set_cookie("language", "en")
    page = client.get("/work").text
    assert "planning" in page
    assert "secrets" not in page


def test_a_privacy_officer_is_reminded_of_last_months_review(site):
    assert "has not been reviewed" in site.client("privacy_officer").get("/work").text


def test_an_administrator_sees_who_has_not_joined(site):
    from evalapp.accounts.tables import Account

    with site.transaction() as db:
        sealed = {
            "email_sealed": site.keys.seal("a@b.kr", "account:AC-X:email"),
            "name_sealed": site.keys.seal("A", "account:AC-X:name"),
        }
        db.add(Account(code="AC-X", email_index="x", created_at=now(), **sealed))
    assert "Invited, but not joined yet" in site.client("administrator").get("/work").text
