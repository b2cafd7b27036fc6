"""People move through the training one dated step after another: all of a list, or nobody and every reason said."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import text

from evalapp.core.clock import today
from evalapp.core.db import make_engine, reading, transaction
from evalapp.core.migrate import upgrade
from evalapp.people.consents.withdraw_consent import withdraw_consent
from evalapp.people.contacts.record_exit import record_exit
from evalapp.training.cohorts.queries import count_places_taken, find_cohort
from evalapp.training.enrolments.move_stage import RefusedMove, move_stage
from evalapp.training.enrolments.queries import list_people_of, list_steps_of, list_waiting
from evalapp.training.queries import list_enrolments_of
from tests.conftest import ACTOR, KEYS
from tests.people.registered import actions, after
from tests.training.enrolments.joining import DAY, START, Joining, find_programme

NOTE = "agreed on the telephone"


@pytest.fixture
def joining(db, programme):
    return Joining(db, programme, capacity=3)


def stage_of(joining, person):
    return list_enrolments_of(joining.db, joining.programme.id, [person.id])[person.id]


def refusal(joining, *positional, **named):
    with pytest.raises(RefusedMove) as refused, joining.db.begin_nested():
        joining.move(*positional, **named)
    return refused.value


def said(joining, *positional, **named):
    """Return what stands in each person's way, by study ID, in English."""
    return {name: str(message) for name, message in refusal(joining, *positional, **named).people.items()}


def test_somebody_goes_all_the_way_and_every_step_is_kept(joining):
    person = joining.person()
    joining.move([person], "applied")
    assert stage_of(joining, person).cohort_code is None
    joining.move([person], "waitlisted", START + DAY, cohort=joining.a)
    joining.move([person], "enrolled", START + 2 * DAY, "place_free")
    joining.move([person], "active", START + 3 * DAY)
    joining.train([person], [90], held_on=START + 5 * DAY)
    joining.move([person], "completed", START + 30 * DAY)
    steps = list_steps_of(joining.db, joining.programme.id, person.id)
    assert [(s.from_stage, s.to_stage, s.cohort_code, (s.stepped_on - START).days, s.reason) for s in steps] == [
        (None, "applied", None, 0, "eligible"), ("applied", "waitlisted", "A", 1, "eligible"),
        ("waitlisted", "enrolled", "A", 2, "place_free"), ("enrolled", "active", "A", 3, "begun"),
        ("active", "completed", "A", 30, "rule_met"),
    ]  # fmt: skip
    entries = actions(joining.db, "stage_moved")
    assert [(entry.subject, after(entry)["stage"]) for entry in entries] == [(person.study_id, step.to_stage) for step in steps]


def test_who_is_enrolled_at_once_applied_on_the_way(joining):
    people = joining.people(2)
    assert joining.move(people, "enrolled", cohort=joining.a) == 2
    for person in people:
        steps = list_steps_of(joining.db, joining.programme.id, person.id)
        assert [(step.from_stage, step.to_stage) for step in steps] == [(None, "applied"), ("applied", "enrolled")]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"on": today() + DAY}, "stepped_on"),
        ({"reason": "begun"}, "reason"),
        ({"note": "call 010-1234-5678"}, "note"),
        ({"note": "x"}, "note"),
        ({"note": "because " * 40}, "note"),
    ],
)
def test_a_move_that_is_wrong_in_itself_names_its_field(joining, changes, field):
    wish = {"cohort": joining.a, **changes}
    assert refusal(joining, [joining.person()], "enrolled", **wish).field == field


def test_one_in_the_way_holds_everybody_back_and_each_is_told_why(joining):
    fine, early, done, unasked = [*joining.people(3), joining.person(consents=False)]
    joining.move([fine, early, unasked], "enrolled", cohort=joining.a)
    joining.move([early], "active", START + 5 * DAY)
    joining.move([done], "declined")
    why = said(joining, [fine, early, done, unasked], "active", START + DAY)
    assert why == {
        early.study_id: "Now: in training. No step leads from there to: in training.",
        done.study_id: "Now: declined. No step leads from there to: in training.",
        unasked.study_id: "The consent “Records of the training” is missing or no longer holds. Record it first.",
    }
    assert stage_of(joining, fine).stage == "enrolled"
    assert said(joining, [early], "withdrawn", START + DAY) == {
        early.study_id: f"The step before was on {START + 5 * DAY}; this one cannot be earlier."
    }


def test_a_consent_that_ended_meanwhile_holds_no_more(joining, programme):
    person = joining.person()
    joining.move([person], "enrolled", cohort=joining.a)
    withdraw_consent(joining.db, programme, person, today(), "burden", ["training"])
    assert "no longer holds" in said(joining, [person], "active", START + DAY)[person.study_id]


def test_who_left_the_programme_is_only_let_go(joining, programme):
    person = joining.person()
    joining.move([person], "enrolled", cohort=joining.a)
    record_exit(joining.db, programme, person, "moved", today())
    assert "Left the programme" in said(joining, [person], "active", START + DAY)[person.study_id]
    joining.move([person], "withdrawn", START + DAY, "moved")
    assert stage_of(joining, person).stage == "withdrawn"


def test_a_place_needs_a_cohort_and_training_one_that_is_trained(joining):
    person, waiting = joining.people(2)
    joining.move([person], "applied")
    assert said(joining, [person], "enrolled") == {person.study_id: "Is in no cohort yet. Choose one."}
    joining.move([waiting], "enrolled", cohort=joining.w)
    assert said(joining, [waiting], "active") == {waiting.study_id: "The cohort has no training."}


def test_going_back_asks_for_a_reason_and_a_note(joining):
    person = joining.person()
    joining.move([person], "declined")
    why = said(joining, [person], "applied")
    assert "needs a reason for going back" in why[person.study_id]
    assert "needs a reason for going back" in said(joining, [person], "applied", reason="returned")[person.study_id]
    joining.move([person], "applied", reason="returned", note=NOTE)
    assert list_steps_of(joining.db, joining.programme.id, person.id)[-1].note == NOTE
    assert NOTE not in "".join(entry.after + entry.reason for entry in actions(joining.db, "stage_moved"))
    assert "one for going back" in said(joining, [person], "waitlisted", reason="mistake", note=NOTE)[person.study_id]


def test_another_cohort_is_open_until_somebody_came_to_a_session(joining):
    person = joining.person()
    joining.move([person], "enrolled", cohort=joining.a)
    b = joining.cohort("B", "treatment", starts_on=START, ends_on=START + 30 * DAY)
    assert said(joining, [person], "enrolled", cohort=joining.a)[person.study_id].startswith("Now: enrolled")
    joining.move([person], "enrolled", cohort=b)
    assert stage_of(joining, person).cohort_code == "B"
    joining.move([person], "enrolled", cohort=joining.a)
    joining.train([person], [100])
    assert said(joining, [person], "enrolled", cohort=b)[person.study_id].startswith("Has been to sessions")


def test_a_full_cohort_offers_its_waiting_list_which_keeps_its_order(joining):
    first, second, third, *rest = joining.people(6)
    joining.move([first, second], "enrolled", cohort=joining.a)
    full = refusal(joining, [third, *rest], "enrolled", cohort=joining.a)
    assert full.is_full
    assert "3 places, of which 1 are free, and 4 people" in str(full)
    joining.move(rest[::-1], "waitlisted", cohort=joining.a)
    joining.move([third], "waitlisted", START + DAY, cohort=joining.a)
    order = [*rest[::-1], third]
    assert list_waiting(joining.db, joining.programme.id, joining.a.id) == [person.id for person in order]
    shown = list_people_of(joining.db, joining.programme.id, joining.a.id)["waitlisted"]
    assert [person.study_id for person in shown] == [person.study_id for person in order]
    late = {"on": START + 2 * DAY, "reason": "place_free"}
    assert said(joining, [third], "enrolled", **late)[third.study_id].startswith(f"{order[0].study_id} is before")
    joining.move([order[0]], "enrolled", **late)
    joining.move([first], "withdrawn", START + 3 * DAY)
    joining.move([third], "enrolled", START + 3 * DAY, "place_free", NOTE)  # passes over the others, and says so
    assert count_places_taken(joining.db, joining.a.id) == 3
    assert refusal(joining, [order[1]], "enrolled", on=START + 3 * DAY, reason="place_free").is_full


def test_a_lot_asks_for_no_order(joining):
    first, second = joining.people(2)
    joining.move([first, second], "waitlisted", cohort=joining.w)
    joining.move([second], "enrolled", reason="drawn", cohort=joining.a)
    assert stage_of(joining, second).cohort_code == "A"


def test_nobody_completes_who_missed_the_rule_or_before_the_last_session(joining):
    there, away = joining.people(2)
    joining.move([there, away], "enrolled", cohort=joining.a)
    joining.move([there, away], "active")
    joining.train([there, away], [100, 100])
    joining.train([there, away], [60, 59])
    planned = joining.train([], [], state="planned")
    assert said(joining, [there], "completed") == {there.study_id: "Sessions of the cohort that are still to come: 1."}
    planned.state = "cancelled"
    assert said(joining, [there, away], "completed") == {
        away.study_id: "Was there for 79.5 % of the minutes; the rule asks for 80 %."
    }
    joining.move([there], "completed")


def test_people_of_another_programme_are_not_moved(joining, db):
    other = Joining(db, find_programme(db, "other"))
    assert refusal(joining, [other.person()], "applied").field == "people"
    assert refusal(joining, [joining.person()], "enrolled", cohort=other.a).field == "cohort"


@pytest.fixture
def own_engine(engine, tmp_path):
    """A database of its own, whose work is committed."""
    if engine.dialect.name == "sqlite":
        url = f"sqlite:///{tmp_path / 'places.db'}"
    else:
        name = f"places_{tmp_path.parent.name}_{tmp_path.name}".replace("-", "_").lower()[:60]
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        url = engine.url.set(database=name).render_as_string(hide_password=False)
    upgrade(url)
    own = make_engine(url)
    yield own
    own.dispose()


def test_two_officers_at_once_never_fill_more_places_than_there_are(own_engine):
    info = {"actor": ACTOR, "keys": KEYS}
    with transaction(own_engine, **info) as db:
        joining = Joining(db, find_programme(db), capacity=3)
        people = [person.id for person in joining.people(4)]
    outcomes = []
    ready = threading.Barrier(2)

    def enrol(pair):
        ready.wait()
        try:
            with transaction(own_engine, **info) as db:
                programme = find_programme(db)
                outcomes.append(
                    move_stage(db, programme.id, pair, "enrolled", START, "eligible", "", find_cohort(db, programme.id, "A"))
                )
        except RefusedMove as refused:
            outcomes.append(refused.is_full)

    threads = [threading.Thread(target=enrol, args=(pair,)) for pair in (people[:2], people[2:])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [2, True]
    with reading(own_engine, **info) as db:
        assert count_places_taken(db, find_cohort(db, find_programme(db).id, "A").id) == 2


def test_two_officers_at_once_move_the_same_person_once(own_engine):
    info = {"actor": ACTOR, "keys": KEYS}
    with transaction(own_engine, **info) as db:
        person = Joining(db, find_programme(db)).person().id
    outcomes = []
    ready = threading.Barrier(2)

    def apply():
        ready.wait()
        try:
            with transaction(own_engine, **info) as db:
                outcomes.append(move_stage(db, find_programme(db).id, [person], "applied", START, "eligible"))
        except RefusedMove:
            outcomes.append("refused")

    threads = [threading.Thread(target=apply) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes, key=str) == [1, "refused"]
