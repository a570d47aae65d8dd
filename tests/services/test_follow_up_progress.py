"""What one look at a box says of its reboot: proof or no proof (row R5), and an end for every story."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.services.follow_up import overdue, progress, restarted
from bot.services.operation import Ending, Facts, Operation, State
from bot.settings import Pace

PACE = Pace()
SENT = 1_790_000_000
DAY = 86_400
UP = 41 * DAY
BEFORE = Facts(id="1", slug="ap-3", name="AP-3", state="online", last_heartbeat=SENT - 20, uptime_seconds=UP)


def reboot(**changes: Any) -> Operation:
    op = Operation(
        id="op",
        team_id="T01ACME",
        user_id="U01ANA",
        fingerprint="f",
        acting_as="ana@venues.example",
        before=BEFORE,
        channel_id="C01NOC",
        state=State.WATCHING,
        asked_at=SENT - 30,
        sent_at=SENT,
        accepted_at=SENT,
    )
    return op.but(**changes)


def seen(
    *, heard: int | None = SENT + 60, uptime: int | None = None, state: str = "online", before: Facts = BEFORE
) -> Facts:
    return Facts(
        id=before.id, slug=before.slug, name=before.name, state=state, last_heartbeat=heard, uptime_seconds=uptime
    )


def ending(op: Operation, box: Facts, after: float = 90, pace: Pace = PACE) -> Ending | None:
    changes = progress(op, box, SENT + after, pace)
    return changes.get("ending")


# --- proof ------------------------------------------------------------------------------------


def test_a_younger_boot_that_was_heard_since_is_proof() -> None:
    changes = progress(reboot(went_down_at=SENT + 30.0), seen(uptime=10), SENT + 90, PACE)

    assert changes == {
        "state": State.ENDED,
        "ending": Ending.BACK,
        "ended_at": SENT + 90,
        "messages": (),
        "back_at": SENT + 90,
    }


def test_a_reboot_too_quick_for_ct_to_see_is_proved_all_the_same() -> None:
    assert ending(reboot(), seen(uptime=10)) is Ending.BACK


NO_PROOF = {
    "the same uptime going on": seen(uptime=UP + 80),
    "no heartbeat since": seen(heard=SENT - 20, uptime=5),
    "an older heartbeat": seen(heard=SENT - 3600, uptime=5),
    "no heartbeat at all": seen(heard=None, uptime=5),
    "no uptime": seen(uptime=None),
    "an uptime that lags behind the heartbeats": seen(uptime=UP),
    "an uptime that jumped back a little": seen(uptime=UP - 3600),
    "offline": seen(uptime=10, state="offline"),
    "rebooting": seen(uptime=10, state="rebooting"),
}


@pytest.mark.parametrize("why", NO_PROOF)
def test_there_is_no_proof_in(why: str) -> None:
    assert ending(reboot(), NO_PROOF[why]) is None
    assert ending(reboot(went_down_at=SENT + 30.0), NO_PROOF[why]) is None


def test_a_box_that_never_told_its_uptime_cannot_be_proved() -> None:
    silent = reboot(before=seen(heard=SENT - 20))

    assert not restarted(silent, seen(uptime=5), 5.0)
    assert ending(silent, seen(uptime=5)) is None
    assert ending(silent.but(went_down_at=SENT + 30.0), seen(uptime=None)) is Ending.BACK_UNPROVED


def test_an_uptime_that_is_missing_at_first_is_waited_for() -> None:
    op = reboot(went_down_at=SENT + 30.0)

    assert ending(op, seen(uptime=None), 60) is None
    assert ending(op, seen(heard=SENT + 80, uptime=20), 90) is Ending.BACK
    assert ending(op, seen(heard=SENT + 200, uptime=None), 241) is Ending.BACK_UNPROVED


def test_a_box_that_had_just_started_can_be_proved_too() -> None:
    young = reboot(before=seen(heard=SENT - 5, uptime=30))

    assert ending(young, seen(heard=SENT + 60, uptime=20)) is Ending.BACK
    assert ending(young, seen(heard=SENT + 60, uptime=95)) is None


# --- the other ends ---------------------------------------------------------------------------


def test_the_first_look_without_it_is_when_it_went_down() -> None:
    assert progress(reboot(), seen(state="offline"), SENT + 30, PACE) == {"went_down_at": SENT + 30}
    assert progress(reboot(went_down_at=SENT + 30.0), seen(state="offline"), SENT + 60, PACE) == {}


@pytest.mark.parametrize(
    ("after", "box", "went_down", "end"),
    [
        (239, seen(heard=SENT + 200, uptime=UP + 220), False, None),
        (241, seen(heard=SENT + 200, uptime=UP + 220), False, Ending.NEVER_RESTARTED),
        (241, seen(heard=SENT + 200, uptime=UP + 220), True, Ending.NEVER_RESTARTED),
        (241, seen(heard=SENT + 200, uptime=None), False, Ending.BACK_UNPROVED),
        (241, seen(heard=SENT - 20, uptime=UP), False, None),
        (3599, seen(heard=SENT - 20, uptime=UP), False, None),
        (3601, seen(heard=SENT - 20, uptime=UP), False, Ending.NOT_BACK),
        (3599, seen(state="offline"), True, None),
        (3601, seen(state="offline"), True, Ending.NOT_BACK),
        (3601, seen(heard=SENT + 3590, uptime=60), True, Ending.BACK),
    ],
)
def test_when_a_story_ends(after: int, box: Facts, went_down: bool, end: Ending | None) -> None:
    op = reboot(went_down_at=SENT + 30.0 if went_down else None)

    assert ending(op, box, after) is end


def test_online_without_a_heartbeat_since_is_not_called_up_throughout() -> None:
    assert ending(reboot(), seen(heard=SENT - 20, uptime=UP), 300) is not Ending.NEVER_RESTARTED


@pytest.mark.parametrize(("went_down", "after", "late"), [(True, 479, False), (True, 481, True), (False, 3000, False)])
def test_a_box_away_for_long_is_overdue(went_down: bool, after: int, late: bool) -> None:
    op = reboot(went_down_at=SENT + 30.0 if went_down else None)

    assert overdue(op, SENT + after, PACE) is late


# --- laws -------------------------------------------------------------------------------------

MAYBE_UPTIME = st.none() | st.integers(0, 2 * UP)
LOOKS = st.builds(
    seen,
    heard=st.none() | st.integers(SENT - 1000, SENT + 5000),
    uptime=MAYBE_UPTIME,
    state=st.sampled_from(["online", "offline", "rebooting", "splash_only", ""]),
)
STARTS = st.builds(
    seen, heard=st.none() | st.integers(SENT - 1000, SENT), uptime=MAYBE_UPTIME, state=st.just("online")
).map(lambda before: reboot(before=before))
QUICK = replace(PACE, never_restarted=1.0, not_back=0.5, give_up=5.0, boot_tolerance=0.2)
PACES = st.sampled_from([(PACE, 10.0), (PACE, 60.0), (QUICK, 0.3)])


def follow(op: Operation, looks: list[Facts], pace: Pace, step: float) -> list[Operation]:
    """The record after each look, until it ends; the last thing seen goes on for ever."""
    story = [op]
    now = SENT + step
    while story[-1].state is not State.ENDED:
        box = looks[min(len(story) - 1, len(looks) - 1)]
        story.append(story[-1].but(after=box, **progress(story[-1], box, now, pace)))
        now += step
        assert len(story) < 1_000
    return story


@given(STARTS, st.lists(LOOKS, min_size=1, max_size=12), PACES)
def test_every_story_ends_in_time_and_back_is_never_said_without_proof(
    op: Operation, looks: list[Facts], patience: tuple[Pace, float]
) -> None:
    pace, step = patience
    story = follow(op, looks, pace, step)
    end, box = story[-1], story[-1].after

    assert end.ending in {Ending.BACK, Ending.BACK_UNPROVED, Ending.NEVER_RESTARTED, Ending.NOT_BACK}
    assert end.ended_at is not None
    assert end.ended_at <= SENT + pace.give_up + step
    assert box is not None
    if end.ending is Ending.BACK:
        assert box.state == "online"
        assert box.last_heartbeat is not None
        assert box.last_heartbeat > (op.before.last_heartbeat or 0)
        assert (box.booted_at or 0) > (op.before.booted_at or 0) + pace.boot_tolerance
    if end.ending is Ending.NEVER_RESTARTED:
        assert box.state == "online"
        assert not restarted(op, box, pace.boot_tolerance)
        assert (box.last_heartbeat or 0) > (op.before.last_heartbeat or 0)
    if end.ending is Ending.NOT_BACK:
        assert (
            box.state != "online" or box.last_heartbeat is None or box.last_heartbeat <= (op.before.last_heartbeat or 0)
        )


@given(STARTS, st.lists(LOOKS, min_size=1, max_size=12))
def test_going_down_is_told_once_and_never_taken_back(op: Operation, looks: list[Facts]) -> None:
    moments = [step.went_down_at for step in follow(op, looks, PACE, 10.0)]

    known = [moment for moment in moments if moment is not None]
    assert len(set(known)) <= 1
    assert moments == sorted(moments, key=lambda moment: moment is not None)


@given(st.integers(60, 10**7), st.integers(20, 3000), st.integers(0, 20))
def test_every_real_restart_of_a_box_that_tells_its_uptime_is_proved(up: int, took: int, lag: int) -> None:
    before = seen(heard=SENT - lag, uptime=up)
    box = seen(heard=SENT + took, uptime=took // 2)

    assert restarted(reboot(before=before), box, PACE.boot_tolerance)


@given(st.integers(0, 10**7), st.integers(1, 3600), st.integers(0, 4))
def test_no_box_that_went_on_running_is_taken_for_restarted(up: int, later: int, jitter: int) -> None:
    before = seen(heard=SENT - 20, uptime=up)
    box = seen(heard=SENT - 20 + later, uptime=max(0, up + later - jitter))

    assert not restarted(reboot(before=before), box, PACE.boot_tolerance)


@given(st.integers(3600, 10**7), st.integers(1, 3500))
def test_an_uptime_that_stands_still_proves_nothing(up: int, later: int) -> None:
    before = seen(heard=SENT - 20, uptime=up)

    assert not restarted(reboot(before=before), seen(heard=SENT - 20 + later, uptime=up), PACE.boot_tolerance)
