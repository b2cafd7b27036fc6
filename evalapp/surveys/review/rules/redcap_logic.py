"""REDCap's logic as an expression of ours, or the reason why it has none."""

from __future__ import annotations

import re

from evalapp.xform.faults import N_, FormError

EVENT = re.compile(r"\[([a-z0-9_-]+)\]\s*\[([a-z0-9_]+)(?:\(([\w-]+)\))?\]", re.IGNORECASE)
FIELD = re.compile(r"\[([a-z0-9_]+)(?:\(([\w-]+)\))?\]", re.IGNORECASE)
QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
EARLIER_EVENT = "previous-event-name"
BLANK = re.compile(r"\bisblankormissingcode\s*\(([^()]*)\)", re.IGNORECASE)
WORDS = {"AND": "and", "OR": "or", "&&": "and", "||": "or"}
OPERATOR = re.compile(r"<>|\bAND\b|\bOR\b|&&|\|\|", re.IGNORECASE)


def translate(logic: str) -> str:
    """Return an expression that is true where the logic is, or raise FormError. What is in quotation marks stays as it is."""
    quoted = QUOTED.findall(logic)
    plain = QUOTED.sub("\0", logic)
    if left := re.search(r"\[[^\]]*\]\s*\[[^\]]*\]\s*\[|\[[^\]]*[-:][^\]]*\](?!\s*\[)", plain):
        raise FormError(N_("“%(sign)s” of REDCap has no counterpart here. Name a question in it."), sign=left[0])
    plain = BLANK.sub(r"(\1 = '')", plain)
    plain = FIELD.sub(_field, EVENT.sub(_of_event, plain))
    plain = OPERATOR.sub(lambda found: "!=" if found[0] == "<>" else WORDS[found[0].upper()], plain)
    if "[" in plain or "]" in plain:
        raise FormError(N_("A square bracket of REDCap's logic could not be understood. Write questions as [name]."))
    rest = iter(quoted)
    return re.sub("\0", lambda _found: next(rest), plain).strip()


def _of_event(found: re.Match[str]) -> str:
    event, name, choice = found.groups()
    if event.casefold() != EARLIER_EVENT:
        raise FormError(
            N_("“[%(event)s]” names an event. Write [previous-event-name][%(name)s] for the last answer of an earlier wave."),
            event=event, name=name,
        )  # fmt: skip
    return _reference(f"prev_{name.casefold()}", choice)


def _field(found: re.Match[str]) -> str:
    return _reference(found[1].casefold(), found[2])


def _reference(name: str, choice: str | None) -> str:
    """Return how we name an answer; a ticked box of REDCap is '1', one that is not '0'."""
    return f"${{{name}}}" if choice is None else f"if(selected(${{{name}}}, '{choice}'), '1', '0')"
