"""Regular expressions in Java's writing, matched against a whole text in time that grows with its length only.

Python's own `re` tries one way after another, so a pattern like (a+)+b can be made to run for hours by a short answer. Here all
ways are followed at once (Thompson 1968), which leaves no pattern that is dangerous; back references are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

from evalapp.xform.faults import N_, FormError
from evalapp.xform.xpath.regular_parser import (
    LINE_ENDS,
    Alternatives,
    Anchor,
    Look,
    Pattern,
    Repetition,
    Sequence,
    Sign,
    parse_pattern,
)

MOST_INSTRUCTIONS = 10_000
LONGEST_TEXT = 10_000


@dataclass
class _Program:
    """Instructions by their number: what a sign must be, or where to go on without one. Number 0 begins, `end` is reached by a match."""

    tests: dict[int, Callable[[str], bool]] = field(default_factory=dict)
    after: dict[int, int] = field(default_factory=dict)
    jumps: dict[int, tuple[int, ...]] = field(default_factory=dict)
    conditions: dict[int, Callable[[str, int], bool]] = field(default_factory=dict)
    size: int = 0
    end: int = 0

    def new(self) -> int:
        if self.size >= MOST_INSTRUCTIONS:
            raise FormError(N_("The pattern of regex() repeats too much. Make its numbers in braces smaller."))
        self.size += 1
        return self.size - 1


@lru_cache(maxsize=1_000)
def compiled_pattern(pattern: str) -> Callable[[str], bool]:
    """Return the test of a pattern, or say in a FormError why it cannot be read."""
    program = _program(parse_pattern(pattern))

    def test(text: str) -> bool:
        if len(text) > LONGEST_TEXT:
            raise FormError(N_("regex() is given a text of more than %(most)s characters."), most=LONGEST_TEXT)
        return any(at == len(text) for at in _ends(program, text, 0))

    return test


def matches(pattern: str, text: str) -> bool:
    """Say whether the whole text fits the pattern."""
    return compiled_pattern(pattern)(text)


def _program(pattern: Pattern) -> _Program:
    program = _Program()
    start = program.new()
    first, program.end = _build(program, pattern)
    program.jumps[start] = (first,)
    return program


def _build(program: _Program, pattern: Pattern) -> tuple[int, int]:
    """Add the instructions of a pattern; return where they begin and the empty one they end at."""
    if isinstance(pattern, Sign):
        begin, end = program.new(), program.new()
        program.tests[begin], program.after[begin] = pattern.test, end
        return begin, end
    if isinstance(pattern, Sequence):
        begin = end = program.new()
        for part in pattern.parts:
            first, last = _build(program, part)
            program.jumps[end] = (first,)
            end = last
        return begin, end
    if isinstance(pattern, Alternatives):
        begin, end = program.new(), program.new()
        ways = [_build(program, part) for part in pattern.parts]
        program.jumps[begin] = tuple(first for first, _ in ways)
        program.jumps.update({last: (end,) for _, last in ways})
        return begin, end
    if isinstance(pattern, Repetition):
        return _build_repetition(program, pattern)
    begin, end = program.new(), program.new()
    program.jumps[begin] = (end,)
    program.conditions[begin] = _anchored(pattern) if isinstance(pattern, Anchor) else _looked(pattern)
    return begin, end


def _build_repetition(program: _Program, pattern: Repetition) -> tuple[int, int]:
    begin = end = program.new()
    for _ in range(pattern.least):
        first, last = _build(program, pattern.part)
        program.jumps[end] = (first,)
        end = last
    if pattern.most is None:
        first, last = _build(program, pattern.part)
        out = program.new()
        program.jumps[end] = program.jumps[last] = (first, out)
        return begin, out
    out = program.new()
    for _ in range(pattern.most - pattern.least):
        first, last = _build(program, pattern.part)
        program.jumps[end] = (first, out)
        end = last
    program.jumps[end] = (out,)
    return begin, out


def _looked(pattern: Look) -> Callable[[str, int], bool]:
    inner = _program(pattern.part)
    return lambda text, at: bool(_ends(inner, text, at, first_only=True)) != pattern.negative


def _anchored(pattern: Anchor) -> Callable[[str, int], bool]:
    if pattern.kind == "^":
        return lambda _text, at: at == 0
    if pattern.kind == "$":
        return lambda text, at: at == len(text) or (at == len(text) - 1 and text[at] in LINE_ENDS)
    inside = pattern.kind == "b"
    return lambda text, at: (_is_word(text, at - 1) != _is_word(text, at)) == inside


def _is_word(text: str, at: int) -> bool:
    return 0 <= at < len(text) and (text[at].isalnum() or text[at] == "_")


def _ends(program: _Program, text: str, start: int, *, first_only: bool = False) -> list[int]:
    """Return every place at which a match that begins at `start` can end."""
    found: list[int] = []
    standing = _closure(program, [0], text, start)
    at = start
    while standing:
        if program.end in standing:
            found.append(at)
            if first_only:
                break
        if at == len(text):
            break
        sign = text[at]
        reached = [program.after[here] for here in standing if here in program.tests and program.tests[here](sign)]
        at += 1
        standing = _closure(program, reached, text, at)
    return found


def _closure(program: _Program, begin: list[int], text: str, at: int) -> set[int]:
    """Return the instructions reached without reading a sign."""
    seen: set[int] = set()
    waiting = list(begin)
    while waiting:
        here = waiting.pop()
        if here in seen:
            continue
        seen.add(here)
        condition = program.conditions.get(here)
        if condition is None or condition(text, at):
            waiting += program.jumps.get(here, ())
    return seen
