"""May a person on foot use this OpenStreetMap way, and what is it underfoot?

One written filter for every source. It differs from the usual ones on purpose: one-way
signs do not bind walkers; steps are kept and marked; ways tagged private are kept, because
they are the inside of residential quarters, and marked so that their length is told;
footways beside a cycleway are kept. ``docs/streets.md`` has the whole table.

Source of the tags: https://wiki.openstreetmap.org/wiki/Key:highway and Key:foot.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

KIND_OF_HIGHWAY = {
    **dict.fromkeys(
        (
            "trunk", "trunk_link", "primary", "primary_link", "secondary", "secondary_link",
            "tertiary", "tertiary_link", "unclassified", "residential", "living_street",
            "service", "road", "busway",
        ),
        "street",
    ),
    **dict.fromkeys(("footway", "pedestrian", "corridor", "platform", "crossing"), "footway"),
    **dict.fromkeys(("path", "track", "bridleway", "cycleway", "trail"), "path"),
    "steps": "steps",
    "elevator": "lift",
}  # fmt: skip

# Roads that walkers wait to cross, the smallest first; "none" are all other ways.
ROAD_CLASSES = ("none", "tertiary", "secondary", "primary")
CLASS_OF_HIGHWAY = {
    **{name: name for name in ROAD_CLASSES[1:]},
    **{f"{name}_link": name for name in ROAD_CLASSES[1:]},
    **dict.fromkeys(("trunk", "trunk_link", "motorway", "motorway_link"), "primary"),
}

# Open to walkers only where a sign says so.
NEEDS_PERMISSION = {"motorway", "motorway_link"}
CLOSED = {"no", "use_sidepath"}
CLOSED_AREAS = {"no", "military", "forestry", "agricultural"}
OPEN = {"yes", "designated", "permissive", "destination", "customers", "private", "official"}


class WalkWay(NamedTuple):
    """What the filter says of one way."""

    kind: str
    attachable: bool
    private: bool
    area: bool
    road_class: int  # position in ROAD_CLASSES


def walk_way(tags: Mapping[str, str]) -> WalkWay | None:
    """How a way is walked, or None when it cannot be."""
    kind = walk_kind(tags)
    if kind is None or not walkers_admitted(tags):
        return None
    return WalkWay(
        kind=kind,
        attachable=kind != "lift" and not off_the_ground(tags),
        private=tags.get("foot", tags.get("access")) == "private",
        area=kind in ("footway", "path", "street") and tags.get("area") == "yes",
        road_class=ROAD_CLASSES.index(CLASS_OF_HIGHWAY.get(tags["highway"], "none")),
    )


def walk_kind(tags: Mapping[str, str]) -> str | None:
    """The way's kind underfoot (one of `EDGE_KINDS`), from its ``highway`` tag."""
    highway = tags.get("highway", "")
    if highway in NEEDS_PERMISSION:
        return "street" if tags.get("foot") in OPEN else None
    if highway == "footway" and tags.get("footway") == "crossing":
        return "crossing"
    return KIND_OF_HIGHWAY.get(highway)


def walkers_admitted(tags: Mapping[str, str]) -> bool:
    """Whether the signs let people on foot in; ``foot`` overrules ``access``."""
    foot = tags.get("foot")
    if foot is not None:
        return foot not in CLOSED
    return tags.get("access") not in CLOSED_AREAS and tags.get("motorroad") != "yes"


def has_signals(tags: Mapping[str, str]) -> bool:
    """Whether a point, or a crossing drawn as a line, has lights that stop the traffic."""
    return (
        tags.get("highway") == "traffic_signals"
        or "traffic_signals" in tags.get("crossing", "").split(";")
        or tags.get("crossing:signals") == "yes"
    )


def off_the_ground(tags: Mapping[str, str]) -> bool:
    """Whether no door can open onto the way: a bridge or a tunnel that is not a passage."""
    bridge = tags.get("bridge", "no") != "no"
    tunnel = tags.get("tunnel", "no") not in ("no", "building_passage")
    return bridge or tunnel
