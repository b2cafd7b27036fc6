"""The waves with paper forms, how carefully they are typed, and the people of one wave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from flask import g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.errors import NotFound
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for, get_registered
from evalapp.surveys.double_entry.merge_entries import merge_agreeing
from evalapp.surveys.double_entry.queries import (
    PaperLine,
    TypistRate,
    list_open_entries,
    list_paper_lines,
    list_paper_waves,
    list_typist_rates,
)
from evalapp.surveys.wave_locks import is_locked
from evalapp.training.follow_up.wave_lines import list_wave_lines
from evalapp.web.access import allows
from evalapp.web.answering.pages import ask_rules
from evalapp.web.forms import Form
from evalapp.web.paper.place import Answer, blueprint, done, place
from evalapp.web.transactions import reading_db, writing_db
from evalapp.web.waves.place import page_of

OVER: Final = ("complete", "not_applicable")
TIMES: Final = ("0", "1", "2")
LONGEST_ID = 60


@dataclass(frozen=True)
class Typed:
    """A person of a wave, and how often their form was typed."""

    study_id: str
    paper: PaperLine | None

    @property
    def times(self) -> str:
        """How often, as the filter of the list says it."""
        return str(self.paper.finished) if self.paper else "0"


@blueprint.get("/interviews/paper")
@allows("interview.hold")
def list_waves(code: str) -> str:
    """List the waves with how many of their forms were typed, and how carefully: one's own rate, and for reviewers everybody's."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        waves = list_paper_waves(db, programme.id, g.viewer.code)
        return render_template("paper/waves.html", programme=programme, waves=waves, rates=_rates(db, programme), today=today())


def _rates(db: Session, programme: Any) -> list[TypistRate]:
    rates = list_typist_rates(db, programme.id)
    return rates if g.viewer.may("submission.view") else [rate for rate in rates if rate.account == g.viewer.code]


@blueprint.get("/waves/<wave>/paper")
@allows("interview.hold")
def list_forms(code: str, wave: str) -> Answer:
    """List the people of a wave and how often their form was typed; a study ID that is asked for leads to its form."""
    form = Form({"study_id": request.args.get("study_id", "").strip()[:LONGEST_ID]})
    with reading_db() as db:
        where = place(db, code, wave)
        if form.given["study_id"]:
            try:
                person = get_registered(db, where["programme"].id, form.given["study_id"])
                return redirect(url_for(".begin", code=code, wave=wave, study_id=person.study_id), 303)
            except NotFound as unknown:
                form.add_fault("study_id", unknown.message)
        page = _list_page(db, where, form)
        return (page, 422) if form.refused else page


@blueprint.post("/waves/<wave>/paper/agreeing")
@allows("interview.hold")
def merge_all(code: str, wave: str) -> Answer:
    """Merge the forms whose two entries agree everywhere, but for those one has typed."""
    with writing_db() as db:
        merged = merge_agreeing(db, place(db, code, wave)["wave"])
    for submission in merged:
        ask_rules(submission)
    return done(Message("Forms that became submissions: %(count)s.", count=len(merged)), ".list_forms", code=code, wave=wave)


def _list_page(db: Session, where: Mapping[str, Any], form: Form) -> str:
    lines = _lines(db, where["wave"])
    chosen = request.args.get("typed", "")
    shown = [line for line in lines if chosen not in TIMES or line.times == chosen]
    deciding = [line for line in lines if line.paper and line.paper.waits_for(g.viewer.code)]
    return render_template(
        "paper/list.html",
        **where,
        **page_of(shown, request.args.get("page", "1")),
        form=form,
        chosen=chosen if chosen in TIMES else "",
        counts={times: sum(line.times == times for line in lines) for times in TIMES},
        agreeing=sum(line.paper.differing == 0 for line in deciding if line.paper),
        open_entries=list_open_entries(db, where["wave"]) if g.viewer.may("wave.manage") else [],
        locked=is_locked(db, where["wave"].id),
    )


def _lines(db: Session, wave: Any) -> Sequence[Typed]:
    """Return the people whose form was typed or can be: what waits for a decision first, then what was begun, then the others."""
    papers = list_paper_lines(db, wave, g.viewer.code)
    people = [
        Typed(line.person.study_id, papers.get(line.person.id))
        for line in list_wave_lines(db, wave, today())
        if line.person.id in papers or line.status not in OVER
    ]
    return sorted(people, key=lambda one: (_rank(one.paper), one.study_id))


def _rank(paper: PaperLine | None) -> int:
    if paper is None:
        return 2
    if paper.is_merged:
        return 3
    return 0 if paper.waits_for(g.viewer.code) else 1
