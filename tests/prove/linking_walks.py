"""Browsers that walk the linking pages of the replicas, and raw visits by the thousand, for family L."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

import httpx

from bot.crypto import Keyring
from bot.identity import SlackUser
from bot.sandbox.slack.people import ACME
from bot.services.link_parts import LinkParts
from bot.services.linking import Linking
from bot.services.sign_in import SlackSignIn
from bot.stores.held_codes import HeldCodes
from bot.stores.linking import LinkingStore
from tests.prove.theatre import ANA_AT_CT, KEY, Theatre
from tests.web.visitor import Visitor

FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
LEGS = ("/oauth/slack/callback", "/oauth/ct/callback")
COOKIE = "ct-link"
OLEG_AT_CT = "oleg@cafes.example"
_FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')
_TLS = ssl.create_default_context()  # made once: a client of its own takes longer than what it asks


class Browser(Visitor):
    """Somebody signed in to Slack and to CT; each of their requests is answered by another replica."""

    def __init__(self, http: httpx.AsyncClient, play: Theatre, user: str, ct: str) -> None:
        super().__init__(http, slack="", ct=ct)
        self.play = play
        self._turn = len(play.slack.sign_in.allowed)
        self.is_now(user)

    def is_now(self, user: str) -> None:
        """Somebody else signs in to Slack here, who has allowed the bot's sign-in before."""
        self.http.cookies.set("practice_user", user, domain="127.0.0.1")
        self.play.slack.sign_in.allowed.add(user)

    def _here(self, url: str) -> str:
        """The same page, past the proxies."""
        play = self.play
        self._turn += 1
        if url.startswith(play.front.url):
            ports = play.front.targets
            return f"http://127.0.0.1:{ports[self._turn % len(ports)]}{url[len(play.front.url) :]}"
        for proxy in (play.to_ct, play.to_slack):
            if url.startswith(proxy.url):
                return f"http://127.0.0.1:{proxy.targets[0]}{url[len(proxy.url) :]}"
        return url

    async def look(self, url: str) -> httpx.Response:
        return await self.http.get(self._here(url))

    async def press_continue(self, link: str) -> httpx.Response:
        return await self.http.post(self._here(f"{link}/start"), headers=FROM_OUR_PAGE)

    async def follow(self, answer: httpx.Response) -> httpx.Response:
        return await self.look(answer.headers["location"])

    async def allow_at_ct(self, authorize: str, *, allow: bool = True) -> str:
        """Sign in at CT if this browser is not, and allow it."""
        here = self._here(authorize)
        page = await self.http.get(here)
        if urlsplit(page.headers.get("location", "")).path == "/login":
            await self.http.post(urljoin(here, "/login"), data={"email": self.ct, "password": "practice"})
            page = await self.http.get(here)
        if page.status_code == 200:
            fields = {name: unescape(value) for name, value in _FIELD.findall(page.text.split("</form>")[0])}
            refusal = {} if allow else {"_method": "delete"}
            page = await self.http.post(urljoin(here, "/oauth/authorize"), data=fields | refusal)
        return page.headers["location"]

    @property
    def cookie(self) -> str:
        """What binds this browser to its attempt; empty before it has one."""
        return self.http.cookies.get(COOKIE) or ""


@contextlib.asynccontextmanager
async def browsers(play: Theatre, users: Sequence[str], *, ct: str = ANA_AT_CT) -> AsyncIterator[list[Browser]]:
    """One for each of them."""
    async with contextlib.AsyncExitStack() as stack:
        found = []
        for user in users:
            http = httpx.AsyncClient(verify=_TLS, trust_env=False, timeout=30.0)
            found.append(Browser(await stack.enter_async_context(http), play, user, ct))
        yield found


class Links:
    """Makes links as pressing *Connect CT* makes them, past Slack: on the same store, with the same keys."""

    def __init__(self, play: Theatre) -> None:
        services = play.services
        parts = LinkParts(
            ct=services.ct,
            sessions=services.sessions,
            store=LinkingStore(services.redis),
            held=HeldCodes(services.redis),
            queue=services.queue,
            keyring=Keyring([KEY]),
            audit=services.audit,
            notices=services.told,
            tasks=services.tasks,
            public_url=play.front.url,
            loopback=True,
        )
        http = httpx.AsyncClient(verify=_TLS, trust_env=False)  # never asks anything: links are only made here
        sign_in = SlackSignIn(
            http=http, client_id="", client_secret="", slack_url="", api_url="", public_url=play.front.url
        )
        self._linking: Linking = parts.by_slack(sign_in)

    async def new(self, user: str, *, team: str = ACME) -> str:
        """A fresh link for somebody; the older one of theirs is dead."""
        return await self._linking.mint(SlackUser(team, user), handle=user.lower(), workspace="Acme", resume=None)


# --- what came of it -----------------------------------------------------------------------------------


def exchanges(play: Theatre) -> int:
    """Codes that were sent to CT's token endpoint."""
    return sum(row.get("grant") == "authorization_code" for row in play.ct.log.rows)


def token_requests(play: Theatre) -> int:
    """Everything that CT's token endpoint was asked."""
    return sum(row["path"] == "/oauth/token" for row in play.ct.log.rows)


def sign_ins(play: Theatre) -> int:
    """Codes that were sent to Slack's token endpoint."""
    return sum(call["method"] == "openid.connect.token" for call in play.slack.world.journal.calls)


async def records(play: Theatre, *things: str) -> list[str]:
    """The links there are, and those that are being proved; or other things, by the second part of their keys."""
    wanted = things or ("tok", "new")
    found = [key.decode() async for key in play.store.redis.scan_iter("ct:*", count=1_000)]
    return sorted(key for key in found if key.split(":")[1] in wanted)


async def events(play: Theatre, *names: str) -> list[dict[str, str]]:
    """Rows of the audit that are called so."""
    return [line for line in await play.audit() if line["event"] in names]


def title(page: httpx.Response) -> str:
    """The headline of one of our pages."""
    return page.text.partition("<h1>")[2].partition("</h1>")[0]


# --- visits by the thousand ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Visit:
    """One request, written by hand: no library puts its path or headers right."""

    path: bytes
    headers: Mapping[str, bytes]
    method: bytes = b"GET"

    def wire(self) -> bytes:
        head = {"Host": b"bot.example", **self.headers}
        lines = [self.method + b" " + self.path + b" HTTP/1.1"]
        lines += [name.encode() + b": " + value for name, value in head.items()]
        if self.method == b"POST":
            lines.append(b"Content-Length: 0")
        return b"\r\n".join(lines) + b"\r\n\r\n"


async def visit(ports: Sequence[int], visits: Iterable[Visit], *, at_once: int = 16) -> list[httpx.Response]:
    """Pay them, turn by turn to each port; the answers in the order of the visits."""
    waiting = list(enumerate(visits))
    answers: list[httpx.Response | None] = [None] * len(waiting)
    left = {port: [one for one in waiting if one[0] % len(ports) == k] for k, port in enumerate(ports)}

    async def one(port: int) -> None:
        reader = writer = None
        while left[port]:
            number, wanted = left[port].pop()
            if writer is None or reader is None:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(wanted.wire())
            answers[number] = answer = await _answer(reader, head_only=wanted.method == b"HEAD")
            if answer.headers.get("connection") == "close":
                writer.close()
                writer = None
        if writer is not None:
            writer.close()

    each = max(1, at_once // len(ports))
    await asyncio.gather(*(one(port) for port in ports for _ in range(each)))
    return [answer for answer in answers if answer is not None]


async def _answer(reader: asyncio.StreamReader, *, head_only: bool) -> httpx.Response:
    async with asyncio.timeout(30):
        first, *lines = (await reader.readuntil(b"\r\n\r\n"))[:-4].split(b"\r\n")
        headers = [(name, value.strip()) for name, _, value in (line.partition(b":") for line in lines)]
        length = int(next((value for name, value in headers if name.lower() == b"content-length"), b"0"))
        body = b"" if head_only else await reader.readexactly(length)
    return httpx.Response(int(first.split(b" ")[1]), headers=headers, content=body)


def callback(leg: str, cookie: str = "", **params: str) -> Visit:
    """A visit to where Slack or CT sends browsers back to."""
    path = f"{leg}?{httpx.QueryParams(params)}"
    return Visit(path.encode(), {"Cookie": f"{COOKIE}={cookie}".encode()} if cookie else {})
