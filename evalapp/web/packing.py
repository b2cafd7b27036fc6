"""Styles and scripts packed on their way. Pages are not: beside what somebody else made them say, their length would give secrets away."""

from __future__ import annotations

import gzip
from functools import lru_cache

from flask import Response, request

PACKED = frozenset({"text/css", "text/javascript", "image/svg+xml"})
DONE = 200


def pack(response: Response) -> Response:
    """Return a style sheet, script or drawing of ours packed, if the browser takes it so."""
    if response.mimetype not in PACKED or response.status_code != DONE or request.method != "GET":
        return response
    response.vary.add("Accept-Encoding")
    if request.accept_encodings["gzip"]:
        response.direct_passthrough = False
        response.set_data(_packed(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
        if (etag := response.get_etag()[0]) is not None:
            response.set_etag(etag, weak=True)
    return response


@lru_cache(maxsize=100)
def _packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)
