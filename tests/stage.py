"""The whole bot on one event loop, over real HTTP: practice CT, practice Slack, a real Valkey, one or more replicas."""

import base64
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import yaml
from redis.asyncio import Redis

from bot.app import create_app
from bot.crypto import DataKey
from bot.manifest import manifest
from bot.sandbox.browser import Browser
from bot.sandbox.ct.app import PracticeCT
from bot.sandbox.serving import free_socket, serve
from bot.sandbox.slack import credentials
from bot.sandbox.slack.app import PracticeSlack
from bot.sandbox.slack.person import Person, Workspace
from bot.sandbox.slack.seen import Seen
from bot.settings import Pace, Policy, ProofKind, Secret, Settings
from bot.stores.audit import Audit

DATA_KEY = DataKey("test", base64.b64decode("3q2+796tvu/erb7v3q2+796tvu/erb7v3q2+796tvu8="))
PACE = Pace(
    poll=0.15,
    slow_poll=0.3,
    people=0.6,
    never_restarted=2.5,
    not_back=1.0,
    give_up=6.0,
    cut_off=1.0,
    recovery=4.0,
    card_grace=0.4,
)
QUICK_CT = {"reboot_seconds": 0.8, "heartbeat_seconds": 0.1}
ACCOUNTS = {"ana": "ana@venues.example", "kim": "kim@venues.example", "lee": "lee@venues.example"}
IDS = {"ana": "U01ANA", "lee": "U02LEE", "kim": "U03KIM", "gus": "U04GUS", "zoe": "U05ZOE"}
LOBBY = "lobby-ap-3-4c0412"


@dataclass
class Stage:
    """Everything that a test of a conversation needs."""

    ct: PracticeCT
    slack: PracticeSlack
    workspace: Workspace
    settings: Settings
    control: httpx.AsyncClient
    redis: Redis
    bots: list[str] = field(default_factory=list)

    def person(self, name: str, channel: str = "noc") -> Person:
        """Somebody in the workspace, in a channel."""
        return self.workspace.person(name, channel)

    async def link(self, name: str = "ana", *, account: str | None = None, channel: str = "noc") -> Person:
        """A person who has linked their CT account, the way people do."""
        person = self.person(name, channel)
        await person.type("/ct link")
        await self.walk(await person.click("Connect CT"), name, account=account)
        await person.sees("Linked as")
        return person

    async def walk(self, seen: Seen, name: str, *, account: str | None = None, slack_user: str | None = None) -> str:
        """Go through the pages behind the connect button; the last page's text."""
        async with Browser() as browser:
            return await browser.link(
                seen.links["Go to the Connect Page"],
                ct_login=account or ACCOUNTS[name],
                slack_user=slack_user or IDS[name],
            )

    async def turn(self, **switches: Any) -> None:
        """Turn switches of the practice CT."""
        (await self.control.patch("/_practice/switches", json=switches)).raise_for_status()

    async def box(self, slug: str, **fields: Any) -> None:
        """Change a box of the practice CT."""
        (await self.control.patch(f"/_practice/boxes/{slug}", json=fields)).raise_for_status()

    async def counts(self) -> dict[str, Any]:
        """What CT was asked."""
        return dict((await self.control.get("/_practice/log")).json()["counts"])

    async def reboots(self) -> dict[str, int]:
        """Reboot calls that reached CT, by box."""
        return dict((await self.counts())["reboots"])

    async def keys(self, pattern: str) -> list[str]:
        """Keys in the bot's store."""
        found: list[Any] = await self.redis.keys(pattern)
        return [key.decode() for key in found]

    async def audit(self) -> list[dict[str, str]]:
        """The audit stream, newest first."""
        return await Audit(self.redis).tail(1000)

    async def refusals(self) -> list[Any]:
        """What the practice Slack refused, or found unwise."""
        return await self.workspace.refusals()


@contextlib.asynccontextmanager
async def staged(
    redis: Redis,
    redis_url: str,
    *,
    replicas: int = 1,
    socket_mode: bool = False,
    policy: Policy | None = None,
    locations: int = 37,
    boxes: int = 412,
    org_wide: bool = False,
) -> AsyncIterator[Stage]:
    """Start everything; the bot's replicas share one public address, the first one's, and take turns at nothing.

    With the typed code the bot is not given what Sign in with Slack needs. `org_wide`: installed in all workspaces.
    """
    policy = policy or Policy(pace=PACE, requests_per_minute=100_000)
    ct = PracticeCT(switches=QUICK_CT, locations=locations, boxes=boxes)
    async with contextlib.AsyncExitStack() as stack:
        ct_url = await stack.enter_async_context(serve(ct.app))
        sockets = [free_socket() for _ in range(replicas)]
        bots = [f"http://127.0.0.1:{sock.getsockname()[1]}" for sock in sockets]
        slack = PracticeSlack(
            _manifest(bots[0], socket_mode),
            request_url=f"{bots[0]}/slack/events",
            redirect_uris=[f"{bots[0]}/oauth/slack/callback"],
            socket_mode=socket_mode,
        )
        if org_wide:
            slack.world.switches.turn({"enterprise_id": "E01GRID", "org_install": True})
        slack_url = await stack.enter_async_context(serve(slack.app))
        settings = settings_for(ct_url, slack_url, bots[0], redis_url, socket_mode=socket_mode)
        if policy.link_proof is ProofKind.TYPED_CODE:
            settings = dataclasses.replace(settings, slack_client_id=None, slack_client_secret=None)
        ct.practice.application.redirect_uris[:] = [f"{bots[0]}/oauth/ct/callback"]
        for sock in sockets:
            app = await stack.enter_async_context(create_app(settings, policy=policy))
            await stack.enter_async_context(serve(app, sock=sock))
        control = await stack.enter_async_context(httpx.AsyncClient(base_url=ct_url, trust_env=False))
        workspace = await stack.enter_async_context(Workspace(slack_url))
        yield Stage(ct, slack, workspace, settings, control, redis, bots)


def _manifest(url: str, socket_mode: bool) -> dict[str, Any]:
    return dict(yaml.safe_load(manifest(url, socket_mode=socket_mode)))


def settings_for(ct_url: str, slack_url: str, bot_url: str, redis_url: str, *, socket_mode: bool = False) -> Settings:
    """Settings that point at the practice servers."""
    return Settings(
        slack_bot_token=Secret(credentials.BOT_TOKEN),
        slack_signing_secret=Secret(credentials.SIGNING_SECRET),
        slack_app_token=Secret(credentials.APP_TOKEN) if socket_mode else None,
        slack_client_id=credentials.CLIENT_ID,
        slack_client_secret=Secret(credentials.CLIENT_SECRET),
        slack_api_url=f"{slack_url}/api/",
        slack_url=slack_url,
        ct_client_id="practice-ct-app",
        ct_client_secret=Secret("practice-ct-secret"),
        ct_auth_url=ct_url,
        ct_api_url=ct_url,
        ct_dashboard_url=ct_url,
        public_url=bot_url,
        redis_url=Secret(redis_url),
        ct_bot_data_keys=(DATA_KEY,),
    )
