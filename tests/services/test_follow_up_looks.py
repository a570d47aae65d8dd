"""Watching a reboot, look by look: replicas that died, CT and Slack that are away, links that end (rows R5, R6)."""

from collections.abc import Awaitable, Callable
from typing import Any, cast

import pytest

from bot.ct import Box, CTConnectionError, CTUser
from bot.ct.errors import status_error
from bot.errors import NotLinkedError, StoreDownError
from bot.identity import SlackUser
from bot.services.approval import Approval
from bot.services.cards import NotShownError
from bot.services.follow_up import FollowUp
from bot.services.operation import Ending, Facts, Operation, State
from bot.services.operations import Operations
from bot.services.sessions import Sessions
from bot.settings import Pace
from bot.stores.box_locks import BoxLocks
from bot.stores.due import DueItem

SENT = 1_790_000_000.0
PACE = Pace()
DOWN = CTConnectionError("boxes.get: no answer", maybe_acted=False)
UNLINKED = NotLinkedError("link first")


def reboot(**changes: Any) -> Operation:
    fields: dict[str, Any] = {
        "id": "op",
        "team_id": "T01ACME",
        "user_id": "U01ANA",
        "fingerprint": "f",
        "acting_as": "ana@venues.example",
        "before": Facts(
            id="1", slug="ap-3", name="AP-3", state="online", last_heartbeat=int(SENT) - 20, uptime_seconds=10**6
        ),
        "channel_id": "C01NOC",
        "state": State.WATCHING,
        "asked_at": SENT - 30,
        "sent_at": SENT,
        "card_channel": "C01NOC",
        "card_ts": "1.1",
        "followers": ("U02LEE",),
    }
    return Operation(**{**fields, **changes})


class Kept:
    """One record, as the store keeps it; `races`: how many saves come too late."""

    def __init__(self, op: Operation | None) -> None:
        self.op = op
        self.races = 0
        self.events: list[str] = []

    async def load(self, _op_id: str) -> Operation | None:
        return self.op

    async def save(self, op: Operation, **changes: Any) -> Operation | None:
        if self.races:
            self.races -= 1
            return None
        self.op = op.but(version=op.version + 1, **changes)
        return self.op

    async def place(self, op: Operation, shown: Operation) -> Operation:
        return op.but(card_channel=shown.card_channel, card_ts=shown.card_ts)

    async def note(self, event: str, op: Operation, changes: dict[str, Any], **_: str) -> Operation | None:
        noted = await self.save(op, **changes)
        if noted:
            self.events.append(event)
        return noted


class Watch:
    """A follow-up whose CT, cards and clock are the test's."""

    def __init__(self, op: Operation | None, *, after: float = 90.0) -> None:
        self.kept = Kept(op)
        self.box: Box | Exception = Box(
            id="1", slug="ap-3", name="AP-3", state="online", last_heartbeat=int(SENT + after) - 5, uptime_seconds=10
        )
        self.told: list[str] = []
        self.released: list[tuple[str, bool]] = []
        self.slack_takes = True
        self.breaks = False
        self.now = SENT + after
        self.follow_up = FollowUp(
            sessions=cast("Sessions", self),
            operations=cast("Operations", self.kept),
            locks=cast("BoxLocks", self),
            cards=self,
            approval=cast("Approval", self),
            pace=PACE,
            clock=lambda: self.now,
        )

    async def look(self) -> float | None:
        return await self.follow_up.handle(DueItem("reboot", "op", b"op"))

    @property
    def op(self) -> Operation:
        assert self.kept.op is not None
        return self.kept.op

    async def call(self, _who: SlackUser, _work: Callable[[CTUser], Awaitable[Any]]) -> Box:
        if isinstance(self.box, Exception):
            raise self.box
        return self.box

    async def release(self, box_id: str, _op_id: str, *, sent: bool) -> None:
        self.released.append((box_id, sent))

    async def show(self, op: Operation) -> Operation:
        self.told.append("show")
        if not self.slack_takes:
            raise NotShownError
        return op.but(card_channel="C01NOC", card_ts="1.1")

    async def tell(self, _op: Operation) -> None:
        self.told.append("tell")

    async def warn(self, _op: Operation) -> None:
        self.told.append("warn")

    async def tell_followers(self, _op: Operation) -> None:
        self.told.append("tell_followers")
        if self.breaks:
            raise StoreDownError("down")


async def test_a_record_that_is_gone_needs_nothing() -> None:
    assert await Watch(None).look() is None


@pytest.mark.parametrize(("asked_before", "again"), [(100.0, PACE.recovery), (130.0, None)])
async def test_a_question_is_left_alone_and_looked_at_while_a_click_may_settle_it(
    asked_before: float, again: float | None
) -> None:
    watch = Watch(reboot(state=State.PROPOSED, sent_at=None))
    watch.kept.op = watch.op.but(asked_at=watch.now - asked_before)

    assert await watch.look() == again
    assert watch.op.state is State.PROPOSED


async def test_a_confirmed_reboot_that_nobody_sent_ends_and_the_asker_is_told() -> None:
    watch = Watch(reboot(state=State.CONFIRMED, sent_at=None, card_channel=None, card_ts=None))

    assert await watch.look() is None
    assert watch.op.ending is Ending.NOT_SENT
    assert watch.told == ["tell_followers", "tell"]
    assert watch.released == [("1", False)]
    assert watch.kept.events == ["reboot_not_sent"]


async def test_where_a_second_person_was_waited_for_in_public_its_card_tells_that_nothing_was_sent() -> None:
    watch = Watch(reboot(state=State.CONFIRMED, sent_at=None))

    assert await watch.look() is None
    assert watch.told == ["tell_followers", "tell", "show"]


async def test_a_confirmed_reboot_that_is_being_sent_after_all_is_looked_at_later() -> None:
    watch = Watch(reboot(state=State.CONFIRMED, sent_at=None))
    watch.kept.races = 1

    assert await watch.look() == PACE.cut_off
    assert watch.told == []


async def test_a_call_under_way_is_given_time() -> None:
    watch = Watch(reboot(state=State.SENDING), after=PACE.cut_off - 1)

    assert await watch.look() == PACE.cut_off
    assert watch.op.state is State.SENDING


async def test_a_call_whose_outcome_nobody_wrote_is_unknown_and_watched() -> None:
    watch = Watch(reboot(state=State.SENDING), after=PACE.cut_off + 1)
    watch.box = Box(id="1", slug="ap-3", name="AP-3", state="offline")

    assert await watch.look() == PACE.poll
    assert watch.op.state is State.WATCHING
    assert watch.op.broke_at == watch.now
    assert watch.kept.events == ["reboot_unknown"]


async def test_an_outcome_written_at_the_last_moment_wins() -> None:
    watch = Watch(reboot(state=State.SENDING), after=PACE.cut_off + 1)
    watch.kept.races = 1

    assert await watch.look() == 0.0
    assert watch.op.state is State.SENDING


async def test_a_proved_restart_is_told_to_all_and_looked_at_once_more() -> None:
    watch = Watch(reboot())

    assert await watch.look() == PACE.people
    assert watch.op.ending is Ending.BACK
    assert watch.told == ["show", "tell_followers"]
    assert watch.kept.events == ["reboot_back"]
    assert await watch.look() is None
    assert watch.told == ["show", "tell_followers", "show"]


async def test_followers_are_told_by_another_replica_where_the_first_broke_off_after_the_end() -> None:
    watch = Watch(reboot(state=State.ENDED, ending=Ending.BACK, ended_at=SENT, followers=("U02LEE", "U03KIM")))
    await watch.look()
    told = watch.told.count("tell_followers")
    await watch.look()

    assert told == 1
    assert watch.told.count("tell_followers") == 1
    assert watch.op.told == ("U02LEE", "U03KIM")


async def test_nobody_counts_as_told_while_slack_and_the_store_take_nothing() -> None:
    watch = Watch(reboot())
    watch.breaks = True
    with pytest.raises(StoreDownError):
        await watch.look()
    watch.breaks = False
    await watch.look()

    assert watch.told.count("tell_followers") == 2
    assert watch.op.told == ("U02LEE",)


async def test_two_replicas_that_look_at_once_change_the_record_once() -> None:
    watch = Watch(reboot())
    watch.kept.races = 1

    assert await watch.look() == PACE.poll
    assert watch.told == []


async def test_a_box_that_never_restarted_is_free_to_be_rebooted_again() -> None:
    watch = Watch(reboot(), after=300)
    watch.box = Box(
        id="1", slug="ap-3", name="AP-3", state="online", last_heartbeat=int(SENT) + 290, uptime_seconds=10**6 + 310
    )

    await watch.look()

    assert watch.op.ending is Ending.NEVER_RESTARTED
    assert watch.released == [("1", True)]


@pytest.mark.parametrize("ending", [Ending.NEVER_RESTARTED, Ending.NOT_BACK, Ending.BACK_UNPROVED])
async def test_the_last_card_is_drawn_again_in_case_slack_was_down(ending: Ending) -> None:
    watch = Watch(reboot(state=State.ENDED, ending=ending, told=("U02LEE",)))

    assert await watch.look() is None
    assert watch.told == ["show"]


async def test_what_was_answered_with_no_gets_no_card() -> None:
    watch = Watch(reboot(state=State.ENDED, ending=Ending.CANCELLED, sent_at=None, card_ts=None, told=("U02LEE",)))

    assert await watch.look() is None
    assert watch.told == []


@pytest.mark.parametrize("ending", [Ending.NOT_SENT, Ending.REFUSED, Ending.STALE])
async def test_what_was_never_sent_gets_no_card_but_the_asker_is_told_if_nobody_did(ending: Ending) -> None:
    sent_at = SENT if ending in {Ending.NOT_SENT, Ending.REFUSED} else None
    watch = Watch(reboot(state=State.ENDED, ending=ending, sent_at=sent_at, card_ts=None, told=("U02LEE",)))

    assert await watch.look() is None
    assert watch.told == ["tell"]


async def test_an_end_that_slack_does_not_take_is_shown_until_it_does() -> None:
    watch = Watch(reboot(state=State.ENDED, ending=Ending.NEVER_RESTARTED, ended_at=SENT, told=("U02LEE",)))
    watch.slack_takes = False
    pause = await watch.look()
    watch.slack_takes = True
    end = await watch.look()

    assert pause is not None
    assert end is None
    assert watch.told == ["show", "show"]


async def test_the_last_look_counts_who_came_back_if_ct_lets_it() -> None:
    after = Facts(id="1", slug="ap-3", name="AP-3")
    watch = Watch(reboot(state=State.ENDED, ending=Ending.BACK, after=after, told=("U02LEE",)))
    watch.box = Box(id="1", slug="ap-3", name="AP-3", state="online", clients_online=9)
    await watch.look()
    seen = [watch.op.after.clients_online if watch.op.after else None]
    watch.box = DOWN
    await watch.look()

    assert seen == [9]
    assert watch.told == ["show", "show"]


async def test_an_outage_of_ct_is_waited_out() -> None:
    watch = Watch(reboot())
    watch.box = DOWN

    assert await watch.look() == PACE.poll
    assert watch.op.state is State.WATCHING
    assert watch.told == []


async def test_a_card_that_was_never_shown_is_shown_during_an_outage_too() -> None:
    watch = Watch(reboot(card_channel=None, card_ts=None))
    watch.box = DOWN

    await watch.look()

    assert watch.told == ["show"]


async def test_a_card_that_is_just_being_posted_is_not_posted_twice() -> None:
    watch = Watch(reboot(card_channel=None, card_ts=None), after=PACE.card_grace - 1)
    watch.box = DOWN

    await watch.look()

    assert watch.told == []


@pytest.mark.parametrize(
    ("error", "after"),
    [(DOWN, PACE.give_up + 1), (UNLINKED, 90.0), (status_error("x", status=401, messages=[]), 90.0)],
)
async def test_who_can_see_nothing_any_more_says_so_and_stops(error: Exception, after: float) -> None:
    watch = Watch(reboot(), after=after)
    watch.box = error

    assert await watch.look() is None
    assert watch.op.state is State.ENDED
    assert watch.op.messages
    assert watch.told == ["show", "tell_followers"]
    assert watch.kept.events == ["reboot_unwatched"]


async def test_going_blind_while_another_replica_ends_it_changes_nothing() -> None:
    watch = Watch(reboot())
    watch.box, watch.kept.races = UNLINKED, 1

    assert await watch.look() is None
    assert watch.kept.events == []


async def test_a_box_away_for_too_long_is_warned_about_once() -> None:
    watch = Watch(reboot(went_down_at=SENT + 20), after=PACE.not_back + 1)
    watch.box = Box(id="1", slug="ap-3", name="AP-3", state="offline")

    again = [await watch.look() for _ in range(3)]

    assert again == [PACE.slow_poll] * 3
    assert watch.told == ["show", "warn"]


async def test_two_replicas_warn_once() -> None:
    watch = Watch(reboot(went_down_at=SENT + 20), after=PACE.not_back + 1)
    watch.box = Box(id="1", slug="ap-3", name="AP-3", state="offline")
    saves = [0]
    honest = watch.kept.save

    async def late(op: Operation, **changes: Any) -> Operation | None:
        saves[0] += 1
        return None if saves[0] == 2 else await honest(op, **changes)

    watch.kept.save = late  # type: ignore[method-assign]

    assert await watch.look() == PACE.poll
    assert watch.told == []
