"""The page of the typed code in a real browser: read on a phone, in the light and in the dark."""

import pytest
from playwright.async_api import Page

from bot.services.link_exchange import Outcome
from tests.web.chromium import NEEDED, sign_in_at_ct
from tests.web.site import ANA, Site

pytestmark = [pytest.mark.asyncio(loop_scope="module"), NEEDED]

TYPED = True


async def _to_the_code(site: Site, page: Page, *, handle: str = "ana") -> None:
    await page.goto(await site.link_for(handle=handle))
    await page.click("text=Continue")
    await sign_in_at_ct(page)
    await page.wait_for_selector(".code")


async def test_a_browser_walks_to_its_code_and_the_code_links(site: Site, page: Page) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    await _to_the_code(site, page)
    code = await page.inner_text(".code")
    cookies = {cookie["name"] for cookie in await page.context.cookies()}
    await page.reload()
    again = await page.inner_text("h1")
    done = await site.replicas[1].enter(ANA, code)

    assert (done, again) == (Outcome.DONE, "The code is shown only once.")
    assert "ct-link" not in cookies
    assert not [text for text in complaints if "Content Security Policy" in text]


async def test_the_warning_is_larger_than_the_code_and_all_fits_a_phone(site: Site, page: Page) -> None:
    await _to_the_code(site, page, handle="a" * 80)
    sizes = [
        float(await page.evaluate(f"parseFloat(getComputedStyle(document.querySelector('{what}')).fontSize)"))
        for what in (".code", "h1", "p:last-child")
    ]
    code = await page.locator(".code").bounding_box()

    assert sizes[1] > sizes[0] > sizes[2]
    assert await page.evaluate("document.documentElement.scrollWidth") == 390
    assert code is not None and code["y"] + code["height"] < 780


async def test_one_touch_takes_the_whole_code(site: Site, page: Page) -> None:
    await _to_the_code(site, page)
    await page.click(".code")

    assert (await page.evaluate("getSelection().toString()")).strip() == await page.inner_text(".code")
