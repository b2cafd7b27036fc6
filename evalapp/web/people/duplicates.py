"""Two records that may be one person: compared, made one, judged to be two, parted again."""

from __future__ import annotations

from typing import Any

from flask import g, redirect, render_template, request, url_for
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.people.listing.queries import get_registration
from evalapp.people.queries import get_programme_for, get_registered, resolve_people
from evalapp.people.records.duplicates import judge_not_duplicate, list_duplicate_candidates
from evalapp.people.records.merge_records import merge_records, undo_merge
from evalapp.people.records.queries import get_merge
from evalapp.people.records.references import count_belongings
from evalapp.people.vault.queries import list_masks
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.people.place import Answer, blueprint, check_reason_of, done, place, trying
from evalapp.web.transactions import reading_db, writing_db

PAIRS_A_PAGE = 50
JUDGEMENT = (
    Column("judgement", "choice", required=True, choices=("keep_first", "keep_second", "two_people")),
    Column("reason", required=True, maximum=400),
)
REASON = (Column("reason", required=True, maximum=400),)


@blueprint.get("/duplicates")
@allows("people.merge")
def list_duplicates(code: str) -> str:
    """List the pairs that may be one person, with what agrees."""
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        pairs = list_duplicate_candidates(db, programme.id)
        people = resolve_people(db, programme.id, {study_id for pair in pairs[:PAIRS_A_PAGE] for study_id in pair[:2]})
        masks = list_masks(db, people.values())
        names = {study_id: masks.get(person, {}).get("name", "") for study_id, person in people.items()}
        return render_template(
            "people/duplicates.html", programme=programme, pairs=pairs[:PAIRS_A_PAGE], count=len(pairs), names=names
        )


@blueprint.get("/duplicates/<first>/<second>")
@allows("people.merge")
def compare(code: str, first: str, second: str) -> Answer:
    """Show two records side by side, masked, with what belongs to each."""
    with writing_db() as db:
        return _pair_page(db, _pair(db, code, first, second), Form())


@blueprint.post("/duplicates/<first>/<second>")
@allows("people.merge")
def judge(code: str, first: str, second: str) -> Answer:
    """Make one record of two, or write down that they are two people."""
    form = read_form(JUDGEMENT)
    if not form.refused:
        check_reason_of(form)
    with writing_db() as db:
        pair = _pair(db, code, first, second)
        if not form.refused:
            with trying(db, form, "judgement"):
                return _carry_out(db, pair, form)
        return _pair_page(db, pair, form), 422


@blueprint.get("/<study_id>/merge")
@allows("people.merge")
def ask_other(code: str, study_id: str) -> str:
    """Ask for the other study ID of the same person."""
    with reading_db() as db:
        return render_template("people/merge.html", **place(db, code, study_id), form=Form())


@blueprint.post("/<study_id>/merge")
@allows("people.merge")
def find_other(code: str, study_id: str) -> Answer:
    """Lead to the comparison of two records."""
    form = Form({"other": request.form.get("other", "").strip()})
    with reading_db() as db:
        where = place(db, code, study_id)
        with trying(db, form, "other"):
            other = get_registered(db, where["programme"].id, form.given["other"])
            if other.id != where["person"].id:
                return redirect(url_for(".compare", code=code, first=study_id, second=other.study_id), 303)
            form.add_fault("other", Message("This is the same record. Type the other study ID."))
        return render_template("people/merge.html", **where, form=form), 422


@blueprint.get("/<study_id>/merges/<int:merge>/undo")
@allows("people.merge")
def ask_undo(code: str, study_id: str, merge: int) -> str:
    """Show what parting two records again would do."""
    with reading_db() as db:
        where = place(db, code, study_id)
        return render_template("people/undo_merge.html", **where, merge=get_merge(db, where["person"], merge), form=Form())


@blueprint.post("/<study_id>/merges/<int:merge>/undo")
@allows("people.merge")
def part(code: str, study_id: str, merge: int) -> Answer:
    """Part two records again."""
    form = read_form(REASON)
    if not form.refused:
        check_reason_of(form)
    with writing_db() as db:
        where = place(db, code, study_id)
        record = get_merge(db, where["person"], merge)
        if not form.refused:
            with trying(db, form, "reason"):
                undo_merge(db, record, form.values["reason"])
        if form.refused:
            return render_template("people/undo_merge.html", **where, merge=record, form=form), 422
    return done(Message("These are two records again."), ".show", code=code, study_id=study_id)


def _pair(db: Session, code: str, first: str, second: str) -> dict[str, Any]:
    programme = get_programme_for(db, g.viewer, code)
    return {"programme": programme, "people": [get_registered(db, programme.id, study_id) for study_id in (first, second)]}


def _pair_page(db: Session, pair: dict[str, Any], form: Form) -> str:
    people = pair["people"]
    masks = list_masks(db, {person.id for person in people})
    sides = [
        {
            "person": person,
            "masks": masks.get(person.id, {}),
            "registration": get_registration(db, pair["programme"].id, person),
            "belongings": count_belongings(db, [person.id]),
        }
        for person in people
    ]
    return render_template("people/compare.html", programme=pair["programme"], sides=sides, form=form)


def _carry_out(db: Session, pair: dict[str, Any], form: Form) -> Answer:
    first, second = pair["people"]
    code, reason = pair["programme"].code, form.values["reason"]
    if form.values["judgement"] == "two_people":
        judge_not_duplicate(db, first, second, reason)
        return done(Message("Noted: these are two people."), ".list_duplicates", code=code)
    kept, merged = (first, second) if form.values["judgement"] == "keep_first" else (second, first)
    said = Message("Both are one record now. %(study_id)s still leads to it.", study_id=merged.study_id)
    merge_records(db, kept, merged, reason)
    return done(said, ".show", code=code, study_id=kept.study_id)
