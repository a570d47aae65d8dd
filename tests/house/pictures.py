"""`make pictures`: the pictures of the README, made from the real demo in a real browser, so that they stay true."""

import asyncio
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from bot.sandbox.browser import Browser as Walker
from bot.sandbox.slack.person import Workspace
from bot.sandbox.stage import Stage

DOCS = Path(__file__).parents[2] / "docs"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--hide-scrollbars"]
PACE = {"poll": 0.5, "people": 2.0, "card_grace": 2.0}
STORY = ("/ct status", "/ct reboot lobby ap-3 because guests cannot log in")
HIGHLIGHT_MS = 4_000  # what is new stands out for a moment


@dataclass(frozen=True)
class Exchange:
    """What is typed and then pressed for a picture, and which part of the page it shows."""

    text: str
    before: str = ""  # so that there is something to tell
    press: str = ""
    shows: str = "article.message"
    told: str = ""  # waited for, in the direct messages
    dark: bool = False
    height: int = 900


EXCHANGES = {
    "status": Exchange("/ct status"),
    "boxes": Exchange("/ct boxes café nord"),
    "box": Exchange("/ct box lobby ap-3", dark=True),
    "which": Exchange("/ct reboot lobby"),
    "question": Exchange("/ct reboot lobby ap-3 because guests cannot log in", dark=True),
    "usage": Exchange("/ct usage café nord for 7d"),
    "report": Exchange("/ct report harbour hotel for 30d", dark=True, height=1400),
    "history": Exchange(
        "/ct history lobby ap-3", before="/ct mute lobby ap-3 for 2h because it is being moved", dark=True
    ),
    "logs": Exchange("/ct logs lobby ap-3 for 10 min about dhcp", height=1400),
    "voucher": Exchange("/ct voucher new harbour hotel 20 codes 1 day called Autumn fair"),
    "codes": Exchange(
        "/ct voucher new harbour hotel 20 codes 1 day called Spring fair",
        press="Make 20 Codes",
        shows="article.message:has-text('The first 10')",
        told="The first 10",
    ),
    "form": Exchange("/ct voucher new harbour hotel", shows="dialog", dark=True, height=1200),
    "client": Exchange("/ct clients café nord", height=1400),
    "doctor": Exchange("/ct doctor"),
    "help": Exchange("/ct help", height=2400),
}


@asynccontextmanager
async def page(browser: Browser, stage: Stage, *, width: int, height: int, dark: bool = False) -> AsyncIterator[Page]:
    """The practice Slack as Ana, in #noc."""
    context: BrowserContext = await browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if dark else "light",
        device_scale_factor=2,
        timezone_id="Europe/London",
        locale="en-GB",
    )
    tab = await context.new_page()
    await tab.goto(f"{stage.slack_url}/#user=ana&channel=noc")
    await tab.get_by_role("button", name="Dismiss").click()
    yield tab
    await context.close()


async def type_in(tab: Page, text: str) -> None:
    box = tab.locator("textarea").first
    await box.fill(text)
    await box.press("Enter")
    await tab.wait_for_timeout(1200)


async def draw(tab: Page, exchange: Exchange, to: Path) -> None:
    """One exchange; what came last is the picture."""
    for typed in filter(None, (exchange.before, exchange.text)):
        await type_in(tab, typed)
    if exchange.press:
        await tab.get_by_role("button", name=exchange.press).last.click()
    if exchange.told:
        await tab.evaluate("location.hash = 'user=ana&channel=app'")
        await tab.get_by_text(exchange.told).last.wait_for(timeout=60_000)
    await tab.wait_for_timeout(HIGHLIGHT_MS)
    await tab.locator(exchange.shows).last.screenshot(path=to)
    if exchange.shows == "dialog":
        await tab.keyboard.press("Escape")
        await tab.locator("dialog").wait_for(state="detached")


async def main() -> None:
    """Draw them all into docs/."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("The pictures need chromium.")
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(data=Path(folder), pace=PACE, reboot_seconds=5.0, heartbeat_seconds=0.5)
        async with stage, async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
            await link(stage)
            for name, exchange in EXCHANGES.items():
                async with page(browser, stage, width=440, height=exchange.height, dark=exchange.dark) as tab:
                    await draw(tab, exchange, DOCS / f"{name}.png")
            async with httpx.AsyncClient(base_url=stage.slack_url, trust_env=False) as http:
                await http.post("/_practice/reset")
            async with page(browser, stage, width=1100, height=690) as tab:
                for text in STORY:
                    await type_in(tab, text)
                await tab.get_by_role("button", name="Reboot Lobby AP-3").last.click()
                await tab.get_by_text("is back.").wait_for(timeout=30_000)
                await tab.wait_for_timeout(HIGHLIGHT_MS)
                await tab.screenshot(path=DOCS / "picture.png")
            await browser.close()


async def link(stage: Stage) -> None:
    async with Workspace(stage.slack_url) as slack, Walker() as walker:
        ana = slack.person("ana", "app")
        await ana.type("/ct link")
        opened = await ana.click("Connect CT")
        await walker.link(opened.links["Go to the Connect Page"], ct_login="ana@venues.example", slack_user="U01ANA")
        await ana.sees("is now linked")


if __name__ == "__main__":
    asyncio.run(main())
