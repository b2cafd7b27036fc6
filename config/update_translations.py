"""Collect every message of the program and bring both catalogues up to date: `python config/update_translations.py`.

English is filled with the message ids themselves; a new Korean entry is left empty for a translator, and a test fails until it is
filled. Messages that the program no longer uses are dropped. Line numbers are left out, so that a moved line changes nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parent.parent
KEYWORDS = {
    "_": None,
    "gettext": None,
    "ngettext": (1, 2),
    "N_": None,
    "Message": None,
    "sentence": None,
    "say": None,
    "StatsError": None,
}
LINE_WIDTH = 132
WRITTEN = datetime(2026, 1, 1, tzinfo=UTC)  # a fixed date: the same messages give the same file


def catalogue_path(language: str) -> Path:
    """Return where a language's catalogue is kept."""
    return ROOT / "evalapp" / "translations" / language / "LC_MESSAGES" / "messages.po"


def extract_messages() -> Catalog:
    """Return every message of the program, in the order of its files."""
    found = Catalog(project="evalapp", charset="utf-8")
    with (ROOT / "config" / "babel.cfg").open(encoding="utf-8") as settings:
        methods, options = parse_mapping_cfg(settings)
    walk = extract_from_dir(ROOT, methods, options, keywords=KEYWORDS, directory_filter=_is_ours)
    for filename, _line, message, _comments, _context in sorted(walk, key=lambda entry: entry[:2]):
        found.add(message, locations=[(filename, 1)])
    return found


def _is_ours(folder: str | Path) -> bool:
    inside = Path(folder).relative_to(ROOT).parts
    return not inside or inside[0] in ("evalapp", "templates")


def update_catalogue(language: str, messages: Catalog) -> None:
    """Write a language's catalogue with exactly the program's messages, keeping the translations it has."""
    path = catalogue_path(language)
    known = read_po(path.open("rb"), locale=language) if path.exists() else Catalog()
    updated = Catalog(locale=language, fuzzy=False, header_comment="", creation_date=WRITTEN, revision_date=WRITTEN)
    for message in messages:
        if message.id:
            kept = known.get(message.id)
            own = message.id if language == "en" else kept.string if kept else ""
            updated.add(message.id, own, locations=message.locations, flags=message.flags)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as target:
        write_po(target, updated, width=LINE_WIDTH, include_lineno=False, omit_header=False)


if __name__ == "__main__":
    extracted = extract_messages()
    for each in ("ko", "en"):
        update_catalogue(each, extracted)
