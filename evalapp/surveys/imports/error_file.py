"""The faults of a file as a file, to mend them side by side."""

from __future__ import annotations

from evalapp.core.csv_file import csv_file
from evalapp.core.language import Message
from evalapp.surveys.imports.import_report import Preview

HEADINGS = (Message("Sheet"), Message("Row"), Message("Column"), Message("What is wrong and how to mend it"))


def error_file(preview: Preview, language: str) -> bytes:
    """Return the faults as CSV in a language, in the order of the rows. Cells are quoted only as messages quote them."""
    faults = sorted(preview.faults, key=lambda fault: (fault.sheet or "", fault.row or 0))
    rows = [[fault.sheet or "", fault.row or "", fault.column or "", fault.message.within(language)] for fault in faults]
    if preview.unlisted:
        rows.append(["", "", "", Message("… and %(count)s more.", count=preview.unlisted).within(language)])
    return csv_file([heading.within(language) for heading in HEADINGS], rows)
