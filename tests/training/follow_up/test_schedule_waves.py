"""Who is asked in a wave and when: by the calendar, by the registration, by the cohort; again and again without harm."""

import datetime as dt

import pytest
from sqlalchemy import select

from evalapp.core.clock import now, today
from evalapp.core.errors import RefusedFile
from evalapp.core.jobs.tables import Job
from evalapp.people.tables import Consent
from evalapp.surveys.invitations.plan_invitations import Planned, Window
from evalapp.surveys.invitations.send_invitation import send_invitation
from evalapp.surveys.invitations.tables import Invitation, InvitationMessage
from evalapp.surveys.tables import Submission, Wave
from evalapp.surveys.waves.edit_wave import add_wave, edit_wave, prolong_wave
from evalapp.surveys.waves.wave_details import RefusedWave, WaveDetails, read_reminders
from evalapp.training.follow_up.queue_reminders import queue_due_reminders
from evalapp.training.follow_up.schedule_file import export_schedule, import_schedule
from evalapp.training.follow_up.schedule_waves import schedule_wave
from evalapp.training.tables import Cohort, Enrolment
from tests.people.registered import actions
from tests.surveys.asked import Asked

DAY = dt.timedelta(days=1)


class Trained(Asked):
    """People in cohorts."""

    def __init__(self, db, programme):
        super().__init__(db, programme)
        dated = {"starts_on": today() - 60 * DAY, "ends_on": today() - 20 * DAY}
        self.cohorts = {
            code: self.add(Cohort(programme_id=programme.id, code=code, arm=arm, **more))
            for code, arm, more in (("A", "treatment", dated), ("W", "waitlist", {}))
        }

    def member(self, cohort, **more):
        person = self.person(**more)
        ids = {"programme_id": self.programme.id, "entrepreneur_id": person.id, "cohort_id": self.cohorts[cohort].id}
        self.add(Enrolment(**ids, stage="active"))
        return person

    def windows(self, wave):
        found = self.db.scalars(select(Invitation).where(Invitation.wave_id == wave.id))
        return {i.entrepreneur_id: Window(i.opens_on, i.due_on, i.closes_on) for i in found}


@pytest.fixture
def trained(db, programme):
    return Trained(db, programme)


def test_a_wave_of_the_calendar_has_one_window_and_two_weeks_to_answer(db, trained):
    first, second = trained.person(), trained.member("W")
    assert schedule_wave(db, trained.wave) == Planned(2, 0, 0)
    opens, closes = trained.wave.opens_on, trained.wave.closes_on
    assert trained.windows(trained.wave) == dict.fromkeys((first.id, second.id), Window(opens, opens + 14 * DAY, closes))


@pytest.mark.parametrize(("anchor", "anchored_on"), [("cohort_start", -60), ("cohort_end", -20), ("enrolment", -45)])
def test_a_window_counts_from_the_persons_own_day(db, trained, anchor, anchored_on):
    wave = trained.add_wave("fu2", 0, 1, anchor=anchor, day_offset=90, offset_min=14, offset_max=30)
    person = trained.member("A", registered_on=today() - 45 * DAY)
    schedule_wave(db, wave)
    due_on = today() + (anchored_on + 90) * DAY
    assert trained.windows(wave)[person.id] == Window(due_on - 14 * DAY, due_on, due_on + 30 * DAY)


def test_whoever_has_no_day_to_count_from_or_another_arm_is_not_asked(db, trained):
    by_cohort = trained.add_wave("fu2", 0, 1, anchor="cohort_start", day_offset=90)
    waitlist = trained.add_wave("fu3", 0, 30, arm="waitlist")
    trained.person()
    treated, waiting = trained.member("A"), trained.member("W")
    schedule_wave(db, by_cohort)
    schedule_wave(db, waitlist)
    assert set(trained.windows(by_cohort)) == {treated.id}
    assert set(trained.windows(waitlist)) == {waiting.id}


def test_the_wave_grows_around_its_peoples_windows(db, trained):
    wave = trained.add_wave("fu2", 0, 1, anchor="cohort_end", day_offset=60, offset_max=30)
    trained.member("A")
    schedule_wave(db, wave)
    assert wave.closes_on == today() + (60 - 20 + 30) * DAY


def test_planning_again_changes_nothing_and_moves_only_what_was_not_sent(db, trained):
    sent, unsent = trained.person(), trained.person()
    schedule_wave(db, trained.wave)
    entries = len(actions(db))
    assert schedule_wave(db, trained.wave) == Planned(0, 0, 0)
    assert len(actions(db)) == entries
    invitation = db.scalars(select(Invitation).where(Invitation.entrepreneur_id == sent.id)).one()
    send_invitation(trained.writing, trained.messenger, invitation.id, "k" * 20, "sms")
    before = trained.windows(trained.wave)
    trained.wave.closes_on += 7 * DAY
    assert schedule_wave(db, trained.wave) == Planned(0, 1, 0)
    after = trained.windows(trained.wave)
    assert after[sent.id] == before[sent.id]
    assert after[unsent.id].closes_on == before[unsent.id].closes_on + 7 * DAY


def test_people_without_consent_are_not_asked_and_a_planned_invitation_is_taken_back(db, trained):
    trained.person(consent=False)
    person = trained.person()
    assert schedule_wave(db, trained.wave).added == 1
    db.scalars(select(Consent).where(Consent.entrepreneur_id == person.id)).one().withdrawn_on = today()
    db.flush()
    assert schedule_wave(db, trained.wave) == Planned(0, 0, 1)


def test_whoever_has_answered_already_gets_no_invitation(db, trained):
    person = trained.person()
    trained.add(Submission(wave_id=trained.wave.id, entrepreneur_id=person.id, state="approved", received_at=now()))
    assert schedule_wave(db, trained.wave).added == 0


def details(wave, **changed):
    plain = {name: getattr(wave, name) for name in ("instrument_id", "label_ko", "label_en", "opens_on", "closes_on")}
    return WaveDetails(**{**plain, **changed})


def begin(trained):
    person = trained.person()
    schedule_wave(trained.db, trained.wave)
    invitation = trained.db.scalars(select(Invitation).where(Invitation.entrepreneur_id == person.id)).one()
    assert send_invitation(trained.writing, trained.messenger, invitation.id, "k" * 20, "sms") == "sent"
    return invitation


def test_a_wave_is_added_after_the_others_and_audited(db, trained):
    wave = add_wave(db, trained.programme, "fu2", details(trained.wave, opens_on=today() + 40 * DAY, closes_on=today() + 60 * DAY))
    assert (wave.round, wave.survey_year) == (2, wave.opens_on.year)
    assert [entry.object_key for entry in actions(db, "wave_added")] == [str(wave.id)]


@pytest.mark.parametrize(
    ("code", "changed", "field"),
    [
        ("Fu 2", {}, "code"),
        ("monitor", {}, "code"),
        ("fu1", {}, "code"),
        ("fu2", {"closes_on": today() - 40 * DAY}, "closes_on"),
        ("fu2", {"opens_on": today() - 30 * DAY}, "opens_on"),
        ("fu2", {"anchor": "cohort_end"}, "day_offset"),
        ("fu2", {"reminders": (7, 7)}, "reminders"),
        ("fu2", {"reminders": (0,)}, "reminders"),
        ("fu2", {"reminders": (1, 2, 3, 4, 5, 6)}, "reminders"),
    ],
)
def test_what_cannot_be_a_wave_is_refused_with_its_field(db, trained, code, changed, field):
    with pytest.raises(RefusedWave) as refusal:
        add_wave(db, trained.programme, code, details(trained.wave, **changed))
    assert refusal.value.field == field


def test_dates_change_until_somebody_was_asked_and_names_after(db, trained):
    later = trained.wave.closes_on + 5 * DAY
    edit_wave(db, trained.wave, details(trained.wave, closes_on=later))
    begin(trained)
    with pytest.raises(RefusedWave) as refusal:
        edit_wave(db, trained.wave, details(trained.wave, closes_on=later + DAY))
    assert refusal.value.field == "closes_on"
    edit_wave(db, trained.wave, details(trained.wave, label_en="Renamed", reminders=(3,)))
    assert (trained.wave.label_en, trained.wave.reminders) == ("Renamed", "[3]")


def test_a_wave_is_prolonged_for_those_who_have_not_answered(db, trained):
    invitation = begin(trained)
    later = trained.wave.closes_on + 10 * DAY
    assert prolong_wave(db, trained.wave, later, "holidays in between") == 1
    db.refresh(invitation)
    assert invitation.closes_on == later
    with pytest.raises(RefusedWave):
        prolong_wave(db, trained.wave, later, "holidays in between")


def test_days_of_reminders_are_read_as_people_write_them():
    assert read_reminders("7, 14;21") == (7, 14, 21)
    assert read_reminders(" ") == ()
    with pytest.raises(RefusedWave):
        read_reminders("weekly")


def test_a_wave_goes_on_by_itself_only_once_it_has_begun_and_once_a_day(db, trained):
    trained.wave.reminders = "[7]"
    trained.person()
    assert queue_due_reminders(db, today()) == 0
    begin(trained)
    assert queue_due_reminders(db, today()) == 1  # the first person's invitation
    assert queue_due_reminders(db, today()) == 1
    assert len(db.scalars(select(Job)).all()) == 1


def test_a_reminder_is_due_on_its_day(db, trained):
    trained.wave.reminders = "[7]"
    begin(trained)
    assert queue_due_reminders(db, today()) == 0
    for message in db.scalars(select(InvitationMessage)):
        message.sent_at -= 7 * DAY
    assert queue_due_reminders(db, today()) == 1


HEADER = "event_name,arm_num,day_offset,offset_min,offset_max,unique_event_name,custom_event_label"


@pytest.fixture
def scheduled(trained):
    trained.wave.label_en, trained.wave.label_ko = "Base-line survey", "기초조사"
    trained.add_wave("fu2", 0, 30, arm="treatment", anchor="cohort_end", day_offset=90, offset_min=7, offset_max=30)
    return trained


def test_the_schedule_goes_out_in_the_order_that_others_read(db, scheduled):
    lines = export_schedule(db, scheduled.programme).decode("utf-8-sig").splitlines()
    assert lines == [HEADER, "Base-line survey,1,,,,baseline_survey_arm_1,기초조사", "fu2,2,90,7,30,fu2_arm_2,fu2"]


def test_a_schedule_taken_in_as_it_went_out_changes_nothing(db, scheduled, tmp_path):
    path = tmp_path / "schedule.csv"
    path.write_bytes(export_schedule(db, scheduled.programme))
    assert import_schedule(db, scheduled.programme, path) == 0


def test_a_changed_schedule_changes_the_waves_it_names(db, scheduled, write):
    assert import_schedule(db, scheduled.programme, write(HEADER, "Six months,3,180,10,40,fu2_arm_2,6개월")) == 1
    wave = db.scalars(select(Wave).where(Wave.code == "fu2")).one()
    kept = (wave.label_en, wave.label_ko, wave.arm, wave.day_offset, wave.offset_min, wave.offset_max)
    assert kept == ("Six months", "6개월", "waitlist", 180, 10, 40)


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("x,1,,,,nowhere_arm_1,", "unique_event_name"),
        ("x,1,30,,,baseline_survey_arm_1,", "day_offset"),
        ("x,9,,,,baseline_survey_arm_1,", "arm_num"),
        ("x,2,90,-7,30,fu2_arm_2,", "offset_min"),
    ],
)
def test_a_schedule_with_a_fault_names_its_row_and_column(db, scheduled, write, line, column):
    with pytest.raises(RefusedFile) as refusal:
        import_schedule(db, scheduled.programme, write(HEADER, line))
    assert [(fault.row, fault.column) for fault in refusal.value.faults] == [(2, column)]
