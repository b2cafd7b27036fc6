"""What a person says to each purpose: asked, given, renewed, refused, withdrawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import g, render_template, request
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.people.consents.answer_consent import Asked, ask_consent, give_consent, refuse_consent, renew_consent
from evalapp.people.consents.queries import PurposeConsent, list_consent_history, list_consent_texts, list_consents
from evalapp.people.consents.withdraw_consent import withdraw_consent
from evalapp.people.words import PURPOSES, WITHDRAWAL_REASONS
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.people.place import Answer, blueprint, dated, done, place, trying
from evalapp.web.transactions import reading_db, writing_db

ANSWERS: dict[str, Callable[..., object]] = {
    "requested": ask_consent, "given": give_consent, "renewed": renew_consent, "refused": refuse_consent,
}  # fmt: skip
OF_PURPOSE = f"/<study_id>/consents/<any({', '.join(PURPOSES)}):purpose>"
ANSWER = (
    Column("said", "choice", required=True, choices=tuple(ANSWERS)),
    Column("text", required=True, maximum=30),
    Column("on", "date", required=True),
)
WITHDRAWAL = (
    Column("withdrawn_on", "date", required=True),
    Column("reason", "choice", required=True, choices=tuple(WITHDRAWAL_REASONS)),
)


@blueprint.get(OF_PURPOSE)
@allows("consent.record")
def ask_consent_of(code: str, study_id: str, purpose: str) -> str:
    """Show the published texts of a purpose and the form for what the person says."""
    with reading_db() as db:
        return _consent_page(db, place(db, code, study_id), purpose, dated("on"))


@blueprint.post(OF_PURPOSE)
@allows("consent.record")
def answer(code: str, study_id: str, purpose: str) -> Answer:
    """Record what a person says to a purpose, in the version and language of the text that was shown to them."""
    form = read_form(ANSWER)
    with writing_db() as db:
        where = place(db, code, study_id)
        if not form.refused:
            version, _, language = form.values["text"].rpartition(":")
            with trying(db, form, "on"):
                said = Asked(purpose, version, language)
                ANSWERS[form.values["said"]](db, where["programme"], where["person"], said, form.values["on"])
        if form.refused:
            return _consent_page(db, where, purpose, form), 422
    return done(Message("The answer is recorded."), ".show", code=code, study_id=study_id)


@blueprint.get("/<study_id>/withdrawal")
@allows("consent.record")
def ask_withdrawal(code: str, study_id: str) -> str:
    """Show the form of a withdrawal, with one purpose ticked or, where none is named, all that stand."""
    with reading_db() as db:
        where = place(db, code, study_id)
        one = request.args.get("purpose")
        form = dated("withdrawn_on")
        standing = _standing(db, where)
        form.given = {**form.given, **{f"purpose_{purpose}": "yes" for purpose in standing if one in (None, purpose)}}
        return render_template("people/withdrawal.html", **where, form=form, standing=standing)


@blueprint.post("/<study_id>/withdrawal")
@allows("consent.record")
def withdraw(code: str, study_id: str) -> Answer:
    """End consents at once."""
    form = read_form((*WITHDRAWAL, *(Column(f"purpose_{purpose}") for purpose in PURPOSES)))
    with writing_db() as db:
        where = place(db, code, study_id)
        standing = _standing(db, where)
        ended = [purpose for purpose in standing if form.given[f"purpose_{purpose}"]]
        if not ended:
            form.add_fault(f"purpose_{next(iter(standing), 'survey')}", Message("Choose what is withdrawn."))
        if not form.refused:
            with trying(db, form, "withdrawn_on"):
                withdraw_consent(db, **where, **{name: form.values[name] for name in ("withdrawn_on", "reason")}, purposes=ended)
        if form.refused:
            return render_template("people/withdrawal.html", **where, form=form, standing=standing), 422
    return done(Message("The consents are withdrawn, from that day on."), ".show", code=code, study_id=study_id)


def _standing(db: Session, where: dict[str, Any]) -> list[str]:
    consents = list_consents(db, where["programme"].id, where["person"].id)
    return [consent.purpose for consent in consents if consent.is_valid or consent.state == "expired"]


def _consent_page(db: Session, where: dict[str, Any], purpose: str, form: Form) -> str:
    programme, person = where["programme"], where["person"]
    consents = {consent.purpose: consent for consent in list_consents(db, programme.id, person.id)}
    history = [said for said in list_consent_history(db, programme.id, person.id) if said.purpose == purpose]
    return render_template(
        "people/consent.html",
        **where,
        form=form,
        consent=consents[purpose],
        history=history,
        may_be=_may_be(consents[purpose].is_valid, given_before=any(said.kind in ("given", "renewed") for said in history)),
        texts=_texts(db, programme.id, consents[purpose]),
    )


def _texts(db: Session, programme_id: int, consent: PurposeConsent) -> list[Any]:
    """Return the texts of a purpose, the newest version first, each in the person's language before the other."""
    language = consent.language or g.language
    texts = [text for text in list_consent_texts(db, programme_id) if text.purpose == consent.purpose]
    return sorted(texts, key=lambda text: (-text.published_at.timestamp(), text.language != language))


def _may_be(stands: bool, *, given_before: bool) -> list[str]:
    """Return what a person can say now; a no to a consent that stands is a withdrawal, which has a page of its own."""
    said = ["renewed" if given_before else "given", "requested"]
    return said if stands else [*said, "refused"]
