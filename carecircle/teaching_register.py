"""Which facilities of every other sort stand in the teaching city, and what is told of each?

A register such as a bureau keeps one: four facilities of each kind of the vocabulary (of
kindergartens more), at nodes of the streets drawn by lot, with every attribute that targets of
plans ask for. Nothing is left blank but what a facility cannot have. All of it is made up.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from carecircle.layers.attributes import Attribute, facility_attributes
from carecircle.layers.vocabulary import FacilityKind, facility_kinds
from carecircle.teaching_ground import stream
from carecircle.teaching_names import place_names

OF_EACH_KIND, MORE_OF = 4, {"kindergarten": 16}
SUBJECT = 60  # of the streams that draw it
# one of the four was there early, one has yet to open
OPENED = ("2012-05-01", "2021-09-01", "2024-03-01", "2026-09-01")
OPERATORS = ("公建公营", "公建民营", "民办", "PPP")
GRADES = ("一级", "三星级", "二级甲等", "未评定")
LEVELS = {"city": "市级", "district": "区县级", "town": "镇街级", "community": "社区级"}
OFFERS = ("助餐、助浴、助洁、助行", "日间照料、助餐", "助浴、助行、康复护理", "助餐、助洁")
# lowest number, and how much more at most
NUMBERS = {
    "beds": (20, 130),
    "seats": (15, 60),
    "family_beds": (5, 20),
    "enrolled": (10, 90),
    "classes": (6, 9),
    "social_workers": (0, 4),
    "medical_partners": (0, 3),
    "floor_area_m2": (300, 2_400),
    "land_area_m2": (400, 5_000),
}
COUNTED = {"beds": ("beds", "nursing_beds"), "seats": ("seats",), "family_beds": ("family_beds",)}


def register_frame(nodes: int, seed: int) -> pd.DataFrame:
    """The register: ``name``, ``kind``, ``node``, ``opened`` and every attribute but capacity.

    Index ``facility_id``; ``nodes`` is how many street nodes there are to stand at.
    """
    kinds = [
        kind
        for slug, kind in facility_kinds().items()
        for _ in range(MORE_OF.get(slug, OF_EACH_KIND))
    ]
    draw = stream(seed, SUBJECT)
    words = place_names(len(kinds), draw, ("",))
    node = (nodes * draw.random(len(kinds))).astype(np.int64)
    lot = draw.random((len(kinds), len(facility_attributes())))
    rows = [
        {
            "facility_id": f"R{at + 1:04d}",
            "name": f"{words[at]}{kind.zh}（虚构）",
            "kind": kind.zh,
            "node": int(node[at]),
            "opened": OPENED[at % OF_EACH_KIND],
            **attributes(kind, at % OF_EACH_KIND, lot[at]),
        }
        for at, kind in enumerate(kinds)
    ]
    return pd.DataFrame(rows, dtype=object).set_index("facility_id")


def attributes(kind: FacilityKind, which: int, lot: np.ndarray[Any, Any]) -> dict[str, Any]:
    """Every attribute of one facility; ``which`` of the four of its kind it is."""
    told = {
        one.name: attribute(one, kind, which, float(lot[at]))
        for at, one in enumerate(facility_attributes().values())
        if one.name != "capacity"
    }
    if told["beds"] is not None:
        told["nursing_beds"] = int(told["beds"] * (0.3 + 0.6 * float(lot[2])))
    return told


def attribute(one: Attribute, kind: FacilityKind, which: int, lot: float) -> Any:
    """One attribute; None where the kind has no such places."""
    match one.type:
        case "flag":
            return "是" if which == 1 or lot < 0.5 else "否"
        case "operator":
            return OPERATORS[which]
        case "grade":
            return GRADES[which]
        case "level":
            return LEVELS.get(kind.level, "社区级") if which else "市级"
        case "offers":
            return OFFERS[which]
        case _:
            return amount(one.name, kind, lot)


def amount(name: str, kind: FacilityKind, lot: float) -> int | None:
    """A number of one facility."""
    places = {place for places in COUNTED.values() for place in places}
    if name in places and name not in COUNTED.get(kind.capacity, ()):
        return None
    least, more = NUMBERS.get(name, (0, 0))
    return least + int(more * lot)
