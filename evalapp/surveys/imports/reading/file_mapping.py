"""How a file is to be read: which column names the person, which is which variable, how choices, dates and missing answers look."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from evalapp.core.fingerprint import canonical_json
from evalapp.surveys.imports.reading.missing_kinds import DEFAULT_CODES
from evalapp.surveys.imports.sources.export_file import ExportFile

PERSON_COLUMNS = ("study_id", "participant_code", "participant_id", "studyid", "pid")
LEFT_OUT = ""


@dataclass(frozen=True)
class FileMapping:
    """How one kind of file is read.

    `person` is the column of study IDs. `columns` says of single columns which variable they are, or that they are LEFT_OUT; the
    others are matched by their names, or by the questions' labels where `headers` says so. `missing` gives codes their kind.
    `date_order` is needed where 03/04/2026 stands in a file. With `states` the tool's review counts here too.
    """

    person: str = "study_id"
    columns: Mapping[str, str] = field(default_factory=dict)
    headers: Literal["names", "labels"] = "names"
    choices: Literal["names", "labels", "either"] = "names"
    missing: Mapping[str, str] = field(default_factory=lambda: dict(DEFAULT_CODES))
    date_order: Literal["", "dmy", "mdy"] = ""
    states: bool = True


def propose_mapping(export: ExportFile) -> FileMapping:
    """Return the mapping to begin with. Tables that no tool wrote may have choices by name or by label, as people write them."""
    last = {name.rpartition("/")[2].rpartition("-")[2].casefold(): name for name in reversed(export.main.header)}
    person = next((last[name] for name in PERSON_COLUMNS if name in last), PERSON_COLUMNS[0])
    return FileMapping(person=person, choices="either" if export.source == "plain" else "names")


def mapping_to_json(mapping: FileMapping) -> str:
    """Write a mapping as it is remembered."""
    return canonical_json(asdict(mapping))


def mapping_from_json(text: str) -> FileMapping:
    """Read a mapping that was remembered."""
    stored: dict[str, Any] = json.loads(text)
    return FileMapping(**stored)
