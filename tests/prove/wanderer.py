"""Somebody who types every command and presses whatever there is to press, as the dice fall."""

import asyncio
import contextlib
import random
from collections.abc import Callable
from typing import Any

from bot.sandbox.slack.choices import NotOfferedError, offered_by
from bot.sandbox.slack.layout import elements_of, flat
from bot.sandbox.slack.people import ACME, Channel
from bot.sandbox.slack.submissions import Submissions
from bot.sandbox.slack.surfaces import Surface, find_surface
from bot.slack import acts
from bot.slack.grammar import arguments, compose, parse
from bot.slack.registry import Command, Registry
from bot.slack.views import reboot
from bot.slack.views.account import DISOWN, UNLINK
from bot.slack.views.parts import SHARE
from tests.prove.theatre import ANA_AT_CT, Theatre

PATIENCE = 3.0  # seconds for what comes of a step
ENDS = frozenset({UNLINK, DISOWN})
GO_ON = frozenset({SHARE, reboot.CONFIRM, acts.CONFIRM})  # what others see comes of these
NO_STEPS = frozenset({"unlink", "link"})

Texts = Callable[[random.Random], str]


class Wanderer:
    """One person in a channel of their own; `texts` is what they type where a text is asked for.

    `typed`: what they type into an input of a name, where it matters what.
    """

    def __init__(
        self,
        play: Theatre,
        user: str,
        registry: Registry,
        dice: random.Random,
        *,
        texts: Texts,
        typed: Callable[[str], str | None] = lambda _: None,
        place: str = "",
    ) -> None:
        self.play = play
        self.user = user
        self.dice = dice
        self.steps: list[str] = []
        self._texts = texts
        self._typed_as = typed
        self._registry = registry
        self._commands = [one for one in registry if one.name not in NO_STEPS]
        self._world = play.slack.world
        self._submissions = Submissions(self._world, play.slack.courier, play._interactions)
        self.place = place or self._own_channel()
        ana = play.ct.world.person(ANA_AT_CT)
        assert ana is not None
        self._boxes = [box.slug for box in play.ct.world.boxes_of(ana)]
        self._places = [place.slug for place in play.ct.world.locations_of(ana)]

    def _own_channel(self) -> str:
        place = "CW" + self.user[1:]
        self._world.directory.channels[place] = Channel(
            place, place.lower(), "channel", ACME, {self.user}, bot_is_member=True
        )
        return place

    # --- steps ----------------------------------------------------------------------------------

    async def step(self, command: Command | None = None) -> None:
        """Fill in an open form; else press something, or type a command."""
        before = self._sight()
        if self._world.views.stack(self.user):
            await self._fill_in()
        elif command is None and self.dice.random() < 0.55 and await self._press():
            pass
        else:
            await self._type(command or self.dice.choice(self._commands))
        with contextlib.suppress(TimeoutError):
            await self.play.until(lambda: self._sight() != before, within=PATIENCE)

    def _sight(self) -> Any:
        messages = [*self.play.seen(self.user, self.place), *self.play.direct(self.user)]
        views = [view["hash"] for view in self._world.views.stack(self.user)]
        return len(messages), max((one.edited or one.ts for one in messages), default=""), views

    async def _type(self, command: Command) -> None:
        text = f"/ct {self.typed(command)}".strip()
        self.steps.append(text)
        await self.play.type(self.user, text, channel=self.place)

    def typed(self, command: Command) -> str:
        """A command with things of this world in it, or with foreign texts, or as its example has it."""
        words = command.example.split(" ", 1)[1] if " " in command.example else ""
        rest = words.removeprefix(command.name).strip()
        args: Any = parse(command.args, rest, typed=command.name)
        changes = {
            one.field: self._value(one.label)
            for one in arguments(command.args)
            if getattr(args, one.field) is not None and not (one.shape or one.number) and self.dice.random() < 0.9
        }
        return compose(command.name, args, **{field: value for field, value in changes.items() if value})

    def _value(self, label: str) -> str | None:
        if label in {"box", "box or location"} and self.dice.random() < 0.85:
            return self.dice.choice(self._boxes)
        if label == "location" and self.dice.random() < 0.85:
            return self.dice.choice(self._places)
        if label in {"how long", "on|off", "role"} or self.dice.random() < 0.4:
            return None
        return " ".join(self._texts(self.dice).split())[:200] or None

    async def _press(self) -> bool:
        """One of what can be pressed on the newest messages, here or with the bot."""
        messages = [*self.play.seen(self.user, self.place)[-4:], *self.play.direct(self.user)[-2:]]
        surfaces = [find_surface(self._world, self.user, {"kind": "message", "id": one.id}) for one in messages]
        found = [
            (surface, block, element)
            for surface in surfaces
            if surface is not None
            for block, _ in flat(surface.blocks)
            for element in elements_of(block)
            if not element.get("url") and element["action_id"] not in ENDS
        ]
        if not found:
            return False
        weights = [5 if element["action_id"].split(":")[0] in GO_ON else 1 for _, _, element in found]
        surface, block, element = self.dice.choices(found, weights)[0]
        self.steps.append(f"press {element['action_id']}")
        value = await self._choice(surface, block, element)
        with contextlib.suppress(NotOfferedError):
            await self.play._interactions.act(self.user, surface, block, element, value)
        return True

    async def _choice(self, surface: Surface, block: dict[str, Any], element: dict[str, Any]) -> Any:
        kind = element["type"]
        if kind == "button":
            return element.get("value")
        options = offered_by(element)
        if kind.endswith("external_select"):
            query = self.dice.choice(("", "a", "o", self._texts(self.dice)[:60]))
            options = offered_by(
                await self.play._interactions.suggest(self.user, surface, block["block_id"], element, query)
            )
        if kind.endswith("users_select"):
            return self.user
        if kind == "number_input":
            return str(self.dice.randint(int(element.get("min_value", 1)), int(element.get("max_value", 99))))
        if kind == "plain_text_input":
            return self._words(element)
        picked = self.dice.choice(options)["value"] if options else None
        return [picked] if kind.startswith("multi") or kind == "checkboxes" else picked

    def _words(self, element: dict[str, Any]) -> str:
        if own := self._typed_as(element["action_id"]):
            return own
        least, most = element.get("min_length") or 1, element.get("max_length") or 200
        text = element.get("initial_value") or "" if self.dice.random() < 0.4 else self._texts(self.dice)
        return (text.strip() + "x" * least)[:most] if len(text.strip()) < least else text[:most]

    async def _fill_in(self) -> None:
        """Submit what is open, else close it: also after complaints."""
        view = self._world.views.stack(self.user)[-1]
        surface = Surface("modal", view["id"], view["blocks"], view["state"]["values"], view=view)
        self.steps.append(f"submit {view['callback_id']}")
        values = {}
        for block in view["blocks"]:
            if block["type"] == "input":
                element = block["element"]
                value = await self._choice(surface, block, element)
                values[block["block_id"]] = {element["action_id"]: value}
        done = False
        if view["submit"] and self.dice.random() < 0.9:
            with contextlib.suppress(NotOfferedError):
                done = await self.submit(view, values)
        if not done:
            self._world.views.close(self.user, view, all_of_them=True)

    async def submit(self, view: dict[str, Any], values: dict[str, dict[str, Any]]) -> bool:
        """Whether the app took it."""
        return bool((await self._submissions.submit(self.user, view, values))["ok"])


async def wander(wanderers: list[Wanderer], steps: int, registry: Registry, *, tried: Callable[[], None]) -> None:
    """So many steps of all of them at once; each command is typed before anything is left to the dice."""
    todo = [one for one in registry if one.name not in NO_STEPS][:steps]
    left = steps

    async def go(wanderer: Wanderer) -> None:
        nonlocal left
        while left > 0:
            left -= 1
            forms = wanderer.play.slack.world.views.stack(wanderer.user)
            await wanderer.step(None if forms or not todo else todo.pop())
            tried()

    await asyncio.gather(*(go(wanderer) for wanderer in wanderers))
