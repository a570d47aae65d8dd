"""What one look at an upgrade or a resync means: nothing is claimed that CT does not show."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ct import Box
from bot.ct import Operation as Record
from bot.services.act import Step
from bot.services.box_jobs import Look
from bot.services.operation import Ending, Facts, Operation, State
from bot.slack.commands import resync, upgrade

NOW, SENT, OLD, NEW = 10_000.0, 9_900.0, "B_1", "B_2"


def operation(*, lost: bool = False, **params: Any) -> Operation:
    """One that was sent a hundred seconds ago."""
    return Operation(
        id="op1",
        kind="box_upgrade",
        team_id="T1",
        user_id="U1",
        fingerprint="f",
        acting_as="ana@venues.example",
        before=Facts(id="1", slug="ap-3", name="AP-3"),
        reason="<!channel>",
        channel_id="C1",
        state=State.WATCHING,
        asked_at=SENT,
        sent_at=SENT,
        accepted_at=None if lost else SENT,
        broke_at=SENT if lost else None,
        params={"version": NEW, "was": OLD, "heard": 9_890, "record": None, **params},
    )


def look(
    *, waited: float = 100.0, heard: bool = True, taken: bool = True, record: str | None = None, **box: Any
) -> Look:
    """A box that is online with its old firmware, unless told otherwise."""
    fields = {"state": "online", "allowed_job": True, "last_heartbeat": 9_960, "firmware_version": OLD, **box}
    return Look(
        box=Box(id="1", slug="ap-3", mac="", name="AP-3", **fields),
        record=Record(id="7", kind="upgrade", status=record) if record else None,
        waited=waited,
        heard_since=heard,
        taken=taken,
    )


def going_on(step: Step) -> bool:
    """It is looked at again."""
    return step.again is not None


# --- upgrade ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("box", [{"upgrade_processing": True}, {"state": "offline"}, {"state": "upgrading"}])
def test_new_firmware_alone_is_not_the_end(box: dict[str, Any]) -> None:
    assert going_on(upgrade.judge(operation(), look(firmware_version=NEW, **box), NOW))


def test_a_box_that_is_online_with_the_new_firmware_is_done() -> None:
    assert upgrade.judge(operation(), look(firmware_version=NEW, record="FAIL"), NOW) == Step()


def test_the_old_firmware_is_no_failure_before_the_box_reported_after_the_end() -> None:
    first = upgrade.judge(operation(begun=True), look(), NOW)
    over = dict(first.params or {})
    silent = upgrade.judge(operation(begun=True, **over), look(), NOW + upgrade.SETTLE)
    early = upgrade.judge(operation(begun=True, **over), look(last_heartbeat=9_990), NOW + 1)
    late = upgrade.judge(operation(begun=True, **over), look(last_heartbeat=9_990), NOW + upgrade.SETTLE)

    assert over == {"over": {"at": NOW, "heard": 9_960}}
    assert [going_on(step) for step in (first, silent, early)] == [True] * 3
    assert (late.again, late.ending) == (None, Ending.FAILED)
    assert late.messages[0].endswith("with the firmware B_1.")


def test_an_upgrade_that_goes_on_after_all_is_waited_for_anew() -> None:
    step = upgrade.judge(operation(begun=True, over={"at": 1.0, "heard": 1}), look(upgrade_processing=True), NOW)

    assert step.params == {"over": None}


def test_ct_s_word_that_it_failed_counts_as_soon_as_it_is_no_longer_at_it() -> None:
    assert going_on(upgrade.judge(operation(), look(record="FAIL", upgrade_processing=True), NOW))
    assert upgrade.judge(operation(), look(record="FAIL"), NOW).ending is Ending.FAILED


@pytest.mark.parametrize(
    ("seen", "patience"),
    [
        ({"taken": False}, upgrade.NO_SIGN),
        ({}, upgrade.NOT_BEGUN),
        ({"state": "offline"}, upgrade.PATIENCE),
        ({"state": "rebooting"}, upgrade.PATIENCE),
        ({"upgrade_processing": True}, upgrade.PATIENCE),
        ({"state": "offline", "firmware_version": NEW}, upgrade.PATIENCE),
        ({"firmware_version": None}, upgrade.NOT_BEGUN),
    ],
)
def test_each_thing_that_is_seen_has_its_patience(seen: dict[str, Any], patience: float) -> None:
    waits = upgrade.judge(operation(), look(waited=patience, **seen), NOW)
    ends = upgrade.judge(operation(), look(waited=patience + 1, **seen), NOW)

    assert going_on(waits)
    assert (ends.again, ends.ending) == (None, Ending.UNKNOWN)


# --- resync ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "seen",
    [
        {"heard": False},
        {"record": "NEW"},
        {"record": "PENDING"},
        {"allowed_job": False},
        {"state": "processing"},
        {"state": "offline"},
        {"taken": False, "waited": 10.0},
    ],
)
def test_a_resync_is_not_over_before_the_box_is_free_and_was_heard(seen: dict[str, Any]) -> None:
    assert going_on(resync.judge(operation(), look(**seen), NOW))


@pytest.mark.parametrize("seen", [{}, {"record": "SUCCESS"}, {"allowed_job": None}])
def test_a_resync_is_over_when_the_box_is_free_and_was_heard(seen: dict[str, Any]) -> None:
    assert resync.judge(operation(), look(**seen), NOW) == Step(params={"after": 60.0})


@pytest.mark.parametrize(("after", "heard"), [(12.4, "12 s after it"), (0.3, "since"), (-40.0, "since")])
def test_when_the_box_was_heard_is_told_unless_the_clocks_are_apart(after: float, heard: str) -> None:
    done = operation(after=after).but(state=State.ENDED, ending=Ending.DONE)

    told = resync.RESYNC.outcome(done).text

    assert told == f"AP-3 is through with the resync: CT heard from it {heard}, and shows it online."


def test_a_record_that_stays_open_is_named_at_the_end_and_nothing_is_claimed() -> None:
    step = resync.judge(operation(), look(record="PENDING", waited=300.4), NOW)

    assert step.ending is Ending.UNKNOWN
    assert step.messages == (
        "After 5 min CT says “online” and last heard from it 40 s ago; its record of the job says “PENDING”. "
        "Look at the box before you try once more.",
    )


# --- both ------------------------------------------------------------------------------------------


@given(
    st.builds(
        look,
        waited=st.floats(0, 2000),
        heard=st.booleans(),
        taken=st.booleans(),
        record=st.sampled_from([None, "NEW", "PENDING", "SUCCESS", "FAIL", "ODD"]),
        state=st.sampled_from(["online", "offline", "processing", "upgrading", "rebooting", "odd"]),
        allowed_job=st.sampled_from([True, False, None]),
        upgrade_processing=st.booleans(),
        firmware_version=st.sampled_from([OLD, NEW, "B_3", None]),
        last_heartbeat=st.sampled_from([None, 9_800, 9_960]),
    ),
    st.booleans(),
)
def test_done_is_said_only_of_a_box_that_is_online_and_ends_come_in_time(seen: Look, lost: bool) -> None:
    op = operation(lost=lost)
    for judged, longest in ((upgrade.judge(op, seen, NOW), 900), (resync.judge(op, seen, NOW), 300)):
        if judged.again is not None:
            assert seen.waited <= longest
        elif judged.ending is Ending.DONE:
            assert seen.box.state == "online"
        else:
            assert judged.messages


@pytest.mark.parametrize("view", [upgrade.UPGRADE, resync.RESYNC])
@pytest.mark.parametrize("ending", [Ending.FAILED, Ending.UNKNOWN])
def test_a_state_of_any_name_is_told_to_nobody_as_a_mention(view: Any, ending: Ending) -> None:
    judged = resync.judge(operation(), look(state="<!channel>", waited=999), NOW)
    op = operation().but(state=State.ENDED, ending=ending, messages=judged.messages)

    texts = [str(block.to_dict()) for block in view.outcome(op).blocks] + [view.public(op) or ""]

    assert "channel" in texts[0]
    assert "<!channel" not in "".join(texts)


def test_what_was_begun_is_told_to_the_channel_only_when_ct_took_it() -> None:
    accepted, lost = operation(), operation(lost=True)

    told = upgrade.UPGRADE.public(accepted) or ""

    assert told.startswith("<@U1> started the upgrade of *AP-3* to B")
    assert "&lt;!channel&gt;" in told
    assert upgrade.UPGRADE.public(lost) is None
    assert upgrade.UPGRADE.public(lost.but(state=State.ENDED, ending=Ending.UNKNOWN)) is None
    assert (upgrade.UPGRADE.public(lost.but(state=State.ENDED, ending=Ending.DONE)) or "").startswith("<@U1> upgraded")
