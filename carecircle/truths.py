"""Where does true or false stand in a study file although a number belongs there?

Python takes true for 1, and so does pydantic: ``speed_m_s = true`` would be a walker of 1 m/s.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, get_origin

from pydantic import BaseModel


def truths(written: Any, annotation: Any, place: str = "") -> Iterator[tuple[str, bool]]:
    """Places of true and false under ``annotation`` that may hold a number but neither of these."""
    kinds = set(leaves(annotation))
    if isinstance(written, bool):
        if kinds & {int, float, Decimal} and bool not in kinds:
            yield place, written
    elif isinstance(written, Mapping):
        model = section_model(annotation)
        fields = getattr(model, "model_fields", {})
        for key, value in written.items():
            is_field = key in fields and not has_names(annotation)
            inner = fields[key].annotation if is_field else model
            yield from truths(value, inner, f"{place}.{key}".lstrip("."))
    elif isinstance(written, list):
        for at, value in enumerate(written):
            yield from truths(value, annotation, f"{place}.{at}")


def has_names(annotation: Any) -> bool:
    """Whether the keys of a table are names that the study chose, as under [walkers]."""
    return get_origin(annotation) is dict


def leaves(annotation: Any) -> Iterator[Any]:
    """The plain types inside an annotation."""
    inner = getattr(annotation, "__args__", ())
    if not inner:
        yield annotation
    for part in inner:
        yield from leaves(part)


def section_model(annotation: Any) -> Any:
    """The model inside an annotation such as ``tuple[Model, ...]`` or ``Model | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inner = (section_model(a) for a in getattr(annotation, "__args__", ()) if a is not Ellipsis)
    return next((model for model in inner if model is not None), None)
