"""Row U1: whatever boxes, places and people are called, every view stays what we wrote."""

import dataclasses
from collections.abc import Callable

import pytest
from hypothesis import Phase, given, settings

from bot.sandbox.slack.blocks import check_view
from bot.services.changes import Act
from bot.services.link_exchange import Outcome
from bot.services.operation import Operation
from bot.services.reboot import LastReboot, Question
from bot.services.venues import Health, Venue, Venues
from bot.slack.acts import ActView
from bot.slack.forms import Filled, Form, choice_field, message_view, text_field
from bot.slack.pickers import Choice
from bot.slack.reply import Reply
from bot.slack.text import bold
from bot.slack.views import account, asking, boxes, home, locations, reboot, settled
from tests.slack.drawing import DASHBOARD, NOW, check, check_blocks, check_markdown, markdown
from tests.slack.foreign import shows_nothing_hidden, strings
from tests.slack.strangers import Strangers, strangers

often = settings(max_examples=150, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


@often
@given(strangers())
def test_a_list_of_boxes(some: Strangers) -> None:
    found, place = some.several(some.box, 12), some.maybe(some.place)
    check(
        boxes.box_list(found, place=place, page=some.number(), now=NOW, at=NOW, again=some.text(), complete=some.flag())
    )


@often
@given(strangers())
def test_a_box(some: Strangers) -> None:
    check(boxes.box_card(some.box(), some.several(some.heartbeat, 6), now=NOW, dashboard=DASHBOARD))


@often
@given(strangers())
def test_the_status(some: Strangers) -> None:
    check(locations.status(Health(some.overview(), some.several(some.trouble, 12), some.flag()), NOW))


@often
@given(strangers())
def test_a_list_of_locations(some: Strangers) -> None:
    places = some.several(some.place, 12)
    venues = Venues(places, {place.slug: some.number() for place in places}, some.flag())

    check(locations.location_list(venues, search=some.words(), page=some.number(), now=NOW, again=some.text()))


@often
@given(strangers())
def test_a_location(some: Strangers) -> None:
    venue = Venue(some.place(), some.several(some.box, 14), some.flag())

    check(locations.location_card(venue, now=NOW, dashboard=DASHBOARD))


@often
@given(strangers())
def test_the_question_before_a_reboot(some: Strangers) -> None:
    last = some.maybe(lambda: LastReboot(some.time(), some.words()))

    check(reboot.question(Question(some.reboot(), some.box(), some.account(), last, NOW + 120), NOW))


STAGES: list[Callable[[Operation], Reply]] = [
    lambda op: reboot.card(op, NOW, DASHBOARD),
    lambda op: reboot.warning(op, NOW),
    lambda op: reboot.under_way(op, NOW),
    lambda op: reboot.sent(op, elsewhere=None),
    reboot.not_sent,
    reboot.kept,
    lambda op: settled.foreign(op, reboot.again(op)),
    lambda op: settled.expired(reboot.again(op)),
]


@settings(often, max_examples=300)
@given(strangers())
def test_every_stage_of_a_reboot(some: Strangers) -> None:
    op = some.reboot()

    for draw in STAGES:
        check(draw(op))


@often
@given(strangers())
def test_where_one_starts(some: Strangers) -> None:
    who, counts = some.account(), some.maybe(some.overview)

    check(home.overview(who, some.overview()))
    check(account.linked_message(who, switched=some.flag()))
    check(Reply("linked", account.linked(who, goes_on=some.flag())))
    check(account.connect(f"You are linked as {who.label}.", "ask", ended=some.flag()))
    check_blocks(home.tab(who, counts, "ask", NOW, some.maybe(lambda: "I can't read CT.")), "home")


@often
@given(strangers())
def test_who_one_is(some: Strangers) -> None:
    check(account.whoami(some.me(), some.maybe(some.account)))


@often
@given(strangers())
def test_questions_about_names(some: Strangers) -> None:
    for noun, found in (("box", some.several(some.box, 8, 1)), ("location", some.several(some.place, 8, 1))):
        total = max(some.number(), len(found))
        check(asking.which(noun, some.text(), "ask", found, total, some.text()))
        check(asking.did_you_mean(noun, some.text(), "ask", found[: some.number()], some.text()))


@often
@given(strangers())
def test_the_choices_of_a_picker(some: Strangers) -> None:
    for item in (some.box(), some.place()):
        drawn = asking.option(item).to_dict()

        assert set(drawn) <= {"text", "value", "description"}
        assert 0 < len(drawn["text"]["text"]) <= 75
        assert 0 < len(drawn["value"]) <= 150
        assert "description" not in drawn or 0 < len(drawn["description"]["text"]) <= 75


@often
@given(strangers())
def test_trouble(some: Strangers) -> None:
    again = some.maybe(some.id)

    check(asking.trouble(f"Trouble: {some.text()}", some.text(), some.text(), ref="ct-7f3a", again=again))
    check(asking.unknown_command(some.text(), []))


async def _not_called(*_: object) -> None:
    raise AssertionError


ACT = ActView(
    act=Act(kind="box_mute", perform=_not_called),
    done=lambda op: f"{bold(op.before.name)} is muted.",
    again=lambda op: f"mute {op.before.slug}",
)


@often
@given(strangers())
def test_every_stage_of_any_other_change(some: Strangers) -> None:
    op, typed = some.reboot(), dataclasses.replace(ACT, typed=some.flag())

    check(typed.question(op, f"Mute {bold(op.before.name)}?", ["It is quiet then."], button="Mute"))
    check(typed.outcome(op))
    check(settled.foreign(op, ACT.again(op)))
    check(settled.expired(some.maybe(some.id)))
    check(settled.settled())


@often
@given(strangers())
def test_a_form_shown_again_with_what_is_wrong(some: Strangers) -> None:
    filled = Filled(
        meta={"name": some.text()[:200]},
        values={"name": some.text()[:200]},
        problems={name: some.text() for name in ("", "name", "other", "kind")[: some.dice.randrange(5)]},
    )
    choices = [(f"{n}{some.text()}", some.text()) for n in range(some.dice.randrange(1, 120))]
    form = Form(
        name="x",
        title="Change it",
        button="Change It",
        fields=lambda now: [
            text_field("name", "Its name", now, hint=some.words()),
            choice_field("kind", "Its kind", now, choices, hint=some.words()),
        ],
        submit=_not_called,
    )

    for view in (
        form.view(filled),
        message_view("Done", check(asking.trouble(f"Wrong: {some.text()}", "", "")).blocks),
    ):
        drawn = view.to_dict()
        check_view(drawn, "modal")
        for text in markdown(drawn["blocks"]):
            check_markdown(text)
        for name, text in strings(drawn["blocks"]):
            assert name not in {"text", "label"} or shows_nothing_hidden(text)


@often
@given(strangers())
def test_the_choices_of_any_other_picker(some: Strangers) -> None:
    drawn = Choice(some.id(), some.text(), some.text()).option().to_dict()

    assert 0 < len(drawn["text"]["text"]) <= 75
    assert shows_nothing_hidden(drawn["text"]["text"])
    assert 0 < len(drawn["value"]) <= 150


# How an exchange may end that did not link.
AFTER_THE_CODE = [
    Outcome.CT_REFUSED,
    Outcome.CT_DOWN,
    Outcome.MISCONFIGURED,
    Outcome.UNPROVED,
    Outcome.WITHDRAWN,
    Outcome.UNSURE,
]


@pytest.mark.parametrize(
    "reply",
    [
        account.unlinked(True),
        account.unlinked(False),
        account.disowned(),
        account.cut_off("ask"),
        account.revoke_failed(DASHBOARD),
        account.open_link("https://bot.example/link/abc", NOW),
        account.open_typed_link("https://bot.example/link/abc", NOW),
        account.code_waits("ask"),
        account.no_code_wanted("ask"),
        account.code_burnt("ask"),
        *(account.not_linked(outcome, "ask") for outcome in AFTER_THE_CODE),
        home.welcome("ask"),
        asking.picker("box", "ask", "Which box?"),
    ],
)
def test_what_holds_no_foreign_text(reply: Reply) -> None:
    check(reply)
