"""What a session delivered, homework, ratings of the session, and of people's personal initiative: plain forms for a phone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import g, render_template, request
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.people.vault.queries import list_given_names
from evalapp.training.attendance.check_marking import Permit, find_refusal, is_late
from evalapp.training.attendance.queries import Place, list_roster, list_trainer_names
from evalapp.training.curricula.queries import find_module
from evalapp.training.fidelity.measures import Agreement, Rating, compare_raters
from evalapp.training.fidelity.queries import (
    ChecklistLine,
    RatingLine,
    find_rating,
    find_role,
    get_checklist,
    get_homework,
    list_ratings,
    measure,
    state_of_delivery,
)
from evalapp.training.fidelity.rate_session import RefusedRating, rate_session
from evalapp.training.fidelity.record_delivery import (
    CHANGES,
    LEFT_OUT,
    Delivery,
    ItemMark,
    RefusedDelivery,
    SavedMeanwhile,
    record_delivery,
)
from evalapp.training.queries import get_session_for
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.training import fidelity_words, traits
from evalapp.web.training.fidelity_place import Facts, blueprint, cohort_of
from evalapp.web.training.place import Answer, done
from evalapp.web.transactions import writing_db

__all__ = ["PAGES", "blueprint"]
# These put their pages on the blueprint when they are imported.
PAGES = (traits,)
STEPS = ("1", "2", "3", "4", "5")
MATERIALS = Column("materials", maximum=40)
REMARK = Column("remark", maximum=2_000)
REASON = Column("reason", maximum=400)
SEEN = Column("seen", maximum=20)
RATING = (Column("engagement", "choice", choices=STEPS), Column("quality", "choice", choices=STEPS), REMARK)
HANDED_IN: Mapping[str, bool] = {"yes": True, "no": False}
OWN = ("engagement", "quality", "remark", "reason")
REFUSED = 422


@blueprint.get("/sessions/<int:number>/fidelity")
@allows("fidelity.record")
def record(code: str, cohort: str, number: int) -> str:
    """Show what a session was to deliver and what is recorded of it. Given names are opened for the homework, which the log keeps."""
    with writing_db() as db:
        where = _place(db, code, cohort, number)
        return _page(db, where, Form(_stored(db, where)))


@blueprint.post("/sessions/<int:number>/fidelity")
@allows("fidelity.record")
def save(code: str, cohort: str, number: int) -> Answer:
    """Take the whole page: the checklist, the homework and the rating. With any fault nothing is written."""
    form = read_form((MATERIALS, *RATING, REASON, SEEN))
    form.given = {**request.form.to_dict(), **form.given}
    with writing_db() as db:
        where = _place(db, code, cohort, number)
        if where["role"] is None:
            raise NotFound(Message("There is no such session."))
        if not form.refused:
            _try(db, where, form)
        if form.refused:
            return _page(db, where, form), REFUSED
    return done(Message("Saved."), ".record", code=code, cohort=cohort, number=number)


def _try(db: Session, where: Facts, form: Form) -> None:
    """Write what a form says, all of it or, with its faults named, nothing."""
    permit = Permit(g.viewer.may("cohort.manage"), form.given["reason"])
    session, lines = where["session"], get_checklist(db, where["session"])
    try:
        with db.begin_nested():
            record_delivery(db, session, _delivery(db, session, lines, form), form.given["seen"], permit)
            _rate(db, where, form, permit)
    except NotFound:
        raise
    except RefusedDelivery as refused:
        for name, fault in refused.faults.items():
            form.add_fault("materials" if name == "materials" else _field(lines, name), fault)
    except RefusedRating as refused:
        form.add_fault(refused.field, refused.message)
    except SavedMeanwhile as refused:
        form.add_fault("materials", refused.message)
        form.given = {name: form.given.get(name, "") for name in OWN} | _stored_of_all(db, where)
    except AppError as refused:
        form.add_fault("reason" if is_late(session) else "materials", refused.message)


def _field(lines: list[ChecklistLine], code: str) -> str:
    return next(f"item-{line.item.id}" for line in lines if line.item.code == code)


def _delivery(db: Session, session: Any, lines: list[ChecklistLine], form: Form) -> Delivery:
    given = request.form
    marks = {}
    for line in lines:
        name = f"item-{line.item.id}"
        how_so, reason = given.get(name, ""), " ".join(given.get(f"reason-{line.item.id}", "").replace("\0", "").split())
        if how_so == "planned":
            marks[line.item.code] = ItemMark(True)
        elif how_so == "changed":
            how = given.get(f"how-{line.item.id}", "")
            marks[line.item.code] = ItemMark(True, how if how in CHANGES else "", reason)
        elif how_so == LEFT_OUT:
            marks[line.item.code] = ItemMark(False, LEFT_OUT, reason)
    known = get_homework(db, session)
    homework: dict[int, bool | None] = {}
    for place in list_roster(db, session):
        said = given.get(f"homework-{place.number}")
        handed_in = HANDED_IN.get(said or "")
        if said is not None and handed_in != known.get(place.entrepreneur_id):
            homework[place.number] = handed_in
    return Delivery(marks, form.values["materials"] or "", homework)


def _rate(db: Session, where: Facts, form: Form, permit: Permit) -> None:
    given = [form.given[name] for name in ("engagement", "quality")]
    if not any(given) and not form.given["remark"]:
        return
    for name, value in zip(("engagement", "quality"), given, strict=True):
        if not value:
            raise RefusedRating(name, Message("Rate both, or neither."))
    rate_session(db, where["session"], where["role"], int(given[0]), int(given[1]), form.given["remark"], permit)


def _place(db: Session, code: str, cohort: str, number: int) -> Facts:
    where = cohort_of(db, code, cohort)
    session = get_session_for(db, g.viewer, where["programme"].id, cohort, number)
    return {**where, "session": session, "role": find_role(db, g.viewer, session)}


def _stored(db: Session, where: Facts) -> dict[str, str]:
    """Return what is recorded of a session as its form shows it."""
    own = find_rating(db, where["session"], g.viewer.code)
    rated = {"engagement": str(own.engagement), "quality": str(own.quality), "remark": own.remark} if own else {}
    return _stored_of_all(db, where) | rated


def _stored_of_all(db: Session, where: Facts) -> dict[str, str]:
    """Return what is recorded of a session's delivery, whoever wrote it."""
    session = where["session"]
    module = find_module(db, where["programme"].id, session.module)
    given = {"materials": session.materials_version or (module.materials_version if module else "")}
    given["seen"] = state_of_delivery(db, session)
    for line in get_checklist(db, session):
        if line.mark is not None:
            changed = "changed" if line.mark.adaptation else "planned"
            given[f"item-{line.item.id}"] = changed if line.mark.was_delivered else LEFT_OUT
            given[f"how-{line.item.id}"] = line.mark.adaptation or ""
            given[f"reason-{line.item.id}"] = line.mark.reason
    return given


def _page(db: Session, where: Facts, form: Form) -> str:
    session = where["session"]
    lines = get_checklist(db, session)
    known = get_homework(db, session)
    asks_homework = bool(known) or any(line.item.kind == "homework" for line in lines)
    roster = list_roster(db, session) if asks_homework else []
    manages = g.viewer.may("cohort.manage")
    ratings = list_ratings(db, session) if manages else []
    marks = [line.mark for line in lines if line.mark is not None]
    accounts = {rating.account for rating in ratings} | {mark.account for mark in marks}
    return render_template(
        "fidelity/record.html",
        **where,
        module=find_module(db, where["programme"].id, session.module),
        lines=lines,
        marks=marks,
        adherence=measure([(mark.was_delivered, mark.adaptation) for mark in marks]) if marks else None,
        homework=_homework(db, session, roster, known, form),
        ratings=ratings,
        agreement=_agreement(ratings),
        trainers=list_trainer_names(db, accounts),
        changes=[(kind, fidelity_words.ADAPTATIONS[kind]) for kind in CHANGES],
        form=form,
        refusal=find_refusal(session, at_any_time=manages),
        asks_reason=is_late(session),
        may_save=where["role"] is not None,
    )


def _homework(db: Session, session: Any, roster: list[Place], known: Mapping[int, bool], form: Form) -> list[Facts]:
    if not roster:
        return []
    names = list_given_names(db, [place.entrepreneur_id for place in roster], "session", session.id)
    words = {True: "yes", False: "no", None: ""}
    people = [
        {
            "place": place.number,
            "study_id": place.study_id,
            "name": names.get(place.entrepreneur_id, ""),
            "said": form.given.get(f"homework-{place.number}", words[known.get(place.entrepreneur_id)]),
        }
        for place in roster
    ]
    return sorted(people, key=lambda person: (not person["name"], person["name"], person["study_id"]))


def _agreement(ratings: list[RatingLine]) -> Agreement:
    return compare_raters([[Rating(line.role, line.engagement, line.quality) for line in ratings]])
