"""Ask the background for what the schedules of all waves say is to be sent by a day."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from evalapp.core.jobs.queue_job import queue_job
from evalapp.people.tables import Programme
from evalapp.surveys.invitations.queries import has_begun
from evalapp.surveys.tables import Wave
from evalapp.training.follow_up.schedule_waves import schedule_wave
from evalapp.training.follow_up.wave_lines import list_wave_lines


def queue_due_reminders(db: Session, on: dt.date) -> int:
    """Queue one job a day for each wave that has something to send, and return for how many.

    A wave goes on by itself once an officer has sent its first invitation, never before.
    """
    of_programmes = select(Wave, Programme.code).join(Programme, Programme.id == Wave.programme_id)
    open_waves = db.execute(of_programmes.where(Wave.opens_on <= on, Wave.closes_on >= on).order_by(Wave.id)).all()
    queued = 0
    for wave, programme_code in open_waves:
        if not has_begun(db, wave.id):
            continue
        schedule_wave(db, wave)
        lines = list_wave_lines(db, wave, on)
        if any(line.to_invite or (line.to_remind and line.reminder_is_due) for line in lines):
            arguments = {"wave": wave.code, "channel": "", "scheduled": True}
            queue_job(db, f"remind-{wave.id:08d}-{on:%Y%m%d}", "send_reminders", programme_code, arguments)
            queued += 1
    return queued
