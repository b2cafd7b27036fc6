"""The schedule of a programme's waves as a CSV file in REDCap's order: brought out, changed in a spreadsheet, taken in again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.columns import Column, TypedRow, typed_rows
from evalapp.core.csv_file import csv_file
from evalapp.core.faults import FaultLog
from evalapp.core.language import Message
from evalapp.core.read_table import read_table
from evalapp.people.tables import Programme
from evalapp.surveys.invitations.queries import reminder_days
from evalapp.surveys.tables import Wave
from evalapp.surveys.waves.edit_wave import edit_wave
from evalapp.surveys.waves.wave_details import RefusedWave, WaveDetails
from evalapp.training.tables import ARMS

EVERYBODY: Final = 1  # the first of the file's arms; those of the programme follow in the order of ARMS
LARGEST_OFFSET: Final = 3_650
COLUMNS: Final = (
    Column("event_name", required=True, maximum=80),
    Column("arm_num", "integer", required=True, minimum=EVERYBODY, maximum=EVERYBODY + len(ARMS)),
    Column("day_offset", "integer", minimum=-LARGEST_OFFSET, maximum=LARGEST_OFFSET),
    Column("offset_min", "integer", minimum=0, maximum=LARGEST_OFFSET),
    Column("offset_max", "integer", minimum=0, maximum=LARGEST_OFFSET),
    Column("unique_event_name", required=True, maximum=100),
    Column("custom_event_label", maximum=80),
)


def export_schedule(db: Session, programme: Programme) -> bytes:
    """Return the schedule as a file. A wave that is dated in the calendar has no offsets."""
    rows = [
        (w.label_en, arm_number(w), w.day_offset, w.offset_min, w.offset_max, unique_event_name(w), w.label_ko)
        for w in _waves(db, programme)
    ]
    return csv_file([column.name for column in COLUMNS], [["" if cell is None else cell for cell in row] for row in rows])


def import_schedule(db: Session, programme: Programme, path: Path) -> int:
    """Change the waves that a file names, and return how many changed; RefusedFile with every fault, and then nothing changed.

    The file cannot add waves: it says neither their form nor what they are anchored at.
    """
    (sheet,) = read_table(path)
    faults = FaultLog()
    rows = typed_rows(sheet, COLUMNS, faults)
    waves = {unique_event_name(wave): wave for wave in _waves(db, programme)}
    found = [(row, waves.get(row.values["unique_event_name"])) for row in rows]
    for row, wave in found:
        _check(row, wave, waves, faults)
    faults.refuse_if_any()
    changed = sum(_change(db, row, wave, faults) for row, wave in found if wave)
    faults.refuse_if_any()
    return changed


def unique_event_name(wave: Wave) -> str:
    """Return a wave's name as REDCap makes it of a label: `3_month_followup_arm_1`."""
    plain = re.sub(r"[^a-z0-9]+", "_", wave.label_en.lower().replace("-", "")).strip("_")
    return f"{plain or wave.code}_arm_{arm_number(wave)}"


def arm_number(wave: Wave) -> int:
    """Return the number of a wave's arm in the file."""
    return EVERYBODY if wave.arm is None else EVERYBODY + 1 + ARMS.index(wave.arm)


def _waves(db: Session, programme: Programme) -> Sequence[Wave]:
    return db.scalars(select(Wave).where(Wave.programme_id == programme.id).order_by(Wave.round)).all()


def _check(row: TypedRow, wave: Wave | None, waves: dict[str, Wave], faults: FaultLog) -> None:
    offsets = [row.values[name] for name in ("day_offset", "offset_min", "offset_max")]
    if wave is None:
        if row.values["unique_event_name"] is not None:
            known = ", ".join(waves)
            faults.add(
                Message("There is no wave of this name. Add it on the page of waves first, or use one of: %(known)s.", known=known),
                row=row.number,
                column="unique_event_name",
            )
    elif wave.anchor == "calendar" and any(offset is not None for offset in offsets):
        faults.add(
            Message("This wave is dated in the calendar. Choose what it is anchored at on its page, or leave the offsets empty."),
            row=row.number,
            column="day_offset",
        )


def _change(db: Session, row: TypedRow, wave: Wave, faults: FaultLog) -> bool:
    wanted = _details(wave, row.values)
    if wanted == _details(wave, {}):
        return False
    try:
        edit_wave(db, wave, wanted)
    except RefusedWave as refused:
        faults.add(refused.message, row=row.number)
    return True


def _details(wave: Wave, values: dict[str, Any]) -> WaveDetails:
    """Return a wave as it is, with what a row of the file says instead."""
    said = dict(values)
    arm = said.get("arm_num")
    return WaveDetails(
        instrument_id=wave.instrument_id,
        label_ko=said.get("custom_event_label") or wave.label_ko,
        label_en=said.get("event_name") or wave.label_en,
        opens_on=wave.opens_on,
        closes_on=wave.closes_on,
        anchor=wave.anchor,
        day_offset=said.get("day_offset", wave.day_offset),
        offset_min=said.get("offset_min", wave.offset_min),
        offset_max=said.get("offset_max", wave.offset_max),
        arm=wave.arm if arm is None else None if arm == EVERYBODY else ARMS[arm - EVERYBODY - 1],
        second_secret=wave.second_secret,
        reminders=reminder_days(wave),
    )
