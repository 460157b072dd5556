import pytest

from carecircle.layers.walk_profile import walk_way


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "residential"}, "street"),
        ({"highway": "residential", "oneway": "yes"}, "street"),
        ({"highway": "trunk"}, "street"),
        ({"highway": "trunk", "motorroad": "yes"}, None),
        ({"highway": "motorway"}, None),
        ({"highway": "motorway", "foot": "yes"}, "street"),
        ({"highway": "footway"}, "footway"),
        ({"highway": "footway", "footway": "crossing"}, "crossing"),
        ({"highway": "footway", "foot": "no"}, None),
        ({"highway": "cycleway"}, "path"),
        ({"highway": "cycleway", "foot": "use_sidepath"}, None),
        ({"highway": "steps"}, "steps"),
        ({"highway": "elevator"}, "lift"),
        ({"highway": "service", "access": "no"}, None),
        ({"highway": "track", "access": "forestry"}, None),
        ({"highway": "service", "access": "military"}, None),
        ({"highway": "service", "access": "no", "foot": "yes"}, "street"),
        ({"highway": "service", "access": "private"}, "street"),
        ({"highway": "construction"}, None),
        ({"highway": "bus_stop"}, None),
        ({"railway": "rail"}, None),
    ],
)
def test_who_may_walk_where(tags: dict, kind: str | None) -> None:
    walked = walk_way(tags)
    assert (walked.kind if walked else None) == kind


def test_no_door_opens_onto_bridges_tunnels_and_lifts() -> None:
    assert not walk_way({"highway": "residential", "bridge": "yes"}).attachable
    assert not walk_way({"highway": "footway", "tunnel": "yes"}).attachable
    assert not walk_way({"highway": "elevator"}).attachable
    assert walk_way({"highway": "footway", "tunnel": "building_passage"}).attachable
    assert walk_way({"highway": "residential", "bridge": "no"}).attachable


def test_private_is_what_the_sign_for_walkers_says() -> None:
    assert walk_way({"highway": "service", "access": "private"}).private
    assert walk_way({"highway": "service", "foot": "private"}).private
    assert not walk_way({"highway": "service", "access": "private", "foot": "yes"}).private
    assert not walk_way({"highway": "service"}).private


def test_an_open_square_is_an_area_only_when_it_says_so() -> None:
    assert walk_way({"highway": "pedestrian", "area": "yes"}).area
    assert not walk_way({"highway": "pedestrian"}).area
