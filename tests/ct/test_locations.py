"""Locations, profiles and the account at a glance."""

import pytest

from bot.ct import CTResponseError, CTUser, Location, Me, Overview
from tests.ct.stub import Stub

GUIDE = {
    "id": "1813",
    "slug": "grand-hotel-x7f",
    "unique_id": "u-1",
    "location_name": "Grand Hotel",
    "location_address": "1 Main Street",
    "town": "Perth",
    "postcode": None,
    "country": "GB",
    "archived": False,
    "state": "active",
    "clients_total": 91,
    "clients_online": 12,
    "boxes_count": "4",
    "is_favourite": True,
    "created_at": 1446134452,
    "updated_at": 1446134453,
    "timezone": "Europe/London",
    "user_id": 42,
    "meraki_secret": "canary",
}


async def test_a_location_is_read_as_the_guide_shows_it(ana: CTUser, stub: Stub) -> None:
    stub.tells(GUIDE)

    assert await ana.locations.get("grand-hotel-x7f") == Location(
        id="1813",
        slug="grand-hotel-x7f",
        unique_id="u-1",
        name="Grand Hotel",
        address="1 Main Street",
        town="Perth",
        postcode=None,
        country="GB",
        archived=False,
        clients_online=12,
        clients_total=91,
        boxes_count=4,
        is_favourite=True,
        created_at=1446134452,
        updated_at=1446134453,
        timezone="Europe/London",
    )


@pytest.mark.parametrize(
    ("told", "archived"),
    [({"archived": True}, True), ({"state": "archived"}, True), ({"state": "active"}, False), ({}, False)],
)
async def test_archived_is_said_in_two_ways(ana: CTUser, stub: Stub, told: dict[str, object], archived: bool) -> None:
    stub.tells({"slug": "x", **told})

    assert (await ana.locations.get("x")).archived is archived


async def test_a_location_without_a_name_is_called_by_its_slug(ana: CTUser, stub: Stub) -> None:
    stub.tells({"id": 5})
    location = await ana.locations.get("5")

    assert (location.id, location.slug, location.name) == ("5", "5", "5")


async def test_a_location_without_an_id_is_refused(ana: CTUser, stub: Stub) -> None:
    stub.tells({"location_name": "Nowhere"})
    with pytest.raises(CTResponseError):
        await ana.locations.get("x")


async def test_a_list_passes_search_sort_and_favourites_on(ana: CTUser, stub: Stub) -> None:
    stub.tells({"locations": [GUIDE]})
    await ana.locations.list()
    page = await ana.locations.list(q="hotel", sort="boxes_count", direction="desc", page=2, per=10, favourites=True)

    assert stub.seen[0].query == {"page": "1", "per": "25"}
    assert stub.seen[1].query == {
        "q": "hotel",
        "sort": "boxes_count",
        "direction": "desc",
        "page": "2",
        "per": "10",
        "favourites": "true",
    }
    assert [one.id for one in page.items] == ["1813"]


async def test_all_locations_are_asked_for_by_the_hundred(ana: CTUser, stub: Stub) -> None:
    stub.tells({"locations": [GUIDE]})
    listing = await ana.locations.all(q="hotel")

    assert stub.seen[0].query == {"q": "hotel", "page": "1", "per": "100"}
    assert (listing.total, listing.complete) == (1, True)


async def test_a_profile_says_who_is_connected(ana: CTUser, stub: Stub) -> None:
    stub.tells(
        {
            "slug": "ana",
            "id": 1,
            "username": "ana",
            "email": "ana@venues.example",
            "first_name": "Ana",
            "last_name": "Silva",
            "account_id": "A253444",
            "paid_plan": True,
            "role_id": 100,
            "locs": 37,
            "api_token": "canary",
            "key": "canary",
        }
    )
    me = await ana.me()

    assert me == Me(
        slug="ana",
        id="1",
        username="ana",
        email="ana@venues.example",
        name="Ana Silva",
        account_id="A253444",
        paid_plan=True,
        role_id=100,
        locations=37,
    )
    assert stub.asked == ["GET /api/v1/me.json"]


@pytest.mark.parametrize(
    ("told", "label"),
    [({"email": "a@b.example", "username": "ana"}, "a@b.example"), ({"username": "ana"}, "ana"), ({}, "s1")],
)
async def test_the_label_of_a_profile_is_what_it_has(
    ana: CTUser, stub: Stub, told: dict[str, object], label: str
) -> None:
    stub.tells({"slug": "s1", "accountId": 5, **told})
    me = await ana.me()

    assert (me.label, me.account_id, me.name) == (label, "5", None)


async def test_a_profile_without_an_id_is_refused(ana: CTUser, stub: Stub) -> None:
    stub.tells({"email": "a@b.example"})
    with pytest.raises(CTResponseError):
        await ana.me()


async def test_the_overview_counts_boxes_by_state(ana: CTUser, stub: Stub) -> None:
    states = [{"state": "online", "total": 401}, {"state": "offline", "total": "11"}, {"state": None}]
    stub.tells({"stats": {"locations": 37, "online": 912, "boxes": {"states": states, "stats": {"total": 412}}}})

    assert await ana.reports.overview() == Overview(
        locations=37, people_online=912, boxes={"online": 401, "offline": 11, "unknown": 0}, total=412
    )
    assert stub.seen[0].query == {"dashboard": "true", "v": "2"}


async def test_an_overview_may_lack_everything_but_its_frame(ana: CTUser, stub: Stub) -> None:
    stub.tells({"stats": {"boxes": None}})

    assert await ana.reports.overview() == Overview()


@pytest.mark.parametrize(
    ("sent", "active", "readers"),
    [
        ({"reports_active": True, "reports_emails": "canary@a.example, canary@b.example"}, True, 2),
        ({"reports_active": False, "reports_emails": ""}, False, 0),
        ({"reports_active": None, "reports_emails": None}, None, None),
        ({}, None, None),
    ],
)
async def test_of_the_weekly_e_mail_only_the_number_of_its_readers_is_kept(
    ana: CTUser, stub: Stub, sent: dict[str, object], active: bool | None, readers: int | None
) -> None:
    stub.tells({"id": "1", "slug": "x", **sent})
    place = await ana.locations.get("x")

    assert (place.weekly_report, place.weekly_readers) == (active, readers)
    assert "canary" not in repr(place)
