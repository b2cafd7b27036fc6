"""How well people are hidden in a release, as JSON and as a text in both languages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from evalapp.core.language import LANGUAGES, Message
from evalapp.panel.microdata.deidentify import Deidentified
from evalapp.panel.microdata.measure_risk import LEAST_DIVERSITY


def risk_facts(found: Deidentified) -> dict[str, Any]:
    """Return the risk of what leaves as plain data. What would have been at risk before is nobody's business outside."""
    return {
        "quasi_identifiers": list(found.quasi),
        "risk": asdict(found.risk),
        "withheld_values": dict(found.withheld),
        "people_left_out_to_hide_them": found.hidden_out,
        "people_without_consent_to_sharing": found.without_consent,
        "least_diversity": LEAST_DIVERSITY,
        "diversity_of_difficulty_items": [asdict(item) for item in found.diversity],
    }


def stored_report(found: Deidentified) -> dict[str, Any]:
    """Return the same for ourselves, with the risk before anything was withheld and the rare answers that leave."""
    return {**risk_facts(found), "before": asdict(found.before), "rare_answers": [asdict(rare) for rare in found.rare]}


def risk_text(found: Deidentified) -> str:
    """Return the report as a text, Korean first."""
    return "\n\n".join("\n".join(message.within(language) for message in _lines(found)) for language in LANGUAGES) + "\n"


def _lines(found: Deidentified) -> Iterator[Message]:
    risk = found.risk
    yield Message("How well people are hidden in these data")
    yield Message("Quasi-identifiers: %(names)s", names=", ".join(found.quasi) or "–")
    yield Message("People: %(people)s, in %(classes)s classes of equal quasi-identifiers", people=risk.people, classes=risk.classes)
    yield Message("Smallest class: %(smallest)s people; at least %(k)s were asked for", smallest=risk.smallest, k=risk.k)
    yield Message("People in smaller classes: %(count)s", count=risk.at_risk)
    yield Message("Chance to pick out the right person, on average: %(share)s%%", share=round(100 * risk.chance_share, 1))
    yield Message("People left out because nothing else would hide them: %(count)s", count=found.hidden_out)
    yield Message("People left out because they did not agree to sharing: %(count)s", count=found.without_consent)
    for name, count in found.withheld.items():
        yield Message("Values withheld in %(name)s: %(count)s people", name=name, count=count)
    for item in found.diversity:
        yield Message(
            "%(name)s: at least %(least)s different answers in a class; %(people)s people in classes where all answer alike",
            name=item.name,
            least=item.least,
            people=item.people_below,
        )
