"""A tour of everything that touches secrets: linking both ways, every command, and every way in which it goes wrong."""

import asyncio
import base64
import re
import secrets
from typing import Any

from bot.sandbox.ct.client import clients_at
from bot.sandbox.ct.network import NETWORKS
from bot.sandbox.ct.splash_codes import SPLASH_CODES
from bot.sandbox.ct.voucher import VOUCHERS
from bot.sandbox.slack import credentials
from bot.sandbox.slack.messages import Message
from bot.slack.registry import Registry
from tests.prove.canaries import Canaries, Watched, buttons
from tests.prove.raw import Request, ask, form, sign
from tests.prove.rows import Run
from tests.prove.theatre import ANA_AT_CT, Theatre
from tests.prove.wanderer import Wanderer, wander
from tests.slack.forged import command

_SHOWN = re.compile(r'<p class="code">([0-9A-Z]{4}-[0-9A-Z]{4})</p>')
# What people type into forms and want nobody else to read, by the name of the input.
TYPED = ("encryption_key", "password", "email")


class Tour:
    """`people` link, type and press; whatever is secret in it is put into `canaries`."""

    def __init__(self, run: Run, play: Theatre, canaries: Canaries) -> None:
        self._run = run
        self._play = play
        self.canaries = canaries
        self.pages = bytearray()
        self._links: set[str] = set()

    # --- before the bot starts ------------------------------------------------------------------

    async def plant(self) -> None:
        """Secrets of its own for everything that the bot is given, and for what CT has to hand out."""
        play, plant = self._play, self.canaries.add
        key, secret, password = secrets.token_bytes(32), f"canary-{secrets.token_hex(20)}", secrets.token_hex(20)
        play.ct.practice.application.secret = secret
        await self._rights("on", f">{password}", "~*", "&*", "+@all")
        address = play.settings["REDIS_URL"].replace("redis://", f"redis://bot:{password}@")
        coded = base64.b64encode(key).decode()
        play.settings |= {"CT_CLIENT_SECRET": secret, "REDIS_URL": address, "CT_BOT_DATA_KEYS": f"tour:{coded}"}
        plant("CT client secret", secret)
        plant("store password", password)
        plant("data key", coded, key.hex())
        plant("Slack signing secret", credentials.SIGNING_SECRET)
        plant("Slack bot token", credentials.BOT_TOKEN)
        plant("Slack client secret", credentials.CLIENT_SECRET)
        self.plant_what_is_handed_out()

    def plant_what_is_handed_out(self) -> None:
        """Codes and passwords for guests, in words that are found nowhere by chance."""
        practice = self._play.ct.practice
        for place in practice.world.locations.values():
            for batch in practice.at(VOUCHERS, place):
                for code in batch.codes:
                    code.username = f"canary-voucher-{secrets.token_hex(6)}"
            for shared in practice.at(SPLASH_CODES, place):
                shared.password = f"canary-quick-{secrets.token_hex(6)}"
            for network in practice.at(NETWORKS, place):
                if network.encryption_key:
                    network.encryption_key = f"canary-wifi-{secrets.token_hex(6)}"

    def plant_guests(self) -> None:
        """Names for guests' devices; they are personal, as their addresses are."""
        practice = self._play.ct.practice
        for place in practice.world.locations.values():
            for client in clients_at(practice, place):
                client.marks.name = f"canary-device-{secrets.token_hex(5)}"
                self.canaries.add("guest's device", client.mac, client.marks.name)

    # --- linking --------------------------------------------------------------------------------

    async def links(self, user: str, *, as_user: str | None = None) -> Watched:
        """From the command to the last page, in a browser that is watched; `as_user`: signed in as somebody else."""
        play = self._play
        await play.type(user, "/ct link")
        await play.press(user, await self._newest(user, "Connect CT"), "Connect CT")
        url = await play.until(lambda: self._fresh_page(user), what="a connect page")
        self._links.add(url)
        self.canaries.add("link", url.rpartition("/")[2])
        watched = Watched(play, self.canaries)
        await watched.browser.link(url, ct_login=ANA_AT_CT, slack_user=as_user or user)
        return watched

    async def _newest(self, user: str, label: str) -> Message:
        def find() -> Message | None:
            for message in reversed(self._play.seen(user)):
                if any(one["text"]["text"].startswith(label) for one in buttons([message])):
                    return message
            return None

        found: Message = await self._play.until(find, what=f"a button {label}")
        return found

    def _fresh_page(self, user: str) -> str | None:
        urls = [str(one.get("url") or "") for one in buttons(self._play.seen(user))]
        return next((url for url in urls if "/link/" in url and url not in self._links), None)

    async def linked(self, user: str) -> None:
        """The usual way, up to the message that says so."""
        watched = await self.links(user)
        await self._play.sees(user, "Linked as", within=20)
        await self._leave(watched)

    async def _leave(self, watched: Watched) -> None:
        self.pages += watched.pages
        await watched.browser.http.aclose()

    async def led_astray(self, user: str, other: str) -> None:
        """As somebody else, refused at CT's page, with a state that is none, with a callback that was used."""
        await self._leave(watched := await self.links(user, as_user=other))
        again = [url for url in watched.browser.visited if "/oauth/" in url and "code=" in url]
        fresh = Watched(self._play, self.canaries)
        for url in [*again, *self._wrong_callbacks()]:
            await fresh.browser.open(url)
        await self._leave(fresh)

    def _wrong_callbacks(self) -> list[str]:
        code, state, front = secrets.token_hex(20), secrets.token_hex(20), self._play.front.url
        told = secrets.token_hex(20)
        self.canaries.add("forged code", code)
        self.canaries.add("forged state", state)
        self.canaries.add("error description", told)
        return [
            *(f"{front}/oauth/{who}/callback?code={code}&state={state}" for who in ("slack", "ct")),
            *(
                f"{front}/oauth/{who}/callback?error={told}&error_description={told}&state={state}"
                for who in ("slack", "ct")
            ),
            f"{front}/link/{state}",
        ]

    async def linked_by_code(self, user: str) -> None:
        """The way of the typed code: a wrong one first, then the right one."""
        watched = await self.links(user)
        shown = _SHOWN.search(watched.browser.page.html)
        assert shown, watched.browser.page.text
        self.canaries.add("typed code", shown[1], shown[1].replace("-", ""))
        await self._leave(watched)
        for code in ("7K2M-Q9XD", shown[1]):
            await self._play.press(user, await self._newest(user, "Enter the Code"), "Enter the Code")
            await self._type_code(user, code)
        await self._play.sees(user, "Linked as", within=20)

    async def _type_code(self, user: str, code: str) -> None:
        await self._submit(user, await self._form(user), {"code": code})

    async def _form(self, user: str) -> dict[str, Any]:
        views = self._play.slack.world.views
        await self._play.until(lambda: views.stack(user), what="a form")
        return views.stack(user)[-1]

    async def _submit(self, user: str, view: dict[str, Any], values: dict[str, str]) -> None:
        """Fill it in, and close what is left open."""
        wanderer = Wanderer(self._play, user, Registry([]), self._run.dice, texts=lambda _: "")
        await wanderer.submit(view, {name: {name: value} for name, value in values.items()})
        views = self._play.slack.world.views
        if views.stack(user):
            views.close(user, views.stack(user)[-1], all_of_them=True)

    # --- using it -------------------------------------------------------------------------------

    async def uses(self, users: list[str], registry: Registry, steps: int) -> None:
        """Every command, and what can be pressed after it."""
        await wander([self.wanderer(user, registry) for user in users], steps, registry, tried=lambda: None)

    def wanderer(self, user: str, registry: Registry, place: str = "") -> Wanderer:
        def secret(name: str) -> str | None:
            if name not in TYPED:
                return None
            value = f"typed-{secrets.token_hex(7)}" + ("@mail.example" if name == "email" else "")
            self.canaries.add(f"typed {name}", value)
            return value

        return Wanderer(
            self._play, user, registry, self._run.dice, texts=lambda _: "Nordhaven", typed=secret, place=place
        )

    def code_commands(self) -> list[str]:
        """What hands out what is there to be handed out."""
        practice = self._play.ct.practice
        places = practice.world.locations.values()
        shared = [code.password for place in places for code in practice.at(SPLASH_CODES, place)]
        place = next(one for one in places if practice.at(VOUCHERS, one))
        batch = practice.at(VOUCHERS, place)[0]
        return [
            f"voucher codes {batch.unique_id} in {place.slug}",
            f"code {batch.codes[0].username} in {place.slug}",
            f"code off {batch.codes[1].username} in {place.slug}",
            f"hand over {batch.unique_id} in {place.slug} to <@U02LEE|lee>",
            f"wifi {place.slug}",
            f"quickcode {place.slug}",
            f"code {batch.codes[2].username} in nowhere at all",
            f"quickcode delete {shared[0]} in {place.slug}",
        ]

    async def gets_codes(self, user: str) -> None:
        """Before the one who asks."""
        for text in self.code_commands():
            await self._play.type(user, f"/ct {text}")
            await asyncio.sleep(0.3)

    async def sees_it_fail(self, user: str) -> None:
        """CT, the store and Slack in their worst moments, each with a few commands."""
        play = self._play
        leaked = '{"errors": ["canary-raw-body"], "boxes": [{"id": 1, "ssh_passwd": "canary-raw-passwd", '
        for fault in (
            {"kind": "garbage", "body": leaked},
            {"kind": "status", "status": 500, "body": leaked},
            {"kind": "status", "status": 418, "body": leaked},
            {"kind": "html"},
            {"kind": "reset"},
            {"kind": "wrong_types"},
        ):
            play.ct.faults.add(**fault, prefix="/api/", times=4)
            await self._some(user)
            play.ct.faults.clear()
        await self._refused_form(user)
        play.ct.practice.tokens.kill_access()  # renewed
        await self._some(user)
        await self._without_rights(user)
        await self._full(user)
        play.slack.world.faults.add({"method": "response_url", "status": 500, "times": 2})
        await self._some(user)

    async def _refused_form(self, user: str) -> None:
        """A form that CT holds something against as a whole is drawn again, with all that was typed into it."""
        typed = f"typed-{secrets.token_hex(7)}"
        self.canaries.add("typed address", typed)
        await self._play.type(user, "/ct location new")
        view = await self._form(user)
        sentence = '{"errors": {"base": ["Not today."]}}'
        fault = {"kind": "status", "status": 422, "body": sentence, "method": "POST", "prefix": "/api/v1/locations"}
        self._play.ct.faults.add(**fault)
        values = {"location_name": "Harbour Café", "location_address": typed}
        await self._submit(user, view, values)

    async def _some(self, user: str) -> None:
        for text in ("status", "whoami", "boxes", "networks cafe-nord-b59a3e", "reboot lobby ap-3"):
            await self._play.type(user, f"/ct {text}")
        await asyncio.sleep(0.4)

    async def _without_rights(self, user: str) -> None:
        """The store refuses single calls, with the call in what it says."""
        for lost in ("-set", "-get", "-evalsha", "-xadd", "-hset"):
            await self._rights(lost)
            await self._some(user)
            await self._play.type(user, "/ct link")
            await self._rights("+@all")

    async def _rights(self, *rules: str) -> None:
        redis: Any = self._play.store.redis
        await redis.execute_command("ACL", "SETUSER", "bot", *rules)

    async def _full(self, user: str) -> None:
        """The store takes nothing more, also not what a browser brings back."""
        await self._play.store.config(maxmemory="1mb")
        self._play.ct.practice.tokens.kill_access()
        await self._some(user)
        await self._play.store.config(maxmemory="0")
        await asyncio.sleep(0.5)

    async def forges(self) -> None:
        """Deliveries that are not signed as they should be."""
        body = form(command("U01ANA", "status"))
        wrong = [Request(body, sign(body, secret="another")), Request(body + b"x", sign(body)), Request(b"", sign(b""))]
        await ask(self._play.replicas[0].port, wrong, at_once=1)

    def ends(self) -> None:
        """What was born on the way."""
        tokens = self._play.ct.practice.tokens
        self.canaries.add("access token", *(row.access for row in tokens.rows))
        self.canaries.add("refresh token", *(row.refresh for row in tokens.rows))
        self.canaries.add("CT code", *tokens.codes)

    def crossed(self, carried: bytes) -> None:
        """What CT sent along, and the proofs that the bot sent with its codes."""
        self.canaries.on_the_wire(carried)
        for value in re.findall(rb"code_verifier=([\w.~-]+)", carried):
            self.canaries.add("code verifier", value.decode())
