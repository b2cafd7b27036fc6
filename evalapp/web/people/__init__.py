"""The people of a programme: listed, registered, opened, contacted, asked for consent, merged, forgotten."""

from __future__ import annotations

from evalapp.web.people import (
    consent_texts,
    consents,
    contacts,
    duplicates,
    enterprises,
    erasure,
    listing,
    person,
    registration,
)
from evalapp.web.people.place import blueprint

# Each of these puts its pages on the blueprint when it is imported.
PAGES = (listing, registration, person, consents, consent_texts, contacts, enterprises, duplicates, erasure)

__all__ = ["PAGES", "blueprint"]
