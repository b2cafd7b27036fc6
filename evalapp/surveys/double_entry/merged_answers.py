"""One form out of two entries and the decisions where they differ."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from typing import Any

from evalapp.core.clock import now
from evalapp.surveys.double_entry.compare_entries import compare_entries, match_rounds, rounds_of
from evalapp.xform.engine.answers import typed
from evalapp.xform.engine.drafts import read_draft
from evalapp.xform.engine.instance import Instance
from evalapp.xform.model.form import Node
from evalapp.xform.tree import Element, Value


def merge_answers(first: Instance, second: Instance, decided: Mapping[str, str]) -> Instance:
    """Return the form with what both entries say, and elsewhere with what was decided, by the field's place.

    What the form works out itself it works out anew. BadAnswer where a decided answer cannot be read.
    """
    differing = {field.place for field in compare_entries(first, second) if not field.agrees}
    missing = differing - decided.keys()
    if missing:
        raise ValueError(f"not decided: {sorted(missing)}")
    answers = _merged(first, first.form.model.root, first.root, second.root, "", decided)
    state = {"version": first.version, "seed": first.seed, "answers": answers}
    merged = read_draft(first.form, json.dumps(state), now, first.properties, first.language)
    merged.settle({}, fresh=merged.root)
    return merged


def _merged(
    instance: Instance, node: Node, one: Element | None, other: Element | None, place: str, decided: Mapping[str, str]
) -> dict[str, list[Any]]:
    """Return the answers under a group or in a round as drafts store them."""
    merged: dict[str, list[Any]] = {}
    for child in node.children:
        if child.repeat:
            matched = match_rounds(instance, rounds_of(one, child.name), rounds_of(other, child.name))
            rounds = [
                _merged(instance, child, ours, theirs, f"{place}{child.name}[{number}]/", decided)
                for number, (ours, theirs) in enumerate(matched, start=1)
            ]
            # A round that only one typed, and that was decided not to be on the paper, is none.
            kept = [held for held, pair in zip(rounds, matched, strict=True) if None not in pair or _holds(held)]
            merged[child.name] = kept
            continue
        ours, theirs = (parent.children[child.name][0] if parent is not None else None for parent in (one, other))
        if child.children:
            merged[child.name] = [_merged(instance, child, ours, theirs, f"{place}{child.name}/", decided)]
        else:
            merged[child.name] = [_stored(_value(instance, child, ours, theirs, decided.get(f"{place}{child.name}")))]
    return merged


def _value(instance: Instance, node: Node, one: Element | None, other: Element | None, decided: str | None) -> Value:
    if decided is not None:
        return typed(decided, instance.form.kind(node.path))
    values = [each.value for each in (one, other) if each is not None and each.live and each.value != ""]
    return values[0] if values else ""


def _stored(value: Value) -> Any:
    return {"at": value.isoformat()} if isinstance(value, dt.datetime) else value


def _holds(answers: Mapping[str, list[Any]]) -> bool:
    return any(
        _holds(each) if isinstance(each, dict) and "at" not in each else each != "" for held in answers.values() for each in held
    )
