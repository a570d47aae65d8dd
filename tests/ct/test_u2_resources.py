"""Row U2 for the further resources: a secret that comes along is in no model; one that was asked for prints nowhere."""

import logging
import pickle
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.responses import JSONResponse

from bot.ct import CTError, CTUser, LocationForm, SplashCodeForm, VoucherForm
from tests.ct.stub import Stub
from tests.ct.test_u2_secrets import SECRETS, every_text_of

SECRET = {**SECRETS, "splash_username": "canary-guest", "social_id": "canary-social", "device_name": "canary-owner"}
NESTED = {"online": 1, "result": 1, "when": 1, "icmp_ip": True, **SECRET}
ROW = {
    **SECRET,
    "id": 1,
    "unique_id": "1",
    "slug": "x",
    "username": "x",
    "code": {"username": "x", **{name: value for name, value in SECRET.items() if name != "password"}},
    "voucher": {"unique_id": "1", **SECRET},
    "rules": SECRET,
    "quota": SECRET,
    "usage": SECRET,
    "health": NESTED,
    "metadata": NESTED,
    "latest_speedtest": NESTED,
    "upgrade_scheduled": NESTED,
    "changeset": {name: [value, value] for name, value in SECRET.items()},
    "data": [{"alias": "x", "tags": SECRET, "data": [{"timestamp": 1, "value": 1, **SECRET}], **SECRET}],
    "access_types": [{"id": 1, **SECRET}],
}
LISTS = ("vouchers", "splash_pages", "locations", "versions", "zones", "networks", "clients", "users", "speedtests")
ANSWER = {**ROW, **{name: [ROW] for name in LISTS}, "_links": SECRET}
Read = Callable[[CTUser], Awaitable[Any]]

READS: dict[str, Read] = {
    "vouchers.list": lambda ana: ana.vouchers.list("x"),
    "vouchers.code": lambda ana: ana.vouchers.code("x", "x"),
    "splash_pages.list": lambda ana: ana.splash_pages.list("x"),
    "locations.short": lambda ana: ana.locations.short(),
    "locations.users": lambda ana: ana.locations.users("x"),
    "locations.versions": lambda ana: ana.locations.versions("x"),
    "locations.edit": lambda ana: ana.locations.edit("x", town="y"),
    "boxes.details": lambda ana: ana.boxes.details("x"),
    "boxes.speedtests": lambda ana: ana.boxes.speedtests("x"),
    "zones.list": lambda ana: ana.zones.list("x"),
    "networks.list": lambda ana: ana.networks.list("x"),
    "clients.list": lambda ana: ana.clients.list("x"),
    "metrics.series": lambda ana: ana.metrics.series(type="x"),
    "metrics.guests": lambda ana: ana.metrics.guests("1", start=1, end=2),
    "quotas": lambda ana: ana.quotas("x"),
}


@pytest.mark.parametrize("name", READS)
async def test_no_secret_gets_into_a_model(ana: CTUser, stub: Stub, name: str) -> None:
    stub.tells(ANSWER)
    model = await READS[name](ana)
    fields = f"{[getattr(model, field) for field in getattr(model, '__struct_fields__', ())]}"

    assert "canary" not in every_text_of(model) + fields


HANDED_OUT: dict[str, Read] = {
    "codes": lambda ana: ana.vouchers.codes("x", "1"),
    "splash_codes": lambda ana: ana.splash_codes.list("x"),
    "networks": lambda ana: ana.networks.details("x", "1"),
}


@pytest.mark.parametrize("name", HANDED_OUT)
async def test_what_is_there_to_be_handed_out_is_read_but_not_printed(ana: CTUser, stub: Stub, name: str) -> None:
    stub.tells({**ROW, name: [ROW]})
    model = await HANDED_OUT[name](ana)

    assert "canary" in f"{pickle.dumps(model)!r}"
    assert "canary" not in f"{model} {model!r}"


def test_a_password_on_its_way_to_ct_is_not_printed() -> None:
    form = SplashCodeForm(splash_page_id="1", password="canary")

    assert "canary" not in f"{form} {form!r} {form.__rich_repr__()}"


CHANGES: dict[str, Read] = {
    "vouchers.create": lambda ana: ana.vouchers.create(
        "x", VoucherForm(splash_page_id="1", batch_name="b", batch_description="d")
    ),
    "vouchers.code": lambda ana: ana.vouchers.code("x", "canary-code"),
    "vouchers.switch_code": lambda ana: ana.vouchers.switch_code("x", "canary-code", active=True),
    "splash_codes.create": lambda ana: ana.splash_codes.create(
        "x", SplashCodeForm(splash_page_id="1", password="canary-password")
    ),
    "networks.edit": lambda ana: ana.networks.edit("x", "1", password="canary-password"),
    "networks.share": lambda ana: ana.networks.share("x", "1", by="email", to="canary@x.example"),
    "locations.create": lambda ana: ana.locations.create(LocationForm(location_name="x", location_address="y")),
    "invites.create": lambda ana: ana.invites.create("x", "canary@x.example", 120),
    "invites.change": lambda ana: ana.invites.change("x", "canary@x.example", 120),
    "clients.block": lambda ana: ana.clients.block("x", "canary-mac", True),
}


@pytest.mark.parametrize("status", [200, 302, 401, 422, 500])
@pytest.mark.parametrize("name", CHANGES)
async def test_no_error_and_no_log_line_shows_a_secret(
    ana: CTUser, stub: Stub, name: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for logger in ("httpx", "asyncio"):  # httpx logs whole addresses: the bot's log setup keeps it at WARNING
        caplog.set_level(logging.WARNING, logger=logger)
    stub.says(JSONResponse([{"canary": "canary"}], status))
    link: BaseException | None = None
    try:
        await CHANGES[name](ana)
    except CTError as error:
        link = error
    while link is not None:
        assert "canary" not in f"{link} {link!r}"
        link = link.__cause__ or link.__context__

    assert "canary" not in caplog.text
