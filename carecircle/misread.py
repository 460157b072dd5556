"""Where does something stand in a study or plan file that would be read as a number, but is none?

Python takes true for 1, and pydantic "15" for 15 besides. Whoever wrote ``speed_m_s = true`` did
not mean 1 m/s, and whoever put a number in quotes may have meant a name: both are refused, and so
is a text such as "no", or a 1, where true or false belongs, and a number that would be counted in
seconds to a date.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

NUMBERS = {int, float, Decimal}
Kind = Literal["float", "bool", "date"]
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def misread(written: Any, annotation: Any, place: str = "") -> Iterator[tuple[str, Any, Kind]]:
    """Places under ``annotation`` that hold what would be read as another thing: what is due."""
    kinds = set(leaves(annotation))
    if isinstance(written, bool):
        if kinds & NUMBERS and bool not in kinds:
            yield place, written, "float"
        elif datetime.date in kinds:
            yield place, written, "date"
    elif isinstance(written, int | float | Decimal):
        if kinds & {bool, datetime.date} and not kinds & {*NUMBERS, str}:
            yield place, written, "bool" if bool in kinds else "date"
    elif isinstance(written, str):
        if datetime.date in kinds and str not in kinds and not DAY.fullmatch(written):
            yield place, written, "date"
        elif kinds <= {*NUMBERS, bool, NoneType, Ellipsis} and kinds & {*NUMBERS, bool}:
            yield place, written, "float" if kinds & NUMBERS else "bool"
    elif isinstance(written, Mapping):
        model = section_model(annotation)
        fields = getattr(model, "model_fields", {})
        for key, value in written.items():
            is_field = key in fields and not has_names(annotation)
            inner = fields[key].annotation if is_field else value_of(annotation)
            yield from misread(value, inner, f"{place}.{key}".lstrip("."))
    elif isinstance(written, list):
        for at, value in enumerate(written):
            yield from misread(value, annotation, f"{place}.{at}")


def has_names(annotation: Any) -> bool:
    """Whether the keys of a table are names that the study chose, as under [walkers]."""
    return get_origin(annotation) is dict


def value_of(annotation: Any) -> Any:
    """What stands under each name of a table of names; the model itself for any other."""
    return get_args(annotation)[1] if has_names(annotation) else section_model(annotation)


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
