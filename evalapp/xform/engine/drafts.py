"""Unfinished forms as JSON, to be gone on with later."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from evalapp.xform.engine.growth import bare
from evalapp.xform.engine.instance import Clock, Instance
from evalapp.xform.engine.plan import Form
from evalapp.xform.faults import N_, FormError
from evalapp.xform.model.form import Node
from evalapp.xform.tree import Element, Value


def draft_json(instance: Instance) -> str:
    """Write the answers, relevant or not, with what keeps shuffled choices in their order."""
    state = {"version": instance.version, "seed": instance.seed, "answers": _stored(instance.root)}
    return json.dumps(state, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def read_draft(
    form: Form, text: str, clock: Clock, properties: dict[str, str] | None = None, language: str | None = None
) -> Instance:
    """Go on with a draft. It must be of the same version of the form."""
    state = json.loads(text)
    if state["version"] != form.model.version:
        raise FormError(N_("The draft was begun with version %(version)s of the form."), version=state["version"])
    instance = Instance(form, clock, properties, language, state["seed"])
    instance.root = bare(form, None, form.model.root)
    _restore(form, instance.root, form.model.root, state["answers"])
    instance.reconsider(counts=True)
    return instance


def _stored(element: Element) -> Any:
    if not element.children:
        value = element.value
        return {"at": value.isoformat()} if isinstance(value, dt.datetime) else value
    return {name: [_stored(child) for child in rounds] for name, rounds in element.children.items() if _holds(rounds)}


def _holds(rounds: list[Element]) -> bool:
    return len(rounds) != 1 or bool(rounds[0].children) or rounds[0].value != ""


def _restore(form: Form, element: Element, node: Node, stored: Any) -> None:
    if not node.children:
        element.value = _value(stored)
        return
    for child in node.children:
        for place, each in enumerate(stored.get(child.name, ())):
            if child.repeat:
                element.add(bare(form, element, child))
            _restore(form, element.children[child.name][place], child, each)


def _value(stored: Any) -> Value:
    value: Value = dt.datetime.fromisoformat(stored["at"]) if isinstance(stored, dict) else stored
    return value
