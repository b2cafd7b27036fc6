"""What a respondent's own page calls things: plain words, said to the person."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from evalapp.core.language import Message
from evalapp.people.consents.queries import PurposeConsent
from evalapp.people.contacts.queries import seoul_day
from evalapp.web.formats import date

PURPOSES: Final[Mapping[str, Message]] = {
    "survey": Message("Asking you questions and using your answers"),
    "linkage": Message("Joining your answers with other records about your business"),
    "quotation": Message("Quoting your own words without your name"),
    "recontact": Message("Contacting you again"),
    "training": Message("Taking part in training, and keeping records of it"),
    "sharing": Message("Passing on data that do not say who you are"),
}
# What ends at once when a consent to the purpose is withdrawn.
EFFECTS: Final[Mapping[str, Message]] = {
    "survey": Message(
        "You are asked no more questions, and from now on your answers are left out of everything that is worked out. "
        "Results that were published before do not change; they name nobody."
    ),
    "linkage": Message("From now on your answers are not joined with other records any more."),
    "quotation": Message("From now on your words are not quoted any more. What was printed before cannot be called back."),
    "recontact": Message("From now on nobody calls or writes to you for surveys."),
    "training": Message(
        "From now on you are not put into a training group any more. What was recorded of it is used together with your answers only; "
        "to end that too, withdraw the consent to questions."
    ),
    "sharing": Message("From now on your data are not passed on any more, also not without your name."),
}
STATES: Final[Mapping[str, Message]] = {
    "given": Message("You agreed on %(date)s"),
    "renewed": Message("You agreed again on %(date)s"),
    "refused": Message("You said no on %(date)s"),
    "withdrawn": Message("You withdrew it on %(date)s"),
    "expired": Message("It ended by itself on %(date)s"),
    "requested": Message("You were asked on %(date)s and have not answered yet"),
}
STATE_TONES: Final[Mapping[str, str]] = {"given": "good", "renewed": "good", "requested": "info"}
KINDS: Final[Mapping[str, Message]] = {
    "access": Message("See my data"),
    "correction": Message("Have my data mended"),
    "restriction": Message("Stop the use of my data"),
    "erasure": Message("Be forgotten"),
}
KIND_EFFECTS: Final[Mapping[str, Message]] = {
    "access": Message(
        "You get everything that is kept about you, in a file that only you can open. We arrange with you how it reaches you."
    ),
    "correction": Message("Tell us what is wrong and how it should be. We mend it, or tell you why we cannot."),
    "restriction": Message(
        "We stop using your data for anything new. What is kept is not deleted by this; for that you can ask to be forgotten."
    ),
    "erasure": Message("We delete who you are, and if you wish everything else about you. It cannot be undone."),
}
DETAILS: Final[Mapping[str, Message]] = {
    "access": Message("How can we best hand it to you? You may leave this empty."),
    "correction": Message("What is wrong, and how should it be?"),
    "restriction": Message("Anything that we should know? You may leave this empty."),
    "erasure": Message("Anything that we should know? You may leave this empty."),
}
SETTLED: Final[Mapping[str, Message]] = {
    "open": Message("We settle it by %(date)s"),
    "done": Message("Settled on %(date)s"),
    "refused": Message("Not granted, %(date)s"),
}
SETTLED_TONES: Final[Mapping[str, str]] = {"open": "info", "done": "good", "refused": "warn"}


def said_of_consent(consent: PurposeConsent) -> Message:
    """Return how a consent stands, with its day."""
    return Message(STATES[consent.state].text, date=date(consent.since) if consent.since else "")


def said_of_request(asked: Any) -> Message:
    """Return how a request stands: by when it is settled, or when it was."""
    return Message(SETTLED[asked.state].text, date=date(asked.due_on if asked.state == "open" else seoul_day(asked.decided_at)))
