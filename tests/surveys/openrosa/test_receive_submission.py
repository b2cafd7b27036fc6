"""What a device sends is taken in once, whole, and never lost, whatever is wrong with it."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from evalapp.core.clock import now, today
from evalapp.core.errors import AppError, NotFound
from evalapp.people.records.erase_person import erase_person
from evalapp.people.tables import Consent
from evalapp.people.vault.sealed_fields import stored_fields
from evalapp.surveys.invitations.tables import Invitation, ScreenVisit
from evalapp.surveys.openrosa.kept_form import kept_envelope
from evalapp.surveys.openrosa.place_submission import forget_rejected, place_submission, reject_interview
from evalapp.surveys.openrosa.queries import count_waiting, list_unplaced
from evalapp.surveys.openrosa.read_envelope import UnreadableForm
from evalapp.surveys.openrosa.receive_submission import OtherContent, receive_submission
from evalapp.surveys.openrosa.tables import OpenRosaFile, OpenRosaInstance
from evalapp.surveys.review.check_quality import check_quality
from evalapp.surveys.review.corrections.record_correction import approve_correction
from evalapp.surveys.review.decide_submission import decide_submission
from evalapp.surveys.review.lock_wave import ask_wave_lock, confirm_wave_lock
from evalapp.surveys.review.tables import Correction, QualityFlag
from evalapp.surveys.tables import Submission
from tests.conftest import ACTOR
from tests.surveys.openrosa.field import field_form, publish

REASON = "came in a trial"
LOG = b"event,node,start,end,latitude,longitude,accuracy,old-value,new-value\nform start,,1790000000000,,37.5,127.0,5,,\n%b"


def submission_of(field, row):
    return field.db.get_one(Submission, row.submission_id)


def flags_of(field, row):
    flags = field.db.scalars(select(QualityFlag).where(QualityFlag.submission_id == row.submission_id))
    return {(flag.rule, flag.variable) for flag in flags if flag.rule.startswith("form_")}


def test_an_interview_becomes_a_submission_of_its_person_and_wave(field):
    answers = (
        "<firm_operating>yes</firm_operating><revenue_krw>1.2345678E7</revenue_krw><channels>market online</channels>"
        "<trade><goods>떡</goods><price>3000</price></trade><trade><goods>국수</goods></trade>"
    )
    row = field.send(answers=answers)
    submission = submission_of(field, row)
    assert field.answers(row) == {
        ("", "firm_operating"): "yes", ("", "revenue_krw"): "12345678", ("", "channels"): "market online",
        ("trade[1]", "goods"): "떡", ("trade[1]", "price"): "3000", ("trade[2]", "goods"): "국수",
    }  # fmt: skip
    assert (submission.wave_id, submission.entrepreneur_id) == (field.wave.id, field.person.id)
    assert (submission.state, submission.mode, submission.account) == ("received", "device", field.account)
    assert submission.instrument_id == field.instrument.id
    assert submission.seconds == 15 * 60
    assert flags_of(field, row) == set()


def test_the_same_form_sent_again_is_the_same(field):
    content = field.xml("uuid:1")
    first = receive_submission(field.db, field.device, content, {})
    assert receive_submission(field.db, field.device, content, {}).id == first.id
    assert len(field.db.scalars(select(Submission)).all()) == 1


def test_other_answers_under_an_instance_id_that_is_taken_are_refused(field):
    field.send()
    with pytest.raises(OtherContent):
        field.send(answers={"firm_operating": "no"})


def test_what_the_form_would_not_have_let_pass_is_kept_and_flagged(field):
    row = field.send(answers={"revenue_krw": "-5", "why": "because", "channels": "market moon", "unknown": "x", "trade": "x"})
    assert field.answers(row) == {("", "channels"): "market moon"}
    assert flags_of(field, row) == {
        ("form_not_answered", "firm_operating"), ("form_not_allowed", "channels"), ("form_not_asked", "revenue_krw"),
        ("form_not_asked", "why"), ("form_not_read", "unknown"),
    }  # fmt: skip
    assert kept_envelope(field.db, row).root.findtext("revenue_krw") == "-5"


def test_a_flag_goes_when_its_answer_is_corrected(field):
    row = field.send(answers={"firm_operating": "yes", "revenue_krw": "-5"})
    assert flags_of(field, row) == {("form_not_allowed", "revenue_krw")}
    edited = field.send("uuid:2", deprecated="uuid:1", answers={"firm_operating": "yes", "revenue_krw": "5"})
    correction = field.db.scalars(select(Correction)).one()
    approve_correction(field.db, correction)
    check_quality(field.db, submission_of(field, edited))
    assert flags_of(field, edited) == set()


def test_an_answer_that_cannot_be_read_is_flagged_and_stays_in_the_form_that_came(field):
    row = field.send(answers={"firm_operating": "yes", "revenue_krw": "a lot"})
    assert flags_of(field, row) == {("form_not_read", "revenue_krw")}
    assert kept_envelope(field.db, row).root.findtext("revenue_krw") == "a lot"


def test_a_name_or_number_goes_to_the_vault_and_nowhere_else(field):
    row = field.send(answers={"firm_operating": "yes", "phone": "010-1234-5678", "note": "call 010-9999-8888 or 850101-1234567"})
    assert "phone" in stored_fields(field.db, field.person.id, None)
    assert field.answers(row) == {("", "firm_operating"): "yes", ("", "note"): "call •••-••••-•••• or ••••••-•••••••"}
    kept = kept_envelope(field.db, row).text()
    assert "1234" not in kept
    assert "9999" not in kept


def test_an_identifier_that_the_vault_cannot_take_is_asked_for_again(field):
    row = field.send(answers={"firm_operating": "yes", "phone": "unknown"})
    assert flags_of(field, row) == {("form_not_read", "phone")}
    assert kept_envelope(field.db, row).root.findtext("phone") == "unknown"


def lock(field):
    field.add_person()
    ask_wave_lock(field.db, field.wave)
    field.db.info["actor"] = ACTOR.__class__("AC-TEST-2", "program_officer")
    confirm_wave_lock(field.db, field.wave)
    field.db.info["actor"] = ACTOR


def withdraw(field):
    consent = field.db.scalars(select(Consent).where(Consent.entrepreneur_id == field.person.id)).one()
    consent.withdrawn_on = today()
    field.db.flush()


def close(field):
    field.wave.opens_on, field.wave.closes_on = today() - dt.timedelta(days=30), today() - dt.timedelta(days=1)
    field.db.flush()


def ask_another_form(field):
    other = publish(field.db, field_form("2026110102"))
    other.code = "other"
    field.wave.instrument_id = other.id
    field.db.flush()


@pytest.mark.parametrize(
    ("problem", "before", "study_id"),
    [
        ("no_study_id", None, ""),
        ("unknown_person", None, "PI-0000-0"),
        ("unknown_person", None, "x" * 3_000),
        ("no_consent", withdraw, None),
        ("wave_closed", close, None),
        ("wave_locked", lock, None),
        ("other_form", ask_another_form, None),
        ("already_answered", lambda field: field.send("uuid:0"), None),
    ],
)
def test_what_belongs_nowhere_waits_and_is_not_lost(field, problem, before, study_id):
    if before:
        before(field)
    row = field.send(study_id=study_id, answers={"firm_operating": "yes", "phone": "010-1234-5678"})
    assert (row.state, row.problem, row.submission_id) == ("waiting", problem, None)
    assert kept_envelope(field.db, row).root.findtext("phone") == "010-1234-5678"
    assert "1234" not in row.xml_sealed
    assert count_waiting(field.db, field.programme.id) == 1


def test_a_study_id_in_small_letters_and_an_alias_find_their_person(field):
    assert field.send(study_id=f" {field.person.study_id.lower()} ").state == "placed"


def test_an_officer_places_what_waits_though_the_wave_be_over(field):
    close(field)
    row = field.send(study_id="PI-0000-0", answers={"firm_operating": "yes", "phone": "010-1234-5678"})
    place_submission(field.db, row, field.wave, field.person.study_id)
    assert (row.state, row.decided_by) == ("placed", ACTOR.account)
    assert field.answers(row) == {("", "firm_operating"): "yes"}
    assert "1234" not in kept_envelope(field.db, row).text()
    with pytest.raises(AppError, match="meanwhile"):
        place_submission(field.db, row, field.wave, field.person.study_id)


@pytest.mark.parametrize("before", [withdraw, lock, ask_another_form, lambda field: field.send("uuid:0")])
def test_an_officer_cannot_place_against_consent_lock_form_or_other_answers(field, before):
    before(field)
    row = field.send()
    with pytest.raises(AppError):
        place_submission(field.db, row, field.wave, field.person.study_id)
    assert row.state == "waiting"


def test_what_is_rejected_can_still_be_placed_for_a_month(field):
    row = field.send(study_id="")
    reject_interview(field.db, row, REASON)
    assert [line[0].state for line in list_unplaced(field.db, field.programme.id)] == ["rejected"]
    forget_rejected(field.db)
    place_submission(field.db, row, field.wave, field.person.study_id)
    assert row.state == "placed"


def test_the_answers_of_what_was_rejected_go_after_a_month_and_do_not_come_again(field):
    row = field.send(study_id="")
    reject_interview(field.db, row, REASON)
    row.decided_at = now() - dt.timedelta(days=31)
    field.db.flush()
    forget_rejected(field.db)
    field.db.expire_all()
    with pytest.raises(NotFound):
        kept_envelope(field.db, row)
    assert field.send(study_id="").id == row.id


def test_an_edited_interview_becomes_corrections_and_is_reviewed_again(field):
    first = field.send()
    decide_submission(field.db, submission_of(field, first), "approved")
    edited = field.send("uuid:2", deprecated="uuid:1", answers={"firm_operating": "yes", "revenue_krw": "5", "note": "new"})
    corrections = field.db.scalars(select(Correction).order_by(Correction.variable)).all()
    assert [(c.variable, c.old, c.new, c.made_by, c.approved_at) for c in corrections] == [
        ("note", None, "new", field.account, None), ("revenue_krw", "12345678", "5", field.account, None),
    ]  # fmt: skip
    assert submission_of(field, edited).id == first.submission_id
    assert submission_of(field, edited).state == "received"
    assert (edited.root_id, first.is_current, edited.is_current) == ("uuid:1", False, True)
    assert field.answers(first)["", "revenue_krw"] == "12345678", "the raw answer is never touched"


def test_only_the_newest_can_be_edited(field):
    field.send()
    field.send("uuid:2", deprecated="uuid:1", answers={"firm_operating": "no"})
    for earlier in ("uuid:1", "uuid:never"):
        with pytest.raises(OtherContent):
            field.send("uuid:3", deprecated=earlier, answers={"firm_operating": "no"})


def test_an_edit_while_a_correction_waits_is_kept_until_that_is_decided(field):
    field.send()
    field.send("uuid:2", deprecated="uuid:1", answers={"firm_operating": "no"})
    third = field.send("uuid:3", deprecated="uuid:2", answers={"firm_operating": "yes", "revenue_krw": "7"})
    assert (third.state, third.problem) == ("waiting", "correction_waits")
    for correction in field.db.scalars(select(Correction)):
        approve_correction(field.db, correction)
    place_submission(field.db, third, field.wave, field.person.study_id)
    assert third.state == "placed"
    assert field.db.scalars(select(Correction.new).where(Correction.approved_at.is_(None))).all() == ["yes", "7"]


def test_an_edit_of_what_waits_takes_its_place(field):
    first = field.send(study_id="PI-0000-0")
    second = field.send("uuid:2", deprecated="uuid:1")
    assert (first.state, first.xml_sealed, second.state) == ("replaced", None, "placed")
    assert count_waiting(field.db, field.programme.id) == 0


def test_an_edit_that_names_another_person_waits(field):
    field.send()
    other = field.add_person()
    assert field.send("uuid:2", deprecated="uuid:1", study_id=other.study_id).problem == "other_person"


def test_an_earlier_version_of_the_form_is_read_as_that_version(field):
    newer = publish(field.db, field_form("2026110102"))
    field.wave.instrument_id = newer.id
    field.db.flush()
    row = field.send()
    assert submission_of(field, row).instrument_id == field.instrument.id


@pytest.mark.parametrize("said", [{"version": "1999010101"}])
def test_a_form_that_the_programme_never_had_is_refused(field, said):
    with pytest.raises(NotFound):
        field.send(**said)
    with pytest.raises(NotFound):
        receive_submission(field.db, field.device, field.xml("uuid:1").replace(b"field--fu1", b"field--zz"), {})
    assert field.db.scalars(select(OpenRosaInstance)).all() == []


def invite(field):
    return field.add(
        Invitation(
            wave_id=field.wave.id, entrepreneur_id=field.person.id, opens_on=field.wave.opens_on, due_on=field.wave.closes_on,
            closes_on=field.wave.closes_on, state="sent", created_by="AC-TEST-1", created_at=now(),
        )
    )  # fmt: skip


def test_the_invitation_is_answered_by_the_interview(field):
    invitation = invite(field)
    field.send(answers={})
    assert (invitation.state, invitation.disposition) == ("submitted", "1.2")


@pytest.mark.parametrize("at_once", [True, False])
def test_the_log_of_an_interview_is_kept_without_places_and_answers(field, at_once):
    invite(field)
    rows = b"question,/data/revenue_krw,1790000000000,1790000012000,37.5,127.0,5,10,my secret\n"
    files = {"audit.csv": LOG % rows}
    content = field.xml("uuid:1")
    row = receive_submission(field.db, field.device, content, files if at_once else {})
    assert receive_submission(field.db, field.device, content, files).id == row.id
    visit = field.db.scalars(select(ScreenVisit)).one()
    assert (visit.screen, visit.seconds) == ("/data/revenue_krw", 12)
    kept = field.db.scalars(select(OpenRosaFile)).one().content_sealed
    text = field.db.info["keys"].open(kept, f"openrosa-file:{row.id}:audit.csv")
    assert "revenue_krw" in text
    assert "37.5" not in text
    assert "secret" not in text


@pytest.mark.parametrize("log", [b"", b"\xff\xfe\x00", b"event,node,start,end\nquestion,/data/why,x,9" + b"9" * 40, b'a,"b'])
def test_a_broken_log_costs_no_answers(field, log):
    invite(field)
    assert field.send(files={"audit.csv": log}).state == "placed"
    assert field.db.scalars(select(ScreenVisit)).all() == []


def test_other_files_are_refused_in_words(field):
    with pytest.raises(AppError, match="no recordings, pictures or other files"):
        field.send(files={"photo.jpg": b"x"})


def test_erasing_a_person_takes_what_their_device_interviews_held(field):
    row = field.send(files={"audit.csv": LOG % b""})
    key = row.id
    erase_person(field.db, field.person, "everything", "asked to be forgotten")
    assert field.db.get(OpenRosaInstance, key) is None
    assert field.db.scalars(select(OpenRosaFile)).all() == []


BOMB = b"<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;&a;'>]><data id='f'>&b;</data>"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"no xml", b"<data", b"<!DOCTYPE data><data id='field--fu1'/>", BOMB,
        b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><data>&a;</data>",
        b"<?xml version='1.0' encoding='euc-kr'?><data id='field--fu1'/>",
        b"<?xml version='1.0' encoding='no-such-thing'?><data/>", "<data id='x'>한글</data>".encode("cp949"),
        b"<data id='field--fu1' version='2026110101'/>",
        b"<a>" * 100_000 + b"</a>" * 100_000, b"<data>" + b"<a/>" * 60_000 + b"</data>", b"<data>" + b"x" * 2_200_000 + b"</data>",
    ],
    ids=["empty", "words", "cut", "dtd", "bomb", "entity", "euc-kr", "no encoding", "cp949", "no id", "deep", "wide", "large"],
)  # fmt: skip
def test_what_is_no_filled_form_is_refused_and_nothing_kept(field, content):
    with pytest.raises(UnreadableForm):
        receive_submission(field.db, field.device, content, {})
    assert field.db.scalars(select(OpenRosaInstance)).all() == []


def test_another_root_is_another_form(field):
    content = field.xml("uuid:1").replace(b"<data ", b"<other ").replace(b"</data>", b"</other>")
    with pytest.raises(UnreadableForm, match="another form"):
        receive_submission(field.db, field.device, content, {})


@pytest.mark.parametrize(("instance", "fits"), [("uuid:1", True), ("x" * 249, True), ("x" * 250, False), ("", False)])
def test_an_instance_id_has_up_to_249_characters(field, instance, fits):
    if fits:
        assert field.send(instance).instance_id == instance
    else:
        with pytest.raises(UnreadableForm):
            field.send(instance)
