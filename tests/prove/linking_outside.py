"""Family L, fourth part: answers that lead elsewhere, guessed codes, and what Slack signs."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from bot.identity import SlackUser
from bot.sandbox.serving import serve
from bot.sandbox.slack.people import ACME
from bot.stores.link_keys import keys_of
from tests.prove.linking_walks import (
    FROM_OUR_PAGE,
    LEGS,
    Browser,
    Links,
    Visit,
    browsers,
    records,
    sign_ins,
    title,
    token_requests,
    visit,
)
from tests.prove.rows import Run, row
from tests.prove.theatre import Theatre, theatre
from tests.web.visitor import query

DONE = "Done. Go back to Slack."
REDIRECTS = (301, 302, 303, 307, 308)

# --- L9 ----------------------------------------------------------------------------------------------


class Thief:
    """A host that nobody should ever speak to; it takes whatever it is sent."""

    def __init__(self) -> None:
        self.taken: list[bytes] = []
        self.url = ""

    async def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.taken.append(b"")
        with contextlib.suppress(OSError, asyncio.TimeoutError):
            self.taken[-1] = await asyncio.wait_for(reader.read(65_536), 2)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}")
        writer.close()

    @contextlib.asynccontextmanager
    async def at_work(self) -> AsyncIterator["Thief"]:
        server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        try:
            yield self
        finally:
            server.close()


class Detour:
    """In front of the practice Slack: sends one path elsewhere, and passes everything else on."""

    def __init__(self, slack: str, thief: Thief) -> None:
        self.path, self.status, self.hits = "", 307, 0
        self._slack, self._thief = slack, thief
        self.app = Starlette(routes=[Route("/{path:path}", self._pass, methods=["GET", "POST"])])

    async def _pass(self, request: Request) -> Response:
        if request.url.path == self.path:
            self.hits += 1
            return RedirectResponse(f"{self._thief.url}{self.path}", self.status)
        headers = {name: value for name, value in request.headers.items() if name != "host"}
        async with httpx.AsyncClient(trust_env=False) as http:
            url = f"{self._slack}{request.url.path}?{request.url.query}"
            answer = await http.request(request.method, url, headers=headers, content=await request.body())
        kept = {name: value for name, value in answer.headers.items() if name in {"content-type", "location"}}
        return Response(answer.content, answer.status_code, headers=kept)


class Outside:
    """What the tries of L9 share."""

    def __init__(self, run: Run, play: Theatre, thief: Thief, detour: Detour) -> None:
        self.run, self.play, self.thief, self.detour = run, play, thief, detour
        self.links = Links(play)

    @contextlib.contextmanager
    def ct_redirects(self, prefix: str) -> Any:
        """CT's answers to this path lead to the thief."""
        fault = self.play.ct.faults.add(
            kind="redirect", prefix=prefix, location=f"{self.thief.url}{prefix}", times=None
        )
        yield
        self.play.ct.faults.waiting.remove(fault)

    def turn(self) -> None:
        """The next redirects are of another kind."""
        self.detour.status = self.run.dice.choice(REDIRECTS)
        for fault in self.play.ct.faults.waiting:
            fault.status = self.run.dice.choice(REDIRECTS)

    def other_issuer(self, right: str) -> str:
        """Hosts that look like the right one."""
        host = right.partition("//")[2]
        like = [f"{right}.evil.example", f"http://evil.example#{host}", f"http://{host}@evil.example", right[:-1]]
        odd = ["", "null", "http://[", right.replace("127.0.0.1", "127.0.0.2"), f"https://{host}", self.thief.url]
        return self.run.dice.choice(like + odd)


Try = Callable[[Outside, Browser, str], Awaitable[bool]]


async def _keys_elsewhere(out: Outside, browser: Browser, user: str) -> bool:
    """Slack's signing keys lead to the thief, before any replica has them."""
    page = await browser.look(await browser.to_slack_callback(await out.links.new(user)))
    return page.status_code == 503


async def _slack_issuer(out: Outside, browser: Browser, user: str) -> bool:
    before = sign_ins(out.play)
    back = await browser.to_slack_callback(await out.links.new(user))
    page = await browser.look(f"{back}&{httpx.QueryParams(iss=out.other_issuer(out.play.to_slack.url))}")
    return page.status_code == 410 and sign_ins(out.play) == before


async def _ct_issuer(out: Outside, browser: Browser, user: str) -> bool:
    back = await browser.to_ct_callback(await out.links.new(user))
    page = await browser.look(f"{back}&{httpx.QueryParams(iss=out.other_issuer(out.play.to_ct.url))}")
    return page.status_code == 410


async def _refused_by_ct(out: Outside, browser: Browser, user: str) -> bool:
    page = await browser.look(await browser.to_ct_callback(await out.links.new(user)))
    return page.status_code == 502


async def _other_host(out: Outside, browser: Browser, user: str) -> bool:
    """The form of the page, asked for under another host's name."""
    path = (await out.links.new(user)).removeprefix(out.play.front.url) + "/start"
    evil = out.thief.url.removeprefix("http://").encode()
    names = out.run.dice.sample(["Host", "X-Forwarded-Host", "X-Forwarded-Server", "X-Original-Host"], 2)
    headers = {name: value.encode() for name, value in FROM_OUR_PAGE.items()} | dict.fromkeys(names, evil)
    (answer,) = await visit([out.play.replicas[0].port], [Visit(path.encode(), headers, b"POST")])
    onward = answer.headers["location"]
    back = query(onward)["redirect_uri"]
    return onward.startswith(f"{out.play.to_slack.url}/openid/") and back == f"{out.play.front.url}{LEGS[0]}"


async def _renewal_elsewhere(out: Outside, browser: Browser, user: str) -> bool:
    """A renewal, and then the revocation of an unlink, are answered with redirects."""
    play, redis = out.play, out.play.store.redis
    await play.link([user])
    asked: Any = redis.hset(keys_of(SlackUser(ACME, user))[0], "refresh_at", "0")
    await asked
    had = len(play.seen(user))
    await play.type(user, "/ct whoami")
    await play.sees(user, "You act as", after=had)
    await play.type(user, "/ct unlink")
    await play.sees(user, "Unlinked.", after=had)
    return True


@row(
    "L9",
    p=1,
    hold="codes, tokens and secrets go to the pinned hosts alone, wherever an answer or a request points",
    full=500,
    small=21,
    unit="misleading answers",
)
async def l9(run: Run) -> None:
    thief = Thief()
    async with theatre(run) as play, thief.at_work():
        detour = Detour(f"http://127.0.0.1:{play.to_slack.targets[0]}", thief)
        async with serve(detour.app) as url:
            slack, play.to_slack.targets[:] = list(play.to_slack.targets), [int(url.rpartition(":")[2])]
            play.to_slack.drop()
            out, share = Outside(run, play, thief, detour), -(-run.n // 7)
            users = play.people(min(8, share))
            async with browsers(play, users) as some:
                who = list(zip(some, users, strict=True))
                detour.path = "/openid/connect/keys"
                await _all(out, _keys_elsewhere, who, share)
                detour.path = "/api/openid.connect.token"
                await _all(out, _keys_elsewhere, who, share)
                run.holds(detour.hits >= 2 * share, f"only {detour.hits} answers of Slack's were redirects")
                detour.path = ""
                play.to_slack.targets[:] = slack
                play.to_slack.drop()
                await _all(out, _slack_issuer, who, share)
                await _all(out, _ct_issuer, who, share)
                await _all(out, _other_host, who, share)
                run.holds(token_requests(play) == 0, f"{token_requests(play)} codes went to CT")
                with out.ct_redirects("/oauth/token"):
                    await _all(out, _refused_by_ct, who, share)
                with out.ct_redirects("/api/v1/me"):
                    await _all(out, _refused_by_ct, who, share)
                run.holds(token_requests(play) == 2 * share, f"{token_requests(play)} codes were sent, not {2 * share}")
                run.holds(await records(play) == [], "something was stored")
                with out.ct_redirects("/oauth/token"), out.ct_redirects("/oauth/revoke"):
                    await _all(out, _renewal_elsewhere, who[:3], 3)
                    await play.until(
                        lambda: _spoiled(play, "/oauth/revoke") >= 3, what="revocations that lead elsewhere"
                    )
                done = await some[0].link(await out.links.new(users[0]))
                run.holds(title(done) == DONE, f"the honest way ended in {title(done)!r}")
        run.holds(not thief.taken, f"the thief was sent {thief.taken[:2]}")
        run.note(f"{run.done} tries of 7 kinds and a few renewals; the other host heard nothing")


async def _all(out: Outside, one: Try, who: list[tuple[Browser, str]], count: int) -> None:
    async def lane(number: int) -> None:
        browser, user = who[number]
        for _ in range(number, count, len(who)):
            out.turn()
            right = await one(out, browser, user)
            out.run.holds(right, f"{one.__name__} was not refused as it should be")
            out.run.tried()

    await asyncio.gather(*(lane(number) for number in range(len(who))))


def _spoiled(play: Theatre, path: str) -> int:
    return sum(line["path"] == path and line.get("fault") == "redirect" for line in play.ct.log.rows)
