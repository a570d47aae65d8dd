"""`ct-bot demo --script`: two stories without a browser, on call and at the helpdesk. Prints a transcript.

A failed step ends it with 1.
"""

import sys
import tempfile
import time
from pathlib import Path

from bot.sandbox.browser import Browser, LostError
from bot.sandbox.slack.looking import NotSeenError
from bot.sandbox.slack.person import Person, Workspace
from bot.sandbox.slack.seen import Seen
from bot.sandbox.stage import Stage

QUICK_PACE = {"poll": 0.5, "slow_poll": 1.0, "people": 2.0, "never_restarted": 8.0, "not_back": 30.0, "card_grace": 2.0}


class Story:
    """Types and clicks as a person, prints what is seen, and stops where it is not what was promised."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def _tell(self, line: str) -> None:
        print(f"{time.monotonic() - self._began:6.1f} s  {line}", flush=True)

    def _show(self, seen: Seen) -> None:
        private = "(only you) " if seen.ephemeral else ""
        for nth, line in enumerate(seen.text.splitlines()):
            print(f"{'':10}  {private if nth == 0 else ''}{line}", flush=True)

    async def types(self, who: Person, text: str, *, sees: str) -> Seen:
        """Type a command; the answer must say `sees`."""
        self._tell(f"@{who.name} types {text}")
        seen = await who.type(text, until=sees, timeout=10)
        self._show(seen)
        return seen

    async def clicks(self, who: Person, label: str, *, sees: str, sure: bool = False) -> Seen:
        """Press a button, and again in Slack's own question if it is `sure`; what follows must say `sees`."""
        self._tell(f"@{who.name} clicks [{label}]" + (", and is sure" if sure else ""))
        seen = await who.click(label, confirm=sure, until=sees, timeout=10)
        self._show(seen)
        return seen

    async def awaits(self, who: Person, text: str, *, timeout: float = 20, channel: str | None = None) -> Seen:
        """Something comes by itself."""
        seen = await who.sees(text, timeout=timeout, channel=channel)
        self._tell(f"@{who.name} sees" + (" in a direct message" if channel == "app" else ""))
        self._show(seen)
        return seen

    async def connects(self, who: Person, *, ct_login: str, slack_user: str) -> None:
        """Press Connect, and go through the pages in a browser of one's own."""
        page = await self.clicks(who, "Connect CT", sees="Your page is ready")
        self._tell(f"@{who.name} opens the page, signs in with Slack, then with CT as {ct_login}")
        async with Browser() as browser:
            end = await browser.link(next(iter(page.links.values())), ct_login=ct_login, slack_user=slack_user)
        print(f"{'':10}  {' '.join(end.split())}")


async def on_call(story: Story, slack: Workspace) -> None:
    """3 a.m.: guests cannot log in at Café Nord."""
    ana, lee = slack.person("ana", "noc"), slack.person("lee", "noc")
    await story.types(ana, "/ct reboot lobby ap-3 because guests cannot log in", sees="I need your CT account")
    await story.connects(ana, ct_login="ana@venues.example", slack_user="U01ANA")
    await story.awaits(ana, "Here is what you asked for:")
    await story.types(ana, "/ct status", sees="offline")
    await story.types(ana, "/ct boxes café nord", sees="6 boxes at Café Nord")
    await story.types(ana, "/ct box loby ap-3", sees="Did you mean Lobby AP-3")
    await story.types(ana, "/ct reboot lobby ap-3 because guests cannot log in", sees="will lose Wi-Fi")
    await story.clicks(ana, "Reboot Lobby AP-3", sees="is rebooting Lobby AP-3")
    await story.awaits(lee, "is rebooting Lobby AP-3")
    await story.awaits(lee, "Lobby AP-3 is back.", timeout=40)
    await story.types(ana, "/ct reboot lobby ap-3", sees="Nothing more was sent")
    await story.types(ana, "/ct box lobby ap-3", sees="online")
    await story.clicks(ana, "Share Here", sees="Shared by @ana")
    await story.types(ana, "/ct unlink", sees="Unlinked.")


async def helpdesk(story: Story, slack: Workspace) -> None:
    """A guest at the reception of Harbour Hotel: "my code does not work". And a fair is coming."""
    kim, lee = slack.person("kim", "noc"), slack.person("lee", "noc")
    await story.types(kim, "/ct code k0ffee in harbour hotel", sees="I need your CT account")
    await story.connects(kim, ct_login="kim@venues.example", slack_user="U03KIM")
    await story.awaits(kim, "Harbour Hotel has no code k0ffee")
    await story.types(kim, "/ct voucher reception in harbour hotel", sees="unused")
    await story.types(
        kim, "/ct voucher new harbour hotel 20 codes 1 day called Autumn fair", sees="Make 20 codes for Harbour Hotel?"
    )
    await story.clicks(kim, "Make 20 Codes", sees="CT is making 20 codes")
    await story.awaits(kim, "Your 20 codes for Harbour Hotel are ready", timeout=40)
    await story.awaits(kim, "All 20 codes for Harbour Hotel", channel="app")
    await story.types(kim, "/ct hand over autumn fair in harbour hotel to @lee", sees="@lee has a code of Autumn fair")
    given = await story.awaits(lee, "gives you a Wi-Fi code", channel="app")
    code = given.text.splitlines()[1]
    await story.types(kim, f"/ct code {code} in harbour hotel", sees="is valid, and nobody has used it yet")
    await story.clicks(kim, "Switch It Off", sees="does not work: it is switched off", sure=True)
    await story.clicks(kim, "Switch It On", sees="is valid")
    await story.types(kim, "/ct voucher off autumn fair in harbour hotel", sees="stop working")
    await story.clicks(kim, "Switch Off", sees="none of its codes works now")
    await story.types(kim, "/ct unlink", sees="Unlinked.")


async def play() -> int:
    """Set a stage of its own, play the story, and say how it went: 0, or 1 when a step failed."""
    with tempfile.TemporaryDirectory(prefix="ct-bot-script-") as folder:
        stage = Stage(data=Path(folder), pace=QUICK_PACE, reboot_seconds=4.0, heartbeat_seconds=0.5)
        async with stage, Workspace(stage.slack_url) as slack:
            try:
                story = Story()
                await on_call(story, slack)
                await helpdesk(story, slack)
                if refused := await slack.refusals():
                    print(f"Slack refused, or found unwise: {refused}", file=sys.stderr)
                    return 1
            except (NotSeenError, LostError) as error:
                print(f"\nThis step failed: {error}", file=sys.stderr)
                return 1
    print("\nBoth stories were told.")
    return 0
