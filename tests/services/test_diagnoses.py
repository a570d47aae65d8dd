"""Which of CT's commands only look, which one is meant, and what becomes of one that cannot be followed."""

import time
from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse, Response

from bot.ct import Box, BoxCommand, CTAuthError, CTClient, CTServerError, CTUser
from bot.services.changes import Step
from bot.services.diagnoses import PATIENCE, follow, meant, only_looks, plan
from bot.services.operation import Ending, Facts, Operation
from tests.ct.stub import Stub

LOOK = (
    *("ifconfig", "iwinfo", "Health check", "Process list", "Routes", "DHCP config", "DHCP leases"),
    *("Show the interfaces", "Run ifconfig", "Routing table", "dmesg", "Kernel log", "Memory usage", "Disk space"),
    *("uptime", "ARP table", "ifconfig -a", "List processes"),
)
DO_NOT = (
    *("Config dump", "DHCP config dump", "Wireless config", "Interface config", "Login screens off", "Reboot"),
    *("Restart DHCP", "Bounce dhcp", "Kill process", "Flush routes", "Add route", "Renew DHCP leases"),
    *("Health checks off", "Check disk", "ps; reboot", "ps ; ps", "ps && ps", "ps | ps", "$(ps)", "ps > disk"),
    *("Upload kernel", "перезапуск dhcp", "🔄 DHCP", "Show password", "uci show", "Free memory", "dhcp\u200bstop"),
    *("", " ", "cmd-1", "Show all", "Network status"),
)


def command(name: str, id_: str = "1") -> BoxCommand:
    return BoxCommand(id=id_, name=name)


@pytest.mark.parametrize("name", LOOK)
def test_what_only_looks_is_offered(name: str) -> None:
    assert only_looks(command(name))
    assert only_looks(command(f"  {name.upper()} "))


@pytest.mark.parametrize("name", DO_NOT)
def test_what_may_change_something_or_show_secrets_is_not(name: str) -> None:
    assert not only_looks(command(name))


@given(st.sampled_from(LOOK), st.text(st.characters(categories=("L", "N", "S", "P")), max_size=12))
def test_one_unknown_word_is_enough_to_be_left_out(name: str, word: str) -> None:
    assert not only_looks(command(f"{name} x{word}"))


THERE = [
    command("ifconfig", "c1"),
    command("Health check", "c2"),
    command("Process list", "c3"),
    command("Routes", "c4"),
    command("DHCP config", "c5"),
    command("DHCP leases", "c6"),
]


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("c3", ["c3"]),
        ("ROUTES", ["c4"]),
        ("route", ["c4"]),
        ("routing table", ["c4"]),
        ("interfaces", ["c1"]),
        ("health", ["c2"]),
        ("ps", ["c3"]),
        ("processes", ["c3"]),
        ("dhcp config", ["c5"]),
        ("dhcp", ["c5", "c6"]),
        ("dmesg", []),
        ("traceroute", []),
    ],
)
def test_a_command_is_found_by_what_it_is_called(typed: str, ids: list[str]) -> None:
    assert [one.id for one in meant(THERE, typed)] == ids


# Following one


@pytest.fixture
async def stub() -> AsyncIterator[Stub]:
    """A CT that says what the test wants."""
    stub = Stub()
    async with stub.served():
        yield stub


@pytest.fixture
async def ana(stub: Stub) -> AsyncIterator[CTUser]:
    """That CT as ana sees it."""
    client = CTClient(auth_url=stub.url, api_url=stub.url, client_id="app", client_secret="secret", deadline=2.0)
    yield client.as_user("token")
    await client.aclose()


def sent(seconds_ago: float, **params: object) -> Operation:
    """A command that was sent so long ago."""
    return Operation(
        id="op",
        kind="box_diagnose",
        team_id="T",
        user_id="U",
        fingerprint="f",
        acting_as="ana",
        before=Facts(id="1", slug="b1", name="Lobby", location_slug="cafe"),
        channel_id="C",
        asked_at=time.time() - seconds_ago,
        sent_at=time.time() - seconds_ago,
        params={"command": "c4", "detail": "Routes", "known": ["5"], **params},
    )


async def test_a_list_that_is_too_long_to_be_read_is_no_reason_not_to_run(ana: CTUser, stub: Stub) -> None:
    stub.says(Response("x" * 3_000_000))
    box = Box(id="1", slug="b1", name="Lobby", state="online", location_slug="cafe")

    assert await plan(ana, box, THERE[3]) == {"command": "c4", "detail": "Routes", "known": []}


@pytest.mark.parametrize("params", [{}, {"payload": "7"}])
async def test_what_cannot_be_read_is_tried_until_patience_ends(
    ana: CTUser, stub: Stub, params: dict[str, object]
) -> None:
    stub.tells({"error": "x"}, 500)
    with pytest.raises(CTServerError):
        await follow(ana, sent(PATIENCE - 10, **params))

    assert await follow(ana, sent(PATIENCE + 10, **params)) == Step(
        ending=Ending.UNKNOWN, messages=("CT does not let me read it: look there.",)
    )


async def test_a_token_at_its_end_is_left_to_be_renewed(ana: CTUser, stub: Stub) -> None:
    stub.says(Response(status_code=401))
    with pytest.raises(CTAuthError):
        await follow(ana, sent(PATIENCE + 10, payload="7"))


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"id": 6, "command": "ROUTES"}, True),
        ({"id": 6, "command": "C4"}, True),
        ({"id": 6}, True),
        ({"id": 5, "command": "Routes"}, False),
        ({"id": 6, "command": "ifconfig"}, False),
        ({"id": 6, "command": "Routes", "created_at": 1_000_000_000}, False),
    ],
)
async def test_of_what_ct_lists_only_a_new_one_of_that_command_is_ours(
    ana: CTUser, stub: Stub, row: dict[str, object], found: bool
) -> None:
    stub.answer = lambda _: JSONResponse([{"created_at": int(time.time()), **row}])

    step = await follow(ana, sent(3))

    assert step == (Step(again=0.0, params={"payload": "6"}) if found else Step(again=1.0))
    assert [one.method for one in stub.seen] == ["GET"]


@pytest.mark.parametrize(("seconds", "again"), [(3, 1.0), (60, 5.0)])
async def test_a_box_is_asked_after_less_often_as_time_goes_by(
    ana: CTUser, stub: Stub, seconds: float, again: float
) -> None:
    stub.tells({"id": 7, "body": None})

    assert await follow(ana, sent(seconds, payload="7")) == Step(again=again)
