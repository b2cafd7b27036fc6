"""A survey form read whole: its sheets, what it compiles to, what it asks, and everything wrong with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

from evalapp.core.errors import Fault, RefusedFile
from evalapp.core.fingerprint import sha256_of
from evalapp.core.language import Message
from evalapp.surveys.instruments.check_collected import check_tables
from evalapp.surveys.instruments.check_instrument import check_instrument, setting_cells
from evalapp.surveys.instruments.definition import InstrumentDefinition, definition_to_json
from evalapp.surveys.instruments.derive_definition import derive_definition
from evalapp.surveys.instruments.library import check_standard_items
from evalapp.surveys.instruments.place_faults import place_faults
from evalapp.xform.faults import FormFault, RefusedForm
from evalapp.xform.model.form import FormModel
from evalapp.xform.model.stored import model_to_json
from evalapp.xform.read import ReadForm, read_compiled
from evalapp.xform.reading.archive import SHEETS, pack_folder
from evalapp.xform.reading.compile_form import compile_form
from evalapp.xform.reading.parcel import pack_parcel, unpack
from evalapp.xform.reading.sheets import Book

KEPT_FORMS = 16
LONGEST_NAME = 120


@dataclass(frozen=True)
class ReadInstrument:
    """A form as it was read. `form` is None where `faults`, errors before warnings, hold an error."""

    workbook: bytes
    workbook_name: str
    book: Book
    faults: tuple[FormFault, ...]
    form: ReadForm | None
    tables: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def code(self) -> str:
        """The form's code, as far as its settings say."""
        return setting_cells(self.book)[0].get("form_id", "")

    @property
    def version(self) -> str:
        """The form's version, as far as its settings say."""
        return setting_cells(self.book)[0].get("version", "")

    @cached_property
    def sha256(self) -> str:
        """The fingerprint of the sheets and tables: the same however the workbook was saved."""
        sheets: dict[str, object] = {name: [dict(row.cells) for row in sheet.rows] for name, sheet in self.book.sheets.items()}
        return sha256_of(sheets | {name: sha256(content).hexdigest() for name, content in self.tables.items()})

    @property
    def model(self) -> FormModel:
        """The compiled form; RefusedFile names the errors of one that has any."""
        return self._whole().model

    @cached_property
    def definition(self) -> InstrumentDefinition:
        """What the form asks; RefusedFile names the errors of one that has any."""
        return derive_definition(self._whole())

    def stored(self) -> dict[str, str | bytes | None]:
        """Return what is kept of a form, by column."""
        whole = self.form is not None
        return {
            "code": self.code[:40],
            "version": self.version[:20],
            "workbook": self.workbook,
            "workbook_name": self.workbook_name,
            "sha256": self.sha256,
            "definition": definition_to_json(self.definition) if whole else None,
            "model": model_to_json(self.model) if whole else None,
            "xform": self.form.xform if self.form else None,
        }

    def _whole(self) -> ReadForm:
        if self.form is None:
            raise refused_file(self.faults)
        return self.form


def read_instrument(content: bytes, name: str, tables: Mapping[str, bytes] | None = None) -> ReadInstrument:
    """Read a workbook, or a zip of CSV sheets or of a workbook. RefusedFile says why a file cannot even be opened.

    `tables` are the CSV files of choices and pulldata(), by file name, beside those in the zip. Opening and compiling is done by
    another process with limits of time and memory.
    """
    try:
        parcel = unpack(content)
        compiled = compile_form(parcel.content, parcel.kind)
        brought = {**parcel.tables, **(tables or {})}
        kept, kept_name = pack_parcel(parcel.content, name[-LONGEST_NAME:], brought)
    except RefusedForm as refused:
        raise refused_file(refused.faults) from None
    faults = [*check_instrument(compiled.book), *check_standard_items(compiled.book), *check_tables(brought)]
    form = None
    try:
        form = read_compiled(compiled, brought)
        faults += form.warnings
    except RefusedForm as refused:
        faults += place_faults(refused.faults, compiled.book)
    faults = list({(f.sheet, f.row, f.column, f.text, f.facts.get("file")): f for f in faults}.values())
    faults.sort(key=_gravest_first)
    is_whole = not faults or faults[0].severity != "error"
    return ReadInstrument(kept, kept_name, compiled.book, tuple(faults), form if is_whole else None, brought)


def _gravest_first(fault: FormFault) -> tuple[bool, int, int]:
    sheet = SHEETS.index(fault.sheet) if fault.sheet in SHEETS else len(SHEETS)
    return fault.severity != "error", sheet, fault.row or 0


def load_instrument(folder: Path) -> ReadInstrument:
    """Read a form from a folder of CSV sheets, or refuse it with every fault. The same sheets are compiled once."""
    read = _read_once(pack_folder(folder), f"{folder.name}.zip")
    if read.form is None:
        raise refused_file(read.faults)
    return read


@lru_cache(maxsize=KEPT_FORMS)
def _read_once(content: bytes, name: str) -> ReadInstrument:
    return read_instrument(content, name)


def refused_file(faults: tuple[FormFault, ...]) -> RefusedFile:
    """Return the refusal of a form for its errors."""
    return RefusedFile([as_fault(fault) for fault in faults if fault.severity == "error"])


def as_fault(fault: FormFault) -> Fault:
    """Return a fault of a form as faults of every file are shown."""
    return Fault(Message(fault.text, **fault.facts), fault.row, fault.column, fault.sheet)


def fault_facts(fault: FormFault) -> dict[str, object]:
    """Return a fault as plain data, to be stored."""
    return asdict(fault)
