"""What people are asked to agree to in a programme: the published texts, and a new version."""

from __future__ import annotations

from itertools import groupby

from flask import g, render_template, request

from evalapp.core.columns import Column
from evalapp.core.language import LANGUAGES, Message
from evalapp.people.consents.publish_consent_text import MOST_MONTHS, publish_consent_text
from evalapp.people.consents.queries import list_consent_texts
from evalapp.people.queries import get_programme_for
from evalapp.people.words import PURPOSES
from evalapp.web.access import allows
from evalapp.web.forms import Form, read_form
from evalapp.web.people.place import Answer, blueprint, done, trying
from evalapp.web.transactions import reading_db, writing_db

LONGEST_TEXT = 20_000
TEXT = (
    Column("purpose", "choice", required=True, choices=tuple(PURPOSES)),
    Column("version", required=True, maximum=20),
    Column("valid_months", "integer", minimum=1, maximum=MOST_MONTHS),
)


@blueprint.get("/consent-texts")
@allows("consent.record")
def list_texts(code: str) -> str:
    """List the published texts by purpose, the newest version first, each in both languages."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        published = groupby(list_consent_texts(db, programme.id), key=lambda text: (text.purpose, text.version))
        versions = {key: {text.language: text for text in texts} for key, texts in published}
        of_purpose = {purpose: [texts for (said, _), texts in versions.items() if said == purpose] for purpose in PURPOSES}
        return render_template("people/consent_texts.html", programme=programme, of_purpose=of_purpose)


@blueprint.get("/consent-texts/new")
@allows("programme.manage")
def ask_text(code: str) -> str:
    """Show the form of a new version."""
    with reading_db() as db:
        return render_template("people/consent_text.html", programme=get_programme_for(db, g.viewer, code), form=Form())


@blueprint.post("/consent-texts/new")
@allows("programme.manage")
def publish(code: str) -> Answer:
    """Publish a new version in both languages; a published text is never changed."""
    form, texts = _read_text()
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        if not form.refused:
            with trying(db, form, "version"):
                publish_consent_text(
                    db, programme, form.values["purpose"], form.values["version"], texts, form.values["valid_months"]
                )
        if form.refused:
            return render_template("people/consent_text.html", programme=programme, form=form), 422
    return done(Message("Published. It can be shown to people now, and never be changed."), ".list_texts", code=code)


def _read_text() -> tuple[Form, dict[str, str]]:
    """Read the form. The texts may hold a telephone number: people are told whom to call."""
    form = read_form(TEXT)
    texts = {language: request.form.get(f"text_{language}", "").replace("\r\n", "\n").strip() for language in LANGUAGES}
    form.given = {**form.given, **{f"text_{language}": text for language, text in texts.items()}}
    for language, text in texts.items():
        if not text:
            form.add_fault(f"text_{language}", Message("Fill this in."))
        if len(text) > LONGEST_TEXT:
            form.add_fault(
                f"text_{language}", Message("The text has more than %(most)s characters. Shorten it.", most=f"{LONGEST_TEXT:,}")
            )
    return form, texts
