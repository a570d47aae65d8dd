"""Between what comes in and what is answered: no command, click or delivery is left without an answer."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast
from urllib.parse import urlencode

import pytest
import structlog
from aiohttp import ClientSession
from slack_bolt.async_app import AsyncBoltRequest
from starlette.responses import JSONResponse, Response

from bot.errors import NotLinkedError, StoreDownError
from bot.identity import SlackUser
from bot.slack import failures
from bot.slack.actions import Actions
from bot.slack.bolt import BoltDoor, bolt_app
from bot.slack.context import Context, Services
from bot.slack.dispatch import Dispatcher
from bot.slack.grammar import NoArgs, after, rest
from bot.slack.inbox import Inbox
from bot.slack.installation import InstallationOfToken
from bot.slack.payloads import pressed
from bot.slack.registry import Command, Registry
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.web_client import web_client
from tests.ct.stub import Stub
from tests.slack.drawing import ANA, pressable, shown
from tests.slack.forged import click, command


@dataclass(frozen=True)
class GreetArgs:
    whom: str | None = rest("person", required=True)
    reason: str | None = after("because", "reason")


@dataclass
class Stage:
    """A dispatcher with commands of this test, and what it counted."""

    counted: list[tuple[str, str]] = field(default_factory=list)
    asks: Any = None

    def services(self, run: Callable[..., Any]) -> Services:
        commands = [
            Command("greet", "Greet", "Look", GreetArgs, "/ct greet ana", run),
            Command("go", "Go", "Look", NoArgs, "/ct go", run),
            Command("", "Start", "Look", NoArgs, "/ct", run, hidden=True),
        ]
        return cast("Services", type("Some", (), {"registry": Registry(commands), "asks": self.asks})())

    async def answer(self, run: Callable[..., Any], text: str) -> Reply:
        dispatcher = Dispatcher(
            services=self.services(run), observe=lambda name, outcome: self.counted.append((name, outcome))
        )
        reply = await dispatcher.answer(ANA, text, channel_id="C01NOC")
        assert reply is not None
        return reply


class NoStore:
    async def keep(self, *_: Any, **__: Any) -> str:
        raise StoreDownError("away")


class Broken:
    async def keep(self, *_: Any, **__: Any) -> str:
        raise RuntimeError("canary")


async def fine(_ctx: Context, args: Any) -> Reply:
    return Reply(f"{args}", [parts.section("fine")])


async def fails(_ctx: Context, _args: Any) -> Reply:
    raise RuntimeError("canary")


async def unlinked(_ctx: Context, _args: Any) -> Reply:
    raise NotLinkedError("link first")


async def test_a_command_is_run_with_what_was_typed_and_counted() -> None:
    stage = Stage()

    reply = await stage.answer(fine, "greet ana because hello")

    assert reply.text == "GreetArgs(whom='ana', reason='hello')"
    assert stage.counted == [("greet", "ok")]


async def test_bare_ct_is_counted_as_the_overview() -> None:
    stage = Stage()
    await stage.answer(fine, "")

    assert stage.counted == [("overview", "ok")]


async def test_what_is_no_command_is_met_with_help() -> None:
    stage = Stage()

    reply = await stage.answer(fine, "gret ana")

    assert "Did you mean `/ct greet &lt;person&gt; [because &lt;reason&gt;]`?" in shown(reply)
    assert pressable(reply) == {"Help": "help"}
    assert stage.counted == [("unknown", "usage")]


async def test_a_missing_argument_that_cannot_be_picked_is_asked_for_in_words() -> None:
    reply = await Stage().answer(fine, "greet")

    assert shown(reply) == f"Which person? Type /ct greet &lt;person&gt; [because &lt;reason&gt;] {failures.NOTHING}"


async def test_extra_words_are_refused_in_words() -> None:
    assert "/ct go takes nothing more" in shown(await Stage().answer(fine, "go away"))


async def test_a_fault_in_a_command_becomes_words_and_is_counted() -> None:
    stage = Stage()

    reply = await stage.answer(fails, "greet ana")

    assert "a fault of mine" in shown(reply)
    assert pressable(reply) == {"Try Again": "greet ana"}
    assert stage.counted == [("greet", "RuntimeError")]


async def test_a_store_that_is_needed_for_a_question_and_away_is_said() -> None:
    reply = await Stage(asks=NoStore()).answer(unlinked, "greet ana")

    assert shown(reply).startswith(failures.STORE_DOWN)


async def test_a_fault_while_explaining_is_explained_too() -> None:
    reply = await Stage(asks=Broken()).answer(unlinked, "greet ana")

    assert "a fault of mine" in shown(reply)
    assert "(ref ct-" in shown(reply)


# --- clicks -----------------------------------------------------------------------------------


class Told:
    """A courier that keeps what it is given, and what it was told to show to the channel."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.shared: list[Reply] = []

    async def respond(self, _url: str, reply: Reply, *, public: bool) -> bool:
        assert public
        self.shared.append(reply)
        return True

    async def answer(self, _url: str, _user: str, reply: Reply, *, replace: bool = False) -> None:
        self.replies.append(reply)


def actions_of(told: Told, run: Callable[..., Any], asks: Any = None) -> Actions:
    services = Stage(asks=asks).services(run)
    return Actions(
        services=services,
        dispatcher=Dispatcher(services=services, observe=lambda *_: None),
        courier=cast("Any", told),
        cards=cast("Any", None),
        installation=cast("InstallationOfToken", None),
        audit=cast("Any", None),
    )


async def test_an_answer_is_shared_with_who_shared_it() -> None:
    told = Told()

    await actions_of(told, fine).handle(pressed(click("ana", parts.SHARE, "go")))

    assert [shown(reply) for reply in told.shared] == ["fine\nShared by <@U01ANA>"]
    assert told.replies == []


async def test_what_went_wrong_is_never_shown_to_the_channel() -> None:
    told = Told()

    await actions_of(told, fails).handle(pressed(click("ana", parts.SHARE, "go")))

    assert told.shared == []
    assert "a fault of mine" in shown(told.replies[0])


@pytest.mark.parametrize("asks", [NoStore(), Broken()])
async def test_whatever_fails_behind_a_button_is_answered(asks: Any) -> None:
    told = Told()
    asks.find = asks.keep

    await actions_of(told, fine, asks).handle(pressed(click("ana", "ct.link.connect", "ask")))

    (reply,) = told.replies
    assert failures.STORE_DOWN in shown(reply) or failures.UNSURE in shown(reply)
    assert pressable(reply) == {}


# --- deliveries -------------------------------------------------------------------------------


class Failing:
    """An inbox whose store, or whose code, fails."""

    def __init__(self, error: Exception) -> None:
        self._error = error
        self.odd_ones: list[str] = []

    async def event(self, _body: dict[str, Any]) -> None:
        raise self._error

    def odd(self, kind: str) -> None:
        self.odd_ones.append(kind)


@pytest.mark.parametrize(
    ("error", "status", "level"),
    [(StoreDownError("away"), 503, "warning"), (RuntimeError("x"), 503, "error"), (KeyError("x"), 200, "warning")],
)
async def test_an_event_that_could_not_be_taken_is_sent_again_and_an_odd_one_is_not(
    error: Exception, status: int, level: str
) -> None:
    inbox = Failing(error)
    async with ClientSession() as session:
        client = web_client("xoxb-test", "http://127.0.0.1:9/api/", session)
        app = bolt_app(
            inbox=cast("Inbox", inbox),
            client=client,
            token="xoxb-test",
            installation=InstallationOfToken(client=client),
            acked=lambda _kind, _seconds: None,
        )
        body = json.dumps({"type": "event_callback", "team_id": "T1", "event": {"type": "app_uninstalled"}})
        with structlog.testing.capture_logs() as logs:
            answered, _, _ = await BoltDoor(app)(body, {"content-type": ["application/json"]})
            over_a_socket = await app.async_dispatch(AsyncBoltRequest(mode="socket_mode", body=json.loads(body)))

    assert answered == over_a_socket.status == status
    assert {row["log_level"] for row in logs} == {level}
    assert len(inbox.odd_ones) == (2 if status == 200 else 0)


class Answering:
    async def command(self, _body: dict[str, Any]) -> str:
        return "canary"


async def test_u2_what_is_answered_stands_in_no_log_even_at_debug(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING, logger="slack_bolt")  # as `bot.log` sets it
    caplog.set_level(logging.DEBUG)
    async with ClientSession() as session:
        client = web_client("xoxb-test", "http://127.0.0.1:9/api/", session)
        app = bolt_app(
            inbox=cast("Inbox", Answering()),
            client=client,
            token="xoxb-test",
            installation=InstallationOfToken(client=client),
            acked=lambda _kind, _seconds: None,
        )
        _, _, said = await BoltDoor(app)(
            urlencode(command("ana", "x")), {"content-type": ["application/x-www-form-urlencoded"]}
        )

    assert said == b"canary"
    assert "canary" not in caplog.text


# --- who is let in ----------------------------------------------------------------------------

HOME = {"ok": True, "team_id": "T1", "team": "Acme", "user_id": "U0", "enterprise_id": None}
ORG = {
    "ok": True,
    "team_id": "T1",
    "team": "Acme",
    "user_id": "U0",
    "enterprise_id": "E1",
    "is_enterprise_install": True,
}


async def admitted(answer: Response, who: SlackUser, *allowed: str) -> tuple[bool, InstallationOfToken]:
    stub = Stub()
    stub.says(answer)
    async with stub.served(), ClientSession() as session:
        client = web_client("xoxb-test", f"{stub.url}/api/", session)
        installation = InstallationOfToken(client=client, allowed_teams=allowed)
        let_in = [await installation.admits(who) for _ in range(3)]
        assert len(set(let_in)) == 1
        assert len(stub.seen) == 1
    return let_in[0], installation


@pytest.mark.parametrize(
    ("told", "who", "allowed", "let_in"),
    [
        (HOME, SlackUser("T1", "U1"), (), True),
        (HOME, SlackUser("T2", "U1"), (), False),
        (HOME, SlackUser("T2", "U1"), ("T2",), True),
        (HOME, SlackUser("T2", "U1", "E1"), (), False),
        (ORG, SlackUser("T2", "U1", "E1"), (), True),
        (ORG, SlackUser("T2", "U1", "E2"), (), False),
        (ORG, SlackUser("T2", "U1"), (), False),
        ({**ORG, "enterprise_id": None}, SlackUser("T2", "U1"), (), False),
        ({**ORG, "is_enterprise_install": False}, SlackUser("T2", "U1", "E1"), (), False),
        ({"ok": True}, SlackUser("T1", "U1"), (), False),
    ],
)
async def test_members_of_the_installation_are_let_in_and_nobody_else(
    told: dict[str, Any], who: SlackUser, allowed: tuple[str, ...], let_in: bool
) -> None:
    assert (await admitted(JSONResponse(told), who, *allowed))[0] is let_in


@pytest.mark.parametrize(
    "answer",
    [JSONResponse({"ok": False, "error": "invalid_auth"}), JSONResponse([]), Response("x", 502), JSONResponse("x")],
)
async def test_while_slack_does_not_say_who_we_are_nobody_is_let_in_and_nothing_breaks(answer: Response) -> None:
    let_in, installation = await admitted(answer, SlackUser("T1", "U1"))

    assert let_in is False
    assert installation.known is None
