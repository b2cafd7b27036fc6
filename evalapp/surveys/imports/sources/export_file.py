"""A file of answers as a tool wrote it: one table with a row for each person, and one for each repeated group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from evalapp.core.language import Message
from evalapp.core.sheets import Sheet

Source = Literal["kobo", "odk", "surveycto", "plain"]
SOURCE_NAMES: Final[Mapping[str, Message]] = {
    "kobo": Message("KoboToolbox"),
    "odk": Message("ODK Central"),
    "surveycto": Message("SurveyCTO"),
    "plain": Message("Table"),
}


@dataclass(frozen=True)
class ExportFile:
    """A file of answers.

    `code_labels` holds what a statistics file says of its codes: column, then code, then label. `repeats` are the tables of
    repeated groups, each row of which belongs to a row of `main`, or of another one.
    """

    source: Source
    sha256: str
    main: Sheet
    repeats: tuple[Sheet, ...] = ()
    code_labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    notices: tuple[Message, ...] = ()
