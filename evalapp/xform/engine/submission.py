"""Submissions: the answers as the XML that ODK Collect sends, and such XML read back."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import ParseError

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from evalapp.xform.engine.answers import BadAnswer, typed, written
from evalapp.xform.engine.growth import MOST_ROUNDS, bare
from evalapp.xform.engine.instance import Clock, Instance
from evalapp.xform.engine.plan import Form
from evalapp.xform.faults import N_, FormError
from evalapp.xform.model.tags import local
from evalapp.xform.tree import Element

DECIMALS = {"decimal", "double", "float"}
EXPONENT = re.compile(r"-?\d\.\d{1,17}E-?\d{1,2}")  # how ODK Collect writes amounts from ten million on


def submission_xml(instance: Instance) -> bytes:
    """Write the answers as a submission: what is not relevant is absent, what is not answered is empty."""
    root = _element(instance, instance.root)
    content: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return content


def _element(instance: Instance, element: Element) -> ET.Element:
    node = instance.node(element)
    made = ET.Element(f"{{{node.namespace}}}{node.name}" if node.namespace else node.name, dict(node.marks))
    if node.children:
        made.extend([_element(instance, child) for rounds in element.children.values() for child in rounds if child.live])
    else:
        made.text = written(element.value, node.type)
    return made


def read_submission(form: Form, content: bytes, clock: Clock) -> tuple[Instance, list[BadAnswer | FormError]]:
    """Read a submission: the answers, and what in it this version of the form has no place for or cannot take.

    Each of these names its `address` among its facts. Nothing is calculated again; only what is asked and what is not is worked out.
    """
    try:
        document = defusedxml.ElementTree.fromstring(content, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise FormError(N_("The submission is not valid XML.")) from error
    if local(document) != form.model.root.name:
        raise FormError(N_("The submission belongs to another form: it begins with “%(name)s”."), name=local(document))
    instance = Instance(form, clock)
    instance.root = bare(form, None, form.model.root)
    faults = list(_read(instance, instance.root, document))
    instance.reconsider(counts=False)
    return instance, faults


def _read(instance: Instance, element: Element, found: Any) -> Iterator[FormError]:
    node = instance.node(element)
    if not node.children:
        try:
            element.value = typed(_spelt_out(found.text or "", node.type), instance.form.kind(node.path))
        except BadAnswer as fault:
            fault.facts["address"] = element.address
            yield fault
    for child in found:
        path = f"{element.path}/{local(child)}"
        if path not in instance.form.nodes:
            yield FormError(N_("The form has nothing at %(address)s."), address=f"{element.address}/{local(child)}")
            continue
        rounds = element.children[local(child)]
        if instance.form.nodes[path].repeat:
            if len(rounds) >= MOST_ROUNDS:
                yield FormError(N_("There cannot be more rounds here than there are."), address=f"{element.address}/{local(child)}")
                continue
            element.add(bare(instance.form, element, instance.form.nodes[path]))
        yield from _read(instance, rounds[-1], child)


def _spelt_out(text: str, kind: str) -> str:
    """Return a decimal number without an exponent."""
    return format(Decimal(text.strip()), "f") if kind in DECIMALS and EXPONENT.fullmatch(text.strip()) else text
