"""One module of a curriculum and what it should bring: added, changed, moved, retired."""

from __future__ import annotations

from typing import Any

from flask import g, render_template, request
from sqlalchemy.orm import Session

from evalapp.core.columns import Column
from evalapp.core.language import Message
from evalapp.people.queries import get_programme_for
from evalapp.training.curricula.curriculum_file import MODULE_COLUMNS
from evalapp.training.curricula.edit_items import ItemDetails, add_item, change_item, move_item, retire_item
from evalapp.training.curricula.edit_modules import (
    ModuleDetails,
    Step,
    add_module,
    bring_back_module,
    change_module,
    move_module,
    retire_module,
)
from evalapp.training.curricula.queries import get_item, get_module, list_items, used_items
from evalapp.web.access import allows
from evalapp.web.forms import Form, filled, read_form
from evalapp.web.training.cohort_words import ITEM_KINDS
from evalapp.web.training.curriculum_place import blueprint
from evalapp.web.training.place import Answer, done, trying
from evalapp.web.transactions import reading_db, writing_db

CODE = Column("code", required=True, maximum=40)
ITEM = (
    Column("kind", "choice", required=True, choices=tuple(ITEM_KINDS)),
    Column("text_ko", required=True, maximum=300),
    Column("text_en", required=True, maximum=300),
)


@blueprint.get("/new-module")
@allows("cohort.manage")
def ask_module(code: str) -> str:
    """Show the form of a new module."""
    with reading_db() as db:
        return _module_page(db, get_programme_for(db, g.viewer, code), None, Form({"principle": "none", "planned_minutes": "150"}))


@blueprint.post("/new-module")
@allows("cohort.manage")
def add(code: str) -> Answer:
    """Add a module after all others."""
    form = read_form((CODE, *MODULE_COLUMNS))
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        if not form.refused:
            with trying(db, form, "code"):
                add_module(db, programme.id, form.values["code"], _module_details(form))
        if form.refused:
            return _module_page(db, programme, None, form), 422
    return done(
        Message("The module is added. Now say what it should bring."), ".show_module", code=code, module=form.values["code"]
    )


@blueprint.get("/modules/<module>")
@allows("cohort.manage")
def show_module(code: str, module: str) -> str:
    """Show a module to be changed, with its items."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        known = get_module(db, programme.id, module)
        return _module_page(db, programme, known, filled({column.name: getattr(known, column.name) for column in MODULE_COLUMNS}))


@blueprint.post("/modules/<module>")
@allows("cohort.manage")
def change(code: str, module: str) -> Answer:
    """Change what a module says of itself."""
    form = read_form(MODULE_COLUMNS)
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        known = get_module(db, programme.id, module)
        if form.refused:
            return _module_page(db, programme, known, form), 422
        change_module(db, known, _module_details(form))
    return done(Message("The module is changed."), ".show_module", code=code, module=module)


@blueprint.post("/modules/<module>/move")
@allows("cohort.manage")
def move(code: str, module: str) -> Answer:
    """Move a module one place up or down."""
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        move_module(db, get_module(db, programme.id, module), _step())
    return done(Message("The order is changed."), ".show", code=code)


@blueprint.post("/modules/<module>/retire")
@allows("cohort.manage")
def retire(code: str, module: str) -> Answer:
    """Take a module out of the curriculum, or back into it."""
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        known = get_module(db, programme.id, module)
        if not known.is_active:
            bring_back_module(db, known)
            said = Message("The module is taught again.")
        elif retire_module(db, known):
            said = Message("The module is deleted: nothing had used it.")
        else:
            said = Message("The module is retired. What sessions recorded of it stays.")
    return done(said, ".show", code=code)


@blueprint.get("/modules/<module>/new-item")
@allows("cohort.manage")
def ask_item(code: str, module: str) -> str:
    """Show the form of a new item."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        return _item_page(db, programme, get_module(db, programme.id, module), None, Form({"kind": "content"}))


@blueprint.post("/modules/<module>/new-item")
@allows("cohort.manage")
def add_one(code: str, module: str) -> Answer:
    """Add an item after all others of its module."""
    form = read_form(ITEM)
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        known = get_module(db, programme.id, module)
        if form.refused:
            return _item_page(db, programme, known, None, form), 422
        add_item(db, known, ItemDetails(**form.values))
    return done(Message("The item is added."), ".show_module", code=code, module=module)


@blueprint.get("/modules/<module>/items/<item>")
@allows("cohort.manage")
def show_item(code: str, module: str, item: str) -> str:
    """Show an item to be changed."""
    with reading_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        of = get_module(db, programme.id, module)
        known = get_item(db, of, item)
        return _item_page(db, programme, of, known, filled({column.name: getattr(known, column.name) for column in ITEM}))


@blueprint.post("/modules/<module>/items/<item>")
@allows("cohort.manage")
def change_one(code: str, module: str, item: str) -> Answer:
    """Change an item; one that a checklist used is retired, and its new text is another item."""
    form = read_form(ITEM)
    with writing_db() as db:
        programme = get_programme_for(db, g.viewer, code)
        of = get_module(db, programme.id, module)
        known = get_item(db, of, item)
        if form.refused:
            return _item_page(db, programme, of, known, form), 422
        changed = change_item(db, of, known, ItemDetails(**form.values))
        is_new = changed.id != known.id
    said = Message("Checklists had used the item: it is retired, and the new text stands in its place.")
    return done(said if is_new else Message("The item is changed."), ".show_module", code=code, module=module)


@blueprint.post("/modules/<module>/items/<item>/move")
@allows("cohort.manage")
def move_one(code: str, module: str, item: str) -> Answer:
    """Move an item one place up or down."""
    with writing_db() as db:
        of = get_module(db, get_programme_for(db, g.viewer, code).id, module)
        move_item(db, of, get_item(db, of, item), _step())
    return done(Message("The order is changed."), ".show_module", code=code, module=module)


@blueprint.post("/modules/<module>/items/<item>/retire")
@allows("cohort.manage")
def retire_one(code: str, module: str, item: str) -> Answer:
    """Ask for an item no more."""
    with writing_db() as db:
        of = get_module(db, get_programme_for(db, g.viewer, code).id, module)
        deleted = retire_item(db, of, get_item(db, of, item))
    said = Message("The item is deleted: no checklist had used it.")
    return done(said if deleted else Message("The item is retired. Checklists keep it."), ".show_module", code=code, module=module)


def _step() -> Step:
    return -1 if request.form.get("to") == "up" else 1


def _module_details(form: Form) -> ModuleDetails:
    said = {column.name: form.values[column.name] for column in MODULE_COLUMNS}
    return ModuleDetails(**{**said, "materials_version": said["materials_version"] or ""})


def _module_page(db: Session, programme: Any, module: Any, form: Form) -> str:
    items = list_items(db, [module.id]) if module else ()
    used = used_items(db, [item.id for item in items])
    asked, retired = ([item for item in items if item.is_active is active] for active in (True, False))
    return render_template(
        "cohorts/module.html", programme=programme, module=module, form=form, items=asked, retired=retired, used=used
    )


def _item_page(db: Session, programme: Any, module: Any, item: Any, form: Form) -> str:
    used = bool(item and used_items(db, [item.id]))
    return render_template("cohorts/item.html", programme=programme, module=module, item=item, form=form, used=used)
