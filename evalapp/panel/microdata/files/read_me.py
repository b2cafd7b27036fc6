"""What a recipient must know of a release, in both languages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from evalapp.core.language import LANGUAGES, Message
from evalapp.panel.microdata.deidentify import DAYS, Deidentified


def read_me(found: Deidentified, names: Mapping[str, str], snapshot_sha256: str) -> str:
    """Return the read-me of a release, Korean first."""
    texts = ("\n\n".join(part.within(each) for part in _parts(found, names[each], snapshot_sha256)) for each in LANGUAGES)
    return "\n\n\n".join(texts) + "\n"


def _parts(found: Deidentified, name: str, snapshot_sha256: str) -> Iterator[Message]:
    yield Message("Microdata without identities: %(name)s", name=name)
    yield Message(
        "%(people)s people, %(rows)s rows: one for each person and wave. Made from the frozen panel with SHA-256 %(sha256)s.",
        people=found.risk.people,
        rows=len(found.people),
        sha256=snapshot_sha256,
    )
    yield Message(
        "The data are for the purpose they were asked for. Do not try to find out who somebody is, do not link them with other data "
        "about persons, do not pass them on, and delete them when the purpose is served."
    )
    yield Message(
        "Files: microdata.csv (UTF-8), microdata.dta (Stata 14 and later), microdata.sav (SPSS), codebook.xlsx and codebook.json (what "
        "each variable and code means and what was done to it), risk.txt and risk.json (how well people are hidden)."
    )
    yield Message(
        "Each person has a random number that is of this release only: people cannot be followed from one release to another. There "
        "are no dates; “%(days)s” counts whole days since the person's own first answers.",
        days=DAYS,
    )
    yield Message(
        "Ages and years are in bands, places are provinces, lines of business are sectors. The five largest and the five smallest "
        "people's amounts have one value each, so that totals and tails are not exact. Rare answers to choices are merged."
    )
    yield Message(
        "Quasi-identifiers (%(names)s) stand as they were first known of a person, the same in every wave. At least %(k)s people share "
        "every combination of them. A value .p was withheld for that; it is not missing at random.",
        names=", ".join(found.quasi) or "–",
        k=found.risk.k,
    )
    yield Message(
        "Missing answers: .d does not know, .r refused, .n not applicable, .s skipped by the form, .o other reason, .v not in this "
        "version of the form, .p withheld. In SPSS they are declared missing; in CSV they are texts."
    )
    yield Message(
        "Only people who agreed to sharing are here: %(count)s of the panel did not. Results need not equal published ones.",
        count=found.without_consent,
    )
