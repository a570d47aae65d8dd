"""Everything that the bot says to a list of commands, as the payloads that it sent: for Slack's own validator."""

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.sandbox.browser import Browser
from bot.sandbox.script import QUICK_PACE
from bot.sandbox.slack.person import Person, Workspace
from bot.sandbox.stage import Stage

PATIENCE = 20.0


@dataclass(frozen=True)
class Spoken:
    """One payload. `kind`: "blocks" or "view", as `blocks.validate` calls it; `after`: what a person did before."""

    after: str
    kind: str
    payload: Any = field(repr=False)


class Rehearsal:
    """One person who does one thing after the other, and notes what the bot said to each."""

    def __init__(self, slack: Workspace, person: Person) -> None:
        self._slack = slack
        self._person = person
        self._heard = 0
        self._known: set[str] = set()
        self.spoken: list[Spoken] = []

    async def types(self, command: str) -> None:
        """Type it, and close the modal that it may have opened."""
        await self._person.type(command, timeout=PATIENCE)
        await self._note(command)
        if (await self._person.screen()).modal is not None:
            await self._person.close()

    async def links(self) -> None:
        """From the button to the end, and what was asked for before."""
        page = await self._person.click("Connect CT", timeout=PATIENCE)
        async with Browser() as browser:
            await browser.link(next(iter(page.links.values())), ct_login="ana@venues.example", slack_user="U01ANA")
        await self._person.sees("Linked as", timeout=PATIENCE)
        await self._note("Connect CT")

    async def reboots(self, command: str, button: str, *, end: str) -> None:
        """Ask, press, and wait for the end."""
        await self._person.type(command, timeout=PATIENCE)
        await self._person.click(button, timeout=PATIENCE)
        await self._person.sees(end, timeout=PATIENCE)
        await self._note(button)

    async def opens_home(self) -> None:
        """The Home tab."""
        await self._person.home(timeout=PATIENCE)
        self._person.go("noc")
        await self._note("the Home tab")

    async def _note(self, after: str) -> None:
        calls = await self._slack.calls()
        for call in calls[self._heard :]:
            for kind in ("blocks", "view"):
                payload = call["arguments"].get(kind) if isinstance(call["arguments"], dict) else None
                text = json.dumps(payload, sort_keys=True)
                if payload and text not in self._known:
                    self._known.add(text)
                    self.spoken.append(Spoken(after, kind, payload))
        self._heard = len(calls)


async def rehearse(commands: Sequence[str]) -> list[Spoken]:
    """Play it on a stage of its own."""
    with tempfile.TemporaryDirectory(prefix="ct-bot-rehearsal-") as folder:
        stage = Stage(data=Path(folder), pace=QUICK_PACE, reboot_seconds=3.0, heartbeat_seconds=0.5)
        async with stage:
            return await rehearse_on(stage, commands)


async def rehearse_on(stage: Stage, commands: Sequence[str]) -> list[Spoken]:
    """Commands as they are typed, first by somebody who is not linked; one reboot to its end.

    Raises NotSeenError for a command that the bot leaves without an answer.
    """
    async with Workspace(stage.slack_url) as slack:
        rehearsal = Rehearsal(slack, slack.person("ana", "noc"))
        await rehearsal.types("/ct")
        await rehearsal.opens_home()
        await rehearsal.types("/ct whoami")
        await rehearsal.links()
        await rehearsal.opens_home()
        await rehearsal.reboots("/ct reboot lobby ap-3", "Reboot Lobby AP-3", end="Lobby AP-3 is back.")
        for command in commands:
            await rehearsal.types(command)
        return rehearsal.spoken
