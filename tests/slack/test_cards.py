"""Where the card of a reboot stands, and what becomes of it when Slack will not have it."""

from typing import Any, cast

import pytest

from bot.services.cards import NotShownError
from bot.services.operation import Ending, Operation, State
from bot.slack.cards import SlackCards
from bot.slack.courier import Courier, PostFailedError
from bot.slack.reply import Reply
from tests.services.test_follow_up_looks import SENT, reboot
from tests.slack.drawing import DASHBOARD, check


class Post:
    """A courier whose refusals are the test's."""

    def __init__(self, refusal: str | None = None, *, direct: bool = True) -> None:
        self.refusal = refusal
        self.open = direct
        self.sent: list[tuple[str, str | None]] = []

    async def post(self, channel: str, reply: Reply, *, thread_ts: str | None = None) -> tuple[str, str]:
        check(reply)
        if self.refusal:
            raise PostFailedError(self.refusal)
        self.sent.append((channel, thread_ts))
        return channel, "2.2"

    async def update(self, channel: str, ts: str, reply: Reply) -> None:
        check(reply)
        if self.refusal:
            raise PostFailedError(self.refusal)
        self.sent.append((channel, ts))

    async def announce(self, channel: str, reply: Reply, *, thread_ts: str | None = None) -> bool:
        check(reply)
        if not self.refusal:
            self.sent.append((channel, thread_ts))
        return not self.refusal

    async def tell(self, user_id: str, reply: Reply) -> None:
        check(reply)
        self.sent.append((user_id, None))

    async def direct(self, user_id: str, reply: Reply) -> tuple[str, str] | None:
        check(reply)
        self.sent.append((user_id, None))
        return ("D01", "3.3") if self.open else None


def cards(post: Post) -> SlackCards:
    return SlackCards(courier=cast("Courier", post), dashboard=DASHBOARD, clock=lambda: SENT + 60)


NEW: dict[str, Any] = {"card_channel": None, "card_ts": None}


def place(op: Operation) -> tuple[str | None, str | None]:
    return op.card_channel, op.card_ts


async def test_a_new_card_stands_where_it_was_asked_for() -> None:
    post = Post()

    assert place(await cards(post).show(reboot(**NEW))) == ("C01NOC", "2.2")
    assert post.sent == [("C01NOC", None)]


async def test_a_card_that_stands_is_drawn_anew_in_its_place() -> None:
    post = Post()

    assert place(await cards(post).show(reboot())) == ("C01NOC", "1.1")
    assert post.sent == [("C01NOC", "1.1")]


@pytest.mark.parametrize("why", ["not_in_channel", "channel_not_found", "is_archived", "restricted_action"])
async def test_where_the_bot_may_not_speak_the_card_comes_by_direct_message(why: str) -> None:
    post = Post(why)

    assert place(await cards(post).show(reboot(**NEW))) == ("D01", "3.3")


@pytest.mark.parametrize(
    ("refusal", "fields"),
    [("not_in_channel", NEW), ("ratelimited", NEW), ("TimeoutError", NEW), ("fatal_error", {}), ("token_revoked", {})],
)
async def test_a_card_that_slack_does_not_take_now_is_to_be_shown_later(refusal: str, fields: dict[str, Any]) -> None:
    with pytest.raises(NotShownError):
        await cards(Post(refusal, direct=False)).show(reboot(**fields))


@pytest.mark.parametrize(
    "refusal", ["message_not_found", "cant_update_message", "edit_window_closed", "invalid_blocks"]
)
async def test_a_card_that_slack_will_never_take_is_let_be(refusal: str) -> None:
    op = reboot()

    assert place(await cards(Post(refusal)).show(op)) == place(op)


async def test_a_warning_goes_under_the_card() -> None:
    post = Post()

    await cards(post).warn(reboot(went_down_at=SENT))

    assert post.sent == [("C01NOC", "1.1")]


async def test_a_warning_that_the_channel_does_not_take_goes_to_the_asker() -> None:
    post = Post("is_archived")

    await cards(post).warn(reboot(went_down_at=SENT, **NEW))

    assert post.sent == [("U01ANA", None)]


async def test_who_asked_and_who_followed_are_told() -> None:
    post = Post()
    ended = reboot(
        state=State.ENDED, ending=Ending.NOT_SENT, messages=("I was cut off.",), followers=("U02LEE", "U03KIM")
    )

    await cards(post).tell(ended)
    await cards(post).tell_followers(ended)

    assert post.sent == [("U01ANA", None), ("U02LEE", None), ("U03KIM", None)]
