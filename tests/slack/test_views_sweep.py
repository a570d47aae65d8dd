"""What one sees of guarded reboots and of sweeps, whatever boxes are called (row U1) and however many there are."""

import msgspec
import pytest
from hypothesis import given

from bot.ct import Box
from bot.services.approval import AWAITED
from bot.services.guards import Freeze
from bot.services.notices import Account
from bot.services.operation import Ending, Facts, Operation, State
from bot.services.reboot import FROZEN, WHY, Question, facts
from bot.services.sending import APPROVED_BY, CALLED_OFF_BY
from bot.services.sweep import AGAIN, BOXES, ENDS, KIND, LAUNCHED, MOST_AT_ONCE, STOPPED_BY, LeftOut, SweepQuestion
from bot.services.targets import cannot
from bot.slack.reply import Reply
from bot.slack.views import freeze, reboot, sweep
from tests.slack.drawing import ANA, DASHBOARD, NOW, check, shown
from tests.slack.strangers import Strangers, strangers
from tests.slack.test_u1_injection import often
from tests.slack.test_views_limits import LONG, many_boxes

SENT_AT, FREEZE = NOW - 60, {"user_id": "U01ANA", "at": NOW, "reason": "a fire"}
ENDINGS = (Ending.BACK, Ending.BACK_UNPROVED, Ending.NEVER_RESTARTED, Ending.NOT_BACK, Ending.REFUSED, Ending.STALE)


def built(op: Operation, boxes: list[Box], **params: object) -> Operation:
    before = op.before
    name = f"{len(boxes)} boxes"
    return op.but(
        kind=KIND,
        before=Facts(id="", slug="", name=name, location_name=before.location_name),
        params={
            BOXES: [{"id": box.id, "slug": box.slug, "name": box.name} for box in boxes],
            LAUNCHED: 0,
            ENDS: {},
            AGAIN: "reboot all at x",
            **params,
        },
    )


def stages(op: Operation, ends: dict[str, object]) -> list[Reply]:
    """Every drawing of a sweep."""
    waiting = op.but(state=State.AWAITING, params={**op.params, AWAITED: NOW, WHY: ["these are more than 5 boxes"]})
    running = op.but(state=State.WATCHING, sent_at=SENT_AT, params={**op.params, LAUNCHED: 8, ENDS: ends})
    unsent = [
        waiting.but(state=State.ENDED, ending=ending, params={**waiting.params, **more})
        for ending in (Ending.CANCELLED, Ending.EXPIRED, Ending.STALE, Ending.NOT_SENT)
        for more in ({}, {CALLED_OFF_BY: "U01ANA"}, {FROZEN: FREEZE})
    ]
    ended = [running.but(state=State.ENDED, ending=e) for e in (Ending.DONE, Ending.FAILED, Ending.CANCELLED)]
    approved = running.but(params={**running.params, APPROVED_BY: "U01ANA"})
    stopped = running.but(params={**running.params, STOPPED_BY: "U01ANA"})
    drawn = [sweep.card(one) for one in (waiting, running, *unsent, *ended, approved, stopped)]
    return [*drawn, *(sweep.not_sent(one) for one in unsent), sweep.warning(ended[1]), sweep.stopping(stopped)]


@often
@given(strangers())
def test_every_stage_of_a_sweep(some: Strangers) -> None:
    boxes = some.several(some.box, 9, 2)
    op = built(some.reboot(), boxes, **{WHY: [f"no other box at {some.text()} is online"]})
    left_out = [LeftOut(some.text(), some.text()) for _ in range(3)]
    ends = {str(n): {"ending": ending.value, "why": some.text()} for n, ending in enumerate(ENDINGS[: len(boxes)])}

    check(sweep.question(SweepQuestion(op, boxes, left_out, some.account(), NOW + 120)))
    check(sweep.begun(op))
    for reply in stages(op.but(user_id="U01ANA"), dict(ends)):
        check(reply)


@often
@given(strangers())
def test_every_stage_of_a_guarded_reboot(some: Strangers) -> None:
    op = some.reboot().but(user_id="U01ANA", params={WHY: [f"its tag “{some.text()}” is protected"], AWAITED: NOW})

    check(reboot.question(Question(op, some.box(), some.account(), None, NOW + 120), NOW))
    check(reboot.card(op.but(state=State.AWAITING), NOW, DASHBOARD))
    for ending in (Ending.CANCELLED, Ending.EXPIRED, Ending.STALE, Ending.NOT_SENT, Ending.REFUSED):
        ended = op.but(state=State.ENDED, ending=ending, sent_at=None)
        check(reboot.card(ended, NOW, DASHBOARD))
        check(reboot.approved(ended, done=False))
        check(reboot.not_sent(ended.but(params={FROZEN: {**FREEZE, "reason": some.text()}})))


@often
@given(strangers())
def test_the_freeze(some: Strangers) -> None:
    frozen = Freeze(user_id="U01ANA", at=NOW, reason=some.maybe(some.text))

    for reply in (freeze.refused(frozen), freeze.began(frozen), freeze.frozen_already(frozen)):
        check(reply)
    for reply in (freeze.frozen_now(), freeze.thawed(), freeze.not_frozen(), freeze.ended(ANA, frozen, NOW + 60)):
        check(reply)


@pytest.mark.parametrize("text", ["AP", LONG])
def test_as_many_boxes_as_there_may_be_fit(text: str) -> None:
    boxes = many_boxes(MOST_AT_ONCE, name=text, location_name=text)
    base = Operation(
        id="op",
        team_id="T01ACME",
        user_id="U01ANA",
        fingerprint="f",
        acting_as=text,
        before=facts(boxes[0]),
        reason=text,
        channel_id="C01NOC",
        asked_at=NOW,
    )
    op = built(base, boxes, **{WHY: [text] * 9})
    ends = {str(n): {"ending": ENDINGS[n % 6].value, "why": text, "frozen": FREEZE} for n in range(8)}
    account = Account(ct_user="c", label=text, locations=1)
    asked = check(sweep.question(SweepQuestion(op, boxes, [LeftOut(text, text)] * 300, account, NOW)))

    assert "more" in shown(asked)
    for reply in stages(op, dict(ends)):
        check(reply)


def test_the_count_says_what_is_back_under_way_and_untouched() -> None:
    boxes = many_boxes(12)
    base = Operation(
        id="op",
        team_id="T01ACME",
        user_id="U01ANA",
        fingerprint="f",
        acting_as="ana",
        before=facts(boxes[0]),
        channel_id="C01NOC",
        asked_at=NOW,
        sent_at=SENT_AT,
        state=State.WATCHING,
    )
    back = {str(n): {"ending": "back"} for n in range(3)}
    running = built(base, boxes, **{LAUNCHED: 5, ENDS: back})
    failed = built(base, boxes, **{LAUNCHED: 4, ENDS: {**back, "3": {"ending": "not_back"}}})

    assert "3 of 12 back · under way: AP 3, AP 4" in shown(sweep.card(running))
    ended = shown(sweep.card(failed.but(state=State.ENDED, ending=Ending.FAILED)))
    assert "3 of 12 back · 8 boxes not touched" in ended
    assert "*AP 3* has not come back." in ended


@pytest.mark.parametrize(
    ("state", "fields", "briefly"),
    [
        ("offline", {}, "offline: it cannot hear us"),
        ("online", {"is_cucumber": False}, "only shows CT's login page"),
        ("online", {"allowed_job": False}, "has a job under way"),
    ],
)
def test_why_a_box_is_left_out_does_not_say_its_name_twice(state: str, fields: dict[str, bool], briefly: str) -> None:
    box = msgspec.structs.replace(many_boxes(1)[0], state=state, **fields)

    left_out = LeftOut(box.name, cannot(box) or "")

    assert left_out.briefly.startswith(briefly)
