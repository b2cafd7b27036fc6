"""The waves of a programme, and the people of one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from flask import g, render_template, request
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.jobs.queries import list_unfinished
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.surveys.invitations.queries import has_begun, reminder_days
from evalapp.training.follow_up.monitor_waves import monitor_wave, monitor_waves
from evalapp.training.follow_up.wave_lines import WaveLine, list_wave_lines
from evalapp.web.access import allows
from evalapp.web.transactions import reading_db
from evalapp.web.waves import words
from evalapp.web.waves.place import blueprint, messenger, page_of, place

# Who is to be done something about comes first.
WORK_ORDER: Final = ("overdue", "due", "open", "partial", "not_due", "missed", "complete", "not_applicable")
SENDING: Final = ("send_invitations", "send_reminders")


@blueprint.get("")
@allows("wave.view")
def list_waves(code: str) -> str:
    """List a programme's waves with how far each is."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        monitors = monitor_waves(db, programme.id, today())
        return render_template(
            "waves/list.html",
            programme=programme,
            monitors=monitors,
            statuses={monitor.wave.id: Counter(line.status for line in monitor.lines) for monitor in monitors},
            today=today(),
        )


@blueprint.get("/<wave>")
@allows("wave.view")
def show(code: str, wave: str) -> str:
    """Show the people of a wave and where each stands, narrowed by the filters of the address."""
    with reading_db() as db:
        where = place(db, code, wave)
        lines = sorted(list_wave_lines(db, where["wave"], today()), key=lambda line: WORK_ORDER.index(line.status))
        chosen = _chosen(lines, request.args)
        return render_template(
            "waves/show.html",
            **where,
            **page_of([line for line in lines if _fits(line, chosen)], request.args.get("page", "1")),
            **_to_send(db, where, lines),
            monitor=monitor_wave(where["wave"], lines),
            statuses=Counter(line.status for line in lines),
            chosen=chosen,
            options=_options(lines),
            choices_of=lambda names: words.options(names, Message("All").within(g.language)),
            reminders=reminder_days(where["wave"]),
            begun=has_begun(db, where["wave"].id),
            today=today(),
        )


def _to_send(db: Session, where: Mapping[str, Any], lines: Sequence[WaveLine]) -> dict[str, Any]:
    return {
        "to_invite": sum(line.to_invite or (line.invitation is None and line.status in ("due", "overdue")) for line in lines),
        "to_remind": sum(line.to_remind for line in lines),
        "without_address": sum(line.without_address for line in lines),
        "failed": sum(bool(line.invitation and line.invitation.fault) for line in lines),
        "channels": messenger().channels,
        "jobs": [job for job in list_unfinished(db, where["programme"].code) if job.kind in SENDING],
    }


def _options(lines: Sequence[WaveLine]) -> dict[str, dict[str, Any]]:
    """Return what each filter may be: only what some line has."""
    present = {
        "status": [line.status for line in lines],
        "arm": [line.arm for line in lines],
        "code": [line.code for line in lines],
    }
    known = {"status": words.STATUSES, "arm": words.ARMS, "code": words.FINAL_CODES}
    offered: dict[str, dict[str, Any]] = {
        name: {code: text for code, text in known[name].items() if code and code in found} for name, found in present.items()
    }
    offered["cohort"] = {cohort: cohort for cohort in sorted({line.cohort for line in lines if line.cohort})}
    return {name: choices for name, choices in offered.items() if len(choices) > 1}


def _chosen(lines: Sequence[WaveLine], given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name, choices in _options(lines).items() if given.get(name) in choices}


def _fits(line: WaveLine, chosen: Mapping[str, str]) -> bool:
    return all(getattr(line, name) == value for name, value in chosen.items())
