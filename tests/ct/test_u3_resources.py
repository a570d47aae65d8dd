"""Row U3 for the further resources: whatever stands for an id, only the routes of a call are hit."""

from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from bot.ct import CTClient, CTError, CTRequestError, CTUser, LocationForm, SplashCodeForm, VoucherForm
from tests.ct.broken import Broken, answers, listening
from tests.ct.test_u3_paths import HOSTILE, route_of

Call = Callable[[CTUser, str], Awaitable[object]]

VOUCHER = VoucherForm(splash_page_id="1", batch_name="b", batch_description="d")
SPLASH_CODE = SplashCodeForm(splash_page_id="1", password="abc")

CALLS: dict[str, tuple[Call, set[str]]] = {
    "vouchers.list": (lambda ana, id_: ana.vouchers.list(id_), {"GET /locations/{}/vouchers"}),
    "vouchers.get": (lambda ana, id_: ana.vouchers.get("x", id_), {"GET /locations/x/vouchers/{}"}),
    "vouchers.create": (lambda ana, id_: ana.vouchers.create(id_, VOUCHER), {"POST /locations/{}/vouchers"}),
    "vouchers.switch": (
        lambda ana, id_: ana.vouchers.switch("x", id_, active=True),
        {"PATCH /locations/x/vouchers/{}"},
    ),
    "vouchers.codes": (lambda ana, id_: ana.vouchers.codes("x", id_), {"GET /locations/x/vouchers/{}/codes"}),
    "vouchers.all_codes": (lambda ana, id_: ana.vouchers.all_codes("x", id_), {"GET /locations/x/vouchers/{}/codes"}),
    "vouchers.code": (lambda ana, id_: ana.vouchers.code("x", id_), {"GET /locations/x/codes/{}"}),
    "vouchers.switch_code": (
        lambda ana, id_: ana.vouchers.switch_code("x", id_, active=True),
        {"PATCH /locations/x/clients/{}/codes/{}"},
    ),
    "splash_pages.list": (lambda ana, id_: ana.splash_pages.list(id_), {"GET /locations/{}/splash_pages"}),
    "splash_pages.switch": (
        lambda ana, id_: ana.splash_pages.switch("x", id_, active=True),
        {"PATCH /locations/x/splash_pages/{}"},
    ),
    "splash_codes.list": (lambda ana, id_: ana.splash_codes.list(id_), {"GET /locations/{}/splash_codes"}),
    "splash_codes.create": (
        lambda ana, id_: ana.splash_codes.create(id_, SPLASH_CODE),
        {"POST /locations/{}/splash_codes"},
    ),
    "splash_codes.delete": (
        lambda ana, id_: ana.splash_codes.delete("x", id_),
        {"DELETE /locations/x/splash_codes/{}"},
    ),
    "locations.create": (
        lambda ana, id_: ana.locations.create(LocationForm(location_name=id_, location_address=id_)),
        {"POST /locations"},
    ),
    "locations.edit": (lambda ana, id_: ana.locations.edit(id_, town="x"), {"PATCH /locations/{}"}),
    "locations.archive": (
        lambda ana, id_: ana.locations.archive(id_),
        {"PATCH /locations/{}", "POST /locations/{}/archive"},
    ),
    "locations.favourite": (lambda ana, id_: ana.locations.favourite(id_, True), {"PATCH /locations/{}"}),
    "locations.users": (lambda ana, id_: ana.locations.users(id_), {"GET /locations/{}/users"}),
    "locations.versions": (lambda ana, id_: ana.locations.versions(id_), {"GET /locations/{}/versions"}),
    "boxes.details": (lambda ana, id_: ana.boxes.details(id_), {"GET /boxes/{}"}),
    "boxes.versions": (lambda ana, id_: ana.boxes.versions(id_), {"GET /boxes/{}/versions"}),
    "boxes.mute": (lambda ana, id_: ana.boxes.mute(id_, True), {"PATCH /boxes/{}"}),
    "boxes.reset": (lambda ana, id_: ana.boxes.reset(id_), {"PATCH /boxes/{}", "POST /boxes/{}/reset"}),
    "boxes.transfer": (lambda ana, id_: ana.boxes.transfer("x", id_), {"PATCH /boxes/x"}),
    "boxes.speedtest": (lambda ana, id_: ana.boxes.speedtest(id_), {"POST /boxes/{}/speedtests"}),
    "boxes.speedtests": (lambda ana, id_: ana.boxes.speedtests(id_), {"GET /boxes/{}/speedtests"}),
    "boxes.upgrade": (lambda ana, id_: ana.boxes.upgrade(id_, id_, version=id_), {"POST /locations/{}/payloads"}),
    "boxes.cancel_upgrade": (lambda ana, id_: ana.boxes.cancel_upgrade(id_), {"DELETE /boxes/{}/upgrades"}),
    "zones.list": (lambda ana, id_: ana.zones.list(id_), {"GET /locations/{}/zones"}),
    "networks.list": (lambda ana, id_: ana.networks.list(id_), {"GET /locations/{}/networks"}),
    "networks.details": (lambda ana, id_: ana.networks.details("x", id_), {"GET /locations/x/networks/{}"}),
    "networks.switch": (
        lambda ana, id_: ana.networks.switch("x", id_, active=True),
        {"PATCH /locations/x/networks/{}"},
    ),
    "networks.radtest": (lambda ana, id_: ana.networks.radtest("x", id_), {"POST /locations/x/networks/{}/radtest"}),
    "clients.list": (lambda ana, id_: ana.clients.list(id_, q=id_, box_mac=id_), {"GET /locations/{}/clients"}),
    "clients.get": (lambda ana, id_: ana.clients.get("x", id_), {"GET /locations/x/clients/{}"}),
    "clients.block": (lambda ana, id_: ana.clients.block("x", id_, True), {"PATCH /locations/x/clients/{}"}),
    "clients.logout": (lambda ana, id_: ana.clients.logout("x", id_, id_), {"POST /locations/x/clients/{}/logout"}),
    "invites.create": (lambda ana, id_: ana.invites.create(id_, id_, 120), {"POST /invites"}),
    "invites.change": (lambda ana, id_: ana.invites.change(id_, id_, 120), {"PATCH /invites"}),
    "reports.email": (lambda ana, id_: ana.reports.email("radius", id_, start=1, end=2), {"POST /reports"}),
    "metrics.guests": (lambda ana, id_: ana.metrics.guests(id_, start=1, end=2), {"GET /metrics"}),
    "metrics.series": (lambda ana, id_: ana.metrics.series(type=id_, mac=id_), {"GET /metrics"}),
    "logs.list": (lambda ana, id_: ana.logs.list(location_id=id_, mac=id_, start=1, end=2, q=id_), {"GET /logs"}),
    "payloads.list": (lambda ana, id_: ana.payloads.list("x", id_), {"GET /locations/x/boxes/{}/payloads"}),
    "payloads.get": (lambda ana, id_: ana.payloads.get("x", "y", id_), {"GET /locations/x/boxes/y/payloads/{}"}),
    "payloads.run": (lambda ana, id_: ana.payloads.run(id_, "y", id_), {"POST /locations/{}/boxes/y/payloads"}),
    "quotas": (lambda ana, id_: ana.quotas(id_ or "."), {"GET /users/{}/quotas"}),
}


@pytest.fixture
async def server() -> AsyncIterator[Broken]:
    """Remembers request targets as they came over the wire."""
    async with listening(answers(404)) as server:
        yield server


@pytest.fixture
async def ana(server: Broken) -> AsyncIterator[CTUser]:
    client = CTClient(auth_url=server.url, api_url=server.url, client_id="app", client_secret="secret", deadline=5)
    yield client.as_user("token")
    await client.aclose()


@pytest.mark.parametrize("name", CALLS)
async def test_only_the_routes_of_a_call_are_hit(server: Broken, ana: CTUser, name: str) -> None:
    call, routes = CALLS[name]
    reached = 0
    for id_ in [*HOSTILE, "b1"]:
        server.arrived.clear()
        with pytest.raises(CTError) as raised:
            await call(ana, id_)
        hit = {route_of(target, id_ or "-") for target in server.arrived}
        reached += bool(hit)

        assert hit in (set(), {route.replace(" /", " /api/v1/") for route in routes}), id_
        assert bool(hit) != isinstance(raised.value, CTRequestError), id_

    assert reached
