"""The forms of a page as a browser would send them: fields with the values they stand on."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

SAMPLES = {
    "date": "2026-03-01",
    "time": "12:00",
    "email": "somebody@example.org",
    "number": "1",
    "password": "otter lamp seven rivers",
}
PRESSED = {"submit", "button"}


@dataclass
class PostedForm:
    """Where a form goes and what it holds: `hidden` as the page made it, `typed` as somebody might fill it in."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)


class PostedForms(HTMLParser):
    """Collects the forms of a page that are posted."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[PostedForm] = []
        self._form: PostedForm | None = None
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = PostedForm(given.get("action", "")) if given.get("method") == "post" else None
            if self._form:
                self.forms.append(self._form)
        elif self._form and tag in ("input", "textarea", "button"):
            self._add(given, given.get("type", "text" if tag == "input" else tag))
        elif self._form and tag == "select":
            self._select = given.get("name", "")
        elif self._form and tag == "option" and self._select and given.get("value"):
            self._form.typed.setdefault(self._select, given["value"])

    def handle_endtag(self, tag):
        if tag == "form":
            self._form = None
        if tag == "select":
            self._select = ""

    def _add(self, given, kind):
        name = given.get("name", "")
        if not name or not self._form:
            return
        if kind == "hidden":
            self._form.hidden[name] = given.get("value", "")
        elif kind == "file":
            self._form.files.append(name)
        else:
            self._form.typed.setdefault(name, given.get("value") or SAMPLES.get(kind, "text"))
