"""The browser without a screen walks pages as a person does: cookies, redirects, forms, two sign-ins."""

from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox.browser import Browser, LostError
from bot.sandbox.ct.app import PracticeCT
from bot.sandbox.serving import serve
from bot.sandbox.slack import PracticeSlack
from bot.sandbox.slack.credentials import CLIENT_ID

LINK_PAGE = """<!doctype html><title>Connect</title><style>p {}</style><h1>Connect @ana &amp; CT</h1>
<form method="post" action="/start"><input type="hidden" name="lid" value="7"><button>Continue</button></form>"""


class LinkSite:
    """As the bot's link pages go: a button, Slack, CT, done."""

    def __init__(self) -> None:
        self.slack = self.ct = self.url = ""
        self.started: dict[str, str] = {}
        self.codes: list[str] = []

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/link", lambda _: HTMLResponse(LINK_PAGE)),
                Route("/start", self.start, methods=["POST"]),
                Route("/slack/callback", self.from_slack),
                Route("/ct/callback", self.from_ct),
            ]
        )

    async def start(self, request: Request) -> Response:
        async with request.form() as form:
            self.started = {"origin": request.headers["origin"], "lid": str(form["lid"])}
        query = {"client_id": CLIENT_ID, "redirect_uri": f"{self.url}/slack/callback", "response_type": "code"}
        answer = RedirectResponse(
            f"{self.slack}/openid/connect/authorize?{urlencode(query | {'scope': 'openid', 'state': 's'})}", 303
        )
        answer.set_cookie("link", "7", httponly=True)
        return answer

    async def from_slack(self, request: Request) -> Response:
        self.codes.append(request.query_params.get("code", "none"))
        assert request.cookies["link"] == "7"
        query = {"client_id": "practice-ct-app", "redirect_uri": f"{self.url}/ct/callback", "response_type": "code"}
        return RedirectResponse(f"{self.ct}/oauth/authorize?{urlencode(query | {'state': 't'})}", 303)

    async def from_ct(self, request: Request) -> Response:
        self.codes.append(request.query_params.get("code", "none"))
        return HTMLResponse("<title>Done</title><p>Done. Go back to <b>Slack</b>.</p>")


async def test_a_person_walks_from_the_link_page_to_its_end() -> None:
    site, slack, ct = LinkSite(), PracticeSlack(), PracticeCT(locations=2, boxes=4)
    async with (
        serve(site.app()) as site.url,
        serve(slack.app) as site.slack,
        serve(ct.app) as site.ct,
        Browser() as browser,
    ):
        slack.install(redirect_uris=[f"{site.url}/slack/callback"])
        ct.practice.application.redirect_uris[:] = [f"{site.url}/ct/callback"]
        text = await browser.link(f"{site.url}/link", ct_login="ana@venues.example", slack_user="U01ANA")
        again = await browser.link(f"{site.url}/link", ct_login="ana@venues.example", slack_user="U01ANA")

    assert text == again == "Done. Go back to\nSlack\n."
    assert browser.page.title == "Done"
    assert site.started == {"origin": site.url, "lid": "7"}
    assert len(set(site.codes)) == 4
    assert "none" not in site.codes


async def test_a_page_is_read_as_text_title_and_forms() -> None:
    site = LinkSite()
    async with serve(site.app()) as url, Browser() as browser:
        page = await browser.open(f"{url}/link")

    assert (page.title, page.text) == ("Connect", "Connect @ana & CT\nContinue")
    assert page.forms[0].fields == {"lid": "7"}
    assert page.forms[0].buttons == [("", "", "Continue")]


async def test_whoever_looks_for_what_is_not_there_is_told_what_is() -> None:
    site = LinkSite()
    async with serve(site.app()) as url, Browser() as browser:
        await browser.open(f"{url}/link")
        with pytest.raises(LostError, match="there are \\['Continue'\\]"):
            await browser.press("Allow")
        with pytest.raises(LostError, match="nobody asks for a password"):
            await browser.sign_in_to_ct("ana@venues.example")
