"""Notes are sealed, joined instead of overwritten, and kept out of the audit log; a session that is done has its times."""

import datetime as dt

import pytest
from sqlalchemy import select

from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import SEOUL, today
from evalapp.core.errors import AppError
from evalapp.people.records.erase_person import erase_person
from evalapp.people.records.preview_erasure import preview_erasure
from evalapp.training.attendance.check_marking import NotNow
from evalapp.training.attendance.close_session import close_session, planned_times
from evalapp.training.attendance.queries import open_notes, open_session_note
from evalapp.training.attendance.record_taps import record_taps
from evalapp.training.attendance.write_notes import LONGEST_NOTE, OF_THE_SESSION, Note, RefusedNotes, mark_of, write_notes
from evalapp.training.tables import Attendance
from tests.conftest import KEYS
from tests.people.registered import actions, after
from tests.training.attendance.taught import DAY, Taught

SEVEN, HALF_PAST_NINE = dt.time(19), dt.time(21, 30)


@pytest.fixture
def taught(db, programme):
    taught = Taught(db, programme, people=2)
    record_taps(db, taught.session, [taught.tap(taught.people[0], "present")])
    return taught


def note(taught, text, seen="", number=OF_THE_SESSION):
    return write_notes(taught.db, taught.session, {number: Note(text, seen)})


def test_a_note_is_sealed_for_its_session_and_its_words_are_nowhere_else(db, taught):
    number = taught.number(taught.people[0])
    assert note(taught, "Hana was worried about her brother\n") == 1
    assert note(taught, "asked twice about loans", number=number) == 1
    row = db.scalars(select(Attendance)).one()
    assert KEYS.open(taught.session.note_sealed, f"session:{taught.session.id}:note") == "Hana was worried about her brother"
    assert KEYS.open(row.note_sealed, f"attendance:{row.id}:note") == "asked twice about loans"
    assert open_notes(db, taught.session) == {taught.people[0].id: "asked twice about loans"}
    assert [after(entry) for entry in actions(db, "session_noted")] == [
        {"of_the_session": True, "of_people": 0}, {"of_the_session": False, "of_people": 1},
    ]  # fmt: skip
    for entry in db.scalars(select(AuditEntry)):
        assert "brother" not in f"{entry.before}{entry.after}{entry.reason}"


def test_a_note_is_changed_and_taken_away_by_whoever_saw_it(db, taught):
    note(taught, "first")
    assert note(taught, "second", seen=mark_of("first")) == 1
    assert open_session_note(db, taught.session) == "second"
    assert note(taught, "", seen=mark_of("second")) == 1
    assert taught.session.note_sealed is None


def test_two_who_write_at_once_lose_nothing_and_twice_the_same_adds_nothing(db, taught):
    note(taught, "from one")
    assert note(taught, "from the other") == 1
    assert open_session_note(db, taught.session) == "from one\nfrom the other"
    assert note(taught, "from the other") == 0
    assert note(taught, "from one") == 0
    assert note(taught, "") == 0
    assert open_session_note(db, taught.session) == "from one\nfrom the other"


@pytest.mark.parametrize(
    ("text", "message"), [("850302-1234567", "resident registration number"), ("x" * (LONGEST_NOTE + 1), "more than 2,000")]
)
def test_a_note_that_must_not_be_kept_is_refused_and_nothing_is_written(db, taught, text, message):
    number = taught.number(taught.people[0])
    with pytest.raises(RefusedNotes, match=message) as refused:
        write_notes(db, taught.session, {OF_THE_SESSION: Note("fine", ""), number: Note(text, "")})
    assert list(refused.value.faults) == [number]
    assert taught.session.note_sealed is None


def test_nobody_is_noted_who_is_not_marked_or_not_on_the_roster(taught):
    with pytest.raises(RefusedNotes, match="Mark whether"):
        note(taught, "who?", number=taught.number(taught.people[1]))
    assert note(taught, "who?", number=999) == 0


def test_a_session_that_is_done_is_held_with_its_times(db, taught):
    assert planned_times(taught.session) == (SEVEN, HALF_PAST_NINE)
    close_session(db, taught.session, dt.time(19, 5), HALF_PAST_NINE)
    assert taught.session.state == "held"
    assert taught.session.began_at == dt.datetime.combine(today(), dt.time(19, 5), SEOUL)
    assert taught.session.ended_at == dt.datetime.combine(today(), HALF_PAST_NINE, SEOUL)
    assert planned_times(taught.session) == (dt.time(19, 5), HALF_PAST_NINE)


def test_done_twice_is_done_once(db, taught):
    for _ in range(2):
        close_session(db, taught.session, SEVEN, HALF_PAST_NINE)
    close_session(db, taught.session, None, None)
    assert len(actions(db, "session_held")) == 1
    assert taught.session.began_at is not None


def test_a_session_may_end_after_midnight_and_not_before_it_began(db, taught):
    close_session(db, taught.session, dt.time(22), dt.time(0, 30))
    assert taught.session.ended_at - taught.session.began_at == dt.timedelta(hours=2, minutes=30)
    with pytest.raises(AppError, match="before the beginning"):
        close_session(db, taught.session, HALF_PAST_NINE, SEVEN)


def test_a_session_without_a_planned_time_is_done_without_times(db, taught):
    taught.session.starts_at = None
    assert planned_times(taught.session) == (None, None)
    close_session(db, taught.session, None, None)
    assert (taught.session.state, taught.session.began_at) == ("held", None)


@pytest.mark.parametrize("change", [{"state": "cancelled"}, {"held_on": today() + DAY}])
def test_what_cannot_be_marked_cannot_be_noted_or_done(db, taught, change):
    for name, value in change.items():
        setattr(taught.session, name, value)
    db.flush()
    with pytest.raises(NotNow):
        note(taught, "text")
    with pytest.raises(NotNow):
        close_session(db, taught.session, None, None)


def test_whoever_is_forgotten_takes_the_notes_about_them_along(db, taught):
    person = taught.people[0]
    note(taught, "asked twice about loans", number=taught.number(person))
    assert preview_erasure(db, person)["identity_only"]["attendance_notes"] == 1
    assert erase_person(db, person, "identity_only", "asked to be forgotten").removed["attendance_notes"] == 1
    assert db.scalars(select(Attendance.note_sealed)).one() is None
