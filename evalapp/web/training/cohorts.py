"""The cohorts of a programme: which there are, each with its people and sessions, a new one, one that is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from flask import g, render_template, url_for
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.training.cohorts.edit_cohort import CohortDetails, add_cohort, change_cohort
from evalapp.training.cohorts.queries import has_begun, is_in_use, list_cohorts, list_sessions
from evalapp.training.curricula.queries import list_module_names
from evalapp.training.enrolments.minutes import percent
from evalapp.training.enrolments.queries import EnrolledPerson, count_stages, list_people_of, list_without_consent
from evalapp.training.enrolments.stages import WITH_A_PLACE
from evalapp.training.queries import list_cohorts_for
from evalapp.web.access import allows
from evalapp.web.forms import Form, filled, read_form
from evalapp.web.training import completion, stages
from evalapp.web.training.cohort_place import blueprint, place
from evalapp.web.training.cohort_words import ARMS
from evalapp.web.training.place import Answer, done, trying
from evalapp.web.transactions import reading_db, writing_db

__all__ = ["PAGES", "blueprint"]
# Each of these puts its pages on the blueprint when it is imported.
PAGES = (stages, completion)
MOST_PLACES = 500
CODE = Column("code", "code", required=True, maximum=20)
DETAILS = (
    Column("name_ko", maximum=80),
    Column("name_en", maximum=80),
    Column("arm", "choice", required=True, choices=tuple(ARMS)),
    Column("starts_on", "date"),
    Column("ends_on", "date"),
    Column("capacity", "integer", minimum=1, maximum=MOST_PLACES),
    Column("completion_percent", "decimal", required=True, minimum=1, maximum=100),
)
USUAL = {"arm": "treatment", "completion_percent": "80"}
SHOWN_TO_TRAINERS = WITH_A_PLACE


class Alert(NamedTuple):
    """Something that an officer should know of a cohort: in which tone, the text, and the people it is about, by study ID."""

    tone: str
    text: Message
    people: tuple[str, ...] = ()


@blueprint.get("", endpoint="list_cohorts")
@allows("cohort.view")
def list_cohorts_of(code: str) -> str:
    """List the cohorts that the account may see: a trainer's own, or all."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        sees_all = g.viewer.may("training.view")
        return render_template(
            "cohorts/list.html",
            programme=programme,
            lines=list_cohorts_for(db, g.viewer, programme.id),
            cohorts={cohort.id: cohort for cohort in list_cohorts(db, programme.id)},
            stages=count_stages(db, programme.id) if sees_all else {},
            today=today(),
        )


@blueprint.get("/new")
@allows("cohort.manage")
def ask_cohort(code: str) -> str:
    """Show the form of a new cohort."""
    with reading_db() as db:
        return _form_page(db, get_programme_for(db, g.viewer, code), None, Form(USUAL))


@blueprint.post("/new")
@allows("cohort.manage")
def add(code: str) -> Answer:
    """Add a cohort."""
    form = read_form((CODE, *DETAILS))
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        if not form.refused:
            with trying(db, form, "code"):
                add_cohort(db, programme, form.values["code"], _details(form))
        if form.refused:
            return _form_page(db, programme, None, form), 422
    return done(Message("The cohort is added. Now people can be enrolled."), ".show", code=code, cohort=form.values["code"])


@blueprint.get("/<cohort>/edit")
@allows("cohort.manage")
def ask_change(code: str, cohort: str) -> str:
    """Show the form of a cohort as it stands."""
    with reading_db() as db:
        where = place(db, code, cohort)
        known = where["cohort"]
        stored = {column.name: getattr(known, column.name, None) for column in DETAILS}
        return _form_page(db, **where, form=filled(stored | {"completion_percent": percent(known.completion_share)}))


@blueprint.post("/<cohort>/edit")
@allows("cohort.manage")
def change(code: str, cohort: str) -> Answer:
    """Change a cohort; what was fixed before the training stays."""
    form = read_form(DETAILS)
    with writing_db() as db:
        where = place(db, code, cohort)
        if not form.refused:
            with trying(db, form, "arm"):
                change_cohort(db, where["cohort"], _details(form))
        if form.refused:
            return _form_page(db, **where, form=form), 422
    return done(Message("The cohort is changed."), ".show", code=code, cohort=cohort)


@blueprint.get("/<cohort>")
@allows("cohort.view")
def show(code: str, cohort: str) -> str:
    """Show a cohort: its people by stage, its sessions, and what to do about it. A trainer sees only who has a place."""
    with reading_db() as db:
        where = place(db, code, cohort)
        programme, found = where["programme"], where["cohort"]
        people = list_people_of(db, programme.id, found.id)
        if not g.viewer.may("training.view"):
            people = {stage: lines if stage in SHOWN_TO_TRAINERS else [] for stage, lines in people.items()}
        sessions = list_sessions(db, found.id)
        return render_template(
            "cohorts/show.html",
            **where,
            people=people,
            taken=sum(len(people[stage]) for stage in WITH_A_PLACE),
            sessions=sessions,
            modules=list_module_names(db, programme.id),
            cohorts=list_cohorts(db, programme.id) if g.viewer.may("cohort.manage") else (),
            alerts=list(_alerts(db, programme, found, people, sessions)) if g.viewer.may("cohort.manage") else [],
            today=today(),
        )


def _alerts(db: Session, programme: Any, cohort: Any, people: dict[str, list[EnrolledPerson]], sessions: Any) -> Iterator[Alert]:
    placed = [person for stage in ("enrolled", "active") for person in people[stage]]
    lacking = list_without_consent(db, programme.id, [person.entrepreneur_id for person in placed], today())
    if lacking and cohort.arm == "treatment":
        names = tuple(person.study_id for person in placed if person.entrepreneur_id in lacking)
        yield Alert(
            "warn",
            Message("People here without a consent to records of the training that holds: %(count)s.", count=len(names)),
            names,
        )
    if people["enrolled"] and cohort.arm == "treatment" and has_begun(db, cohort):
        text = Message(
            "The training has begun, and people who are enrolled but not yet in training: %(count)s.", count=len(people["enrolled"])
        )
        yield Alert("warn", text)
    taken = sum(len(people[stage]) for stage in WITH_A_PLACE)
    if cohort.capacity is not None and people["waitlisted"] and taken < cohort.capacity:
        yield Alert("info", Message("Places that are free while people wait: %(count)s.", count=cohort.capacity - taken))
    is_over = cohort.ends_on is None or cohort.ends_on <= today()
    if is_over and people["active"] and sessions and all(session.state in ("held", "cancelled") for session in sessions):
        yield Alert("info", Message("All sessions are over. Apply the completion rule to see who completed the training."))


def _details(form: Form) -> CohortDetails:
    said = {**form.values, "name_ko": form.values["name_ko"] or "", "name_en": form.values["name_en"] or ""}
    said.pop("code", None)
    return CohortDetails(completion_share=said.pop("completion_percent") / 100, **said)


def _form_page(db: Session, programme: Any, cohort: Any, form: Form) -> str:
    back = url_for(".show", code=programme.code, cohort=cohort.code) if cohort else url_for(".list_cohorts", code=programme.code)
    return render_template(
        "cohorts/edit.html",
        programme=programme,
        cohort=cohort,
        form=form,
        back=back,
        begun=cohort is not None and has_begun(db, cohort),
        in_use=cohort is not None and is_in_use(db, cohort),
    )
