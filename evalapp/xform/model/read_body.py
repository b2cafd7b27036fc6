"""The controls of an XForm: what asks the questions."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from evalapp.xform.model.form import Action, ChoiceSource, Control, FixedChoice, Labelling
from evalapp.xform.model.read_texts import text_of
from evalapp.xform.model.tags import EVENTS, JR, local, without_prefixes

QUESTIONS = {"input", "select1", "select", "rank", "range", "trigger", "upload", "secret"}
ITEXT_COLUMN = re.compile(r"jr:itext\(\s*([\w.\-]+)\s*\)")
RANDOMIZED = re.compile(r"randomize\((?P<rows>.*?)(?:,(?P<seed>[^,\])]*(?:\([^()]*\)[^,\])]*)*))?\)", re.DOTALL)
NO_PARAMETERS = {"ref", "nodeset", "appearance"}


def read_controls(body: Any, texts: Mapping[str, Labelling], actions: list[Action]) -> tuple[Control, ...]:
    """Return the controls in the order they are asked; actions found at them are added to `actions`."""
    return tuple(control for child in body if (control := _control(child, texts, actions)) is not None)


def read_action(element: Any, trigger: str) -> Action:
    """Return the action of a setvalue element."""
    value = element.get("value")
    return Action(
        events=tuple(element.get("event", element.get(f"{EVENTS}event", "")).split()),
        target=without_prefixes(element.get("ref", element.get("bind", ""))),
        value=(element.text or "") if value is None else value,
        literal=not value,
        trigger=trigger,
    )


def _control(element: Any, texts: Mapping[str, Labelling], actions: list[Action]) -> Control | None:
    kind = local(element)
    if kind not in QUESTIONS | {"group", "repeat"}:
        return None
    path = without_prefixes(element.get("ref") or element.get("nodeset") or "")
    actions += [read_action(child, path) for child in element if local(child) == "setvalue"]
    children = read_controls(element, texts, actions) if kind in ("group", "repeat") else ()
    control = Control(
        kind=kind,
        path=path,
        labelling=_labelling(element, texts),
        appearance=element.get("appearance", "").strip(),
        choices=_choices(element, texts) if kind in ("select1", "select", "rank") else None,
        parameters={name: value for name, value in element.attrib.items() if name not in NO_PARAMETERS and not name.startswith(JR)},
        count=element.get(f"{JR}count", "").strip(),
        children=children,
    )
    return _joined(control)


def _joined(control: Control) -> Control:
    """Return a repeat together with the group around it, which only carries its label."""
    if control.kind == "group" and len(control.children) == 1:
        inner = control.children[0]
        if inner.kind == "repeat" and control.path in ("", inner.path):
            return replace(inner, labelling=control.labelling, appearance=f"{control.appearance} {inner.appearance}".strip())
    return control


def _labelling(element: Any, texts: Mapping[str, Labelling]) -> Labelling:
    label = text_of(_child(element, "label"), texts)
    hint = text_of(_child(element, "hint"), texts)
    return Labelling(label=label.label, hint=hint.label, guidance=hint.guidance, media=label.media)


def _child(element: Any, name: str) -> Any:
    return next((child for child in element if local(child) == name), None)


def _choices(element: Any, texts: Mapping[str, Labelling]) -> ChoiceSource:
    itemset = _child(element, "itemset")
    if itemset is None:
        items = [child for child in element if local(child) == "item"]
        return ChoiceSource(fixed=tuple(_fixed(item, texts) for item in items))
    rows = itemset.get("nodeset", "").strip()
    mixed = RANDOMIZED.fullmatch(rows)
    label, value = _child(itemset, "label"), _child(itemset, "value")
    by_text = ITEXT_COLUMN.fullmatch("" if label is None else label.get("ref", "").strip())
    return ChoiceSource(
        rows=mixed["rows"].strip() if mixed else rows,
        value="name" if value is None else without_prefixes(value.get("ref", "name")),
        label=by_text[1] if by_text else "" if label is None else label.get("ref", "label").strip(),
        by_text=by_text is not None,
        shuffle=mixed is not None,
        seed=(mixed["seed"] or "").strip() if mixed else "",
    )


def _fixed(item: Any, texts: Mapping[str, Labelling]) -> FixedChoice:
    value = _child(item, "value")
    return FixedChoice("" if value is None else (value.text or "").strip(), text_of(_child(item, "label"), texts))
