"""The whole play for a row: a real Valkey, the bot's replicas as processes, and both outer worlds over real HTTP.

The practice CT and the practice Slack are served from this process, so that a row can look into them; what passes
between them and the bot is HTTP through proxies that a row can spoil.
"""

import asyncio
import base64
import contextlib
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from bot.crypto import DataKey
from bot.ct import TokenPair
from bot.identity import SlackUser
from bot.manifest import manifest
from bot.sandbox.ct.app import PracticeCT
from bot.sandbox.serving import serve
from bot.sandbox.slack import credentials
from bot.sandbox.slack.app import PracticeSlack
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.people import ACME, Channel, Person
from bot.sandbox.slack.person import Workspace
from bot.sandbox.slack.rendering import Names, Renderer
from bot.sandbox.slack.surfaces import find_surface
from bot.stores.audit import Audit
from tests.prove.proxy import Proxy
from tests.prove.replica import Replica
from tests.prove.rows import Run
from tests.prove.store import Store
from tests.services.replicas import Replica as Services
from tests.services.replicas import Told

KEY = DataKey("prove", bytes(range(32)))
NOC = "C01NOC"
PACE = {
    "poll": 0.4,
    "slow_poll": 0.8,
    "people": 1.0,
    "never_restarted": 6.0,
    "not_back": 6.0,
    "give_up": 30.0,
    "cut_off": 2.0,
    "recovery": 3.0,
    "card_grace": 1.0,
}
NO_CEILINGS = {"per_user_and_hour": 100_000, "per_workspace_and_day": 1_000_000}
POLICY = {"pace": PACE, "requests_per_minute": 100_000, "guards": NO_CEILINGS}
QUICK_CT = {"reboot_seconds": 1.5, "heartbeat_seconds": 0.3}
ANA_AT_CT = "ana@venues.example"


class Theatre:
    """What a row works with. Everything in it is real but the two outer worlds."""

    def __init__(self, run: Run, store: Store, ct: PracticeCT, slack: PracticeSlack) -> None:
        self.run = run
        self.store = store
        self.ct = ct
        self.slack = slack
        self.front, self.to_ct, self.to_slack, self.to_redis = Proxy(), Proxy(), Proxy(), Proxy()
        self.replicas: list[Replica] = []
        self.workspace: Workspace
        self.settings: dict[str, str] = {}
        self._interactions = Interactions(slack.world, slack.courier)
        self._services: Services | None = None

    # --- people ---------------------------------------------------------------------------------

    def people(self, count: int, *, prefix: str = "UP") -> list[str]:
        """Members of the workspace, in #noc, with a place for direct messages; by id."""
        directory = self.slack.world.directory
        ids = [f"{prefix}{number:05d}" for number in range(count)]
        for number, user in enumerate(ids):
            if user not in directory.people:
                directory.people[user] = Person(user, f"{prefix.lower()}{number}", f"Person {number}", "member", ACME)
                place = "D" + user[1:]
                directory.channels[place] = Channel(place, "CT", "app", ACME, {user}, bot_is_member=True)
                directory.channels[NOC].members.add(user)
        return ids

    @property
    def services(self) -> Services:
        """The bot's own sessions in this process, on the same store: for linking people past the browser."""
        if self._services is None:
            self._services = Services(self.store.url, self.ct_url, told=Told(), keys=(KEY,))
        return self._services

    async def link(self, users: Sequence[str], *, email: str = ANA_AT_CT) -> None:
        """Link them, with tokens of their own at CT."""
        for start in range(0, len(users), 20):
            await asyncio.gather(*(self._link(user, email) for user in users[start : start + 20]))

    async def _link(self, user: str, email: str) -> None:
        await self.link_as(ACME, user, email)

    async def link_as(self, team: str, user: str, email: str) -> str:
        """Link one person of a workspace to one CT account; the access token that they have now."""
        who, sessions = SlackUser(team, user), self.services.sessions
        row = self.ct.issue(email)
        pair = TokenPair(
            access_token=row.access,
            refresh_token=row.refresh,
            token_type="bearer",
            expires_in=row.expires_in,
            created_at=int(row.created_at),
        )
        gen = await sessions.adopt(who, pair, epoch=await sessions.begin(who))
        assert gen is not None
        assert (await sessions.activate(who, gen, await sessions.prove(who, gen))).ok
        return row.access

    async def close_store(self) -> None:
        await self.store.close()

    async def moved(self, store: Store) -> None:
        """Another server is the store from now on; the old one is closed."""
        await self.store.close()
        self.store = store
        self.to_redis.targets[:] = [store.port]
        if self._services is not None:
            await self._services.close()
            self._services = None

    # --- acting ---------------------------------------------------------------------------------

    async def type(self, user: str, text: str, *, channel: str = NOC) -> str | None:
        """A slash command; the error that Slack showed instead of an ack, if any."""
        return await self._interactions.command(user, self.slack.world.directory.channels[channel], text)

    async def press(self, user: str, message: Message, label: str) -> str | None:
        """A button on a message by what it says."""
        surface = find_surface(self.slack.world, user, {"kind": "message", "id": message.id})
        assert surface is not None
        for block in surface.blocks:
            for element in block.get("elements", []):
                if element.get("type") == "button" and element["text"]["text"].startswith(label):
                    return await self._interactions.act(user, surface, block, element, element.get("value"))
        raise AssertionError(f"no button {label} on: {self.words(message)}")

    def value_of(self, message: Message, action_id: str) -> str:
        """What a button carries."""
        for block in message.blocks:
            for element in block.get("elements", []):
                if str(element.get("action_id", "")).startswith(action_id):
                    return str(element["value"])
        raise AssertionError(f"no {action_id} on: {self.words(message)}")

    # --- looking --------------------------------------------------------------------------------

    def seen(self, user: str, channel: str = NOC) -> list[Message]:
        """What they see there, oldest first."""
        return self.slack.world.messages.seen_by(user, channel)

    def direct(self, user: str) -> list[Message]:
        """Their messages with the bot."""
        return self.seen(user, "D" + user[1:])

    def words(self, message: Message) -> str:
        """A message as it reads."""
        names = Names({"me": "me"}, {})
        try:
            return Renderer(names, user="").message(self.slack.world.messages.screen(message)).text
        except Exception:
            return message.text

    def answers(self, user: str, channel: str = NOC) -> int:
        """How many private answers they have got there or by direct message."""
        here = sum(message.only_for == user for message in self.seen(user, channel))
        return here + len(self.direct(user))

    async def until(self, true: Callable[[], Any], *, within: float = 15.0, what: str = "it") -> Any:
        """Wait until something is so; returns what it gave. Raises TimeoutError naming it."""
        try:
            async with asyncio.timeout(within):
                while not (found := true()):
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise TimeoutError(f"{what} did not come about within {within:g} s") from None
        return found

    async def sees(self, user: str, text: str, *, after: int = 0, within: float = 15.0, channel: str = NOC) -> Message:
        """The newest message that says `text`, among those beyond the first `after`; here or by direct message."""

        def read() -> list[Message]:
            return sorted([*self.direct(user), *self.seen(user, channel)], key=lambda message: message.ts)[after:]

        def find() -> Message | None:
            for message in reversed(read()):
                if text in self.words(message) or text in message.text:
                    return message
            return None

        try:
            found: Message = await self.until(find, within=within, what=f"{user} sees {text!r}")
        except TimeoutError as error:
            raise TimeoutError(f"{error}; they read {[message.text for message in read()[-3:]]}") from None
        return found

    def reboots(self) -> dict[str, int]:
        """Reboot calls that reached CT, by box."""
        found: dict[str, int] = {}
        for line in self.ct.log.rows:
            if line.get("action") == "reboot":
                found[line.get("box", "?")] = found.get(line.get("box", "?"), 0) + 1
        return found

    async def audit(self, count: int = 100_000) -> list[dict[str, str]]:
        """The audit stream, oldest first."""
        return await Audit(self.store.redis).tail(count)

    @property
    def ct_url(self) -> str:
        return f"http://127.0.0.1:{self.to_ct.targets[0]}"

    @property
    def slack_url(self) -> str:
        return f"http://127.0.0.1:{self.to_slack.targets[0]}"

    # --- replicas -------------------------------------------------------------------------------

    def replica(self, **policy: Any) -> Replica:
        """One more, not started yet. `policy` changes single fields of the policy file."""
        name = f"replica-{len(self.replicas)}"
        settings = dict(self.settings)
        if policy:
            file = self.run.folder / f"{name}.json"
            file.write_text(json.dumps({**json.loads(Path(settings["CT_BOT_POLICY"]).read_text()), **policy}))
            settings["CT_BOT_POLICY"] = str(file)
        replica = Replica(settings, self.run.folder, name)
        self.replicas.append(replica)
        self.front.targets.append(replica.port)
        return replica

    def errors(self) -> list[str]:
        """Lines of the level error, but for those that say that Redis was late: a disk may be busy."""
        lines = [line for line in self.logs().splitlines() if '"level": "error"' in line]
        return [line for line in lines if "Redis) is not answering" not in line]

    def logs(self) -> str:
        """Everything that the replicas wrote."""
        return "".join(replica.logged() for replica in self.replicas)


@contextlib.asynccontextmanager
async def theatre(
    run: Run,
    *,
    replicas: int = 2,
    policy: Mapping[str, Any] | None = None,
    switches: Mapping[str, Any] | None = None,
    locations: int = 37,
    boxes: int = 412,
    level: str = "INFO",
    env: Mapping[str, str] | None = None,
) -> AsyncIterator[Theatre]:
    """Raise the curtain; everything is ended in the end."""
    async with contextlib.AsyncExitStack() as stack:
        store = Store()
        await store.start()
        ct = PracticeCT(switches={**QUICK_CT, **(switches or {})}, locations=locations, boxes=boxes)
        ct_url = await stack.enter_async_context(serve(ct.app))
        front = await Proxy().start()
        slack = PracticeSlack(
            dict(yaml.safe_load(manifest(front.url, socket_mode=False))),
            request_url=f"{front.url}/slack/events",
            redirect_uris=[f"{front.url}/oauth/slack/callback"],
        )
        slack_url = await stack.enter_async_context(serve(slack.app))
        play = Theatre(run, store, ct, slack)
        stack.push_async_callback(play.close_store)
        play.front = front
        play.to_ct = await Proxy(_port(ct_url)).start()
        play.to_slack = await Proxy(_port(slack_url)).start()
        play.to_redis = await Proxy(store.port).start()
        for proxy in (front, play.to_ct, play.to_slack, play.to_redis):
            stack.push_async_callback(proxy.close)
        slack.world.base_url = play.to_slack.url
        # A connection each, so that deliveries go round the replicas and no dead one is met again.
        slack.courier._http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0, force_close=True))
        ct.practice.application.redirect_uris[:] = [f"{front.url}/oauth/ct/callback"]
        file = run.folder / "policy.json"
        file.write_text(json.dumps({**POLICY, **(policy or {})}))
        play.settings = {**settings_for(play, str(file), level), **(env or {})}
        play.workspace = await stack.enter_async_context(Workspace(slack_url))
        try:
            for _ in range(replicas):
                await play.replica().start()
            yield play
        finally:
            for replica in play.replicas:
                if replica._process is not None and replica.alive:
                    replica.thaw()
                    await replica.kill()
            if play._services is not None:
                await play._services.close()


def settings_for(play: Theatre, policy: str, level: str) -> dict[str, str]:
    """The environment of a replica: everything outside is reached through a proxy."""
    return {
        "SLACK_BOT_TOKEN": credentials.BOT_TOKEN,
        "SLACK_SIGNING_SECRET": credentials.SIGNING_SECRET,
        "SLACK_CLIENT_ID": credentials.CLIENT_ID,
        "SLACK_CLIENT_SECRET": credentials.CLIENT_SECRET,
        "SLACK_API_URL": f"{play.to_slack.url}/api/",
        "SLACK_URL": play.to_slack.url,
        "CT_CLIENT_ID": play.ct.practice.application.client_id,
        "CT_CLIENT_SECRET": play.ct.practice.application.secret,
        "CT_AUTH_URL": play.to_ct.url,
        "CT_API_URL": play.to_ct.url,
        "CT_DASHBOARD_URL": play.to_ct.url,
        "PUBLIC_URL": play.front.url,
        "REDIS_URL": f"redis://127.0.0.1:{play.to_redis.port}",
        "CT_BOT_DATA_KEYS": f"{KEY.id}:{base64.b64encode(KEY.key).decode()}",
        "CT_BOT_POLICY": policy,
        "LOG_LEVEL": level,
    }


def _port(url: str) -> int:
    return int(url.rpartition(":")[2])
