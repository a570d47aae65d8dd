"""The practice Slack's page in a real browser, against the real practice Slack."""

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, Route, ViewportSize, WebSocketRoute, async_playwright, expect

from tests.sandbox.page_app import PageApp, button, plain, practice, section

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
PATIENCE = 15_000  # milliseconds: a machine that runs everything at once is slow, not wrong
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(
        CHROMIUM is None and not os.getenv("CI"), reason="no Chromium here: the page was not tried in a browser"
    ),
]

Opener = Callable[..., Awaitable[Page]]
DESKTOP, PHONE = ViewportSize(width=1280, height=800), ViewportSize(width=390, height=844)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    async with async_playwright() as playwright:
        found = await playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield found
        await found.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served() -> AsyncIterator[PageApp]:
    async with practice() as found:
        yield found


@pytest_asyncio.fixture(loop_scope="module")
async def app(served: PageApp) -> PageApp:
    """The app and its practice Slack, as on the first day."""
    await served.forget()
    return served


@pytest_asyncio.fixture(loop_scope="module")
async def visit(browser: Browser, app: PageApp) -> AsyncIterator[Opener]:
    """Opens the page as somebody; afterwards no page may have complained."""
    contexts, complaints = [], list[str]()

    async def open_page(
        where: str = "user=ana&channel=noc",
        size: ViewportSize = DESKTOP,
        scheme: Literal["light", "dark"] = "light",
        before: Callable[[Page], Awaitable[None]] | None = None,
    ) -> Page:
        context = await browser.new_context(viewport=size, color_scheme=scheme, has_touch=size is PHONE)
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        if before:
            await before(page)
        await page.goto(f"{app.slack_url}/#{where}")
        await expect(page.locator(".lamp.is-live")).to_be_attached()
        return page

    yield open_page
    for context in contexts:
        await context.close()

    assert complaints == []


def said(page: Page, text: str) -> Locator:
    """What stands in the message list (screen readers are told the same elsewhere)."""
    return page.get_by_role("list", name="Messages").get_by_text(text)


async def type_in(page: Page, text: str) -> None:
    await page.get_by_role("textbox", name="Message").fill(text)
    await page.keyboard.press("Enter")


async def test_a_typed_command_is_explained_as_one_types_and_answered_to_the_asker_alone(visit: Opener) -> None:
    ana, lee = await visit(), await visit("user=lee&channel=noc")
    await ana.locator("#composer").fill("/c")
    explained = await ana.get_by_role("option").inner_text()
    await ana.keyboard.press("Tab")
    await ana.keyboard.type("boxes")
    await ana.keyboard.press("Enter")

    await expect(said(ana, "Which box?")).to_be_visible()
    await expect(said(ana, "Only visible to you")).to_be_visible()
    assert "/ct" in explained
    assert "Look after your Wi-Fi" in explained
    assert await said(lee, "Which box?").count() == 0


async def test_a_button_that_asks_sends_nothing_before_the_yes(visit: Opener, app: PageApp) -> None:
    page = await visit()
    await type_in(page, "/ct boxes")
    reboot = page.get_by_role("button", name="Reboot Lobby AP-1")
    await reboot.click()
    await page.get_by_role("dialog").get_by_role("button", name="Keep It").click()
    await reboot.click()
    await page.keyboard.press("Escape")
    before = list(app.actions)
    await reboot.click()
    await page.get_by_role("dialog").get_by_role("button", name="Reboot").click()
    async with asyncio.timeout(5):
        while not app.actions:
            await asyncio.sleep(0.01)
    await expect(reboot).not_to_have_class(re.compile("is-busy"))
    await expect(page.get_by_role("dialog")).to_have_count(0)

    assert (before, app.actions) == ([], ["reboot"])


async def test_a_message_is_edited_in_place_before_ones_eyes(visit: Opener, app: PageApp) -> None:
    page = await visit()
    posted = await app.say("Lobby AP-1 is going down", [section("Lobby AP-1 is *going down*")])
    await expect(said(page, "going down")).to_be_visible()
    await app.say("Something else")
    await app.api(
        "chat.update", channel="C01NOC", ts=posted["ts"], text="It is back", blocks=[section("Lobby AP-1 is *back*")]
    )

    first = page.locator(".message").first
    await expect(first).to_contain_text("Lobby AP-1 is back")
    await expect(first).to_contain_text("(edited)")
    await expect(page.locator(".message")).to_have_count(2)


async def test_an_external_select_searches_as_one_types(visit: Opener, app: PageApp) -> None:
    page = await visit()
    await type_in(page, "/ct boxes")
    await page.get_by_role("button", name="Search a box").click()
    search = page.get_by_role("combobox")
    await search.press_sequentially("t")
    await expect(page.get_by_text("Type 1 more character to search.")).to_be_visible()
    await search.fill("zebra")
    await expect(page.get_by_text("No results")).to_be_visible()
    await search.fill("lobby")
    await expect(page.locator(".option")).to_have_count(2)
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")

    await expect(said(page, "You picked Lobby AP-2.")).to_be_visible()
    assert app.queries == ["zebra", "lobby"]


async def test_a_modal_keeps_what_was_typed_and_says_what_is_wrong(visit: Opener) -> None:
    page = await visit()
    await type_in(page, "/ct boxes")
    await page.get_by_role("button", name="Mute a Box").click()
    dialog, field = page.get_by_role("dialog"), page.get_by_role("dialog").get_by_label("Box", exact=True)
    await dialog.get_by_role("button", name="Mute It").click()
    await expect(dialog.get_by_text("This is required.")).to_be_visible()
    await field.fill("Loby")
    await page.keyboard.press("Enter")
    await expect(dialog.get_by_text("No box is called Loby.")).to_be_visible()
    await expect(field).to_have_value("Loby")
    await expect(field).to_be_focused()
    await field.fill("Lobby AP-2")
    await page.keyboard.press("Enter")

    await expect(said(page, "Lobby AP-2 is muted.")).to_be_visible()
    await expect(dialog).to_have_count(0)


HOSTILE = "&lt;!channel&gt; <img src=x onerror=pwned=1> <javascript:pwned=1|press> <script>pwned=1</script> *bold*"


async def test_hostile_text_stays_text(visit: Opener, app: PageApp) -> None:
    page = await visit()
    accessory = button("<b>Look</b>", "x", url="https://ct.example/?a=1&b=2")
    await app.say(HOSTILE, [section(HOSTILE, accessory=accessory), {"type": "header", "text": plain("<i>Header</i>")}])
    message = page.locator(".message")
    await expect(message).to_contain_text(
        "<img src=x onerror=pwned=1> <javascript:pwned=1|press> <script>pwned=1</script> bold"
    )

    await expect(message).to_contain_text("<!channel>")
    await expect(message).to_contain_text("<i>Header</i>")
    assert await message.locator("img, script, b, i, .mention, a:not(.button)").count() == 0
    assert await message.locator("a.button").get_attribute("rel") == "noopener noreferrer"
    assert await page.evaluate("window.pwned") is None


WIDE = [
    section("*A* " + "verylongword" * 30, fields=[plain("One"), plain("Two")]),
    {"type": "table", "rows": [[{"type": "raw_text", "text": f"Column {n}"} for n in range(12)] for _ in range(3)]},
    {"type": "actions", "elements": [button(f"Reboot the box number {n}", f"b{n}") for n in range(4)]},
    {"type": "actions", "elements": [{"type": "users_select", "action_id": "u", "placeholder": plain("Somebody")}]},
]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_nothing_sticks_out_sideways(
    visit: Opener, app: PageApp, width: int, scheme: Literal["light", "dark"]
) -> None:
    await app.say("Wide", WIDE)
    page = await visit(size=ViewportSize(width=width, height=800), scheme=scheme)
    await expect(page.get_by_role("button", name="Reboot the box number 3")).to_be_visible()

    for scrolled in ("document.documentElement", "document.querySelector('.scroller')"):
        assert await page.evaluate(f"{scrolled}.scrollWidth <= {scrolled}.clientWidth")
    heights = await page.evaluate(
        "[...document.querySelectorAll('.message button, .composer button')].map(b => b.offsetHeight)"
    )
    assert min(heights) >= (40 if width == 360 else 32)
    dark = await page.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0] < 128")
    assert dark is (scheme == "dark")


async def test_the_channel_list_is_a_drawer_on_a_phone(visit: Opener) -> None:
    page = await visit(size=PHONE)
    drawer = page.get_by_role("navigation", name="Workspace")
    await expect(drawer).to_be_hidden()
    await page.get_by_role("button", name="Channels and people").click()
    await drawer.get_by_role("button", name="Lee Chen").click()
    await drawer.get_by_role("button", name="ops").click()

    await expect(drawer).to_be_hidden()
    await expect(page.get_by_role("heading", name="ops")).to_be_visible()
    await expect(page.get_by_text("as @lee")).to_be_visible()
    assert page.url.endswith("#user=lee&channel=ops")


async def test_the_box_recalls_breaks_lines_and_hears_slackbot(visit: Opener) -> None:
    page = await visit()
    box = page.locator("#composer")
    await type_in(page, "/nonsense now")
    await expect(said(page, "/nonsense is not a valid command.")).to_be_visible()
    await box.press("ArrowUp")
    recalled = await box.input_value()
    await box.fill("one")
    await box.press("Shift+Enter")
    await page.keyboard.type("two")
    await page.keyboard.press("Enter")

    await expect(page.locator(".message").last).to_contain_text("two")
    assert recalled == "/nonsense now"
    assert await page.locator(".message").last.locator("br").count() == 1
    assert await box.input_value() == ""


async def test_what_was_said_while_the_line_was_down_is_there_afterwards(visit: Opener, app: PageApp) -> None:
    lines: list[WebSocketRoute] = []

    def on_socket(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    page = await visit(before=lambda page: page.route_web_socket("**/_ui/ws**", on_socket))
    await lines[0].close()
    await expect(page.get_by_text("Reconnecting …")).to_be_visible()
    await app.say("Said in between")

    await expect(said(page, "Said in between")).to_be_visible()
    await expect(page.get_by_text("Live", exact=True)).to_be_visible()


async def test_the_page_waits_for_a_server_that_is_not_up_yet(visit: Opener) -> None:
    refused = list[str]()

    async def refuse_once(route: Route) -> None:
        if refused:
            await route.continue_()
        else:
            refused.append(route.request.url)
            await route.abort()

    page = await visit(before=lambda page: page.route("**/_ui/state**", refuse_once))

    await expect(page.get_by_role("heading", name="noc")).to_be_visible()
    assert len(refused) == 1


async def test_reading_older_messages_is_not_disturbed(visit: Opener, app: PageApp) -> None:
    for number in range(30):
        await app.say(f"Line {number}")
    page = await visit()
    await expect(said(page, "Line 29")).to_be_in_viewport()
    await page.evaluate("document.querySelector('.scroller').scrollTop = 40")
    await app.say("The newest")
    await page.get_by_role("button", name="New messages").wait_for()
    stayed = await page.evaluate("document.querySelector('.scroller').scrollTop")
    await page.get_by_role("button", name="New messages").click()

    await expect(said(page, "The newest")).to_be_in_viewport()
    assert stayed == 40


async def test_the_home_tab_is_published_when_it_is_opened(visit: Opener, app: PageApp) -> None:
    page = await visit("user=ana&channel=app")
    await page.get_by_role("tab", name="Home").click()
    await page.get_by_role("button", name="Look").click()
    await expect(page.get_by_role("button", name="Look")).not_to_have_class(re.compile("is-busy"))

    await expect(page.get_by_text("Two boxes are down")).to_be_visible()
    assert app.actions == ["look"]


async def test_a_home_tab_that_is_published_while_it_is_fetched_stays(visit: Opener) -> None:
    page, answered = await visit("user=ana&channel=app"), asyncio.Event()

    async def older(route: Route) -> None:
        await expect(page.get_by_role("button", name="Look")).to_be_visible()
        await route.fulfill(json={"view": None})
        answered.set()

    await page.route("**/_ui/home?*", older)
    await page.get_by_role("tab", name="Home").click()
    await asyncio.wait_for(answered.wait(), 10)
    await page.wait_for_timeout(200)

    await expect(page.get_by_role("button", name="Look")).to_be_visible()


async def test_dates_are_shown_in_the_viewers_words(visit: Opener, app: PageApp) -> None:
    page = await visit()
    await app.say(
        "When",
        [section("<!date^1392734382^{date_num} {date_short}|never> and <!date^1392734382^on {date_long}|never>")],
    )

    await expect(page.locator(".message time").nth(-2)).to_have_text("2014-02-18 Feb 18, 2014")
    await expect(page.locator(".message time").last).to_have_text("on Tuesday, February 18th, 2014")


async def test_other_channels_count_what_was_not_seen(visit: Opener, app: PageApp) -> None:
    page = await visit("user=ana&channel=general")
    await app.say("Look here")
    await page.get_by_role("button", name="noc, 1 unread").click()

    await expect(said(page, "Look here")).to_be_visible()
    await expect(page.locator(".unread")).to_have_count(0)
