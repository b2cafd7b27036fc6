"""What a form is: its tree of questions, the controls that ask them, its texts, choices and tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

# A text in every language: literal words at even places, expressions whose value is shown at odd ones.
Text = Mapping[str, tuple[str, ...]]
UNNAMED_LANGUAGE = "default"
INSTANCE = re.compile(r"instance\(\s*(['\"])(.*?)\1\s*\)")


@dataclass(frozen=True)
class Labelling:
    """What stands at a question or choice, in every language; `media` is kind → language → file name."""

    label: Text = field(default_factory=dict)
    hint: Text = field(default_factory=dict)
    guidance: Text = field(default_factory=dict)
    media: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Node:
    """One node of the answers: a group (no `type`), a repeat, or an answer, with its conditions as expressions ("" for none).

    `rounds` is how many rounds of a repeat a new form begins with; `attributes` holds further facts of the bind, such as
    sensitivity; `marks` the attributes a submission carries.
    """

    name: str
    path: str
    type: str = ""
    repeat: bool = False
    rounds: int = 1
    default: str = ""
    relevant: str = ""
    required: str = ""
    constraint: str = ""
    calculate: str = ""
    readonly: str = ""
    constraint_message: Text = field(default_factory=dict)
    required_message: Text = field(default_factory=dict)
    preload: str = ""
    preload_parameters: str = ""
    namespace: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Node, ...] = ()

    def walk(self) -> Iterator[Node]:
        """Yield the node and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class FixedChoice:
    """A choice written at the question itself."""

    name: str
    labelling: Labelling


@dataclass(frozen=True)
class ChoiceSource:
    """Where a question's choices come from: `fixed`, or the rows a path finds in a table.

    `value` and `label` are columns of the table; with `by_text` the label column holds the id of a text. `shuffle` mixes the
    order, the same for the same value of the expression `seed`.
    """

    fixed: tuple[FixedChoice, ...] = ()
    rows: str = ""
    value: str = "name"
    label: str = "label"
    by_text: bool = False
    shuffle: bool = False
    seed: str = ""


@dataclass(frozen=True)
class Action:
    """A value set by an event: first load, a new round, or the change of the answer at `trigger`.

    `literal` is set where `value` is words, not an expression.
    """

    events: tuple[str, ...]
    target: str
    value: str
    literal: bool = False
    trigger: str = ""


@dataclass(frozen=True)
class Control:
    """What asks: `kind` is group, repeat, input, select1, select, rank, range, trigger, upload or secret. `count` fixes the rounds."""

    kind: str
    path: str
    labelling: Labelling = field(default_factory=Labelling)
    appearance: str = ""
    choices: ChoiceSource | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)
    count: str = ""
    children: tuple[Control, ...] = ()

    def walk(self) -> Iterator[Control]:
        """Yield the control and all inside it, in the order they are asked."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Branch:
    """A node of a table that came with the form."""

    name: str
    text: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    children: tuple[Branch, ...] = ()


@dataclass(frozen=True)
class FormModel:
    """A whole form in one version. `items` are the facts of the sheet x_items by question; `media` the files it shows."""

    form_id: str
    version: str
    title: str
    languages: tuple[str, ...]
    default_language: str
    root: Node
    body: tuple[Control, ...]
    texts: Mapping[str, Labelling] = field(default_factory=dict)
    tables: Mapping[str, Branch] = field(default_factory=dict)
    actions: tuple[Action, ...] = ()
    items: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    media: tuple[str, ...] = ()

    @cached_property
    def nodes(self) -> Mapping[str, Node]:
        """The nodes by path, in document order."""
        return {node.path: node for node in self.root.walk()}

    @cached_property
    def controls(self) -> Mapping[str, Control]:
        """The controls by the path of what they ask, in the order they are asked."""
        return {control.path: control for top in self.body for control in top.walk() if control.path}

    def inside_repeat(self, path: str) -> bool:
        """Say whether a node can be there more than once."""
        parts = path.split("/")
        return any(self.nodes["/".join(parts[:end])].repeat for end in range(2, len(parts) + 1))

    def fixed_choices(self, path: str) -> tuple[FixedChoice, ...]:
        """Return every choice a question can offer, whatever its filter, without repetition."""
        source = self.controls[path].choices if path in self.controls else None
        if source is None:
            return ()
        if source.fixed:
            return source.fixed
        return tuple({choice.name: choice for choice in self._table_choices(source)}.values())

    def _table_choices(self, source: ChoiceSource) -> Iterator[FixedChoice]:
        found = INSTANCE.match(source.rows)
        table = self.tables.get(found[2]) if found else None
        for row in table.children if table else ():
            cells = {cell.name: cell.text for cell in row.children}
            label = cells.get(source.label, "")
            words = self.texts.get(label, Labelling()) if source.by_text else Labelling({UNNAMED_LANGUAGE: (label,)})
            yield FixedChoice(cells.get(source.value, ""), words)


def in_language(text: Text, language: str, default: str) -> tuple[str, ...]:
    """Return the parts of a text in a language, or in the form's own where it is not translated."""
    return text.get(language) or text.get(default) or text.get(UNNAMED_LANGUAGE) or next(iter(text.values()), ())
