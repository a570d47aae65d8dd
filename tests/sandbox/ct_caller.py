"""A caller of the practice CT: what the tests of it share."""

import contextlib
import html
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx

from bot.sandbox.ct import CLIENT_ID, CLIENT_SECRET, PracticeCT
from bot.sandbox.serving import serve

CALLBACK = "http://127.0.0.1:9/oauth/ct/callback"
ANA, KIM, IVY, OLEG = "ana@venues.example", "kim@venues.example", "ivy@venues.example", "oleg@cafes.example"


class Clock:
    """Time that moves when told to."""

    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Caller:
    """A browser and an API client in one."""

    ct: PracticeCT
    clock: Clock
    http: httpx.AsyncClient

    def bearer(self, email: str = ANA) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.ct.issue(email).access}"}

    async def get(self, path: str, *, who: str = ANA, **params: Any) -> Any:
        """The JSON of a resource, as `who` sees it."""
        answer = await self.http.get(f"/api/v1{path}", params=params, headers=self.bearer(who))
        assert answer.status_code == 200, (answer.status_code, answer.text)
        return answer.json()

    async def send(self, method: str, path: str, body: Any = None, *, who: str = ANA) -> httpx.Response:
        return await self.http.request(method, f"/api/v1{path}", json=body, headers=self.bearer(who))

    def place(self, name: str) -> str:
        """The slug of the location of that name."""
        [slug] = [place.slug for place in self.ct.world.locations.values() if place.location_name == name]
        return slug

    async def patch_box(self, slug: str, *, who: str = ANA, **changes: Any) -> httpx.Response:
        return await self.http.patch(f"/api/v1/boxes/{slug}", json={"box": changes}, headers=self.bearer(who))

    async def box(self, slug: str) -> dict[str, Any]:
        seen: dict[str, Any] = await self.get(f"/boxes/{slug}", metadata="true")
        return seen

    def slug(self, description: str, at: str | None = None) -> str:
        return self.ct.world.named(description, at).slug

    async def authorize(self, **params: str | None) -> httpx.Response:
        wanted = {"client_id": CLIENT_ID, "redirect_uri": CALLBACK, "response_type": "code", "state": "a b&c", **params}
        return await self.http.get("/oauth/authorize", params={k: v for k, v in wanted.items() if v is not None})

    async def sign_in(self, email: str = ANA) -> httpx.Response:
        return await self.http.post("/login", data={"email": email, "password": "practice", "return_to": "/"})

    async def press(self, page: httpx.Response, button: str) -> httpx.Response:
        """Send the form of the button with that label."""
        for form in re.findall(r"<form.*?</form>", page.text, re.DOTALL):
            if f">{button}<" in form:
                action = re.search(r'action="([^"]*)"', form)
                fields = dict(re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form))
                assert action
                return await self.http.post(
                    action[1], data={name: html.unescape(value) for name, value in fields.items()}
                )
        raise AssertionError(f"no button {button}")

    async def code(self, **params: str | None) -> str:
        """A fresh code for Ana, by way of the pages."""
        await self.sign_in()
        answer = await self.authorize(**params)
        if answer.status_code == 200:
            answer = await self.press(answer, "Allow")
        return sent_back(answer)["code"]

    async def token(self, **fields: str) -> httpx.Response:
        return await self.http.post(
            "/oauth/token", data={"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, **fields}
        )

    async def exchange(self, code: str, **fields: str) -> httpx.Response:
        return await self.token(grant_type="authorization_code", code=code, redirect_uri=CALLBACK, **fields)

    async def refresh(self, refresh_token: str) -> httpx.Response:
        return await self.token(grant_type="refresh_token", refresh_token=refresh_token)

    async def me(self, access_token: str) -> httpx.Response:
        return await self.http.get("/api/v1/me.json", headers={"Authorization": f"Bearer {access_token}"})


def sent_back(answer: httpx.Response) -> dict[str, str]:
    """The parameters of a redirect to the callback."""
    assert answer.status_code == 302, (answer.status_code, answer.text)
    assert answer.headers["location"].startswith(CALLBACK + "?")
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))


@contextlib.asynccontextmanager
async def practising(**switches: Any) -> AsyncIterator[Caller]:
    """A practice CT over real HTTP, with a clock that stands still, and somebody to call it."""
    clock = Clock()
    ct = PracticeCT(redirect_uris=[CALLBACK], switches=switches, clock=clock)
    async with serve(ct.app) as url, httpx.AsyncClient(base_url=url, timeout=5, verify=False) as http:
        yield Caller(ct, clock, http)
