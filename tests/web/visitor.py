"""Somebody with a browser: cookies, the button, CT's forms; every step also by itself, for the attacks."""

import contextlib
import re
from collections.abc import AsyncIterator
from html import unescape
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx

_FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


class Visitor:
    """`slack`: `<team>.<user>` signed in to Slack in this browser; `ct`: who they are at CT."""

    def __init__(self, http: httpx.AsyncClient, *, slack: str, ct: str) -> None:
        self.http = http
        self.ct = ct
        http.cookies.set("slack_user", slack, domain="127.0.0.1")

    async def look(self, url: str) -> httpx.Response:
        return await self.http.get(url)

    async def press_continue(self, link: str) -> httpx.Response:
        return await self.http.post(f"{link}/start", headers={"Sec-Fetch-Site": "same-origin", "Origin": "null"})

    async def follow(self, answer: httpx.Response) -> httpx.Response:
        return await self.http.get(urljoin(str(answer.url), answer.headers["location"]))

    async def to_slack_callback(self, link: str) -> str:
        """Press Continue, sign in with Slack; where Slack sends this browser then."""
        signed_in = await self.follow(await self.press_continue(link))
        return signed_in.headers["location"]

    async def to_ct(self, link: str) -> str:
        """The same, and one step on: CT's authorize page."""
        answer = await self.look(await self.to_slack_callback(link))
        return answer.headers["location"]

    async def to_ct_callback(self, link: str) -> str:
        """The whole way, up to where CT sends this browser with a code."""
        return await self.allow_at_ct(await self.to_ct(link))

    async def allow_at_ct(self, authorize: str, *, allow: bool = True) -> str:
        """Sign in at CT, allow it (or not); returns the callback that CT redirects to."""
        await self.http.post(urljoin(authorize, "/login"), data={"email": self.ct, "password": "practice"})
        page = await self.look(authorize)
        if page.status_code == 200:
            fields = {name: unescape(value) for name, value in _FIELD.findall(page.text.split("</form>")[0])}
            refusal = {} if allow else {"_method": "delete"}
            page = await self.http.post(urljoin(authorize, "/oauth/authorize"), data=fields | refusal)
        return page.headers["location"]

    async def link(self, link: str) -> httpx.Response:
        """Everything; the last page."""
        return await self.look(await self.to_ct_callback(link))


@contextlib.asynccontextmanager
async def visitor(*, slack: str = "T01ACME.U01ANA", ct: str = "ana@venues.example") -> AsyncIterator[Visitor]:
    """A fresh browser."""
    async with httpx.AsyncClient() as http:
        yield Visitor(http, slack=slack, ct=ct)


def query(url: str) -> dict[str, str]:
    """The parameters of a URL."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
