"""The people of a programme as a list: filters, search, pages, and lists that someone keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.language import Message
from evalapp.people.listing.keep_view import drop_view, keep_view
from evalapp.people.listing.queries import PEOPLE_A_PAGE, PeopleFilter, PeoplePage, list_saved_views
from evalapp.people.listing.queries import list_people as page_of_people
from evalapp.people.queries import get_programme_for, resolve_people
from evalapp.people.vault.queries import find_people_by_identity, list_masks
from evalapp.training.queries import enrolled_in, list_cohort_ids, list_enrolments_of
from evalapp.web.access import allows
from evalapp.web.forms import Form, row_number
from evalapp.web.people import words
from evalapp.web.people.place import Answer, blueprint, done, trying
from evalapp.web.transactions import writing_db

LONGEST_SEARCH = 254


@blueprint.get("")
@blueprint.get("/views", endpoint="views")
@allows("people.view")
def list_people(code: str) -> str:
    """List a programme's people, narrowed by the filters of the address. That masks of names are shown is in the audit log."""
    with writing_db() as db:
        return _list_page(db, get_programme_for(db, g.viewer, code), request.args, Form())


@blueprint.post("", endpoint="search")
@allows("people.view")
def find(code: str) -> Answer:
    """Find people by a study ID, or by exactly their name or number; nothing that was typed stands in an address."""
    text = request.form.get("text", "").strip()[:LONGEST_SEARCH]
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        if not text:
            form = Form(
                faults={"text": Message("Type a study ID, a name, a telephone number, an e-mail or a registration number.")}
            )
            return _list_page(db, programme, {}, form), 422
        known = resolve_people(db, programme.id, [text]).values()
        found = page_of_people(db, programme.id, PeopleFilter(among=list(known)), today())
        if found.people:
            return redirect(url_for(".show", code=code, study_id=found.lines[0].study_id), 303)
        people = find_people_by_identity(db, programme.id, text)
        page = page_of_people(db, programme.id, PeopleFilter(among=people[:PEOPLE_A_PAGE]), today())
        return render_template("people/found.html", programme=programme, form=Form(), **_shown(db, programme, page))


@blueprint.post("/views")
@allows("people.view")
def keep(code: str) -> Answer:
    """Keep the filters of the list under a name."""
    form = Form({"name": request.form.get("name", "").strip()})
    given = dict(parse_qsl(request.form.get("query", "")))
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        chosen = _chosen(db, programme, given)
        with trying(db, form, "name"):
            keep_view(db, g.viewer, programme, form.given["name"], urlencode(chosen))
        if form.refused:
            return _list_page(db, programme, given, form), 422
    return done(Message("The list is kept. Only you see it."), ".list_people", code=code, **chosen)


@blueprint.post("/views/<int:view>/drop")
@allows("people.view")
def drop(code: str, view: int) -> Answer:
    """Keep a list no longer."""
    with writing_db() as db:
        drop_view(db, g.viewer, get_programme_for(db, g.viewer, code), view)
    return done(Message("The list is no longer kept. Its people are as they were."), ".list_people", code=code)


def _list_page(db: Session, programme: Any, given: Mapping[str, str], form: Form) -> str:
    chosen = _chosen(db, programme, given)
    wanted = PeopleFilter(
        chosen.get("consent"),
        chosen.get("channel"),
        chosen.get("contact"),
        chosen.get("presence"),
        enrolled_in(programme.id, chosen["cohort"]) if "cohort" in chosen else None,
    )
    number = row_number(given.get("page", "")) or 1
    page = page_of_people(db, programme.id, wanted, today(), chosen.get("sort", "registered"), number)
    return render_template(
        "people/list.html",
        programme=programme,
        form=form,
        chosen=chosen,
        query=urlencode(chosen),
        options=_options(db, programme),
        views=list_saved_views(db, g.viewer, programme),
        **_shown(db, programme, page),
    )


def _options(db: Session, programme: Any) -> dict[str, dict[str, Message | str]]:
    """Return what each filter may be. Who is in which cohort is kept from those who ask people without knowing it."""
    options: dict[str, Mapping[str, Message | str]] = {
        "consent": words.GROUPS,
        "contact": words.CONTACTS,
        "presence": words.PRESENCE,
        "channel": words.RECRUITMENT,
        "sort": words.SORTS,
    }
    if g.viewer.may("cohort.view"):
        options["cohort"] = {cohort: cohort for cohort in sorted(list_cohort_ids(db, programme.id))}
    return {name: dict(choices) for name, choices in options.items()}


def _chosen(db: Session, programme: Any, given: Mapping[str, str]) -> dict[str, str]:
    return {name: given[name] for name, choices in _options(db, programme).items() if given.get(name) in choices}


def _shown(db: Session, programme: Any, page: PeoplePage) -> dict[str, Any]:
    people = [line.id for line in page.lines]
    enrolments = list_enrolments_of(db, programme.id, people) if g.viewer.may("cohort.view") else {}
    return {"page": page, "masks": list_masks(db, people), "enrolments": enrolments, "today": today()}
