"""Expressions read into trees."""

from __future__ import annotations

from functools import lru_cache
from typing import NoReturn

from evalapp.xform.faults import N_, FormError
from evalapp.xform.xpath.lexer import Token, tokens
from evalapp.xform.xpath.syntax import Axis, Call, Expression, Literal_, Negation, Operation, Path, Step, height

LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
DEEPEST = 40  # levels of brackets, well within the stack of Python
HIGHEST = 200  # levels of the tree, in which every further operator of a row is one more
FILTERS_IN_FILTERS = 2  # each goes through all that the one around it finds
KEPT = 5_000  # expressions of a large form: its checks and its plan read each several times
AXES: dict[str, Axis] = {"child": "child", "self": "self", "parent": "parent", "attribute": "attribute"}
WITHIN = Step("within", "*")
NODE_TESTS = {"node", "text", "comment", "processing-instruction"}


@lru_cache(maxsize=KEPT)
def parse(text: str) -> Expression:
    """Read an expression, or say in a FormError where it stops making sense."""
    parser = _Parser(tokens(text))
    expression = parser.level(0)
    parser.expect("", "end")
    if height(expression) > HIGHEST:
        raise FormError(N_("The expression joins more than %(most)s values in a row. Split it up."), most=HIGHEST)
    return expression


class _Parser:
    def __init__(self, found: list[Token]) -> None:
        self.found = found
        self.at = 0
        self.depth = 0
        self.filters = 0

    @property
    def next(self) -> Token:
        return self.found[self.at]

    def take(self) -> Token:
        token = self.found[self.at]
        self.at = min(self.at + 1, len(self.found) - 1)
        return token

    def accepts(self, *texts: str) -> bool:
        return self.next.kind in ("sign", "operator") and self.next.text in texts

    def accept(self, *texts: str) -> Token | None:
        return self.take() if self.accepts(*texts) else None

    def expect(self, text: str, kind: str = "sign") -> None:
        if (self.next.kind, self.next.text) != (kind, text):
            self.refuse()
        self.take()

    def refuse(self) -> NoReturn:
        if self.next.kind == "end":
            raise FormError(N_("The expression ends too early. A bracket or a value is missing."))
        raise FormError(N_("“%(sign)s” cannot stand at character %(at)s."), sign=self.next.text, at=self.next.at + 1)

    def level(self, depth: int) -> Expression:
        """Read operators of one precedence and all that bind tighter."""
        if depth == len(LEVELS):
            return self.negation()
        left = self.level(depth + 1)
        while token := self.accept(*LEVELS[depth]):
            left = Operation(token.text, left, self.level(depth + 1))
        return left

    def negation(self) -> Expression:
        signs = 0
        while self.accept("-"):
            signs += 1
        operand = self.operand()
        if self.accepts("|"):
            raise FormError(N_("“|” between paths is not supported. Ask for the two answers one after the other."))
        for _ in range(min(signs, 2) if signs % 2 == 0 else 1):
            operand = Negation(operand)
        return operand

    def operand(self) -> Expression:
        token = self.next
        if token.kind == "number":
            return Literal_(float(self.take().text))
        if token.kind == "text":
            return Literal_(self.take().text)
        if self.accept("("):
            return self.bracketed()
        following = self.found[min(self.at + 1, len(self.found) - 1)]
        if token.kind == "name" and following.text == "(" and following.kind == "sign" and token.text not in NODE_TESTS:
            return self.call()
        return self.path()

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > DEEPEST:
            raise FormError(N_("The expression has more than %(most)s brackets inside one another. Split it up."), most=DEEPEST)

    def bracketed(self) -> Expression:
        self.deeper()
        inner = self.level(0)
        self.expect(")")
        self.depth -= 1
        if self.accepts("/", "["):
            self.refuse()
        return inner

    def call(self) -> Expression:
        self.deeper()
        token = self.take()
        self.take()
        arguments: list[Expression] = []
        if not self.accepts(")"):
            arguments.append(self.level(0))
            while self.accept(","):
                arguments.append(self.level(0))
        self.expect(")")
        self.depth -= 1
        if token.text == "current" and not arguments:
            return Path("current", self.further())
        if token.text == "instance" and len(arguments) == 1 and isinstance(arguments[0], Literal_):
            return Path("instance", self.further(), str(arguments[0].value))
        if self.accepts("/", "["):
            self.refuse()
        return Call(token.text, tuple(arguments), token.at)

    def further(self) -> tuple[Step, ...]:
        sign = self.accept("/", "//")
        return self.steps(within=sign.text == "//") if sign else ()

    def path(self) -> Path:
        if self.accepts("/", "//"):
            return Path("root", self.steps(within=self.take().text == "//"))
        return Path("here", self.steps())

    def steps(self, *, within: bool = False) -> tuple[Step, ...]:
        steps = [WITHIN, self.step()] if within else [self.step()]
        while sign := self.accept("/", "//"):
            steps += [WITHIN, self.step()] if sign.text == "//" else [self.step()]
        return tuple(steps)

    def step(self) -> Step:
        if self.accept(".."):
            return Step("parent", "*", self.predicates())
        if self.accept("."):
            return Step("self", "*", self.predicates())
        axis: Axis = "attribute" if self.accept("@") else "child"
        following = self.found[min(self.at + 1, len(self.found) - 1)]
        if self.next.kind == "name" and following.text == "::":
            if self.next.text not in AXES:
                raise FormError(N_("The axis “%(axis)s” is not supported. Use a path of names, “.” and “..”."), axis=self.next.text)
            axis = AXES[self.take().text]
            self.take()
        return Step(axis, self.name(), self.predicates())

    def name(self) -> str:
        if self.next.kind == "name":
            name = self.take().text
            if name in NODE_TESTS and self.accept("("):
                self.expect(")")
                return "*"
            return name
        if not self.accept("*"):
            self.refuse()
        return "*"

    def predicates(self) -> tuple[Expression, ...]:
        found: list[Expression] = []
        while self.accept("["):
            self.deeper()
            self.filters += 1
            if self.filters > FILTERS_IN_FILTERS:
                raise FormError(
                    N_("There are more than %(most)s filters in square brackets inside one another."), most=FILTERS_IN_FILTERS
                )
            found.append(self.level(0))
            self.expect("]")
            self.filters -= 1
            self.depth -= 1
        return tuple(found)
