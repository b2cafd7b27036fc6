"""The attendance page and what its form and its script send: own sessions only, nothing lost or doubled, nobody named in what is kept."""

import datetime as dt
import logging
import re
import threading

import pytest
from sqlalchemy import func, select

from evalapp.core.actor import Actor
from evalapp.core.audit.tables import AuditEntry
from evalapp.core.clock import now, today
from evalapp.core.db import transaction
from evalapp.training.attendance.queries import list_open_taps, open_session_note
from evalapp.training.attendance.record_taps import MOST_TAPS, record_taps
from evalapp.training.attendance.tables import AttendanceTap
from evalapp.training.tables import Attendance, TrainingSession
from tests.training.attendance.taught import NAMES, PLANNED, Taught, find_programme
from tests.web.site import csrf_token
from tests.web.training.classes import PAGE, give_class

GIVEN_NAMES = [name[1:] for name in NAMES]


class Trainer:
    """Somebody in a browser at the attendance page."""

    def __init__(self, site, role="trainer", programmes=("pi",)):
        self.site, self.code = site, site.account(role, programmes=programmes)
        self.client = site.app.test_client()
        self.client.set_cookie("language", "en")
        site.sign_in(self.client, self.code)

    def page(self, path=PAGE):
        return self.client.get(path).text

    def places(self, page=None):
        return [int(number) for number in re.findall(r'data-place="(\d+)"', page or self.page())]

    def form(self, **fields):
        """Return the form as the page shows it, with some fields changed."""
        page = self.page()
        hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
        chosen = dict(re.findall(r'name="(status-\d+)" value="(\w+)" checked', page))
        return {**hidden, **chosen, **fields}

    def send_form(self, data):
        return self.client.post(PAGE, data=data)

    def send_json(self, taps=(), *, path=PAGE, token=None, **more):
        body = {"taps": list(taps), "sent_at": 1_000_000, **more}
        return self.client.post(f"{path}/taps", json=body, headers={"X-CSRFToken": token or csrf_token(self.page())})


def tap(place, status, *, seen=0, key=None, ago_seconds=0, **more):
    key = key or f"{place:0>20}-{status}"
    return {
        "key": key,
        "place": place,
        "status": status,
        "minutes": None,
        "seen": seen,
        "at": 1_000_000 - 1000 * ago_seconds,
        **more,
    }


@pytest.fixture
def trainer(site):
    return Trainer(site)


def count(site, table, *where):
    with site.transaction() as db:
        return db.scalar(select(func.count()).select_from(table).where(*where))


def marks(site):
    with site.transaction() as db:
        return {status for (status,) in db.execute(select(Attendance.status))}


def test_one_form_saves_all_twelve_and_sent_again_changes_nothing(site, trainer):
    give_class(site, trainer.code)
    places = trainer.places()
    data = trainer.form(**{f"status-{place}": "present" for place in places[:11]}, **{f"status-{places[11]}": "late"})
    for _ in range(2):
        assert trainer.send_form(data).status_code == 303
    assert count(site, Attendance) == 12
    assert "Saved." in trainer.page()
    with site.transaction() as db:
        assert sorted(db.scalars(select(Attendance.minutes))) == [PLANNED - 15] + [PLANNED] * 11
        assert set(db.scalars(select(Attendance.version))) == {1}


def test_the_form_marks_the_rest_absent_and_ends_the_session_with_note_and_times(site, trainer):
    give_class(site, trainer.code)
    places = trainer.places()
    trainer.send_form(trainer.form(**{f"status-{place}": "present" for place in places[:9]}, do="absent"))
    assert count(site, Attendance, Attendance.status == "unexcused") == 3
    done = trainer.form(do="done", began="19:05", ended="21:30", **{"note-0": "lively", f"note-{places[0]}": "asked much"})
    assert trainer.send_form(done).status_code == 303
    with site.transaction() as db:
        session = db.scalars(select(TrainingSession)).one()
        assert (session.state, open_session_note(db, session)) == ("held", "lively")
        assert session.ended_at - session.began_at == dt.timedelta(minutes=145)
    assert "asked much" in trainer.page()


def test_two_who_fill_the_form_in_contradict_each_other_only_where_they_pressed(site, trainer):
    colleague = Trainer(site)
    give_class(site, trainer.code, colleague.code)
    first, second, *_ = trainer.places()
    theirs = colleague.form(**{f"status-{first}": "present"})
    trainer.send_form(trainer.form(**{f"status-{first}": "late", f"status-{second}": "excused"}))
    answer = colleague.client.post(PAGE, data=theirs, follow_redirects=True)
    assert "contradict somebody else&#39;s: 1" in answer.text
    for page, mine, other in ((trainer.page(), "late", "T2"), (colleague.page(), "present", "T1")):
        assert "Two marks differ" in page
        assert other in page
        assert re.search(rf'value="{first}:{mine}:\d+:1">[^<]*you', page)
    button = re.search(rf'name="settle" value="({first}:present:\d+:1)"', colleague.page())[1]
    assert colleague.send_form(colleague.form(settle=button)).status_code == 303
    assert marks(site) == {"present", "excused"}
    with site.transaction() as db:
        assert list_open_taps(db, db.scalars(select(TrainingSession)).one()) == {}


def test_a_refused_form_gives_back_what_was_typed_and_keeps_the_marks(site, trainer):
    give_class(site, trainer.code)
    place = trainer.places()[0]
    fields = {f"status-{place}": "late", f"minutes-{place}": "120", "note-0": "850302-1234567", "do": "done"}
    answer = trainer.send_form(trainer.form(**fields))
    assert answer.status_code == 422
    assert "resident registration number" in answer.text
    assert "850302-1234567" in answer.text
    with site.transaction() as db:
        assert db.scalars(select(Attendance.minutes)).one() == 120
        assert db.scalars(select(TrainingSession.state)).one() == "planned"
    answer = trainer.send_form(trainer.form(**{f"minutes-{place}": "999"}))
    assert (answer.status_code, "between 1 and 150" in answer.text) == (422, True)


def test_a_mark_is_taken_away_by_the_form(site, trainer):
    give_class(site, trainer.code)
    place = trainer.places()[0]
    trainer.send_form(trainer.form(**{f"status-{place}": "late"}))
    trainer.send_form(trainer.form(**{f"clear-{place}": "yes"}))
    assert count(site, Attendance) == 0


def test_the_script_is_told_what_became_of_each_mark_and_how_all_stand(site, trainer):
    give_class(site, trainer.code, people=3)
    first, second, third = sorted(trainer.places())
    taps = [tap(first, "present"), tap(second, "late", minutes=100), tap(third, "late", minutes=9_999), tap(999, "present")]
    answer = trainer.send_json(taps)
    assert answer.status_code == 200
    assert [each["outcome"] for each in answer.json["taken"]] == ["taken", "taken", "refused", "refused"]
    assert "between 1 and 150" in answer.json["taken"][2]["fault"]
    rows = {row["place"]: row for row in answer.json["rows"]}
    assert [(rows[place]["status"], rows[place]["version"]) for place in (first, second, third)] == [
        ("present", 1), ("late", 1), (None, 0),
    ]  # fmt: skip
    assert trainer.send_json(taps[:2]).json["rows"] == answer.json["rows"]
    assert trainer.client.get(f"{PAGE}/marks").json["rows"] == answer.json["rows"]


def test_the_time_of_a_mark_does_not_hang_on_the_clock_of_the_device(site, trainer):
    give_class(site, trainer.code, people=3)
    places = trainer.places()
    with site.transaction() as db:
        before = now()
    trainer.send_json([tap(places[0], "present", ago_seconds=600), tap(places[1], "present", ago_seconds=-600)])
    trainer.send_json([tap(places[2], "present", ago_seconds=10**9)])
    with site.transaction() as db:
        at = dict(db.execute(select(AttendanceTap.key, AttendanceTap.tapped_at)).all())
        received = set(db.scalars(select(AttendanceTap.received_at)))
    made = [at[tap(place, "present")["key"]] for place in places]
    assert abs(made[0] - before + dt.timedelta(minutes=10)) < dt.timedelta(minutes=1)
    assert made[1] >= before
    assert made[2] >= before - dt.timedelta(days=61)
    assert min(received) >= before


NOT_OURS = (
        None, [], {}, {"taps": 1, "sent_at": 1}, {"taps": [1], "sent_at": 1}, {"taps": [{"key": "a"}], "sent_at": 1},
        {"taps": [], "sent_at": "now"}, {"taps": [], "sent_at": 1, "closing": {"began": "7 pm", "ended": ""}},
        {"taps": [], "sent_at": 1, "notes": {"x": {}}}, {"taps": [], "sent_at": 1, "notes": []},
        {"taps": [{"key": "a" * 20, "place": 1.5, "status": "late", "seen": 0, "at": 1}], "sent_at": 1},
        {"taps": [{"key": "a" * 20, "place": 1, "status": "late", "seen": 0, "at": 1e308}], "sent_at": -1e308},
        {"taps": [{"key": "a\0" * 20, "place": 1, "status": "late", "seen": 0, "at": 1}], "sent_at": 1},
)  # fmt: skip


def test_what_no_script_of_ours_sends_is_refused_in_words(site, trainer):
    give_class(site, trainer.code, people=1)
    headers = {"X-CSRFToken": csrf_token(trainer.page())}
    for body in NOT_OURS:
        answer = trainer.client.post(f"{PAGE}/taps", json=body, headers=headers)
        assert answer.status_code == 422, body
        assert "cannot be read" in answer.json["message"]


def test_the_script_is_told_in_words_why_nothing_is_taken(site, trainer):
    give_class(site, trainer.code, people=1)
    place = trainer.places()[0]
    token = csrf_token(trainer.page())
    many = [tap(place, "present", key=f"{n:032}") for n in range(MOST_TAPS + 1)]
    assert trainer.send_json(many).status_code == 413
    assert trainer.client.post(f"{PAGE}/taps", json={}, headers={"X-CSRFToken": "x"}).status_code == 400
    with site.transaction() as db:
        db.scalars(select(TrainingSession)).one().state = "cancelled"
    answer = trainer.send_json([tap(place, "present")], token=token)
    assert (answer.status_code, "cancelled" in answer.json["message"]) == (409, True)
    with site.transaction() as db:
        db.connection().exec_driver_sql("UPDATE role_grants SET revoked_at = granted_at")
    assert trainer.send_json([tap(place, "present")], token=token).status_code == 403
    with site.transaction() as db:
        db.connection().exec_driver_sql("UPDATE sign_ins SET ended_at = started_at")
    assert trainer.send_json([tap(place, "present")], token=token).status_code == 401
    assert count(site, Attendance) == 0


def test_a_note_that_a_colleague_wrote_meanwhile_is_joined_and_the_script_is_not_told_it_stands(site, trainer):
    colleague = Trainer(site)
    give_class(site, trainer.code, colleague.code, people=1)
    assert trainer.send_json(notes={"0": {"text": "mine", "seen": ""}}).json["notes"].keys() == {"0"}
    answer = colleague.send_json(notes={"0": {"text": "theirs", "seen": ""}})
    assert (answer.json["notes"], answer.json["faults"]) == ({}, {})
    page = colleague.page()
    assert "mine\ntheirs" in page
    refused = trainer.send_json(notes={"0": {"text": "010101-1234567", "seen": ""}}, closing={"began": "19:00", "ended": "21:00"})
    assert "resident registration number" in refused.json["faults"]["note-0"]
    assert refused.json["held"] is False


def test_names_are_on_the_page_and_nowhere_else(site, trainer, caplog):
    give_class(site, trainer.code)
    with caplog.at_level(logging.DEBUG):
        page = trainer.page()
        answer = trainer.send_json([tap(place, "present") for place in trainer.places(page)])
    assert all(name in page for name in GIVEN_NAMES)
    assert not [name for name in NAMES if name in page]
    assert not re.search(r"010-\d{4}-\d{4}", page)
    elsewhere = answer.text + trainer.client.get(f"{PAGE}/marks").text + caplog.text
    assert not [name for name in GIVEN_NAMES if name in elsewhere]
    assert not re.search(r"PI-\d{4}", elsewhere)
    with site.transaction() as db:
        texts = " ".join(f"{entry.before}{entry.after}{entry.reason}" for entry in db.scalars(select(AuditEntry)))
    assert not [name for name in GIVEN_NAMES if name in texts]


def test_every_look_at_the_names_is_one_entry_of_the_audit_log_and_no_cache_keeps_it(site, trainer):
    give_class(site, trainer.code)
    assert trainer.client.get(PAGE).headers["Cache-Control"] == "no-store"
    trainer.client.get(f"{PAGE}/marks")
    with site.transaction() as db:
        (entry,) = db.scalars(select(AuditEntry).where(AuditEntry.action == "given_names_shown"))
        assert (entry.account, entry.role, entry.object_type) == (trainer.code, "trainer", "session")
        assert entry.after.count("PI-") == 12


def test_another_trainers_cohort_is_not_there_by_any_way(site, trainer):
    give_class(site, Trainer(site).code)
    site.account("trainer", programmes=("other",))
    token = csrf_token(trainer.page("/account"))
    for path in (PAGE, PAGE.replace("/A/", "/B/"), PAGE.replace("/1/", "/7/"), PAGE.replace("/pi/", "/other/")):
        assert trainer.client.get(path).status_code == 404
        assert trainer.client.get(f"{path}/marks").status_code == 404
        assert trainer.client.post(path, data={"csrf_token": token, "do": "done"}).status_code == 404
        assert trainer.send_json([tap(1, "present")], path=path, token=token).status_code == 404
    assert count(site, Attendance) == 0
    assert count(site, AuditEntry, AuditEntry.action == "given_names_shown") == 0


def test_people_of_another_cohort_cannot_be_marked_through_ones_own_session(site, trainer):
    give_class(site, trainer.code, people=1)
    with site.transaction() as db:
        other = Taught(db, find_programme(db), people=1, code="B", trainers=("T8",), accounts=(None,))
        place = other.number(other.people[0])
    answer = trainer.send_json([tap(place, "present")])
    assert answer.json["taken"][0]["outcome"] == "refused"
    assert count(site, Attendance) == 0


def test_an_officer_marks_late_with_a_reason_and_a_trainer_does_not(site, trainer):
    officer = Trainer(site, "program_officer")
    give_class(site, trainer.code, people=1, held_on=today() - dt.timedelta(days=20))
    page = trainer.page()
    assert "Ask a programme officer" in page
    assert 'id="attendance"' not in page
    place = officer.places()[0]
    assert officer.send_form(officer.form(**{f"status-{place}": "present"})).status_code == 422
    refused = officer.send_json([tap(place, "present")], reason="")
    assert refused.status_code == 422
    assert count(site, Attendance) == 0
    assert officer.send_form(officer.form(reason="from the paper list", **{f"status-{place}": "present"})).status_code == 303
    assert count(site, AuditEntry, AuditEntry.reason == "from the paper list") == 1


def test_who_watches_a_session_reads_no_notes_and_writes_none(site, trainer):
    helper = Trainer(site)
    taught = give_class(site, trainer.code, helper.code, people=1)
    with site.transaction() as db:
        db.connection().exec_driver_sql("UPDATE session_trainers SET role = 'observer'")
    trainer.send_form(trainer.form(**{"note-0": "between us"}))
    assert "between us" in trainer.page()
    assert "between us" not in helper.page()
    helper.send_json(notes={"0": {"text": "I was here", "seen": ""}})
    with site.transaction() as db:
        assert open_session_note(db, db.get(TrainingSession, taught.session.id)) == "between us"


def test_a_trainers_work_begins_with_todays_session(site, trainer):
    give_class(site, trainer.code, people=1)
    page = trainer.page("/work")
    assert page.index("Mark attendance") < page.index("Your next sessions")
    assert f'href="{PAGE}"' in page


def test_two_devices_that_send_the_same_keys_at_once_mark_once(site):
    site.account("program_officer", programmes=("pi",))
    taught = give_class(site, people=6)
    with site.transaction() as db:
        taught.db = db
        session_id, taps = taught.session.id, [taught.tap(person, "present") for person in taught.people]
    start, faults = threading.Barrier(2), []

    def send(account):
        try:
            start.wait()
            with transaction(site.engine, actor=Actor(account, "trainer"), keys=site.keys) as db:
                taken = record_taps(db, db.get(TrainingSession, session_id), taps)
                assert [each.outcome for each in taken] == ["taken"] * 6
        except BaseException as fault:  # noqa: BLE001 - shown by the thread that looks on
            faults.append(fault)

    threads = [threading.Thread(target=send, args=(account,)) for account in ("AC-A", "AC-B")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert (count(site, Attendance), count(site, AttendanceTap)) == (6, 6)
    assert count(site, Attendance, Attendance.version != 1) == 0
