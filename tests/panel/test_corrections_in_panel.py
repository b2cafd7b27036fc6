"""The panel holds what corrections made of the answers; the answers themselves stay, and open waves are named."""

from evalapp.core.clock import now
from evalapp.panel.build_panel import build_panel
from evalapp.panel.freeze_panel import freeze_panel, thaw_panel
from evalapp.surveys.review.lock_wave import ask_wave_lock, confirm_wave_lock
from evalapp.surveys.review.tables import Correction
from evalapp.surveys.tables import Answer, Submission
from tests.programme import SmallProgramme


def correct(db, *, approved, old="10", new="99"):
    submission = db.query(Submission).order_by(Submission.id).first()
    correction = Correction(
        submission_id=submission.id, variable="profit_krw", old=old, new=new, reason="a slip", source="call_back", made_by="AC-1",
        made_at=now(), approved_by="AC-2" if approved else None, approved_at=now() if approved else None,
    )  # fmt: skip
    db.add(correction)
    db.flush()


def test_an_approved_correction_changes_the_panel_and_its_fingerprint_but_no_answer(db):
    small = SmallProgramme(db)
    small.person("A", {"bl": {"profit_krw": 10}})
    before = freeze_panel(db, small.programme, build_panel(db, small.programme))
    correct(db, approved=True)
    panel = build_panel(db, small.programme)
    assert panel.frame["profit_krw"].dropna().tolist() == [99]
    after = freeze_panel(db, small.programme, panel)
    assert after.sha256 != before.sha256
    assert thaw_panel(before).frame["profit_krw"].dropna().tolist() == [10]
    assert [(answer.variable, answer.text) for answer in db.query(Answer)] == [("profit_krw", "10")]


def test_a_correction_that_waits_for_a_second_person_changes_nothing(db):
    small = SmallProgramme(db)
    small.person("A", {"bl": {"profit_krw": 10}})
    correct(db, approved=False)
    assert build_panel(db, small.programme).frame["profit_krw"].dropna().tolist() == [10]


def test_an_answer_taken_away_is_missing_from_the_panel(db):
    small = SmallProgramme(db)
    small.person("A", {"bl": {"profit_krw": 10, "revenue_krw": 5}})
    correct(db, approved=True, new=None)
    frame = build_panel(db, small.programme).frame
    assert "profit_krw" not in frame
    assert frame["revenue_krw"].dropna().tolist() == [5]


def test_answers_of_repeated_groups_stay_out_of_the_panel(db):
    small = SmallProgramme(db)
    small.person("A", {"bl": {"profit_krw": 10}})
    submission = db.query(Submission).one()
    for at in (1, 2):
        db.add(Answer(submission_id=submission.id, variable="costs_krw", repeat_path=f"trade[{at}]", text="7"))
    db.flush()
    frame = build_panel(db, small.programme).frame
    assert frame["profit_krw"].dropna().tolist() == [10]
    assert "costs_krw" not in frame


def test_a_panel_names_the_waves_that_may_still_change(db):
    small = SmallProgramme(db)
    small.person("A", {"bl": {"profit_krw": 10}})
    ask_wave_lock(db, small.waves["bl"])
    assert build_panel(db, small.programme).unlocked_waves == ("bl", "fu1", "fu2")
    actor = db.info["actor"]
    db.info["actor"] = type(actor)("AC-TEST-2", actor.role)
    confirm_wave_lock(db, small.waves["bl"])
    assert build_panel(db, small.programme).unlocked_waves == ("fu1", "fu2")
