"""Drives the practice Slack as people do: types, clicks, chooses, and waits for what comes. For tests and the demo."""

import asyncio
import time
from types import TracebackType
from typing import Any, Self

import httpx

from bot.sandbox.slack.layout import Tree
from bot.sandbox.slack.looking import (
    NotSeenError,
    find_button,
    find_input,
    find_menu,
    find_select,
    option_value,
    what_changed,
)
from bot.sandbox.slack.seen import Screen, Seen

POLL_SECONDS = 2.0
PATIENCE = 15.0  # seconds that one waits for an answer: a busy machine is slow, not wrong


class Workspace:
    """The practice Slack from outside: its people, and its control."""

    def __init__(self, base_url: str) -> None:
        self.base_url = base_url.rstrip("/")
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
        self.http = httpx.AsyncClient(base_url=self.base_url, timeout=30.0, limits=limits, trust_env=False)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.http.aclose()

    def person(self, name: str, channel: str = "noc") -> "Person":
        """By name (`ana`) or id (`U01ANA`)."""
        return Person(self, name, channel)

    async def ask(self, path: str, **query: Any) -> Any:
        return (await self.http.get(path, params=query)).raise_for_status().json()

    async def tell(self, path: str, body: Tree, *, method: str = "POST") -> Any:
        return (await self.http.request(method, path, json=body)).raise_for_status().json()

    async def calls(self, method: str | None = None) -> list[Tree]:
        """What the app called: Web API methods and `response_url`."""
        return list(await self.ask("/_practice/calls", **({"method": method} if method else {})))

    async def refusals(self, kind: str | None = None) -> list[Tree]:
        """What was refused (`refused`), is unwise (`warning`), or names people (`mention`)."""
        return list(await self.ask("/_practice/refusals", **({"kind": kind} if kind else {})))

    async def deliveries(self, kind: str | None = None) -> list[Tree]:
        return list(await self.ask("/_practice/deliveries", **({"kind": kind} if kind else {})))

    async def turn(self, **switches: Any) -> None:
        await self.tell("/_practice/switches", switches, method="PATCH")

    async def fault(self, method: str, **how: Any) -> None:
        await self.tell("/_practice/faults", {"method": method, **how})

    async def uninstall(self, team: str = "T01ACME", **how: Any) -> None:
        await self.tell("/_practice/uninstall", {"team": team, **how})


class Person:
    """One person at their screen, in one channel at a time."""

    def __init__(self, slack: Workspace, name: str, channel: str) -> None:
        self._slack = slack
        self.name = name
        self.channel = channel

    def go(self, channel: str) -> "Person":
        """To a channel by name, `app` for the DM with the bot, `home` for its Home tab."""
        self.channel = channel.removeprefix("#")
        return self

    async def screen(self) -> Screen:
        return Screen(await self._slack.ask("/_ui/screen", user=self.name))

    async def messages(self, channel: str | None = None) -> list[Seen]:
        """Of the channel they are in, oldest first."""
        return (await self.screen()).messages(channel or self.channel)

    async def type(self, text: str, *, timeout: float = PATIENCE, until: str | None = None) -> Seen:
        """Send it; after a command, wait for what comes of it in this channel (and for `until`, if given)."""
        number = await self._number()
        place = "app" if self.channel == "home" else self.channel
        answer = await self._slack.tell("/_ui/send", {"user": self.name, "channel": place, "text": text})
        if "message" in answer:
            return (await self.screen()).message(answer["message"])
        return await self._news(number, f"an answer to {text!r}", timeout=timeout, channel=self.channel, until=until)

    async def click(
        self,
        label: str,
        *,
        confirm: bool = False,
        wait: bool = True,
        timeout: float = PATIENCE,
        until: str | None = None,
    ) -> Seen:
        """Press the newest button called that (exactly, else beginning so) and wait for what changes."""
        screen = await self.screen()
        seen, block, element = find_button(screen, self.channel, label)
        await self._act(seen, block, element, None, confirm=confirm)
        if not wait or element.get("url"):
            return seen
        return await self._news(screen.number, f"what clicking {label!r} does", timeout=timeout, until=until)

    async def menu(
        self, row: str, item: str, *, confirm: bool = False, timeout: float = PATIENCE, until: str | None = None
    ) -> Seen:
        """Open the overflow menu of the newest row that says `row`, and pick `item`."""
        screen = await self.screen()
        seen, block, element = find_menu(screen, self.channel, row)
        await self._act(seen, block, element, option_value(element["options"], item), confirm=confirm)
        return await self._news(screen.number, f"what {item!r} does", timeout=timeout, until=until)

    async def offers(self, query: str) -> list[str]:
        """What the newest external select offers for `query`."""
        screen = await self.screen()
        seen, block, element = find_select(screen, self.channel, "external_select")
        return [option["text"]["text"] for option in await self._suggested(seen, block, element, query)]

    async def choose(
        self, query: str, option: str, *, confirm: bool = False, timeout: float = PATIENCE, until: str | None = None
    ) -> Seen:
        """Type `query` into the newest select and take the option that begins so."""
        screen = await self.screen()
        seen, block, element = find_select(screen, self.channel, "select")
        offered = element.get("options") or [
            held for each in element.get("option_groups", []) for held in each["options"]
        ]
        if element["type"].endswith("external_select"):
            offered = await self._suggested(seen, block, element, query)
        value: Any = option_value(offered, option)
        await self._act(
            seen, block, element, [value] if element["type"].startswith("multi") else value, confirm=confirm
        )
        if block["type"] == "input" and not block.get("dispatch_action"):
            return seen
        return await self._news(screen.number, f"what choosing {option!r} does", timeout=timeout, until=until)

    async def sees(self, text: str, *, timeout: float = PATIENCE, channel: str | None = None) -> Seen:
        """Wait for a message, modal or Home tab that says `text`: here first, else anywhere they can look."""
        end = time.monotonic() + timeout
        while True:
            screen = await self.screen()
            for seen in screen.surfaces(self.channel):
                if text in seen.text and channel in (None, seen.channel):
                    return seen
            left = end - time.monotonic()
            if left <= 0:
                raise NotSeenError(f"{self.name} does not see {text!r}, but:\n{screen.describe(self.channel)}")
            await self._changes(screen.number, min(left, POLL_SECONDS))

    async def never_sees(self, text: str, *, during: float = 0.3) -> None:
        """Nothing that they can look at says `text`, now or for a while."""
        await asyncio.sleep(during)
        for seen in (await self.screen()).surfaces(self.channel):
            if text in seen.text:
                raise NotSeenError(f"{self.name} sees {text!r}: {seen}")

    async def home(self, *, timeout: float = PATIENCE) -> Seen:
        """Open the Home tab and wait until the app has published it."""
        number = await self._number()
        self.channel = "home"
        await self._slack.tell("/_ui/open_home", {"user": self.name})
        return await self._news(number, "the Home tab", timeout=timeout, channel="home")

    async def submit(self, values: Tree | None = None, *, timeout: float = PATIENCE) -> Seen | None:
        """Fill in the modal on top (by action_id, block_id or label) and submit; what is then on top, if anything."""
        screen = await self.screen()
        modal = self._modal(screen)
        filled: dict[str, dict[str, Any]] = {}
        for name, value in (values or {}).items():
            block, element = find_input(modal, name)
            filled.setdefault(block["block_id"], {})[element["action_id"]] = value
        answer = await self._slack.tell("/_ui/submit", {"user": self.name, "view_id": modal.id, "values": filled})
        if not answer["ok"]:
            raise NotSeenError(f"the modal stays: {answer.get('errors') or answer.get('error')}\n{modal}")
        return (await self.screen()).modal

    async def close(self) -> None:
        """Close the modal on top."""
        modal = self._modal(await self.screen())
        await self._slack.tell("/_ui/close", {"user": self.name, "view_id": modal.id})

    def _modal(self, screen: Screen) -> Seen:
        if screen.modal is None:
            raise NotSeenError(f"{self.name} has no modal open:\n{screen.describe(self.channel)}")
        return screen.modal

    async def _number(self) -> int:
        return int((await self._slack.ask("/_ui/changes", user=self.name))["next"])

    async def _changes(self, number: int, wait: float) -> Any:
        return await self._slack.ask("/_ui/changes", user=self.name, since=number, wait=wait)

    async def _news(
        self, number: int, what: str, *, timeout: float, channel: str | None = None, until: str | None = None
    ) -> Seen:
        """The last thing that is new or changed since `number`; waits for the first such thing."""
        end, gone = time.monotonic() + timeout, None
        while True:
            told = await self._changes(
                number, max(0.0, min(end - time.monotonic(), POLL_SECONDS if gone is None else 0.2))
            )
            screen = await self.screen() if told["changes"] else None
            found = [seen for change in told["changes"] if screen and (seen := what_changed(screen, change, channel))]
            lasting = [seen for seen in found if not seen.deleted and (until is None or until in seen.text)]
            if lasting:
                return lasting[-1]
            if gone is not None and not found and until is None:
                return gone
            gone, number = (found[-1] if found else gone), told["next"]
            if time.monotonic() >= end:
                described = (await self.screen()).describe(self.channel)
                wanted = f"{what}, saying {until!r}" if until else what
                raise NotSeenError(f"{self.name} waited {timeout:g} s for {wanted}; there is only:\n{described}")

    async def _suggested(self, seen: Seen, block: Tree, element: Tree, query: str) -> list[Tree]:
        body = {"user": self.name, "surface": seen.surface, "query": query}
        ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
        answer = await self._slack.tell("/_ui/options", body | ids)
        if answer.get("error"):
            raise NotSeenError(f"{self.name} typed {query!r} and got no options: {answer['error']}")
        return [*answer["options"], *(held for group in answer["option_groups"] for held in group["options"])]

    async def _act(self, seen: Seen, block: Tree, element: Tree, value: Any, *, confirm: bool) -> None:
        body = {"user": self.name, "surface": seen.surface, "value": value, "confirmed": confirm}
        ids = {"block_id": block["block_id"], "action_id": element["action_id"]}
        response = await self._slack.http.post("/_ui/action", json=body | ids)
        if response.status_code == 409:
            asked = response.json()["confirm"]
            raise NotSeenError(
                f"a dialog asks {asked['title']['text']!r}: {asked['text']['text']!r}; pass confirm=True"
            )
        response.raise_for_status()
