"""What comes in: acked at once, done once, and honest about what cannot be taken (rows S2, S4)."""

import asyncio
from typing import Any, cast

import pytest

from bot.errors import StoreDownError
from bot.identity import SlackUser
from bot.services.sessions import Sessions
from bot.slack import failures, inbox
from bot.slack.actions import Actions
from bot.slack.courier import Courier
from bot.slack.dispatch import Dispatcher
from bot.slack.forms import Filled, Form, text_field
from bot.slack.home import HomeTab
from bot.slack.inbox import Inbox
from bot.slack.installation import InstallationOfToken
from bot.slack.options import Options
from bot.slack.payloads import Pressed, Submitted
from bot.slack.reply import Reply
from bot.slack.submissions import Submissions
from bot.slack.views import parts
from bot.stores.deliveries import Deliveries, Delivery
from bot.tasks import TaskSet
from tests.slack.drawing import shown
from tests.slack.forged import click, command

DONE = Reply("done", [parts.section("done")])
FORM = Form(
    name="x",
    title="Change it",
    button="Change It",
    fields=lambda now: [text_field("name", "Name", now)],
    submit=None,  # type: ignore[arg-type]
)


class Behind:
    """Everything behind the inbox, and what it was asked."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.store: Exception | float | None = None
        self.member = True
        self.done: list[str] = []
        self.told: list[str] = []
        self.counted: list[tuple[str, str]] = []
        self.outcome: Any = DONE
        self.slow = 0.0
        self.form_found: Form | None = FORM
        self.verdict = Delivery.FIRST
        self.flooding = False
        self.going = asyncio.Event()
        self.going.set()
        self.most = self.now = 0

    # the store
    async def take(self, key: str, _who: SlackUser) -> Delivery:
        return Delivery.SEEN if not await self.first(key) else self.verdict

    def too_fast(self, _who: SlackUser) -> bool:
        return self.flooding

    async def first(self, key: str) -> bool:
        if isinstance(self.store, Exception):
            raise self.store
        if self.store:
            await asyncio.sleep(self.store)
        new = key not in self.seen
        self.seen.add(key)
        return new

    # the installation
    async def admits(self, _who: SlackUser) -> bool:
        return self.member

    # the dispatcher, and the courier
    async def answer(self, *args: Any, **_: Any) -> Reply | None:
        if isinstance(args[0], SlackUser):
            self.done.append(args[1])
            return None if args[1] == "modal" else DONE
        self.told.append(shown(args[2]))
        return None

    def needs_store(self, text: str) -> bool:
        return text != "doctor"

    async def respond(self, _url: str, reply: Reply) -> bool:
        self.told.append(shown(reply))
        return True

    # clicks, options, home
    async def handle(self, pressed: Pressed) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await self.going.wait()
        self.now -= 1
        self.done.append(pressed.action)

    async def offer(self, _who: SlackUser, _body: dict[str, Any]) -> list[dict[str, Any]]:
        return [{"value": "x"}]

    async def opened(self, _event: dict[str, Any], _body: dict[str, Any]) -> None:
        self.done.append("home")

    # modals
    def form(self, _sent: Submitted) -> Form | None:
        return self.form_found

    def as_sent(self, _sent: Submitted, *, problem: str = "") -> Filled:
        return Filled(values={"name": "typed"}, problems={"": problem})

    async def run(self, _form: Form, _sent: Submitted) -> Any:
        await asyncio.sleep(self.slow)
        return self.outcome

    async def deliver(self, _sent: Submitted, reply: Reply | None) -> None:
        self.told.append(shown(reply) if reply else "nothing")

    async def finish_late(self, _form: Form, _sent: Submitted, outcome: Any) -> None:
        self.told.append(f"late {type(outcome).__name__}")

    async def forget_installation(self, tag: str, *, team_id: str | None, user_ids: list[str] | None) -> int:
        if isinstance(self.store, Exception):
            raise self.store
        self.done.append(f"forget {tag} {team_id} {user_ids}")
        return 1


class Desk:
    def __init__(self, *, room: int = 100) -> None:
        self.behind = Behind()
        self.tasks = TaskSet(limit=room)
        self.inbox = Inbox(
            deliveries=cast("Deliveries", self.behind),
            tasks=self.tasks,
            installation=cast("InstallationOfToken", self.behind),
            dispatcher=cast("Dispatcher", self.behind),
            actions=cast("Actions", self.behind),
            submissions=cast("Submissions", self.behind),
            courier=cast("Courier", self.behind),
            options=cast("Options", self.behind),
            sessions=cast("Sessions", self.behind),
            home=cast("HomeTab", self.behind),
            observe=lambda name, outcome: self.behind.counted.append((name, outcome)),
        )

    async def settle(self) -> None:
        await self.tasks.drain(timeout=5)


def opened(**changes: Any) -> dict[str, Any]:
    return {"team_id": "T1", "event_id": "Ev1", "event": {"type": "app_home_opened", "user": "U1"}, **changes}


def view(**changes: Any) -> dict[str, Any]:
    return {
        "user": {"id": "U1", "team_id": "T1"},
        "view": {"id": "V1", "callback_id": "x", **changes},
        "trigger_id": "t",
    }


async def test_each_delivery_is_done_once() -> None:
    desk = Desk()
    typed, clicked = command("ana", "status"), click("ana", "ct.command.run:1", "status")
    for _ in range(5):
        assert await desk.inbox.command(typed) is None
        assert await desk.inbox.action(clicked) is None
        await desk.inbox.event(opened())
    await desk.settle()

    assert sorted(desk.behind.done) == ["ct.command.run", "home", "status"]
    assert desk.behind.told == ["done"]


async def test_a_command_that_opened_a_modal_is_answered_by_it() -> None:
    desk = Desk()
    await desk.inbox.command(command("ana", "modal"))
    await desk.settle()

    assert desk.behind.told == []


@pytest.mark.parametrize("store", [StoreDownError("away"), 5.0])
async def test_without_the_store_nothing_is_done_and_the_person_is_told(
    store: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "STORE_SECONDS", 0.01)
    desk = Desk()
    desk.behind.store = store

    typed = await desk.inbox.command(command("ana", "status"))
    await desk.inbox.action(click("ana", "ct.reboot.confirm", "op"))
    sent = await desk.inbox.submission(view())
    await desk.inbox.event(opened())
    await desk.settle()

    assert str(typed).startswith(failures.STORE_DOWN)
    assert failures.STORE_DOWN_IN_WORDS in str(sent["view"])
    assert "typed" in str(sent["view"])
    assert desk.behind.done == []
    assert desk.behind.told == [failures.STORE_DOWN_IN_WORDS]


async def test_without_the_store_what_needs_none_is_done_typed_or_pressed() -> None:
    desk = Desk()
    desk.behind.store = StoreDownError("away")

    typed = await desk.inbox.command(command("ana", "doctor"))
    await desk.inbox.action(click("ana", f"{parts.RUN}:1", "doctor"))
    await desk.settle()

    assert typed is None
    assert desk.behind.done == ["doctor", parts.RUN]


async def test_an_uninstall_that_the_store_could_not_take_is_given_back_to_slack() -> None:
    desk = Desk()
    desk.behind.store = StoreDownError("away")

    with pytest.raises(StoreDownError):
        await desk.inbox.event(opened(event={"type": "app_uninstalled"}))


async def test_an_uninstall_is_run_each_time_it_comes() -> None:
    desk = Desk()
    for _ in range(2):
        await desk.inbox.event(opened(event={"type": "app_uninstalled"}))
    await desk.inbox.event(opened(event={"type": "tokens_revoked", "tokens": {"oauth": []}}))

    assert desk.behind.done == ["forget T1 T1 None"] * 2


async def test_too_much_to_do_is_said_and_counted() -> None:
    desk = Desk(room=0)

    typed = await desk.inbox.command(command("ana", "status"))
    await desk.inbox.action(click("ana", "ct.command.run:1", "status"))
    sent = await desk.inbox.submission(view())

    assert "too much to do" in str(typed)
    assert "too much to do" in str(sent["view"])
    assert "typed" in str(sent["view"])
    assert desk.behind.counted == [("command", "busy"), ("action", "busy"), ("submission", "busy")]
    assert desk.behind.done == []


async def test_who_does_not_belong_here_is_told_so_and_nothing_is_done() -> None:
    desk = Desk()
    desk.behind.member = False

    await desk.inbox.command(command("zoe", "status"))
    await desk.inbox.action(click("zoe", "ct.reboot.confirm", "op"))
    offered = await desk.inbox.options(click("zoe", "ct.box.pick", ""))
    await desk.inbox.submission(view())
    await desk.settle()

    assert offered == []
    assert desk.behind.done == []
    assert desk.behind.told == ["Only members of this workspace can use me. Nothing was done."] * 3


async def test_options_are_offered_to_members() -> None:
    assert await Desk().inbox.options(click("ana", "ct.box.pick", "")) == [{"value": "x"}]


async def test_odd_shapes_are_counted_and_left() -> None:
    desk = Desk()

    assert await desk.inbox.command({}) is None
    assert await desk.inbox.action({"user": 7}) is None
    assert await desk.inbox.options({"user": []}) == []
    assert await desk.inbox.submission({"view": "x"}) == {}
    revoked = opened(event={"type": "tokens_revoked", "tokens": 7})
    events: list[dict[str, Any]] = [{}, {"event": {}}, opened(event_id=7), revoked]
    for event in events:
        await desk.inbox.event(event)

    assert [name for name, _ in desk.behind.counted] == ["command", "action", "options", "submission", *["event"] * 4]
    assert {outcome for _, outcome in desk.behind.counted} == {"odd"}


async def test_events_of_other_kinds_are_nobodys_business() -> None:
    desk = Desk()
    await desk.inbox.event(opened(event={"type": "message", "text": "hello"}))
    await desk.inbox.event(opened(event={"type": ["x"]}))

    assert desk.behind.done == []


# --- modals -----------------------------------------------------------------------------------


async def test_a_quick_modal_closes_and_its_answer_follows() -> None:
    desk = Desk()

    ack = await desk.inbox.submission(view())
    await desk.settle()

    assert ack == {"response_action": "clear"}
    assert desk.behind.told == ["done"]


async def test_a_modal_with_a_problem_stays_open() -> None:
    desk = Desk()
    desk.behind.outcome = Filled(problems={"name": "Too short."})

    assert await desk.inbox.submission(view()) == {"response_action": "errors", "errors": {"name": "Too short."}}


@pytest.mark.parametrize("told", ["Taken by \u202eevil\u2028" + "x" * 5_000, "\u200b"])
async def test_what_ct_holds_against_a_field_shows_nothing_hidden_and_comes_to_an_end(told: str) -> None:
    desk = Desk()
    desk.behind.outcome = Filled(problems={"name": told})

    ack = await desk.inbox.submission(view())

    complaint = ack["errors"]["name"]
    assert complaint.isprintable()
    assert 0 < len(complaint) <= 300


async def test_a_modal_that_takes_long_says_that_it_works_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "SUBMISSION_SECONDS", 0.01)
    desk = Desk()
    desk.behind.slow = 0.05

    ack = await desk.inbox.submission(view())
    await desk.settle()

    assert ack["response_action"] == "update"
    assert "working on it" in str(ack["view"])
    assert desk.behind.told == ["late Reply"]


async def test_a_modal_sent_twice_acts_once_and_an_unknown_one_never() -> None:
    desk = Desk()
    acks = [await desk.inbox.submission(view()) for _ in range(2)]
    desk.behind.form_found = None
    acks.append(await desk.inbox.submission({**view(), "trigger_id": "other"}))
    await desk.settle()

    assert acks == [{"response_action": "clear"}, {}, {}]
    assert desk.behind.told == ["done"]


async def test_s5_who_is_too_fast_is_told_once_and_nothing_is_done() -> None:
    desk = Desk()
    desk.behind.verdict = Delivery.TOO_FAST
    first = await desk.inbox.command(command("ana", "status"))
    await desk.inbox.action(click("ana", "ct.x", "y"))
    desk.behind.verdict = Delivery.TOO_FAST_STILL
    second = await desk.inbox.command(command("ana", "status", trigger_id="t2"))
    await desk.inbox.action(click("ana", "ct.x", "z"))
    await desk.settle()

    assert "too much at once" in str(first)
    assert second is None
    assert len(desk.behind.told) == 1
    assert desk.behind.done == []
    assert desk.behind.counted == [("command", "too fast"), ("action", "too fast")] * 2


async def test_s5_in_a_flood_the_store_is_asked_for_forms_alone() -> None:
    desk = Desk()
    desk.behind.flooding = True
    desk.behind.store = StoreDownError("asked")
    answered = await desk.inbox.command(command("ana", "status"))
    await desk.inbox.action(click("ana", "ct.x", "y"))
    form = await desk.inbox.submission(view())
    await desk.settle()

    assert answered is None
    assert desk.behind.told == []
    assert failures.STORE_DOWN_IN_WORDS in str(form["view"])
    assert desk.behind.counted == [("command", "too fast"), ("action", "too fast")]


async def test_s5_a_form_sent_too_fast_keeps_what_was_typed() -> None:
    desk = Desk()
    desk.behind.verdict = Delivery.TOO_FAST_STILL
    answer = await desk.inbox.submission(view())

    assert answer["response_action"] == "update"
    assert "too much at once" in str(answer["view"])
    assert "typed" in str(answer["view"])


async def test_s5_two_things_of_one_person_are_done_at_once_and_the_others_wait() -> None:
    desk = Desk()
    desk.behind.going.clear()
    for number in range(6):
        await desk.inbox.action(click("ana", "ct.x", str(number)))
    await desk.inbox.action(click("lee", "ct.x", "mine"))
    await asyncio.sleep(0.05)
    most = desk.behind.most
    desk.behind.going.set()
    await desk.settle()

    assert most == 3
    assert len(desk.behind.done) == 7
