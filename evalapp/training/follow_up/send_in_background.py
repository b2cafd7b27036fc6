"""Send invitations and reminders as background jobs: one message after another, each once, however often the job is taken up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from evalapp.core.clock import today
from evalapp.core.jobs.context import JobContext
from evalapp.core.jobs.record_progress import enter_stage
from evalapp.core.language import Message
from evalapp.core.messages.messenger import Messenger
from evalapp.surveys.invitations.send_invitation import send_invitation
from evalapp.surveys.queries import get_wave
from evalapp.training.follow_up.schedule_waves import schedule_wave
from evalapp.training.follow_up.wave_lines import WaveLine, list_wave_lines

PLANNING, SENDING = Message("Planning the invitations"), Message("Sending the messages")
PROGRESS_EVERY = 10
LONGEST_PREFIX = 40


def send_invitations_in_background(job: JobContext, messenger: Messenger) -> None:
    """Send the first message to everyone in a wave whose window is open. Arguments `wave` and `channel`."""
    _send_all(job, messenger, lambda line: line.to_invite)


def send_reminders_in_background(job: JobContext, messenger: Messenger) -> None:
    """Remind everyone who was asked and has not answered, and ask those who were not asked yet.

    Arguments `wave` and `channel`; `scheduled` sends only the reminders whose day has come.
    """
    scheduled = bool(job.arguments.get("scheduled"))
    _send_all(job, messenger, lambda line: line.to_invite or (line.to_remind and (line.reminder_is_due or not scheduled)))


def _send_all(job: JobContext, messenger: Messenger, chosen: Callable[[WaveLine], bool]) -> None:
    invitations: Sequence[int] = job.stage(PLANNING, 0.0, lambda: _plan(job, chosen))

    def send_each() -> None:
        for number, invitation in enumerate(invitations):
            if number % PROGRESS_EVERY == 0:
                _show_progress(job, number / len(invitations))
            key = f"{job.key[:LONGEST_PREFIX]}-{invitation}"
            send_invitation(job.writing, messenger, invitation, key, job.arguments["channel"])
        job.finish(lambda _db: {"code": job.scope, "wave": job.arguments["wave"]})

    job.stage(SENDING, 0.05, send_each)


def _plan(job: JobContext, chosen: Callable[[WaveLine], bool]) -> list[int]:
    with job.writing() as db:
        wave = get_wave(db, job.scope, job.arguments["wave"])
        schedule_wave(db, wave)
        return [line.invitation.id for line in list_wave_lines(db, wave, today()) if line.invitation and chosen(line)]


def _show_progress(job: JobContext, sent_share: float) -> None:
    with job.writing() as db:
        enter_stage(db, job.key, SENDING.text, 0.05 + 0.95 * sent_share)
