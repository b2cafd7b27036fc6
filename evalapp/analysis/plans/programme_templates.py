"""Templates of programmes: the waves, forms, curriculum and analysis plan that a new programme starts with."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalapp.core.errors import AppError, NotFound
from evalapp.core.language import Message
from evalapp.core.shipped import TEMPLATES


@dataclass(frozen=True)
class ProgrammeTemplate:
    """One template: names and what it is about as `{"ko": …, "en": …}`, waves in days from the first day, the rest as plain data."""

    code: str
    name: Mapping[str, str]
    about: Mapping[str, str]
    waves: tuple[Mapping[str, Any], ...]
    plan: Mapping[str, Any]
    modules: tuple[Mapping[str, Any], ...]


def list_templates(folder: Path = TEMPLATES) -> list[ProgrammeTemplate]:
    """Return the shipped templates in the order of their codes."""
    return [_read(path) for path in sorted(folder.glob("*.toml"))]


def get_template(code: str, folder: Path = TEMPLATES) -> ProgrammeTemplate:
    """Return a template, or raise NotFound."""
    found = next((template for template in list_templates(folder) if template.code == code), None)
    if found is None:
        raise NotFound(Message("There is no template %(code)s.", code=code))
    return found


def dated_waves(template: ProgrammeTemplate, starts_on: dt.date) -> list[dict[str, Any]]:
    """Return a template's waves with the dates of a programme that starts on a day."""
    waves = []
    for wave in template.waves:
        opens, closes = (starts_on + dt.timedelta(days=wave[day]) for day in ("opens_day", "closes_day"))
        kept = {name: wave[name] for name in ("code", "instrument", "label_ko", "label_en")}
        waves.append({**kept, "opens_on": opens, "closes_on": closes, "survey_year": opens.year})
    return waves


def read_description(folder: Path) -> dict[str, Any]:
    """Read a folder's programme.toml; what it does not say itself is taken from the template it names."""
    try:
        described = tomllib.loads((folder / "programme.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise AppError(Message("programme.toml in this folder cannot be read: %(reason)s", reason=error)) from None
    named = described.pop("template", None)
    if named is None:
        return described
    template = get_template(named)
    return {"plan": template.plan, "modules": template.modules, **described}


def _read(path: Path) -> ProgrammeTemplate:
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    names, about = ({language: held[f"{word}_{language}"] for language in ("ko", "en")} for word in ("name", "about"))
    return ProgrammeTemplate(path.stem, names, about, tuple(held["waves"]), held["plan"], tuple(held["modules"]))
