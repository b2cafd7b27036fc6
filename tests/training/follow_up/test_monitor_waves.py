"""Where people stand in a wave, the final codes, response against the roster, and who waits."""

import datetime as dt

import pytest

from evalapp.core.clock import now, today
from evalapp.people.contacts.queries import OUTCOME_FLAGS
from evalapp.people.contacts.record_exit import record_exit
from evalapp.people.listing.roster import RosterLine
from evalapp.surveys.answering.tables import SurveyDraft
from evalapp.surveys.invitations.end_invitation import end_invitation
from evalapp.surveys.invitations.plan_invitations import Window
from evalapp.surveys.invitations.queries import InvitationFacts
from evalapp.surveys.tables import Submission
from evalapp.training.follow_up.monitor_waves import list_waiting, monitor_waves
from evalapp.training.follow_up.schedule_waves import schedule_wave
from evalapp.training.follow_up.wave_lines import list_wave_lines
from evalapp.training.follow_up.wave_outcomes import FINAL_CODES, STATUSES, Standing
from tests.training.follow_up.test_schedule_waves import Trained

DAY = dt.timedelta(days=1)
ON = dt.date(2026, 5, 20)
EXACT = 1e-12  # shares of small counts, the same sum twice


def standing(opens=-10, due=4, closes=20, *, state=None, opened=False, tries=0, submission=None, begun=False, **person):
    """One person on ON, with a window relative to it."""
    window = Window(*(ON + days * DAY for days in (opens, due, closes)))
    at = dt.datetime(2026, 5, 12, tzinfo=dt.UTC)
    said = {"consent": "given", "left_for": None, "no_contact": False, "contacts": ()} | person
    invitation = InvitationFacts(1, 1, state, window, opened, (at,) * tries, "") if state else None
    return Standing(RosterLine(1, "PI-0001-0", ON - 60 * DAY, **said), window, invitation, submission, begun)


@pytest.mark.parametrize(
    ("facts", "status", "code"),
    [
        ({"opens": 5, "due": 8}, "not_due", ""),
        ({}, "due", ""),
        ({"state": "planned"}, "due", ""),
        ({"state": "sent", "tries": 1}, "open", ""),
        ({"state": "opened", "opened": True}, "open", ""),
        ({"state": "sent", "due": -1}, "overdue", ""),
        ({"due": -1}, "overdue", ""),
        ({"submission": "received"}, "complete", "1.1"),
        ({"submission": "rejected", "closes": -1}, "complete", "1.1"),
        ({"submission": "approved", "left_for": "died"}, "complete", "1.1"),
        ({"begun": True, "state": "opened", "opened": True}, "open", ""),
        ({"begun": True, "state": "opened", "opened": True, "closes": -1}, "partial", "1.2"),
        ({"submission": "draft", "closes": -1}, "partial", "1.2"),
        ({"state": "opened", "opened": True, "closes": -1}, "missed", "2.1"),
        ({"state": "sent", "tries": 2, "closes": -1}, "missed", "2.2"),
        ({"state": "planned", "closes": -1}, "missed", "3"),
        ({"closes": -1, "contacts": ((ON - 5 * DAY, "no_answer"),)}, "missed", "2.2"),
        ({"closes": -1, "contacts": ((ON - 50 * DAY, "no_answer"),)}, "missed", "3"),
        ({"state": "sent", "contacts": ((ON - 5 * DAY, "refused"),)}, "open", "2.1"),
        ({"state": "refused"}, "not_applicable", "2.1"),
        ({"state": "cancelled"}, "not_applicable", ""),
        ({"consent": "withdrawn"}, "not_applicable", "2.1"),
        ({"consent": "not_asked", "closes": -1}, "not_applicable", "3"),
        ({"left_for": "ineligible"}, "not_applicable", "4"),
        ({"left_for": "died"}, "not_applicable", "2.3"),
        ({"left_for": "moved"}, "not_applicable", "2.2"),
        ({"left_for": "withdrawn"}, "not_applicable", "2.1"),
        ({"no_contact": True}, "not_applicable", ""),
    ],
)
def test_status_and_final_code_follow_from_what_happened(facts, status, code):
    found = standing(**facts)
    assert (found.status(ON), found.final_code(ON)) == (status, code)
    assert found.status(ON) in STATUSES
    assert not code or code in FINAL_CODES


def test_a_wave_that_does_not_apply_has_no_code_and_counts_for_nobody():
    alone = Standing(standing().person, None, None, None, begun=False)
    assert (alone.status(ON), alone.final_code(ON), alone.counts(ON)) == ("not_applicable", "", False)


def test_the_roster_counts_not_those_who_were_reached():
    assert standing(consent="withdrawn").counts(ON)
    assert standing(left_for="moved").counts(ON)
    assert not standing(left_for="ineligible").counts(ON)
    assert not standing(opens=3, due=5).counts(ON)


def test_every_outcome_of_a_contact_is_known():
    for outcome in OUTCOME_FLAGS:
        assert standing(contacts=((ON, outcome),)).final_code(ON) in ("", "2.1")


@pytest.fixture
def trained(db, programme):
    return Trained(db, programme)


def answer(trained, *people):
    for person in people:
        trained.add(Submission(wave_id=trained.wave.id, entrepreneur_id=person.id, state="received", received_at=now()))


def test_response_is_counted_by_wave_arm_and_cohort_against_the_roster(db, trained):
    treated, waiting = [trained.member("A") for _ in range(4)], [trained.member("W") for _ in range(3)]
    trained.person()
    answer(trained, *treated[:3], waiting[0])
    record_exit(db, trained.programme, waiting[2], "ineligible", today())
    schedule_wave(db, trained.wave)
    (monitor,) = monitor_waves(db, trained.programme.id, today())
    assert [(r.arm, r.due, r.answered) for r in monitor.arms] == [("treatment", 4, 3), ("waitlist", 2, 1), ("", 1, 0)]
    assert [(r.arm, r.cohort) for r in monitor.cohorts] == [("treatment", "A"), ("waitlist", "W"), ("", "")]
    assert (monitor.total.due, monitor.total.answered) == (7, 4)
    assert abs(monitor.total.share.share - 4 / 7) < EXACT
    (difference,) = monitor.differences
    assert (difference.arm, difference.reference, difference.method) == ("waitlist", "treatment", "Fisher exact")
    assert abs(difference.difference - (1 / 2 - 3 / 4)) < EXACT


def test_arms_that_answer_differently_are_named(db, trained):
    treated, waiting = [trained.member("A") for _ in range(15)], [trained.member("W") for _ in range(15)]
    answer(trained, *treated[:12], *waiting[:4])
    schedule_wave(db, trained.wave)
    (monitor,) = monitor_waves(db, trained.programme.id, today())
    assert [caution.code for caution in monitor.cautions] == ["differential_attrition"]
    assert monitor.differences[0].p_value < 0.05


def test_one_arm_alone_is_compared_with_nothing(db, trained):
    trained.member("A")
    trained.person()
    schedule_wave(db, trained.wave)
    (monitor,) = monitor_waves(db, trained.programme.id, today())
    assert (monitor.differences, monitor.cautions) == ((), ())


def line_of(db, trained, person):
    lines = list_wave_lines(db, trained.wave, today())
    return next(line for line in lines if line.person.id == person.id)


def test_a_line_says_who_is_to_be_invited_reminded_or_called(db, trained):
    silent, mute, ended = trained.person(), trained.person(phone=None), trained.person()
    for person in (silent, mute, ended):
        trained.invite(person)
    end_invitation(db, trained.invite(ended), "cancelled", "asked by mistake")
    assert line_of(db, trained, silent).to_invite
    assert line_of(db, trained, mute).without_address
    assert line_of(db, trained, ended).status == "not_applicable"


def test_a_draft_is_seen_as_begun(db, trained):
    person = trained.person()
    invitation = trained.invite(person)
    invitation.closes_on = invitation.due_on = today() - DAY
    invitation.opens_on = today() - 9 * DAY
    keys = {"instrument_id": trained.wave.instrument_id, "answers_sealed": "k1:x", "started_at": now(), "saved_at": now()}
    trained.add(SurveyDraft(invitation_id=invitation.id, **keys))
    line = line_of(db, trained, person)
    assert (line.status, line.code) == ("partial", "1.2")


def test_the_queue_names_why_somebody_waits(db, trained):
    trained.wave.opens_on, trained.wave.closes_on = today() - 20 * DAY, today() + 5 * DAY
    late, mute = trained.person(), trained.person(phone=None)
    schedule_wave(db, trained.wave)
    waiting = list_waiting(monitor_waves(db, trained.programme.id, today()), today())
    reasons = {one.line.person.id: one.reasons for one in waiting}
    assert reasons == {late.id: ("overdue", "closing"), mute.id: ("overdue", "closing", "not_reached")}
    answer(trained, late, mute)
    assert list_waiting(monitor_waves(db, trained.programme.id, today()), today()) == []
