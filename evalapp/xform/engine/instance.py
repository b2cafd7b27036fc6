"""One respondent's answers: set, calculated, asked or not, and judged."""

from __future__ import annotations

import datetime as dt
import math
import random
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import TypeVar

from evalapp.xform.engine.answers import BadAnswer, calculated, typed, written
from evalapp.xform.engine.choices import Offered, choice_label, offered
from evalapp.xform.engine.filled import evaluate
from evalapp.xform.engine.growth import MOST_ROUNDS, bare, begin, new_round
from evalapp.xform.engine.plan import CHANGED, EVERY_LOAD, FIRST_LOAD, NEW_ROUND, Form, Rule
from evalapp.xform.engine.preload import preloaded, preloaded_at_end
from evalapp.xform.engine.verdicts import Verdict, is_readonly, is_required, verdict
from evalapp.xform.faults import N_, FormError
from evalapp.xform.model.form import Action, Node
from evalapp.xform.tree import Element, Value
from evalapp.xform.xpath.dates import in_seoul
from evalapp.xform.xpath.scope import Scope
from evalapp.xform.xpath.values import Result, boolean, number

Clock = Callable[[], dt.datetime]
Changes = dict[str, list[Element]]
T = TypeVar("T")


class Instance:
    """A form being filled in by one respondent.

    `clock` gives the moment with its zone; `properties` what is known of the device and the person asking; `language` is that in
    which labels, messages and jr:choice-name() are. Addresses of elements are paths with positions: /data/children[2]/name.

    `errors` holds what could not be worked out, by address and kind of expression. It is for those who can mend the form: the
    respondent goes on, without a value there.
    """

    def __init__(
        self,
        form: Form,
        clock: Clock,
        properties: Mapping[str, str] | None = None,
        language: str | None = None,
        seed: str | None = None,
    ) -> None:
        self.form = form
        self.clock = clock
        self.properties = dict(properties or {})
        self.language = language or form.model.default_language
        self.seed = seed or str(uuid.uuid4())
        self.random = random.Random(self.seed)  # noqa: S311 - shuffles choices, guards nothing
        self.version = form.model.version
        self.errors: dict[tuple[str, str], FormError] = {}
        self.root = begin(form)

    @classmethod
    def start(
        cls,
        form: Form,
        clock: Clock,
        properties: Mapping[str, str] | None = None,
        language: str | None = None,
        seed: str | None = None,
    ) -> Instance:
        """Begin a form: defaults, facts about the moment and the device, first calculations."""
        instance = cls(form, clock, properties, language, seed)
        instance._preload(instance.root)
        for action in form.actions(*FIRST_LOAD, EVERY_LOAD):
            for target in instance.elements(action.target):
                instance.act(action, target)
        instance.settle({}, fresh=instance.root)
        return instance

    @classmethod
    def of_answers(cls, form: Form, clock: Clock, answers: Mapping[str, str]) -> Instance:
        """Build a form from answers by address that were given elsewhere, and work out what hangs on them.

        Nothing has its default, rounds are those of the answers, and calculations are made anew. An answer that its question cannot
        take, or one in a round beyond those there can be, is left out.
        """
        instance = cls(form, clock)
        instance.root = bare(form, None, form.model.root)
        instance._preload(instance.root)
        for address, text in answers.items():
            with suppress(FormError):
                element = instance._reached(address)
                element.value = typed(text, form.kind(element.path))
        instance.settle({}, fresh=instance.root)
        return instance

    def _reached(self, address: str) -> Element:
        """Return the element at an address, with the rounds up to it where they are not there."""
        element = self.root
        for step in address.strip("/").split("/")[1:]:
            name, _, place = step.partition("[")
            at = int(place[:-1]) if place else 1
            rounds = element.children.get(name, [])
            if self.form.nodes[f"{element.path}/{name}"].repeat and at <= MOST_ROUNDS:
                while len(rounds) < at:
                    element.add(bare(self.form, element, self.form.nodes[f"{element.path}/{name}"]))
            if len(rounds) < at:
                raise FormError(N_("There cannot be more rounds here than there are."))
            element = rounds[at - 1]
        return element

    # What expressions ask of their surroundings (evalapp.xform.xpath.scope.Surroundings).

    def now(self) -> dt.datetime:
        """Return the wall-clock time in Seoul."""
        return in_seoul(self.clock())

    def table(self, name: str) -> Element:
        """Return the root of a table that came with the form."""
        if name not in self.form.tables:
            raise FormError(N_("The form brings no table “%(name)s”."), name=name)
        return self.form.tables[name]

    def property(self, name: str) -> str:
        """Return a fact about the device or the person asking, "" where it is not known."""
        return self.properties.get(name, "")

    def choice_label(self, name: str, path: str, here: Element) -> str:
        """Return the label of a choice of the question at a path, in the language shown."""
        return choice_label(self, name, path, here)

    # Finding elements.

    def node(self, element: Element) -> Node:
        """Return what the form says about an element."""
        return self.form.nodes[element.path]

    def at(self, address: str) -> Element:
        """Return the element at an address; FormError where there is none."""
        elements = [self.root]
        steps = address.strip("/").split("/")
        for step in steps[1:]:
            name, _, place = step.partition("[")
            at = int(place[:-1]) - 1 if place[:-1].isdecimal() else 0
            elements = elements[-1].children.get(name, [])[at : at + 1]
            if not elements:
                break
        if not elements or steps[0] != self.root.name:
            raise FormError(N_("The form has nothing at %(address)s."), address=address)
        return elements[0]

    def elements(self, path: str, under: Element | None = None) -> list[Element]:
        """Return every element of a path without positions, relevant or not."""
        start = under or self.root
        found = [start]
        for name in path.removeprefix(start.path).strip("/").split("/"):
            found = [child for element in found for child in element.children.get(name, ())] if name else found
        return found

    # Changing answers.

    def set(self, address: str, text: str) -> None:
        """Give an answer as text, or take it back with ""; raise BadAnswer where the question cannot take it."""
        element = self.at(address)
        node = self.node(element)
        if node.children:
            raise BadAnswer(N_("%(address)s is a group, not a question."), address=address)
        self.put(element, typed(text, self.form.kind(element.path)))

    def put(self, element: Element, value: Value) -> None:
        """Store a value, work out all that depends on it, and do what its change triggers."""
        kind = self.node(element).type
        changed = written(element.value, kind) != written(value, kind)
        element.value = value
        self.settle({element.path: [element]})
        if changed:
            for action in self.form.actions(CHANGED):
                if action.trigger == element.path:
                    for target in self._targets(action, element):
                        self.act(action, target)

    def _targets(self, action: Action, changed: Element) -> list[Element]:
        """Return the targets of an action in the rounds that the changed element stands in."""
        shared = changed.lineage[0]
        for element in changed.lineage:
            if action.target.startswith(f"{element.path}/"):
                shared = element
        return self.elements(action.target, shared)

    def act(self, action: Action, target: Element) -> None:
        """Set a value as an action asks; what cannot be read as the target's type leaves it empty."""
        kind = self.form.kind(target.path)
        try:
            text = action.value if action.literal else written(calculated(self.evaluate(action.value, target), kind), kind)
            value = typed(text, kind)
        except FormError as error:
            self.errors[target.address, "default"] = error
            value = ""
        self.put(target, value)

    def add_round(self, address: str) -> Element:
        """Add a round to the repeat at an address of its rounds, as /data/children, and return it."""
        parent_address, _, name = address.rpartition("/")
        parent = self.at(parent_address)
        path = f"{parent.path}/{name.partition('[')[0]}"
        if path not in self.form.nodes or not self.form.nodes[path].repeat:
            raise FormError(N_("The form has nothing at %(address)s."), address=address)
        if path in self.form.counts or len(parent.children.get(name, ())) >= MOST_ROUNDS:
            raise FormError(N_("There cannot be more rounds here than there are."))
        return self._grow(parent, path)

    def _grow(self, parent: Element, path: str) -> Element:
        added = new_round(self.form, parent, path)
        self._preload(added)
        for action in self.form.actions(NEW_ROUND):
            if action.target.startswith(f"{path}/"):
                for target in self.elements(action.target, added):
                    self.act(action, target)
        self.settle({}, fresh=added)
        return added

    def remove_round(self, address: str) -> None:
        """Take a round of a repeat away with all its answers."""
        element = self.at(address)
        if element.parent is None or not self.node(element).repeat or element.path in self.form.counts:
            raise FormError(N_("This cannot be removed."))
        element.parent.remove(element)
        changed: Changes = {}
        for gone in element.walk():
            changed.setdefault(gone.path, []).append(gone)
        changed[element.path] += element.parent.children[element.name][element.place :]
        self.settle(changed)

    def finish(self) -> None:
        """Note the moment at which the form was finished, for questions of the type `end`."""
        for element in self.root.walk():
            moment = preloaded_at_end(self, element)
            if moment is not None:
                self.put(element, moment)

    def _preload(self, top: Element) -> None:
        for element in top.walk():
            value = preloaded(self, element)
            if value is not None:
                element.value = value

    # Judging answers.

    def required(self, element: Element) -> bool:
        """Say whether an answer is needed here now."""
        return is_required(self, element)

    def readonly(self, element: Element) -> bool:
        """Say whether the answer cannot be changed here now."""
        return is_readonly(self, element)

    def verdict(self, element: Element) -> Verdict | None:
        """Return what is wrong with an answer, or None."""
        return verdict(self, element)

    def verdicts(self) -> list[Verdict]:
        """Return what keeps the form from being finished, in document order."""
        return [found for element in self.root.walk() if (found := verdict(self, element))]

    def choices(self, element: Element) -> list[Offered]:
        """Return the choices a question offers now, filtered and in their order."""
        return offered(self, element)

    # Working out what depends on what.

    def evaluate(self, text: str, here: Element) -> Result:
        """Return the result of an expression as seen from an element."""
        return evaluate(self, text, here)

    def settle(self, changed: Changes, fresh: Element | None = None) -> None:
        """Do every rule that reads what has changed, and all rules of a fresh element, each once and in order."""
        for element in fresh.walk() if fresh else ():
            changed.setdefault(element.path, []).append(element)
        for rule in self.form.rules:
            for element in self._affected(rule, changed, fresh):
                self._apply(rule, element, changed)

    def reconsider(self, *, counts: bool) -> None:
        """Work out what is asked and what is not, without calculating anything: for answers that were stored.

        Without `counts`, rounds beyond a repeat's count stay: someone has sent them.
        """
        for rule in self.form.rules:
            if rule.kind == "relevant":
                for element in self.elements(rule.path):
                    relevant = self._tried(rule, element, boolean)
                    element.relevant = True if relevant is None else relevant
                    element.refresh()
            elif rule.kind == "count" and counts:
                for parent in self.elements(rule.path.rpartition("/")[0]):
                    for element in self._beyond(rule, parent, self._wanted(rule, parent)):
                        element.refresh()

    def _affected(self, rule: Rule, changed: Changes, fresh: Element | None) -> list[Element]:
        """Return where a rule is to be done again: at its elements, or above them where it decides how many there are."""
        path = rule.path.rpartition("/")[0] if rule.kind == "count" else rule.path
        found: dict[int, Element] = {}
        if fresh and (path == fresh.path or path.startswith(f"{fresh.path}/")):
            found = {id(element): element for element in self.elements(path, fresh)}
        for reading in rule.reads:
            for cause in changed.get(reading.path, ()):
                top = cause.lineage[reading.shared - 1] if reading.shared else self.root
                if top.path.startswith(path) and top.path != path:
                    top = top.lineage[path.count("/") - 1]
                found.update((id(element), element) for element in self.elements(path, top))
        return list(found.values())

    def _apply(self, rule: Rule, element: Element, changed: Changes) -> None:
        """Do a rule at an element. One that cannot be worked out leaves no value, and what is asked as it was."""
        if rule.kind == "count":
            self._count(rule, element, changed)
        elif rule.kind == "calculate":
            kind = self.form.nodes[element.path].type
            value = self._tried(rule, element, lambda result: calculated(result, kind))
            element.value = "" if value is None else value
            changed.setdefault(element.path, []).append(element)
        else:
            relevant = self._tried(rule, element, boolean)
            element.relevant = element.relevant if relevant is None else relevant
            self._reappear(element, changed)

    def _tried(self, rule: Rule, element: Element, turned: Callable[[Result], T]) -> T | None:
        """Return the result of a rule turned into what is wanted, or None and a note in `errors`."""
        try:
            result = turned(rule.evaluate(Scope(self, element)))
        except FormError as error:
            self.errors[element.address, rule.kind] = error
            return None
        self.errors.pop((element.address, rule.kind), None)
        return result

    def _reappear(self, element: Element, changed: Changes) -> None:
        element.refresh()
        for below in element.walk():
            changed.setdefault(below.path, []).append(below)

    def _count(self, rule: Rule, parent: Element, changed: Changes) -> None:
        """Give a repeat as many rounds as its count says. Rounds beyond it are kept, unseen, for when the count grows again."""
        wanted = self._wanted(rule, parent)
        while len(parent.children[rule.path.rpartition("/")[2]]) < wanted:
            self._reappear(self._grow(parent, rule.path), changed)
        for element in self._beyond(rule, parent, wanted):
            self._reappear(element, changed)

    def _wanted(self, rule: Rule, parent: Element) -> int:
        wanted = self._tried(rule, Element(rule.path.rpartition("/")[2], parent), number)
        return 0 if wanted is None or math.isnan(wanted) else math.trunc(min(max(wanted, 0), MOST_ROUNDS))

    def _beyond(self, rule: Rule, parent: Element, wanted: int) -> Iterator[Element]:
        """Note which rounds the count lets stand; yield those for which that has changed."""
        for element in parent.children[rule.path.rpartition("/")[2]]:
            if element.within_count != (element.place < wanted):
                element.within_count = not element.within_count
                yield element
