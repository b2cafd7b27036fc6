"""All checks of a form, in the order in which its author reads it."""

from __future__ import annotations

from evalapp.xform.faults import FormFault
from evalapp.xform.linter.columns import check_columns
from evalapp.xform.linter.expressions import check_expressions
from evalapp.xform.linter.items import check_items
from evalapp.xform.linter.names import check_choices, check_names
from evalapp.xform.linter.settings import check_settings
from evalapp.xform.linter.structure import check_structure
from evalapp.xform.linter.translations import check_translations
from evalapp.xform.model.form import FormModel
from evalapp.xform.reading.sheets import Book


def check_sheets(book: Book) -> list[FormFault]:
    """Return what can be seen in the sheets alone, whether or not they compile."""
    checks = (check_columns, check_settings, check_names, check_choices, check_translations, check_expressions, check_items)
    return [fault for check in checks for fault in check(book)]


def check_model(model: FormModel, book: Book) -> list[FormFault]:
    """Return what can be seen once a form is compiled."""
    return list(check_structure(model, book))
