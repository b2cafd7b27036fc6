"""Ratings of people's personal initiative by who teaches them, one person at a time, and how the ratings changed."""

from __future__ import annotations

from flask import g, render_template, url_for
from sqlalchemy.orm import Session

from evalapp.core.clock import today
from evalapp.core.columns import Column
from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.people.vault.queries import list_given_names
from evalapp.training.fidelity.measures import LEAST_PEOPLE
from evalapp.training.fidelity.rate_traits import RefusedTraits, find_occasion, find_window, rate_traits
from evalapp.training.fidelity.trait_queries import count_rated, get_place, list_changes, list_places, list_rated, may_rate
from evalapp.web.access import allows
from evalapp.web.forms import Form, filled, read_form
from evalapp.web.training.fidelity_place import Facts, blueprint, cohort_of
from evalapp.web.training.fidelity_words import OCCASIONS, TRAITS
from evalapp.web.training.place import Answer, done
from evalapp.web.transactions import writing_db

STEPS = ("1", "2", "3", "4", "5")
RATINGS = tuple(Column(trait, "choice", choices=STEPS) for trait in TRAITS)
REFUSED = 422


@blueprint.get("/ratings", endpoint="rate_traits")
@allows("fidelity.record")
def list_people(code: str, cohort: str) -> str:
    """Show whom one still has to rate; an officer sees how far it is and, of enough people, how the ratings changed."""
    with writing_db() as db:
        where = _place(db, code, cohort)
        found, occasion = where["cohort"], where["occasion"]
        places = list_places(db, found) if where["rates"] else []
        manages = g.viewer.may("training.view")
        return render_template(
            "fidelity/traits.html",
            **where,
            people=_named(db, where) if occasion and places else [],
            rated=list_rated(db, found, g.viewer.code, occasion) if occasion else {},
            windows={each: find_window(found, each) for each in OCCASIONS},
            counts=count_rated(db, found) if manages else {},
            changes=list_changes(db, found) if manages else {},
            placed=len(list_places(db, found)),
            least=LEAST_PEOPLE,
        )


@blueprint.get("/ratings/<any(start, end):occasion>/<int:place>")
@allows("fidelity.record")
def rate_person(code: str, cohort: str, occasion: str, place: int) -> str:
    """Show the form of one person; only what oneself said on the same occasion stands in it."""
    with writing_db() as db:
        where = _open_place(db, code, cohort, occasion)
        get_place(db, where["cohort"], place)
        own = list_rated(db, where["cohort"], g.viewer.code, occasion).get(place, {})
        return _page(db, where, place, filled(own))


@blueprint.post("/ratings/<any(start, end):occasion>/<int:place>")
@allows("fidelity.record")
def save_person(code: str, cohort: str, occasion: str, place: int) -> Answer:
    """Keep the ratings of one person, and go on to the next who has none."""
    form = read_form(RATINGS)
    with writing_db() as db:
        where = _open_place(db, code, cohort, occasion)
        found = where["cohort"]
        enrolment = get_place(db, found, place)
        if not form.refused:
            try:
                rate_traits(db, found, enrolment, occasion, {trait: int(form.given[trait] or 0) for trait in TRAITS})
            except RefusedTraits as refused:
                for trait, fault in refused.faults.items():
                    form.add_fault(trait, fault)
            except AppError as refused:
                form.add_fault(next(iter(TRAITS)), refused.message)
        if form.refused:
            return _page(db, where, place, form), REFUSED
        rated = list_rated(db, found, g.viewer.code, occasion)
        left = [other["place"] for other in _named(db, where) if other["place"] not in rated]
    if not left:
        return done(Message("Saved. Everybody is rated."), ".rate_traits", code=code, cohort=cohort)
    return done(
        Message("Saved. Still to rate: %(count)s.", count=len(left)), ".rate_person", code=code, cohort=cohort, occasion=occasion,
        place=left[0],
    )  # fmt: skip


def _place(db: Session, code: str, cohort: str) -> Facts:
    where = cohort_of(db, code, cohort)
    rates = may_rate(db, g.viewer, where["cohort"])
    return {**where, "rates": rates, "occasion": find_occasion(where["cohort"], today())}


def _open_place(db: Session, code: str, cohort: str, occasion: str) -> Facts:
    """Return where a form of ratings stands; one that is not open now, or not for this account, is not there."""
    where = _place(db, code, cohort)
    if not where["rates"] or where["occasion"] != occasion:
        raise NotFound(Message("These ratings are not taken today."))
    return where


def _named(db: Session, where: Facts) -> list[Facts]:
    places = list_places(db, where["cohort"])
    names = list_given_names(db, [place.entrepreneur_id for place in places], "cohort", where["cohort"].code)
    people = [{"place": place.number, "study_id": place.study_id, "name": names.get(place.entrepreneur_id, "")} for place in places]
    return sorted(people, key=lambda person: (not person["name"], person["name"], person["study_id"]))


def _page(db: Session, where: Facts, place: int, form: Form) -> str:
    people = _named(db, where)
    position = next(number for number, person in enumerate(people) if person["place"] == place)
    here = {"code": where["programme"].code, "cohort": where["cohort"].code, "occasion": where["occasion"]}
    around = [
        url_for(".rate_person", place=people[other]["place"], **here) if 0 <= other < len(people) else ""
        for other in (position - 1, position + 1)
    ]
    return render_template(
        "fidelity/trait.html", **where, person=people[position], number=position + 1, people=len(people), around=around, form=form
    )
