"""Text."""

from __future__ import annotations

import base64
import binascii
import hashlib
import math
import re
import zlib

from evalapp.xform.faults import N_, FormError
from evalapp.xform.xpath.functions.numbers import whole
from evalapp.xform.xpath.functions.registry import ANY_NUMBER, Function
from evalapp.xform.xpath.regular import matches
from evalapp.xform.xpath.scope import Scope
from evalapp.xform.xpath.values import Nodes, Result, text

ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
LONGEST_TEXT = 1_000_000


def _texts(results: tuple[Result, ...]) -> list[str]:
    if len(results) == 1 and isinstance(results[0], Nodes):
        return [text(node.value) for node in results[0]]
    return [text(result) for result in results]


def _join(_scope: Scope, separator: Result, *results: Result) -> str:
    return _bounded(text(separator).join(_texts(results)))


def _bounded(made: str) -> str:
    if len(made) > LONGEST_TEXT:
        raise FormError(N_("A calculation makes a text of more than %(most)s characters."), most=LONGEST_TEXT)
    return made


def _substr(scope: Scope, value: Result, start: Result, end: Result | None = None) -> str:
    """Cut from `start`, counted from 0, up to before `end`; negative places count from the end."""
    written = text(value)
    first = _place(scope, start, len(written))
    last = len(written) if end is None else _place(scope, end, len(written))
    return written[first:last] if first <= last else ""


def _place(scope: Scope, result: Result, length: int) -> int:
    place = whole(scope, result)
    at = 0 if math.isnan(place) else int(max(min(place, 2**31), -(2**31)))
    return min(max(at + length if at < 0 else at, 0), length)


def _translate(_scope: Scope, value: Result, signs: Result, others: Result) -> str:
    to = text(others)
    table: dict[int, str | None] = {}
    for at, sign in enumerate(text(signs)):
        table.setdefault(ord(sign), to[at] if at < len(to) else None)
    return text(value).translate(table)


def _before(_scope: Scope, value: Result, part: Result) -> str:
    head, found, _ = text(value).partition(text(part)) if text(part) else ("", "", "")
    return head if found else ""


def _after(_scope: Scope, value: Result, part: Result) -> str:
    return text(value).partition(text(part))[2] if text(part) else text(value)


def _digest(_scope: Scope, value: Result, algorithm: Result, encoding: Result = "base64") -> str:
    name, written = text(algorithm), text(encoding).lower()
    content = text(value).encode()
    if name == "CRC32":
        digest = zlib.crc32(content).to_bytes(4, "big")
    elif name in ALGORITHMS:
        digest = hashlib.new(ALGORITHMS[name], content, usedforsecurity=False).digest()
    else:
        raise FormError(N_("digest() knows MD5, SHA-1, SHA-256, SHA-384, SHA-512 and CRC32, not “%(name)s”."), name=name)
    if written not in ("base64", "hex"):
        raise FormError(N_("digest() writes base64 or hex, not “%(name)s”."), name=written)
    return digest.hex() if written == "hex" else base64.b64encode(digest).decode()


def _decoded(_scope: Scope, value: Result) -> str:
    try:
        return base64.b64decode(text(value), validate=False).decode(errors="replace")
    except (binascii.Error, ValueError) as error:
        raise FormError(N_("base64-decode() was given something that is not base64.")) from error


FUNCTIONS = {
    "string": Function(lambda _, value: text(value), 1, 1),
    "concat": Function(lambda _, *results: _bounded("".join(_texts(results))), 0, ANY_NUMBER),
    "join": Function(_join, 1, ANY_NUMBER),
    "substr": Function(_substr, 2, 3),
    "substring-before": Function(_before, 2, 2),
    "substring-after": Function(_after, 2, 2),
    "translate": Function(_translate, 3, 3),
    "contains": Function(lambda _, value, part: text(part) in text(value), 2, 2),
    "starts-with": Function(lambda _, value, part: text(value).startswith(text(part)), 2, 2),
    "ends-with": Function(lambda _, value, part: text(value).endswith(text(part)), 2, 2),
    "string-length": Function(lambda scope, *given: float(len(text(given[0] if given else scope.here.value))), 0, 1),
    "normalize-space": Function(
        lambda scope, *given: re.sub(r"\s+", " ", text(given[0] if given else scope.here.value).strip()), 0, 1
    ),
    "regex": Function(lambda _, value, pattern: matches(text(pattern), text(value)), 2, 2),
    "digest": Function(_digest, 2, 3),
    "base64-decode": Function(_decoded, 1, 1),
}
