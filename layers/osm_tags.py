"""Which OpenStreetMap tags make a facility, a gate, a wall or a place to sit?

The tables are data: `FACILITY_TAGS` goes from a tag to the kind of facility
(`vocabulary`) and its service; ``docs/facilities.md`` shows them. Source of the tags:
https://wiki.openstreetmap.org/wiki/Key:social_facility, Key:amenity, Key:healthcare,
Key:barrier and Key:entrance.

Limits: OpenStreetMap knows nothing of Chinese facility kinds, so a tag gives the plainest kind
that fits, and no facility mapped with a name alone is found.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from carecircle.layers.sources import Service


class FacilityTag(NamedTuple):
    """A tag that makes a facility; ``whom`` must then be among those it is for, where given."""

    key: str
    value: str
    service: Service
    kind: str
    whom: str = ""


# social_facility:for, as mappers write it
FOR = {
    "elderly": frozenset({"senior", "seniors", "elderly", "old_people", "aged"}),
    "children": frozenset({"child", "children", "juvenile", "toddler", "infant"}),
}

# The first that fits decides.
FACILITY_TAGS = (
    FacilityTag("amenity", "nursing_home", "elderly", "elderly-institution"),
    FacilityTag("amenity", "retirement_home", "elderly", "elderly-institution"),
    FacilityTag("social_facility", "nursing_home", "elderly", "elderly-institution"),
    FacilityTag("social_facility", "retirement_home", "elderly", "elderly-institution"),
    FacilityTag("social_facility", "assisted_living", "elderly", "elderly-institution", "elderly"),
    FacilityTag("social_facility", "group_home", "elderly", "elderly-institution", "elderly"),
    FacilityTag("social_facility", "day_care", "elderly", "day-care-centre", "elderly"),
    FacilityTag("amenity", "childcare", "childcare", "childcare-institution"),
    FacilityTag("social_facility", "day_care", "childcare", "childcare-institution", "children"),
    FacilityTag("amenity", "kindergarten", "kindergarten", "kindergarten"),
    FacilityTag("social_facility", "soup_kitchen", "meals", "meal-point", "elderly"),
    FacilityTag("amenity", "canteen", "meals", "elderly-canteen", "elderly"),
    FacilityTag("healthcare", "rehabilitation", "health", "rehab-hospital"),
    FacilityTag("healthcare", "hospice", "health", "hospice"),
    FacilityTag("amenity", "hospital", "health", "general-hospital"),
    FacilityTag("healthcare", "hospital", "health", "general-hospital"),
    FacilityTag("amenity", "clinic", "health", "clinic"),
    FacilityTag("healthcare", "clinic", "health", "clinic"),
    FacilityTag("amenity", "doctors", "health", "clinic"),
    FacilityTag("healthcare", "doctor", "health", "clinic"),
    FacilityTag("amenity", "school", "education", "school"),
)
FACILITY_KEYS = tuple(sorted({tag.key for tag in FACILITY_TAGS}))

SEATS = frozenset({"bench", "lounger", "shelter"})  # values of amenity
BENCH_KEYS = ("amenity", "bench")

WALLS = frozenset({"wall", "fence", "city_wall"})
GATES = frozenset(
    {
        "gate", "lift_gate", "swing_gate", "sliding_gate", "kissing_gate", "wicket_gate",
        "hampshire_gate", "turnstile", "full-height_turnstile", "entrance", "sally_port",
    }
)  # fmt: skip
ENTRANCES = frozenset({"yes", "main", "home", "secondary", "staircase", "service"})
SHUT = frozenset({"no"})


def facility_tag(tags: Mapping[str, str]) -> FacilityTag | None:
    """The first row of `FACILITY_TAGS` that fits, or None."""
    if tags.keys().isdisjoint(FACILITY_KEYS):  # most things by far
        return None
    whom = set(tags.get("social_facility:for", "").replace(" ", "").split(";"))
    return next(
        (
            rule
            for rule in FACILITY_TAGS
            if tags.get(rule.key) == rule.value and (not rule.whom or whom & FOR[rule.whom])
        ),
        None,
    )


def is_seat(tags: Mapping[str, str]) -> bool:
    """Whether somebody may sit down here: a bench, or a shelter or stop that has one."""
    bench = tags.get("bench", "")
    if bench == "no" or tags.get("access") in ("no", "private"):
        return False
    return tags.get("amenity") in SEATS or bench == "yes"


def is_gate(tags: Mapping[str, str]) -> bool:
    """Whether people on foot may pass here: a gate that is not locked or closed to them.

    ``private`` gates are passed by those who live behind them.
    """
    gate = tags.get("barrier") in GATES or tags.get("entrance") in ENTRANCES
    admitted = tags.get("foot", tags.get("access", "")) not in SHUT
    return gate and admitted and tags.get("locked") != "yes"


def is_wall(tags: Mapping[str, str]) -> bool:
    """Whether nobody walks across this line."""
    return tags.get("barrier") in WALLS
