"""A form model as JSON and back."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from dataclasses import asdict, fields, is_dataclass
from functools import cache
from typing import Any, get_args, get_origin, get_type_hints

from evalapp.xform.model.form import FormModel


def model_to_json(model: FormModel) -> str:
    """Write a model as JSON, the same text for the same model."""
    return json.dumps(asdict(model), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def model_from_json(text: str) -> FormModel:
    """Read a model from the JSON that `model_to_json` wrote."""
    model: FormModel = _restored(FormModel, json.loads(text))
    return model


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def _restored(kind: Any, stored: Any) -> Any:
    """Turn plain JSON into the type that an annotation names."""
    if is_dataclass(kind) and isinstance(kind, type):
        return kind(**{each.name: _restored(_hints(kind)[each.name], stored[each.name]) for each in fields(kind)})
    origin, inside = get_origin(kind), get_args(kind)
    if origin is tuple:
        return tuple(_restored(inside[0], each) for each in stored)
    if origin is Mapping:
        return {name: _restored(inside[1], each) for name, each in stored.items()}
    if origin is types.UnionType:
        return None if stored is None else _restored(inside[0], stored)
    return stored
