"""Row U2, CT's part: what CT sends along, and what we send, is in no model, no error and no text."""

import logging
import pickle
from typing import Any

import msgspec
import pytest
from starlette.responses import JSONResponse

from bot.ct import CTClient, CTError, CTUser, TokenPair
from bot.ct.transport import Answer, Call
from tests.ct.stub import Stub

SECRETS = {
    name: f"canary-{name}"
    for name in (
        "ssh_passwd",
        "radius_secret",
        "meraki_secret",
        "meraki_validator",
        "api_token",
        "pubsub_token",
        "location_pubsub",
        "key",
        "user_hash",
        "encryption_key",
        "password",
        "authorized_ips",
        "reports_emails",
    )
}
ROW = {"id": 1, "slug": "x", "metadata": {"online": 1, **SECRETS}, "health": SECRETS, "state": "online", **SECRETS}
LINKS = {"current_page": 1, "total_pages": 1, "total_entries": 1, **SECRETS}
PAIR = {"access_token": "canary-access", "refresh_token": "canary-refresh", "token_type": "bearer", **SECRETS}


def every_text_of(value: Any) -> str:
    rich = list(value.__rich_repr__()) if hasattr(value, "__rich_repr__") else []
    return f"{value} {value!r} {rich} {pickle.dumps(value)!r}"


async def test_no_secret_of_cts_gets_into_a_model(ana: CTUser, stub: Stub) -> None:
    stub.tells({**ROW, "locations": [ROW], "boxes": [ROW], "operations": [ROW], "_links": LINKS, **SECRETS})
    read = [
        await ana.me(),
        await ana.locations.get("x"),
        await ana.locations.list(),
        await ana.locations.all(),
        await ana.boxes.get("x"),
        await ana.boxes.list(),
        await ana.boxes.all(),
        await ana.boxes.operations("x"),
    ]
    stub.tells({"stats": {"online": 3, "boxes": {"states": [{"state": "online", **SECRETS}], **SECRETS}, **SECRETS}})
    read.append(await ana.reports.overview())

    assert all("canary" not in every_text_of(model) for model in read)


async def test_a_token_pair_prints_neither_token(client: CTClient, stub: Stub) -> None:
    stub.tells(PAIR)
    pair = await client.oauth.refresh("r")

    assert pair.access_token == "canary-access"
    assert "canary" not in f"{pair} {pair!r} {[pair]!r} {list(pair.__rich_repr__())}"
    assert msgspec.json.decode(msgspec.json.encode(pair), type=TokenPair) == pair


def test_what_goes_over_the_wire_prints_no_secret() -> None:
    call = Call("me", "GET", "http://x", headers={"a": "canary"}, form={"b": "canary"}, json={"c": "canary"})
    answer = Answer("me", 200, headers={"set-cookie": "canary"}, body=b"canary")  # type: ignore[arg-type]

    assert "canary" not in f"{call!r} {answer!r}"


@pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 422, 429, 500, 503])
async def test_no_error_and_no_log_line_shows_a_secret(
    client: CTClient, ana: CTUser, stub: Stub, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "asyncio"):  # httpx logs whole addresses: the bot's log setup keeps it at WARNING
        caplog.set_level(logging.WARNING, logger=name)
    stub.says(JSONResponse({"access_token": 1, **SECRETS, "location": "canary"}, status))
    for call in (
        ana.me(),
        ana.boxes.reboot("x"),
        client.oauth.refresh("canary-refresh"),
        client.oauth.exchange(code="canary-code", redirect_uri="https://b.example/", code_verifier="canary-verifier"),
        client.oauth.revoke("canary-token", access_token="canary-access"),
    ):
        try:
            await call
        except CTError as error:
            link: BaseException | None = error
            while link is not None:
                assert "canary" not in f"{link} {link!r}"
                link = link.__cause__ or link.__context__

    assert "canary" not in caplog.text
