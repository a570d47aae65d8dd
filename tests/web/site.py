"""The web side as it is deployed: two replicas on one Redis, a practice CT, an issuer for Sign in with Slack."""

import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from typing import cast

import httpx
from prometheus_client import CollectorRegistry
from redis.asyncio import Redis
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.crypto import DataKey, Keyring
from bot.ct import CTClient
from bot.identity import SlackUser
from bot.sandbox.ct import CLIENT_ID as CT_CLIENT_ID
from bot.sandbox.ct import CLIENT_SECRET as CT_CLIENT_SECRET
from bot.sandbox.ct import PracticeCT
from bot.sandbox.serving import free_socket, serve
from bot.services.link_exchange import Outcome
from bot.services.link_parts import LinkParts
from bot.services.linking import Linking
from bot.services.notices import Account, Resume
from bot.services.sessions import Sessions
from bot.services.sign_in import SlackSignIn
from bot.services.typed_code import Refused
from bot.stores.audit import Audit
from bot.stores.due import DueItem, DueQueue
from bot.stores.held_codes import HeldCodes
from bot.stores.linking import LinkingStore
from bot.stores.redis import connect
from bot.stores.tokens import TokenStore
from bot.tasks import TaskSet
from bot.web.routes import create_web
from tests.services.issuer import CLIENT_ID, CLIENT_SECRET, Issuer
from tests.web.signed import SECRET

ANA = SlackUser("T01ACME", "U01ANA")
LEE = SlackUser("T01ACME", "U02LEE")


@dataclass
class Told:
    """The notices that people got."""

    linked_as: list[tuple[SlackUser, Account, Resume | None, bool]] = field(default_factory=list)
    cut_off: list[SlackUser] = field(default_factory=list)

    async def linked(self, who: SlackUser, account: Account, *, resume: Resume | None, switched: bool) -> None:
        self.linked_as.append((who, account, resume, switched))

    async def link_cut_off(self, who: SlackUser) -> None:
        self.cut_off.append(who)

    async def link_ended(self, who: SlackUser) -> None:
        raise AssertionError(who)

    async def revoke_failed(self, who: SlackUser) -> None:
        raise AssertionError(who)


@dataclass
class Replica:
    """One process's worth of the bot. `otherwise`: its linking, had the operator chosen the other proof."""

    url: str
    linking: Linking
    sessions: Sessions
    store: LinkingStore
    queue: DueQueue
    audit: Audit
    tasks: TaskSet
    registry: CollectorRegistry
    ct: CTClient
    parts: LinkParts
    otherwise: Linking

    async def enter(self, who: SlackUser, code: str) -> Outcome | Refused:
        """Somebody types a code into Slack, and Slack tells this replica."""
        assert self.linking.typed_code is not None
        return await self.linking.typed_code.enter(who, code)


@dataclass
class TokenDoor:
    """In front of CT's token endpoint: answers in its place, if a test wants it to."""

    app: ASGIApp
    instead: Callable[[], Awaitable[Response | None]] | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope.get("path") == "/oauth/token" and self.instead is not None:
            answer = await self.instead()
            if answer is not None:
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)


@dataclass
class Site:
    """What the tests look at. `ct_calls` counts requests to CT by name, over both replicas."""

    replicas: list[Replica]
    redis: Redis
    ct: PracticeCT
    ct_url: str
    token_door: TokenDoor
    issuer: Issuer
    told: Told
    ct_calls: Counter[str]
    through: list[str]
    typed: bool = False
    one_workspace: bool = True

    async def alone(self) -> bool:
        return self.one_workspace

    @property
    def linking(self) -> Linking:
        return self.replicas[0].linking

    @property
    def url(self) -> str:
        return self.replicas[0].url

    async def link_for(self, who: SlackUser = ANA, *, handle: str = "ana", resume: Resume | None = None) -> str:
        return await self.linking.mint(who, handle=handle, workspace="Acme", resume=resume)

    def reset(self) -> None:
        """As just opened; Redis is emptied by its own fixture."""
        self.ct.reset()
        self.issuer.reset()
        self.token_door.instead = None
        self.told.linked_as.clear()
        self.told.cut_off.clear()
        self.ct_calls.clear()
        self.through.clear()
        self.one_workspace = True

    async def settle(self) -> None:
        """Let the notices go out."""
        for replica in self.replicas:
            await replica.tasks.drain(timeout=5)

    async def keys(self, *things: str) -> list[str]:
        """Which keys there are of these kinds: `tok`, `new`, `link`, …"""
        found = [key.decode() async for key in self.redis.scan_iter("ct:*")]
        return sorted(key for key in found if key.split(":")[1] in things)

    async def markers(self) -> list[DueItem]:
        """The write-ahead markers of attempts that nobody saw to an end."""
        payloads = await cast("Awaitable[dict[bytes, bytes]]", self.redis.hgetall("ct:due:{due}:payloads"))
        named = [(name.decode().partition(" "), payload) for name, payload in payloads.items()]
        return [DueItem(kind, item_id, payload) for (kind, _, item_id), payload in named if kind == "link-cut-off"]

    async def due_in(self, marker: DueItem) -> float:
        """Seconds until a replica picks it up."""
        at = await self.redis.zscore("ct:due:{due}:times", marker.name)
        seconds, micros = await self.redis.time()
        return float(str(at)) / 1000 - seconds - micros / 1e6

    async def events(self) -> list[str]:
        return [row["event"] for row in await self.replicas[0].audit.tail(500)]

    @property
    def exchanges(self) -> int:
        return self.ct_calls["oauth.exchange"]


@contextlib.asynccontextmanager
async def open_site(redis_url: str, *, replicas: int = 1, typed: bool = False) -> AsyncIterator[Site]:
    """Everything served on loopback until the block ends; `typed`: people show who they are by a typed code."""
    async with contextlib.AsyncExitStack() as stack:
        ports = [_free_port() for _ in range(replicas)]
        public_url = f"http://127.0.0.1:{ports[0]}"
        issuer = Issuer()
        issuer.url = await stack.enter_async_context(serve(issuer.app()))
        ct = PracticeCT(redirect_uris=[f"{public_url}/oauth/ct/callback"], locations=4, boxes=8)
        token_door = TokenDoor(ct.app)
        ct_url = await stack.enter_async_context(serve(token_door))
        redis = connect(redis_url)
        stack.push_async_callback(redis.aclose)
        site = Site([], redis, ct, ct_url, token_door, issuer, Told(), Counter(), [], typed)
        for port in ports:
            site.replicas.append(await _replica(stack, site, public_url, port))
        yield site
        await site.settle()


async def _replica(stack: contextlib.AsyncExitStack, site: Site, public_url: str, port: int) -> Replica:
    redis = site.redis
    ct = CTClient(
        auth_url=site.ct_url,
        api_url=site.ct_url,
        client_id=CT_CLIENT_ID,
        client_secret=CT_CLIENT_SECRET,
        deadline=2.0,
        observe=lambda call, _outcome, _seconds: site.ct_calls.update([call]),
    )
    stack.push_async_callback(ct.aclose)
    http = await stack.enter_async_context(httpx.AsyncClient())
    keyring = Keyring([DataKey("k1", bytes(range(32)))])
    queue, audit, tasks, registry = DueQueue(redis), Audit(redis), TaskSet(), CollectorRegistry()
    store = LinkingStore(redis)
    sessions = Sessions(
        ct=ct,
        tokens=TokenStore(redis),
        queue=queue,
        keyring=keyring,
        notices=site.told,
        audit=audit,
        tasks=tasks,
    )
    parts = LinkParts(
        ct=ct,
        sessions=sessions,
        store=store,
        held=HeldCodes(redis),
        queue=queue,
        keyring=keyring,
        audit=audit,
        notices=site.told,
        tasks=tasks,
        public_url=public_url,
        loopback=True,
    )
    slack = SlackSignIn(
        http=http,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        slack_url=site.issuer.url,
        api_url=f"{site.issuer.url}/api",
        public_url=public_url,
        deadline=1.0,
    )
    ways = [parts.by_slack(slack), parts.by_typed_code(alone=site.alone)]
    linking, otherwise = reversed(ways) if site.typed else ways

    async def dispatch(body: str, _headers: dict[str, list[str]]) -> tuple[int, dict[str, str], bytes]:
        if body == "raise":
            raise RuntimeError("planted-canary in a traceback")
        site.through.append(body)
        return 200, {}, b""

    async def ready() -> dict[str, bool]:
        return {"redis": bool(await redis.ping())}

    web = create_web(
        linking=linking,
        dispatch=dispatch,
        signing_secret=SECRET,
        ready=ready,
        registry=registry,
        form_origins=[site.ct_url] if site.typed else [site.issuer.url, site.ct_url],
    )
    url = await stack.enter_async_context(serve(web, port=port))
    return Replica(url, linking, sessions, store, queue, audit, tasks, registry, ct, parts, otherwise)


def _free_port() -> int:
    with free_socket() as sock:
        return int(sock.getsockname()[1])
