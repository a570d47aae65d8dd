"""What leaves for Slack, against small HTTP servers that fail as Slack and networks do."""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import ClientSession
from redis.asyncio import Redis
from slack_sdk.models.blocks import PlainTextObject, SectionBlock
from slack_sdk.models.views import View
from starlette.responses import JSONResponse, PlainTextResponse, Response

from bot.crypto import DataKey, Keyring
from bot.slack.charts import Chart
from bot.slack.courier import Courier, PostFailedError, plain_text
from bot.slack.outbox import KIND, Outbox
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.web_client import web_client
from bot.stores.due import DueItem, DueQueue
from bot.stores.outbox import OutboxStore
from bot.stores.redis import connect
from tests.ct.broken import Behave, answers, listening
from tests.ct.stub import Seen, Stub

KEY = DataKey("k1", bytes(range(32)))
HELLO = Reply("Hello", [parts.section("Hello")])
POSTED = {"ok": True, "channel": "D01ANA", "ts": "1.1"}


def _methods() -> dict[str, list[Response]]:
    return {
        "conversations.open": [JSONResponse({"ok": True, "channel": {"id": "D01ANA"}})],
        "chat.postMessage": [JSONResponse(POSTED)],
        "chat.update": [JSONResponse(POSTED)],
        "views.publish": [JSONResponse({"ok": True})],
        "hook": [PlainTextResponse("ok")],
    }


@dataclass
class Slack:
    """Answers each method as told, the last answer for ever; what was sent is in `sent`."""

    courier: Courier
    stub: Stub
    methods: dict[str, list[Response]] = field(default_factory=_methods)

    @property
    def hook(self) -> str:
        return f"{self.stub.url}/hook"

    @property
    def sent(self) -> list[tuple[str, dict[str, Any]]]:
        return list(zip(self.asked, (json.loads(seen.body) for seen in self.stub.seen), strict=True))

    @property
    def asked(self) -> list[str]:
        return [seen.path.rsplit("/", 1)[1] for seen in self.stub.seen]

    def says(self, method: str, *told: Response) -> None:
        self.methods[method] = list(told)

    def answer(self, seen: Seen) -> Response:
        left = self.methods[seen.path.rsplit("/", 1)[1]]
        return left.pop(0) if len(left) > 1 else left[0]


def outbox_on(redis: Redis) -> Outbox:
    return Outbox(store=OutboxStore(redis), queue=DueQueue(redis), keyring=Keyring([KEY]))


@pytest.fixture
async def slack(redis: Redis) -> AsyncIterator[Slack]:
    stub = Stub()
    async with stub.served(), ClientSession() as session:
        url = f"{stub.url}/api/"
        courier = Courier(
            client=web_client("xoxb-test", url, session),
            session=session,
            api_url=url,
            outbox=outbox_on(redis),
            observe=lambda *_: None,
            timeout=0.3,
            call_timeout=3.0,
        )
        slack = Slack(courier, stub)
        stub.answer = slack.answer
        yield slack


async def test_an_answer_goes_to_the_response_url(slack: Slack) -> None:
    taken = await slack.courier.respond(slack.hook, HELLO, replace=True)

    assert taken
    (_, body) = slack.sent[0]
    assert body["response_type"] == "ephemeral"
    assert body["replace_original"] is True
    assert body["text"] == "Hello"
    assert body["blocks"][0]["text"]["text"] == "Hello"


async def test_a_shared_answer_is_for_the_channel(slack: Slack) -> None:
    await slack.courier.respond(slack.hook, HELLO, public=True)

    assert slack.sent[0][1]["response_type"] == "in_channel"


@pytest.mark.parametrize("status", [201, 302, 400, 403, 404, 410, 429, 500, 503])
async def test_a_refused_answer_comes_as_a_direct_message(slack: Slack, status: int) -> None:
    headers = {"Location": f"{slack.stub.url}/elsewhere", "Retry-After": "3600"}
    slack.says("hook", PlainTextResponse("used_url", status, headers=headers))

    await slack.courier.answer(slack.hook, "U01ANA", HELLO)

    assert slack.asked == ["hook", "conversations.open", "chat.postMessage"]
    assert slack.sent[1][1] == {"users": "U01ANA"}
    assert slack.sent[2][1]["channel"] == "D01ANA"


async def test_without_a_response_url_an_answer_comes_as_a_direct_message(slack: Slack) -> None:
    await slack.courier.answer("", "U01ANA", HELLO)

    assert slack.asked == ["conversations.open", "chat.postMessage"]


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/hook",
        "http://hooks.slack.com/commands/1",
        "ftp://hooks.slack.com/commands/1",
        "https://hooks.slack.com@evil.example/1",
        "https://ana:pw@hooks.slack.com/1",
        "https://hooks.slack.com:8443/1",
        "https://hooks.slack.com.evil.example/1",
        "https://hooks.slack.com\\@evil.example/1",
        "//hooks.slack.com/1",
        "hooks.slack.com/1",
        "https://[",
        "https://[::1",
        "",
        "\x00",
    ],
)
async def test_an_address_that_is_not_slacks_is_never_asked(slack: Slack, url: str) -> None:
    assert await slack.courier.respond(url, HELLO) is False
    assert slack.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        Response(b"\xff\xfe\x00", 500, media_type="text/plain; charset=utf-8"),
        Response(b"x", 500, headers={"content-type": "text/plain; charset=nonsense"}),
        Response(b"x" * 3_000_000, 500),
        PlainTextResponse("<html>", 502),
    ],
)
async def test_a_refusal_may_look_like_anything(slack: Slack, answer: Response) -> None:
    slack.says("hook", answer)

    assert await slack.courier.respond(slack.hook, HELLO) is False


async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(30)


async def hangs_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


BREAKS: list[Behave] = [silent, hangs_up, answers(500, b"half", b"Content-Length: 100")]
ACTS: list[Callable[[Courier, str], Awaitable[Any]]] = [
    lambda courier, url: courier.respond(f"{url}/hook", HELLO),
    lambda courier, _: courier.direct("U01ANA", HELLO),
    lambda courier, _: courier.publish_home("U01ANA", list(HELLO.blocks)),
    lambda courier, url: courier.answer(f"{url}/hook", "U01ANA", HELLO),
]


@contextlib.asynccontextmanager
async def courier_to(url: str, redis: Redis, *, call_timeout: float = 0.2) -> AsyncIterator[Courier]:
    async with ClientSession() as session:
        client, outbox = web_client("xoxb-test", f"{url}/api", session), outbox_on(redis)
        yield Courier(
            client=client,
            session=session,
            api_url=f"{url}/api",
            outbox=outbox,
            observe=lambda *_: None,
            timeout=0.1,
            call_timeout=call_timeout,
        )


@pytest.mark.parametrize("behave", BREAKS)
@pytest.mark.parametrize("act", ACTS)
async def test_no_broken_connection_becomes_an_error(
    behave: Behave, act: Callable[[Courier, str], Awaitable[Any]], redis: Redis
) -> None:
    async with listening(behave) as broken, courier_to(broken.url, redis) as courier:
        assert not await act(courier, broken.url)


async def test_nothing_listening_is_no_error_either(redis: Redis) -> None:
    async with courier_to("http://127.0.0.1:9", redis) as courier:
        assert await courier.respond("http://127.0.0.1:9/hook", HELLO) is False
        assert await courier.direct("U01ANA", HELLO) is None
        with pytest.raises(PostFailedError):
            await courier.post("C01NOC", HELLO)


async def test_a_message_tells_where_it_is(slack: Slack) -> None:
    place = await slack.courier.post("C01NOC", HELLO, thread_ts="9.9")

    assert place == ("D01ANA", "1.1")
    (_, body) = slack.sent[0]
    assert body["thread_ts"] == "9.9"
    assert body["unfurl_links"] is False
    assert body["unfurl_media"] is False


async def test_a_message_is_redrawn_in_place(slack: Slack) -> None:
    await slack.courier.update("C01NOC", "1.1", HELLO)

    assert slack.sent[0][1]["ts"] == "1.1"
    assert slack.asked == ["chat.update"]


async def test_slacks_own_word_for_a_refusal_is_kept(slack: Slack) -> None:
    slack.says("chat.postMessage", JSONResponse({"ok": False, "error": "not_in_channel"}))

    with pytest.raises(PostFailedError) as refused:
        await slack.courier.post("C02GEN", HELLO)

    assert refused.value.code == "not_in_channel"


ODD = [
    PlainTextResponse("not json", 200),
    PlainTextResponse("", 200),
    Response(b"{", 200, media_type="application/json"),
    Response(b"[]", 200, media_type="application/json"),
    Response(b"null", 200, media_type="application/json"),
    Response(b'"text"', 200, media_type="application/json"),
    Response(b"\xff", 200, media_type="application/json"),
    Response(b"<html>", 503, media_type="text/html"),
    Response(b"zip", 200, media_type="application/gzip"),
    JSONResponse({"ok": True}),
    JSONResponse({"ok": True, "channel": None, "ts": None}),
    JSONResponse({"ok": True, "channel": {"id": 7}, "ts": 1}),
    JSONResponse({"ok": False}),
    JSONResponse({"ok": False, "error": 7}, 500),
]


@pytest.mark.parametrize("answer", ODD)
@pytest.mark.parametrize("method", ["conversations.open", "chat.postMessage"])
async def test_odd_answers_of_the_web_api_are_one_kind_of_failure(slack: Slack, method: str, answer: Response) -> None:
    slack.says(method, answer)

    assert await slack.courier.direct("U01ANA", HELLO) is None


async def test_a_rate_limit_is_waited_for(slack: Slack) -> None:
    busy = JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers={"Retry-After": "0"})
    slack.says("chat.postMessage", busy, JSONResponse(POSTED))

    place = await slack.courier.post("C01NOC", HELLO)

    assert place == ("D01ANA", "1.1")
    assert slack.asked == ["chat.postMessage", "chat.postMessage"]


async def test_a_rate_limit_is_not_waited_for_for_ever(slack: Slack) -> None:
    busy = JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers={"Retry-After": "3600"})
    slack.says("chat.postMessage", busy)
    slack.courier._call_timeout = 0.2

    with pytest.raises(PostFailedError):
        await slack.courier.post("C01NOC", HELLO)

    assert slack.asked == ["chat.postMessage"]


async def test_a_server_error_is_not_repeated(slack: Slack) -> None:
    slack.says("chat.postMessage", JSONResponse({"ok": False, "error": "internal_error"}, 500))

    with pytest.raises(PostFailedError):
        await slack.courier.post("C01NOC", HELLO)

    assert slack.asked == ["chat.postMessage"]


async def test_the_home_tab_is_published(slack: Slack) -> None:
    await slack.courier.publish_home("U01ANA", list(HELLO.blocks))

    assert slack.sent[0][1]["view"]["type"] == "home"


MODAL = View(type="modal", title=PlainTextObject(text="Reboot"), blocks=[parts.section("Hello")])


async def test_a_modal_is_opened_and_drawn_anew(slack: Slack) -> None:
    slack.says("views.open", JSONResponse({"ok": True, "view": {"id": "V1"}}))
    slack.says("views.update", JSONResponse({"ok": True, "view": {"id": "V1"}}))

    view_id = await slack.courier.open_view("trigger", MODAL)
    await slack.courier.update_view(view_id, MODAL)

    assert view_id == "V1"
    assert slack.sent[0][1]["trigger_id"] == "trigger"
    assert slack.sent[1][1]["view_id"] == "V1"


@pytest.mark.parametrize(
    "answer", [JSONResponse({"ok": False, "error": "expired_trigger_id"}), JSONResponse({"ok": True, "view": None})]
)
async def test_a_modal_that_slack_does_not_open_is_a_failed_post(slack: Slack, answer: Response) -> None:
    slack.says("views.open", answer)

    with pytest.raises(PostFailedError):
        await slack.courier.open_view("trigger", MODAL)


def _takes_files(slack: Slack) -> None:
    url = f"{slack.stub.url}/upload"
    slack.says("files.getUploadURLExternal", JSONResponse({"ok": True, "upload_url": url, "file_id": "F1"}))
    slack.says("upload", PlainTextResponse("OK - 3"))
    slack.says("files.completeUploadExternal", JSONResponse({"ok": True, "files": [{"id": "F1"}]}))


async def test_a_file_comes_by_direct_message(slack: Slack) -> None:
    _takes_files(slack)

    assert await slack.courier.send_file("U01ANA", name="codes.csv", content=b"a,b", comment="Codes")

    assert slack.stub.asked[-1].endswith("files.completeUploadExternal")


@pytest.mark.parametrize(
    "method", ["conversations.open", "files.getUploadURLExternal", "upload", "files.completeUploadExternal"]
)
@pytest.mark.parametrize(
    "answer", [JSONResponse({"ok": False, "error": "no"}, 500), PlainTextResponse("odd", 400), JSONResponse([])]
)
async def test_a_file_that_slack_does_not_take_is_no_error(slack: Slack, method: str, answer: Response) -> None:
    _takes_files(slack)
    slack.says(method, answer)

    taken = await slack.courier.send_file("U01ANA", name="codes.csv", content=b"a,b", comment="Codes")

    assert taken is (method == "upload" and answer.status_code == 200)


async def test_a_view_over_slacks_limits_still_says_its_text(slack: Slack) -> None:
    too_long = Reply("In short", [SectionBlock(text=parts.md("x" * 3_001))])

    await slack.courier.respond(slack.hook, too_long)
    await slack.courier.post("C01NOC", too_long)

    assert [(body["text"], body["blocks"]) for _, body in slack.sent] == [("In short", []), ("In short", [])]


def test_the_text_for_notifications_holds_no_markup_and_is_cut_between_characters() -> None:
    assert plain_text(Reply("<!channel> & co")) == "&lt;!channel&gt; &amp; co"
    assert plain_text(Reply("&" * 5_000)) == "&amp;" * 750


CHARTED = Reply(
    "Used",
    [
        parts.section("46 people at most"),
        Chart(
            title="People", points=[("10:00", 3), ("12:00", 46)], unit="People", times="UTC", plain=parts.section("▁▇")
        ),
    ],
)


def types_of(body: dict[str, Any]) -> list[str]:
    return [block["type"] for block in body["blocks"]]


@pytest.mark.parametrize("code", ["invalid_blocks", "invalid_blocks_format"])
async def test_a_slack_without_charts_gets_the_same_message_with_text_in_their_place(slack: Slack, code: str) -> None:
    slack.says("chat.postMessage", JSONResponse({"ok": False, "error": code}), JSONResponse(POSTED))
    slack.says("hook", PlainTextResponse(code, 400), PlainTextResponse("ok"))
    await slack.courier.post("C01", CHARTED)
    taken = await slack.courier.respond(slack.hook, CHARTED)

    assert taken
    assert [types_of(body) for _, body in slack.sent] == [
        ["section", "data_visualization"],
        ["section", "section"],
    ] * 2
    assert {body["text"] for _, body in slack.sent} == {"Used"}


async def test_what_is_refused_for_another_reason_is_not_sent_again(slack: Slack) -> None:
    slack.says("hook", PlainTextResponse("used_url", 404))
    slack.says("chat.postMessage", JSONResponse({"ok": False, "error": "not_in_channel"}))
    taken = await slack.courier.respond(slack.hook, CHARTED)
    with pytest.raises(PostFailedError):
        await slack.courier.post("C01", CHARTED)

    assert not taken
    assert len(slack.sent) == 2


async def test_without_a_chart_refused_blocks_are_not_sent_again(slack: Slack) -> None:
    slack.says("hook", PlainTextResponse("invalid_blocks", 400))
    taken = await slack.courier.respond(slack.hook, HELLO)

    assert not taken
    assert len(slack.sent) == 1


# --- row X3: what must arrive ------------------------------------------------------------------

DOWN = JSONResponse({"ok": False, "error": "fatal_error"}, 500)
TAKEN = JSONResponse(POSTED)


def hello(number: int) -> Reply:
    return Reply(f"Hello {number}", [parts.section(f"Hello {number}")])


def said(slack: Slack) -> list[str]:
    return [body["text"] for method, body in slack.sent if method == "chat.postMessage"]


def due(to: str) -> DueItem:
    return DueItem(KIND, to, b"")


async def test_x3_what_slack_does_not_take_now_arrives_later_and_in_its_order(slack: Slack, redis: Redis) -> None:
    slack.says("chat.postMessage", DOWN)
    for number in range(3):
        await slack.courier.tell("U01ANA", hello(number))
    tried = said(slack)
    pause = await slack.courier.work_off(due("@U01ANA"))
    slack.says("chat.postMessage", TAKEN)
    slack.stub.seen.clear()
    done = await slack.courier.work_off(due("@U01ANA"))

    assert tried == ["Hello 0"]  # the others went behind it without a try
    assert pause == 1.0
    assert done is None
    assert said(slack) == ["Hello 0", "Hello 1", "Hello 2"]
    assert await redis.keys("ct:out:*") == []


@pytest.mark.parametrize(("told", "arrives"), [(TAKEN, True), (DOWN, False)])
async def test_x3_without_a_store_a_message_is_tried_once_and_is_never_an_error(
    slack: Slack, told: Response, arrives: bool
) -> None:
    slack.says("chat.postMessage", told)
    async with courier_to(slack.stub.url, connect("redis://127.0.0.1:9"), call_timeout=3.0) as courier:
        taken = [await courier.tell("U01ANA", hello(0)), await courier.announce("C01NOC", hello(1))]

    assert taken == [arrives, arrives]
    assert said(slack) == ["Hello 0", "Hello 1"]


async def test_x3_one_destination_does_not_wait_for_another(slack: Slack) -> None:
    slack.says("chat.postMessage", DOWN, TAKEN)
    await slack.courier.tell("U01ANA", hello(0))
    await slack.courier.announce("C01NOC", hello(1))

    assert said(slack) == ["Hello 0", "Hello 1"]


async def test_x3_what_can_never_be_delivered_is_not_kept(slack: Slack, redis: Redis) -> None:
    slack.says("chat.postMessage", JSONResponse({"ok": False, "error": "not_in_channel"}))
    taken = await slack.courier.announce("C01NOC", HELLO)

    assert not taken
    assert await redis.keys("ct:out:*") == []


async def test_x3_a_message_that_became_undeliverable_does_not_hold_up_the_next(slack: Slack) -> None:
    slack.says("chat.postMessage", DOWN, JSONResponse({"ok": False, "error": "is_archived"}), TAKEN)
    await slack.courier.announce("C01NOC", hello(0))
    await slack.courier.announce("C01NOC", hello(1))
    left = await slack.courier.work_off(due("C01NOC"))

    assert left is None
    assert said(slack) == ["Hello 0", "Hello 0", "Hello 1"]


async def test_x3_slack_s_own_wait_is_kept_to(slack: Slack, redis: Redis) -> None:
    slack.says(
        "chat.postMessage", JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers={"Retry-After": "30"})
    )
    await slack.courier.tell("U01ANA", HELLO)
    depth, late = await DueQueue(redis).depth()
    again = await slack.courier.work_off(due("@U01ANA"))

    assert len(said(slack)) == 2
    assert (depth, late) == (1, 0)
    assert again == 30


async def test_x3_charts_that_slack_refuses_are_left_out_of_a_kept_message(slack: Slack) -> None:
    slack.says("chat.postMessage", DOWN, JSONResponse({"ok": False, "error": "invalid_blocks"}), TAKEN)
    await slack.courier.tell("U01ANA", HELLO)
    await slack.courier.work_off(due("@U01ANA"))

    assert [body["blocks"] == [] for method, body in slack.sent if method == "chat.postMessage"] == [False, False, True]


async def test_x3_what_waits_is_sent_by_one_replica_at_a_time(slack: Slack) -> None:
    slack.says("chat.postMessage", DOWN)
    for number in range(6):
        await slack.courier.tell("U01ANA", hello(number))
    slack.stub.seen.clear()

    async def slowly(seen: Seen) -> Response:
        await asyncio.sleep(0.05)
        return TAKEN if seen.path.endswith("chat.postMessage") else slack.answer(seen)

    slack.stub.answer = slowly
    left = await asyncio.gather(*(slack.courier.work_off(due("@U01ANA")) for _ in range(3)))

    assert said(slack) == [f"Hello {number}" for number in range(6)]
    assert sorted(left, key=str) == [0.5, 0.5, None]


async def test_x3_a_replica_that_died_in_its_turn_is_replaced(slack: Slack, redis: Redis) -> None:
    slack.says("chat.postMessage", DOWN, TAKEN)
    await slack.courier.tell("U01ANA", HELLO)
    await OutboxStore(redis).hold("@U01ANA", "dead", seconds=0.2)
    meanwhile = await slack.courier.work_off(due("@U01ANA"))
    await asyncio.sleep(0.25)
    then = await slack.courier.work_off(due("@U01ANA"))

    assert (meanwhile, then) == (0.5, None)
    assert said(slack) == ["Hello", "Hello"]


@pytest.mark.parametrize("error", ["token_revoked", "channel_not_found"])
async def test_x3_a_message_that_waited_long_is_not_given_up_for_one_passing_refusal(
    slack: Slack, redis: Redis, error: str
) -> None:
    box = Outbox(
        store=OutboxStore(redis),
        queue=DueQueue(redis),
        keyring=Keyring([KEY]),
        clock=lambda: time.time() - 3600,
    )
    await box.put("@U01ANA", {"text": "Hello"}, delay=0)
    slack.says("chat.postMessage", JSONResponse({"ok": False, "error": error}), TAKEN)
    again = await slack.courier.work_off(due("@U01ANA"))
    then = await slack.courier.work_off(due("@U01ANA"))

    assert (again, then) == (1.0, None)
    assert said(slack) == ["Hello", "Hello"]


async def test_x3_what_slack_takes_nothing_of_is_given_up_after_a_while_all_of_it(slack: Slack, redis: Redis) -> None:
    slack.says("chat.postMessage", JSONResponse({"ok": False, "error": "token_revoked"}))
    for number in range(3):
        await slack.courier.tell("U01ANA", hello(number))
    await redis.set("ct:out:{@U01ANA}:failing", round((time.time() - 31) * 1000))
    left = await slack.courier.work_off(due("@U01ANA"))

    assert left is None
    assert not await OutboxStore(redis).waits("@U01ANA")


async def test_what_waits_is_sealed_and_fades(slack: Slack, redis: Redis) -> None:
    slack.says("chat.postMessage", DOWN)
    await slack.courier.tell("U01ANA", Reply("code K7M2P9", [parts.section("code K7M2P9")]))
    (key,) = await redis.keys("ct:out:*")
    kept = await redis.lrange(key if isinstance(key, str) else key.decode(), 0, -1)

    assert "K7M2P9" not in repr(kept)
    assert 0 < await redis.ttl(key) <= 86_400


async def test_a_message_whose_data_key_is_gone_holds_up_nothing(slack: Slack, redis: Redis) -> None:
    other = Outbox(store=OutboxStore(redis), queue=DueQueue(redis), keyring=Keyring([DataKey("k2", bytes(range(32)))]))
    await other.put("@U01ANA", {"text": "lost"}, delay=0)
    slack.says("chat.postMessage", DOWN, TAKEN)
    await slack.courier.tell("U01ANA", hello(1))
    await slack.courier.tell("U01ANA", hello(2))
    await slack.courier.work_off(due("@U01ANA"))
    left = await slack.courier.work_off(due("@U01ANA"))

    assert left is None
    assert said(slack)[-2:] == ["Hello 1", "Hello 2"]
