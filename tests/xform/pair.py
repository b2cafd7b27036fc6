"""One form filled in by ours and by JavaRosa, every comparison counted and every difference kept."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from xml.etree import ElementTree as ET

from evalapp.xform.engine.answers import BadAnswer, written
from evalapp.xform.engine.instance import Instance
from evalapp.xform.engine.submission import submission_xml
from evalapp.xform.engine.verdicts import is_required
from evalapp.xform.xpath.values import boolean
from tests.xform.oracle import OracleError

PROPERTIES = {"deviceid": "device", "username": "asker"}
MOMENTS = re.compile("start|instanceID|noted_at")
EXPLAINED = {
    "exponent": "JavaRosa writes 1.2345678E7, which is no decimal of XML Schema and no amount of money that a person can read.",
    "surplus rounds": "JavaRosa keeps asking rounds beyond a repeat_count that has become smaller; ours are hidden and not sent.",
    "filtered away": "JavaRosa drops an answer whose choice has been filtered away when it next looks; ours asks to choose again.",
    "other rounds": "JavaRosa does an expression again only in the round that changed: answers read across rounds go stale.",
    "greatest of negatives": "max() of JavaRosa begins with the least positive number, so max(-3, -1) is 4.9E-324.",
}
ACROSS_ROUNDS = {"before", "older"}


class Pair:
    def __init__(self, form, path, oracle):
        moment = dt.datetime.now(dt.UTC).replace(microsecond=0)
        self.oracle = oracle
        oracle.load(path, moment, **PROPERTIES)
        self.ours = Instance.start(form, lambda: moment, PROPERTIES)
        oracle("walk")
        self.compared = 0
        self.explained = Counter()
        self.differences = []
        self.done = []

    def differ(self, address, what, ours, theirs):
        self.compared += 1
        if ours == theirs:
            return
        name = address.rpartition("/")[2]
        if name in ACROSS_ROUNDS:
            self.explained["other rounds"] += 1
        elif name == "whole_area" and any(not room.within_count for room in self.ours.elements("/data/room")):
            self.explained["surplus rounds"] += 1
        elif name == "eldest" and ours.startswith("-"):
            self.explained["greatest of negatives"] += 1
        else:
            self.differences.append((address, what, ours, theirs, self.done[-3:]))

    def set(self, address, text):
        try:
            self.ours.set(address, text)
        except BadAnswer:
            return
        self.done.append((address, text))
        self.oracle("set", address, text)
        for verdict in self.ours.verdicts():
            if verdict.kind == "choice":
                self.explained["filtered away"] += 1
                self.set(verdict.address, "")
        self.oracle("walk")

    def grow(self, parent, name):
        address = f"{parent.address}/{name}[{len(parent.children[name]) + 1}]"
        try:
            self.oracle("repeat", address)
        except OracleError:
            return  # the repeat is not asked there
        self.done.append(("grow", address))
        self.ours.add_round(f"{parent.address}/{name}")
        self.oracle("walk")

    def shrink(self, element):
        self.done.append(("shrink", element.address))
        self.oracle("remove", element.address)
        self.ours.remove_round(element.address)

    def compare(self):
        theirs = self.oracle.dump()
        for element in self.ours.root.walk():
            if all(above.within_count for above in element.lineage):
                self.compare_element(element, theirs.get(element.address))

    def compare_element(self, element, theirs):
        node = self.ours.node(element)
        if theirs is None:
            self.differ(element.address, "is there", True, False)
            return
        live, required, constraint, value = theirs
        self.differ(element.address, "relevant", element.live, live == "true")
        if node.children or not element.live or node.preload in ("uid", "timestamp") or node.name == "noted_at":
            return
        self.differ(element.address, "value", plain(written(element.value, node.type)), plain(value))
        self.differ(element.address, "required", is_required(self.ours, element), required == "true")
        ours = not node.constraint or element.value == "" or boolean(self.ours.evaluate(node.constraint, element))
        self.differ(element.address, "constraint", ours, constraint == "true")

    def compare_choices(self):
        for element in self.ours.root.walk():
            control = self.ours.form.control(element.path)
            if element.live and control and control.choices:
                theirs = [name for name in self.oracle("choices", element.address) if name]
                self.differ(element.address, "choices", [choice.name for choice in self.ours.choices(element)], theirs)

    def compare_submission(self):
        ours = texts(ET.fromstring(submission_xml(self.ours)))
        theirs = texts(ET.fromstring(self.oracle("submission")[0]))
        for address in {**ours, **theirs}:
            if not MOMENTS.search(address) and not self.is_surplus(address):
                self.differ(address, "sent", ours.get(address), theirs.get(address))

    def is_surplus(self, address):
        """Say whether an address is in a round beyond the count."""
        path = re.sub(r"\[\d+\]", "", address)
        counted = next((each for each in self.ours.form.counts if path.startswith(f"{each}/")), None)
        if counted is None:
            return False
        rounds = [each for each in self.ours.elements(counted) if each.live]
        surplus = not any(address.startswith(f"{each.address}/") for each in rounds)
        self.explained["surplus rounds"] += surplus
        return surplus


def plain(text):
    """Return a value without an exponent (see EXPLAINED) and without `.0`."""
    if re.fullmatch(r"-?\d\.\d+E-?\d+", text):
        text = format(float(text), "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return text.removesuffix(".0")


def texts(root):
    """Return the answers of a submission by address."""
    found = {}

    def walk(element, address):
        if not len(element):
            found[address] = plain(element.text or "")
        count = Counter()
        for child in element:
            name = child.tag.rpartition("}")[2]
            count[name] += 1
            walk(child, f"{address}/{name}" + (f"[{count[name]}]" if count[name] > 1 else ""))

    walk(root, f"/{root.tag}")
    return found
