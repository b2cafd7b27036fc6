"""How places are to be drawn, and what can be expected of it before anybody is drawn."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask import render_template, request
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.training.assignment.design import (
    ACCEPTED_SHARES,
    BLOCK_SIZES,
    COMPUTER,
    Design,
    Stratifier,
    design_assignment,
)
from evalapp.training.assignment.edit_assignment import RefusedAssignment
from evalapp.training.assignment.preview_balance import preview_balance
from evalapp.training.assignment.queries import count_free_places, get_procedure, list_members
from evalapp.training.assignment.words import METHOD_WORDS
from evalapp.web.access import allows
from evalapp.web.forms import Form, filled, read_form
from evalapp.web.training.assignments.place import back_to, blueprint, characteristics_of, place
from evalapp.web.training.place import Answer, done, trying
from evalapp.web.transactions import reading_db, writing_db

NUMBER = re.compile(r"-?\d+(\.\d+)?")
DESIGN = (
    Column("method", "choice", required=True, choices=tuple(METHOD_WORDS)),
    Column("places", required=True, maximum=10),
    *(Column(f"{name}_{number}", maximum=60) for number in (1, 2) for name in ("stratum", "cuts")),
    Column("order_by", maximum=60),
    Column("block_size", "integer", minimum=min(BLOCK_SIZES), maximum=max(BLOCK_SIZES)),
    Column("cluster_by", maximum=60),
    Column("accepted_share", "choice", choices=tuple(map(str, ACCEPTED_SHARES))),
    Column("seed_from", "choice", required=True, choices=(COMPUTER, "public")),
    Column("seed_source", maximum=200),
)


@blueprint.get("/<assignment>/design")
@allows("assignment.manage")
def ask_design(code: str, assignment: str) -> Answer:
    """Show the form of how places are drawn, as it was filled in last."""
    with reading_db() as db:
        where = place(db, code, assignment)
        if where["assignment"].state != "pool_frozen" or where["assignment"].kind != "randomised":
            return back_to(code, assignment)
        return _design_page(db, where, *_stored(get_procedure(where["assignment"])))


@blueprint.post("/<assignment>/design")
@allows("assignment.manage")
def keep_design(code: str, assignment: str) -> Answer:
    """Keep how places will be drawn."""
    form, covariates = read_form(DESIGN), tuple(dict.fromkeys(request.form.getlist("covariates")))
    with writing_db() as db:
        where = place(db, code, assignment)
        if not form.refused:
            with trying(db, form, "method"):
                design_assignment(db, where["assignment"], _design(form, covariates))
        if form.refused:
            return _design_page(db, where, form, covariates), 422
    return done(Message("The design is kept. Nobody was drawn yet."), ".preview", code=code, assignment=assignment)


@blueprint.get("/<assignment>/preview")
@allows("assignment.view")
def preview(code: str, assignment: str) -> Answer:
    """Show what balance to expect, without touching the real draw."""
    with reading_db() as db:
        where = place(db, code, assignment)
        stored = get_procedure(where["assignment"])
        if where["assignment"].state != "pool_frozen" or not stored:
            return back_to(code, assignment)
        return render_template("assignments/preview.html", **where, stored=stored, outlook=preview_balance(stored))


def _design(form: Form, covariates: tuple[str, ...]) -> Design:
    said = form.values
    strata = [(said[f"stratum_{number}"], form.given[f"cuts_{number}"], f"cuts_{number}") for number in (1, 2)]
    if said["seed_from"] == "public" and not form.given["seed_source"]:
        raise RefusedAssignment("seed_source", Message("Say which number it will be, and who makes it known when."))
    return Design(
        method=said["method"],
        places=form.given["places"],
        strata=tuple(Stratifier(name, _cuts(cuts, field)) for name, cuts, field in strata if name),
        order_by=said["order_by"] or "reg_day",
        block_size=_block_size(said["block_size"]),
        cluster_by=said["cluster_by"] or "pool",
        covariates=covariates,
        accepted_share=float(said["accepted_share"]) if said["accepted_share"] else None,
        seed_source=form.given["seed_source"] if said["seed_from"] == "public" else COMPUTER,
    )


def _block_size(size: int | None) -> int:
    if size is not None and size not in BLOCK_SIZES:
        raise RefusedAssignment("block_size", Message("Choose one of the sizes that are offered."))
    return size or BLOCK_SIZES[0]


def _cuts(text: str, field: str) -> tuple[float, ...]:
    parts = [part for part in re.split(r"[;\s]+|,(?!\d{3}\b)", text.strip()) if part]
    numbers = [part.replace(",", "") for part in parts]
    if not all(NUMBER.fullmatch(number) for number in numbers):
        raise RefusedAssignment(
            field, Message("Write the numbers at which to cut, with spaces between them. Empty: at the median.")
        )
    return tuple(sorted({float(number) for number in numbers}))


def _stored(stored: Mapping[str, Any]) -> tuple[Form, tuple[str, ...]]:
    """Return the form as it was filled in; the cut points are those that were found."""
    if not stored:
        usual = {"method": "stratified", "places": "50%", "block_size": BLOCK_SIZES[0], "seed_from": COMPUTER}
        return filled(usual), ()
    source = stored["seed_source"]
    values = {name: stored[name] for name in ("method", "places", "order_by", "block_size", "cluster_by", "accepted_share")}
    values |= {"seed_from": COMPUTER if source == COMPUTER else "public", "seed_source": "" if source == COMPUTER else source}
    for number, by in enumerate(stored["strata_by"], start=1):
        values[f"stratum_{number}"] = by["name"]
        values[f"cuts_{number}"] = " ".join(f"{cut:.10g}" for cut in by["cuts"] or ())
    return filled(values), tuple(stored["covariates"]["names"]) if stored["covariates"] else ()


def _design_page(db: Session, where: dict[str, Any], form: Form, covariates: tuple[str, ...]) -> str:
    return render_template(
        "assignments/design.html",
        **where,
        **characteristics_of(db, where),
        form=form,
        chosen=covariates,
        block_sizes=[(str(size), str(size)) for size in BLOCK_SIZES],
        eligible=sum(member.is_eligible for member in list_members(db, where["assignment"])),
        free=count_free_places(db, where["assignment"]),
    )
