"""Frozen panels: the same rows give the same fingerprint, and what was changed afterwards is noticed."""

import zlib

import pandas as pd
import pytest

from evalapp.core.errors import AppError
from evalapp.panel.build_panel import Panel, build_panel
from evalapp.panel.freeze_panel import freeze_panel, thaw_panel
from tests.programme import SmallProgramme


@pytest.fixture
def small(db):
    small = SmallProgramme(db)
    small.attend(small.person("A", {"bl": {"profit_krw": 10, "gender": "female"}, "fu1": {"profit_krw": 12}}), 100, 33)
    small.person("C", {"bl": {"profit_krw": 11}})
    return small


def test_what_is_thawed_is_what_was_frozen(db, small):
    panel = build_panel(db, small.programme)
    thawed = thaw_panel(freeze_panel(db, small.programme, panel))
    pd.testing.assert_frame_equal(thawed.frame, panel.frame, check_dtype=False)
    assert thawed.flow == panel.flow


def test_the_same_panel_is_frozen_once(db, small):
    first = freeze_panel(db, small.programme, build_panel(db, small.programme))
    assert freeze_panel(db, small.programme, build_panel(db, small.programme)).id == first.id


def test_one_more_answer_is_another_snapshot_and_leaves_the_first_as_it_was(db, small):
    first = freeze_panel(db, small.programme, build_panel(db, small.programme))
    before = first.content
    small.person("B", {"bl": {"profit_krw": 9}})
    second = freeze_panel(db, small.programme, build_panel(db, small.programme))
    assert second.sha256 != first.sha256
    assert first.content == before


def test_one_minute_of_attendance_more_is_another_snapshot_and_leaves_the_first_as_it_was(db, small):
    from evalapp.training.tables import Attendance

    first = freeze_panel(db, small.programme, build_panel(db, small.programme))
    before = first.content
    db.query(Attendance).filter_by(minutes=33).update({"minutes": 34})
    db.flush()
    assert freeze_panel(db, small.programme, build_panel(db, small.programme)).sha256 != first.sha256
    assert first.content == before


def test_a_snapshot_changed_behind_our_back_is_refused(db, small):
    snapshot = freeze_panel(db, small.programme, build_panel(db, small.programme))
    content = zlib.decompress(snapshot.content)
    snapshot.content = zlib.compress(content.replace(b"10.0", b"99.0", 1))
    with pytest.raises(AppError, match="does not match its fingerprint"):
        thaw_panel(snapshot)


def test_a_person_twice_in_a_wave_is_refused(db, small):
    panel = build_panel(db, small.programme)
    doubled = Panel(pd.concat([panel.frame, panel.frame.iloc[:1]]), panel.flow)
    with pytest.raises(AppError, match="twice"):
        freeze_panel(db, small.programme, doubled)
