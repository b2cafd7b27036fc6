"""Names of an XForm's elements and attributes."""

from __future__ import annotations

import re
from typing import Any

JR = "{http://openrosa.org/javarosa}"
EVENTS = "{http://www.w3.org/2001/xml-events}"
XFORMS = "http://www.w3.org/2002/xforms"
PREFIX = re.compile(r"(?<=/)[^/:]+:")


def local(element: Any) -> str:
    """Return an element's name without its namespace."""
    name: str = element.tag
    return name.rpartition("}")[2] if isinstance(name, str) else ""


def namespace(element: Any) -> str:
    """Return the namespace of an element, "" for that of forms themselves."""
    name: str = element.tag
    found = name[1:].partition("}")[0] if name.startswith("{") else ""
    return "" if found == XFORMS else found


def without_prefixes(path: str) -> str:
    """Return a path of plain names: /data/orx:meta is /data/meta."""
    return PREFIX.sub("", path.strip())
