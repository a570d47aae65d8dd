"""The world of the practice CT (ct-api.md 6.6)."""

import time

from bot.sandbox.ct import build_world
from bot.sandbox.ct.box import Moment, moment
from bot.sandbox.ct.oddities import HOSTILE

NOW = 1_800_000_000.0


def _seen(description: str, at: str | None = None) -> Moment:
    return moment(build_world(built_at=NOW).named(description, at), NOW, 10)


def test_the_same_seed_gives_the_same_world() -> None:
    one, two, other = (build_world(seed=seed, built_at=NOW) for seed in (7, 7, 8))

    assert one.boxes == two.boxes
    assert one.locations == two.locations
    assert one.boxes != other.boxes


def test_slugs_and_macs_are_unique() -> None:
    world = build_world(built_at=NOW)

    assert len({box.mac for box in world.boxes.values()}) == len(world.boxes)
    assert len({box.id for box in world.boxes.values()}) == len(world.boxes)
    assert all(slug == box.slug for slug, box in world.boxes.items())


def test_no_two_boxes_of_a_location_have_the_same_name() -> None:
    world = build_world(built_at=NOW)

    for place in world.locations.values():
        names = [box.description for box in world.boxes_at(place)]

        assert len(names) == len(set(names)), place.location_name


def test_lobby_ap_3_is_as_the_story_tells_it() -> None:
    lobby = _seen("Lobby AP-3", "Café Nord")

    assert (lobby.state, lobby.allowed_job, lobby.clients) == ("online", True, 14)
    assert lobby.uptime
    assert lobby.uptime // 86_400 == 41


def test_harbour_hotel_has_40_boxes_and_3_offline() -> None:
    world = build_world(built_at=NOW)
    [hotel] = [place for place in world.locations.values() if place.location_name == "Harbour Hotel"]
    seen = [moment(box, NOW, 10) for box in world.boxes_at(hotel)]

    assert len(seen) == 40
    assert sum(one.state == "offline" for one in seen) == 3


def test_there_is_one_of_each_oddity() -> None:
    fresh = _seen("Pool House")

    assert fresh.state == "offline"
    assert fresh.last_heartbeat
    assert NOW - fresh.last_heartbeat <= 10
    assert _seen("Archive") == Moment("new", False, None, None, 0)
    assert _seen("Children's Corner").state == "processing"
    assert _seen("Dormitory").state == "upgrading"
    assert _seen("Wheel House").state == "quarantined"
    assert _seen(HOSTILE).state == "online"
    assert _seen("Reading Room").uptime is None
    assert _seen("Stalls North") == Moment("splash_only", False, None, None, 3)
    assert _seen("Terrace AP-4").last_heartbeat == NOW - (3 * 60 + 12) * 60


def test_lobby_is_in_several_locations_and_one_location_is_archived() -> None:
    world = build_world(built_at=NOW)

    assert sum(box.description == "Lobby" for box in world.boxes.values()) == 3
    assert [place.location_name for place in world.locations.values() if place.archived] == ["Winter Pavilion"]


def test_a_big_world_is_built_quickly() -> None:
    start = time.perf_counter()
    world = build_world(locations=500, boxes=10_000, built_at=NOW)
    ana = world.people[0]

    assert len(world.locations_of(ana)) == 500
    assert len(world.boxes_of(ana)) == 10_000
    assert len({place.location_name for place in world.locations.values()}) == 502
    assert time.perf_counter() - start < 5


def test_a_tiny_world_is_possible() -> None:
    world = build_world(locations=2, boxes=5, built_at=NOW)

    assert [len(world.boxes_at(place)) for place in world.locations_of(world.people[0])] == [3, 2]
