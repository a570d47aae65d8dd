"""Reading how things are: trouble first, and never more calls because there are more locations."""

from collections.abc import AsyncIterator

import pytest

from bot.ct import Box, CTClient, CTNotFoundError, CTServerError, CTUser
from bot.sandbox.ct import CLIENT_ID, CLIENT_SECRET, PracticeCT
from bot.sandbox.serving import serve
from bot.services import venues
from bot.services.venues import read_health, read_overview, read_venue, read_venues, trouble_first


class Site:
    """The practice CT and Ana's rights in it."""

    def __init__(self, practice: PracticeCT, user: CTUser) -> None:
        self.practice = practice
        self.user = user

    @property
    def asked(self) -> list[str]:
        return [row["path"] for row in self.practice.log.rows if row["path"].startswith("/api/")]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    practice = PracticeCT()
    async with serve(practice.app) as url:
        client = CTClient(auth_url=url, api_url=url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
        yield Site(practice, client.as_user(practice.issue("ana@venues.example").access))
        await client.aclose()


async def test_the_overview_is_one_call(site: Site) -> None:
    overview = await read_overview(site.user)

    assert (overview.locations, overview.total, overview.boxes["offline"]) == (37, 412, 5)
    assert len(site.asked) == 1


@pytest.mark.parametrize("status", [403, 404])
async def test_without_the_report_boxes_are_counted_by_hand(site: Site, status: int) -> None:
    site.practice.faults.add(kind="status", prefix="/api/v1/reports", status=status)

    overview = await read_overview(site.user)

    assert (overview.locations, overview.total, overview.people_online) == (37, 412, None)
    assert overview.boxes == {"online": 400, "offline": 5}


async def test_a_report_that_fails_is_no_reason_to_count_by_hand(site: Site) -> None:
    site.practice.faults.add(kind="status", prefix="/api/v1/reports", status=500, times=None)

    with pytest.raises(CTServerError):
        await read_overview(site.user)


async def test_health_names_the_places_in_trouble_worst_first(site: Site) -> None:
    health = await read_health(site.user)

    assert [(trouble.name, trouble.offline, trouble.boxes) for trouble in health.troubles] == [
        ("Harbour Hotel", 3, 40),
        ("Café Nord", 2, 6),
    ]
    assert all(trouble.since for trouble in health.troubles)
    assert health.complete
    assert len(site.asked) == 3


async def test_health_without_trouble_asks_for_no_sizes(site: Site) -> None:
    for box in site.practice.practice.world.boxes.values():
        box.state = "online"

    health = await read_health(site.user)

    assert health.troubles == []
    assert len(site.asked) == 2


async def test_a_cut_list_of_offline_boxes_is_told(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    for box in site.practice.practice.world.boxes.values():
        box.state = "offline"
    monkeypatch.setattr(venues, "MOST_OFFLINE_PAGES", 1)

    assert (await read_health(site.user)).complete is False
    assert (await read_venues(site.user, None)).complete is False


async def test_a_venue_is_read_with_its_boxes_trouble_first(site: Site) -> None:
    venue = await read_venue(site.user, "harbour-hotel-3f3497")

    assert venue.location.name == "Harbour Hotel"
    assert len(venue.boxes) == 40
    assert [box.state for box in venue.boxes][:4] == ["offline", "offline", "offline", "online"]
    assert venue.complete


async def test_a_venue_that_is_gone_is_not_found(site: Site) -> None:
    with pytest.raises(CTNotFoundError):
        await read_venue(site.user, "atlantis")


async def test_venues_are_searched_and_those_in_trouble_come_first(site: Site) -> None:
    every, some = await read_venues(site.user, None), await read_venues(site.user, "nord")

    assert [place.name for place in every.locations[:2]] == ["Harbour Hotel", "Café Nord"]
    assert len(every.locations) == 37
    assert every.complete
    assert every.offline == {"harbour-hotel-3f3497": 3, "cafe-nord-b59a3e": 2}
    assert len(some.locations) == 8


def test_boxes_are_ordered_by_trouble_then_by_name() -> None:
    states: list[tuple[str, str]] = [
        ("d", "online"),
        ("c", "splash_only"),
        ("b", "rebooting"),
        ("A", "offline"),
        ("a", "offline"),
        ("B", "new"),
    ]
    found = trouble_first(
        [Box(id=str(n), slug=str(n), name=name, state=state) for n, (name, state) in enumerate(states)]
    )

    assert [(box.name, box.state) for box in found] == [
        ("A", "offline"),
        ("a", "offline"),
        ("b", "rebooting"),
        ("B", "new"),
        ("d", "online"),
        ("c", "splash_only"),
    ]
