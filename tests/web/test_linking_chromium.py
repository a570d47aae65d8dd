"""The linking pages in a real browser: what Chromium says of itself, and what it does with our policy."""

import pytest
from playwright.async_api import Page, Request

from tests.web.chromium import NEEDED, sign_in_at_ct
from tests.web.site import LEE, Site

pytestmark = [pytest.mark.asyncio(loop_scope="module"), NEEDED]


async def test_a_browser_walks_through_slack_and_ct_and_the_second_time_in_one_go(site: Site, page: Page) -> None:
    posts: list[Request] = []
    complaints: list[str] = []
    page.on("request", lambda request: posts.append(request) if request.method == "POST" else None)
    page.on("console", lambda message: complaints.append(message.text))
    await page.goto(await site.link_for())
    await page.click("text=Continue")
    await sign_in_at_ct(page)
    first = await page.inner_text("h1")
    await page.goto(await site.link_for())
    await page.click("text=Continue")
    second = await page.inner_text("h1")

    assert (first, second) == ("Done. Go back to Slack.", "Done. Go back to Slack.")
    headers = await posts[0].all_headers()
    assert (headers["origin"], headers["sec-fetch-site"]) == ("null", "same-origin")
    assert not [text for text in complaints if "Content Security Policy" in text]


async def test_the_pages_are_styled_and_fit_a_phone(site: Site, page: Page) -> None:
    await page.goto(await site.link_for(handle="a" * 80))
    wide = await page.evaluate("document.documentElement.scrollWidth")
    button = await page.locator("button").bounding_box()
    radius = await page.evaluate("getComputedStyle(document.querySelector('main')).borderRadius")

    assert (wide, radius) == (390, "16px")
    assert button is not None and button["height"] >= 44


async def test_dark_and_light_differ(site: Site, page: Page) -> None:
    colours = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        await page.goto(await site.link_for())
        colours.append(await page.evaluate("getComputedStyle(document.body).backgroundColor"))

    assert colours[0] != colours[1]


async def test_another_persons_link_ends_on_its_page(site: Site, page: Page) -> None:
    await page.goto(await site.link_for(LEE, handle="lee"))
    await page.click("text=Continue")

    assert await page.inner_text("h1") == "This link was made for another Slack user. Nothing was connected."
    assert site.exchanges == 0


async def test_another_site_cannot_press_the_button_in_this_browser(site: Site, page: Page) -> None:
    link = await site.link_for()
    await page.goto(f"{site.issuer.url}/nowhere")
    await page.set_content(f'<form method="post" action="{link}/start"><button>Win</button></form>')
    await page.click("text=Win")

    assert await page.inner_text("h1") == "That did not come from our own page."
