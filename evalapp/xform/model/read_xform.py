"""A compiled XForm read into a form model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from evalapp.xform.faults import N_, FormError
from evalapp.xform.model.form import Branch, FormModel
from evalapp.xform.model.read_body import read_action, read_controls
from evalapp.xform.model.read_nodes import read_nodes
from evalapp.xform.model.read_texts import read_texts
from evalapp.xform.model.tags import local, without_prefixes


def read_xform(xform: str, tables: Mapping[str, Branch] | None = None) -> FormModel:
    """Return the model of an XForm; `tables` are those that it names but does not hold, by name. FormError where it is none."""
    try:
        document = defusedxml.ElementTree.fromstring(xform.encode(), forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise FormError(N_("The compiled form is not valid XML.")) from error
    model, body = _find(document, "model"), _find(document, "body")
    instances = [] if model is None else [each for each in model if local(each) == "instance"]
    if model is None or body is None or not instances or not len(instances[0]):
        raise FormError(N_("This is not a form: its model or its questions are missing."))
    title = _find(document, "title")
    languages, default, texts = read_texts(model)
    binds = {without_prefixes(each.get("nodeset", "")): each.attrib for each in model if local(each) == "bind"}
    actions = [read_action(each, "") for each in model if local(each) == "setvalue"]
    body_controls = read_controls(body, texts, actions)
    repeats = {control.path for top in body_controls for control in top.walk() if control.kind == "repeat"}
    primary = instances[0][0]
    return FormModel(
        form_id=primary.get("id", ""),
        version=primary.get("version", ""),
        title=(title.text or "") if title is not None else "",
        languages=languages,
        default_language=default,
        root=read_nodes(primary, binds, repeats, texts),
        body=body_controls,
        texts=texts,
        tables={**_tables(instances[1:]), **(tables or {})},
        actions=tuple(actions),
        media=tuple(sorted({file for text in texts.values() for kind in text.media.values() for file in kind.values()})),
    )


def _find(document: Any, name: str) -> Any:
    return next((element for element in document.iter() if local(element) == name), None)


def _tables(instances: list[Any]) -> dict[str, Branch]:
    return {each.get("id", ""): _branch(each[0]) for each in instances if len(each)}


def _branch(element: Any) -> Branch:
    children = tuple(_branch(child) for child in element)
    return Branch(local(element), "" if children else element.text or "", dict(element.attrib), children)


def external_tables(xform: str) -> dict[str, str]:
    """Return the tables an XForm names but does not hold: name → where it wants them from."""
    document = defusedxml.ElementTree.fromstring(xform.encode(), forbid_dtd=True)
    found = [each for each in document.iter() if local(each) == "instance" and each.get("src") and not len(each)]
    return {each.get("id", ""): each.get("src", "") for each in found}
