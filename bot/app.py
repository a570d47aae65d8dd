"""Builds and wires everything; nothing else does. Dependencies travel by constructor, by keyword."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import structlog
from aiohttp import ClientSession
from redis.asyncio import Redis
from redis.exceptions import RedisError
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from starlette.applications import Starlette

from bot import __version__
from bot.crypto import Keyring
from bot.ct import CTClient
from bot.doctor.examination import Doctor
from bot.doctor.watch import StoreWatch
from bot.errors import ConfigError, NotAllowedError, StoreDownError
from bot.log import dropped
from bot.metrics import Metrics
from bot.services.approval import Approval
from bot.services.changes import KIND as CHANGE
from bot.services.changes import Changes
from bot.services.directory import Directory
from bot.services.follow_up import FollowUp
from bot.services.gifts import Gifts
from bot.services.guards import RebootGuards
from bot.services.link_parts import LinkParts
from bot.services.operations import Operations
from bot.services.reboot import KIND, Reboots
from bot.services.sending import Sending
from bot.services.sessions import Sessions
from bot.services.sign_in import SlackSignIn
from bot.services.sweep import KIND as SWEEP
from bot.services.sweep import Sweeps
from bot.services.worker import Worker
from bot.settings import Policy, ProofKind, Settings
from bot.slack.actions import Actions
from bot.slack.after import After, ChangeTold
from bot.slack.bolt import BoltDoor, bolt_app
from bot.slack.cards import SlackCards
from bot.slack.context import Services
from bot.slack.courier import Courier
from bot.slack.dispatch import Dispatcher
from bot.slack.home import HomeTab
from bot.slack.inbox import Inbox
from bot.slack.installation import InstallationOfToken
from bot.slack.notices import SlackNotices
from bot.slack.options import Options
from bot.slack.outbox import KIND as OUTBOX
from bot.slack.outbox import Outbox
from bot.slack.registry import Registry, load
from bot.slack.submissions import Submissions
from bot.slack.web_client import slack_session, web_client
from bot.stores.asks import Asks
from bot.stores.audit import Audit
from bot.stores.box_locks import BoxLocks
from bot.stores.ceilings import CeilingStore
from bot.stores.deliveries import Deliveries
from bot.stores.due import DueQueue
from bot.stores.freezes import FreezeStore
from bot.stores.given import GivenCodes
from bot.stores.held_codes import HeldCodes
from bot.stores.linking import LinkingStore
from bot.stores.operations import OperationStore
from bot.stores.outbox import OutboxStore
from bot.stores.probe import Probe
from bot.stores.redis import connect
from bot.stores.replicas import Replica, Replicas
from bot.stores.tokens import TokenStore
from bot.tasks import TaskSet
from bot.web.routes import create_web

log = structlog.get_logger(__name__)

DRAIN_SECONDS = 20.0
READINESS_SECONDS = 2.0
GAUGE_SECONDS = 5.0


def read_policy(settings: Settings) -> Policy:
    """The policy file, or the defaults. Raises ConfigError, also for what these settings lack for it."""
    policy = Policy() if settings.ct_bot_policy is None else _policy_in(settings.ct_bot_policy)
    if policy.link_proof is ProofKind.SLACK:
        settings.sign_in_client()
    return policy


def _policy_in(path: str) -> Policy:
    try:
        text = Path(path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise ConfigError(["CT_BOT_POLICY cannot be read: it is not UTF-8."]) from None
    except OSError as error:
        raise ConfigError([f"CT_BOT_POLICY cannot be read: {error.strerror}."]) from None
    return Policy.from_json(text)


@contextlib.asynccontextmanager
async def create_app(settings: Settings, *, policy: Policy | None = None) -> AsyncIterator[Starlette]:
    """The whole bot as an ASGI app, for as long as the block lasts; leaving it drains what runs.

    Raises ConfigError for a policy that cannot be read, and for a Redis that would lose links (unless the bot is on
    loopback, or the policy says that it may). Redis, Slack and CT may be away: the bot starts, says so (`/readyz`), and
    recovers by itself.
    """
    policy, registry = policy or read_policy(settings), load()
    async with contextlib.AsyncExitStack() as stack:
        redis = connect(settings.redis_url)
        stack.push_async_callback(redis.aclose)
        watch = StoreWatch(Probe(redis), may_forget=settings.loopback or policy.redis_may_forget)
        await watch.at_start()
        session = await stack.enter_async_context(slack_session())
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
        metrics = Metrics()
        ct = CTClient(
            auth_url=settings.ct_auth_url,
            api_url=settings.ct_api_url,
            client_id=settings.ct_client_id,
            client_secret=settings.ct_client_secret,
            observe=metrics.call,
        )
        stack.push_async_callback(ct.aclose)
        parts = _Wiring(settings, policy, registry, redis, watch, session, http, ct, metrics)
        await stack.enter_async_context(parts.running())
        yield parts.web


class _Wiring:
    """Who knows whom, in the order in which they are needed."""

    def __init__(
        self,
        settings: Settings,
        policy: Policy,
        registry: Registry,
        redis: Redis,
        watch: StoreWatch,
        session: ClientSession,
        http: httpx.AsyncClient,
        ct: CTClient,
        metrics: Metrics,
    ) -> None:
        self._settings, self._redis, self._watch, self._metrics = settings, redis, watch, metrics
        self._replicas = Replicas(redis)
        self._me = Replica(secrets.token_hex(4), __version__, tuple(key.id for key in settings.ct_bot_data_keys))
        self._tasks, self._loops = TaskSet(), TaskSet()
        self._keyring = keyring = Keyring(settings.ct_bot_data_keys)
        keyring.agree([[settings.ct_bot_data_keys[-1].id]])  # the oldest, until it is known what others can read
        self._queue, audit, asks = DueQueue(redis), Audit(redis), Asks(redis, keyring)
        self._tokens = TokenStore(redis)

        self._client = web_client(settings.slack_bot_token, settings.slack_api_url, session)
        self._installation = InstallationOfToken(client=self._client, allowed_teams=policy.allowed_teams)
        outbox = Outbox(store=OutboxStore(redis), queue=self._queue, keyring=keyring)
        courier = Courier(
            client=self._client,
            session=session,
            api_url=settings.slack_api_url,
            outbox=outbox,
            observe=metrics.slack,
        )
        cards = SlackCards(courier=courier, dashboard=settings.ct_dashboard_url)
        notices = SlackNotices(
            courier=courier, asks=asks, dashboard=settings.ct_dashboard_url, dispatcher=lambda: dispatcher
        )

        sessions = Sessions(
            ct=ct,
            tokens=self._tokens,
            queue=self._queue,
            keyring=keyring,
            notices=notices,
            audit=audit,
            tasks=self._tasks,
        )
        link_parts = LinkParts(
            ct=ct,
            sessions=sessions,
            store=LinkingStore(redis),
            held=HeldCodes(redis),
            queue=self._queue,
            keyring=keyring,
            audit=audit,
            notices=notices,
            tasks=self._tasks,
            public_url=settings.public_url,
            loopback=settings.loopback,
        )
        if policy.link_proof is ProofKind.TYPED_CODE:
            linking = link_parts.by_typed_code(alone=self._installation.alone)
        else:
            linking = link_parts.by_slack(_sign_in(settings, http))
        self._linking = linking
        after = After(courier, sessions)
        directory = Directory(sessions=sessions, tasks=self._tasks)
        records = OperationStore(redis, copies=policy.redis_copies)
        operations = Operations(store=records, audit=audit, ended=metrics.ended)
        locks = BoxLocks(redis, cooldown=policy.reboot_cooldown_seconds)
        sending = Sending(sessions=sessions, operations=operations, tasks=self._tasks)
        guards = RebootGuards(
            guards=policy.guards,
            guests=policy.allowed_teams,
            freezes=FreezeStore(redis),
            ceilings=CeilingStore(redis),
            audit=audit,
        )
        approval = Approval(sessions=sessions, operations=operations, sending=sending, cards=cards)
        reboots = Reboots(
            sessions=sessions,
            operations=operations,
            sending=sending,
            guards=guards,
            approval=approval,
            locks=locks,
            queue=self._queue,
            pace=policy.pace,
        )
        follow_up = FollowUp(
            sessions=sessions, operations=operations, locks=locks, cards=cards, approval=approval, pace=policy.pace
        )
        sweeps = Sweeps(
            sessions=sessions,
            operations=operations,
            sending=sending,
            reboots=reboots,
            guards=guards,
            approval=approval,
            cards=cards,
            queue=self._queue,
            pace=policy.pace,
        )
        changes = Changes(
            acts={kind: view.act for kind, view in registry.acts.items()},
            sessions=sessions,
            operations=operations,
            sending=sending,
            queue=self._queue,
            told=ChangeTold(registry=registry, after=after),
            thawed=guards.thawed,
            recovery=policy.pace.recovery,
        )
        self._worker = Worker(
            queue=self._queue,
            handlers={
                KIND: follow_up.handle,
                SWEEP: sweeps.handle,
                CHANGE: changes.handle,
                OUTBOX: courier.work_off,
                **sessions.handlers,
                **linking.handlers,
            },
            tasks=self._tasks,
            interval=min(0.5, policy.pace.poll),
        )

        services = Services(
            sessions=sessions,
            linking=linking,
            directory=directory,
            reboots=reboots,
            sweeps=sweeps,
            guards=guards,
            changes=changes,
            asks=asks,
            audit=audit,
            gifts=Gifts(store=GivenCodes(redis), audit=audit),
            courier=courier,
            registry=registry,
            dashboard=settings.ct_dashboard_url,
            doctor=Doctor(settings, policy, inside=True),
        )
        dispatcher = Dispatcher(services=services, observe=metrics.command)
        actions = Actions(
            services=services,
            dispatcher=dispatcher,
            courier=courier,
            cards=cards,
            installation=self._installation,
            audit=audit,
        )
        inbox = Inbox(
            deliveries=Deliveries(redis, per_minute=policy.requests_per_minute),
            tasks=self._tasks,
            installation=self._installation,
            dispatcher=dispatcher,
            actions=actions,
            submissions=Submissions(services=services),
            courier=courier,
            options=Options(services=services),
            sessions=sessions,
            home=HomeTab(sessions=sessions, courier=courier, asks=asks),
            observe=metrics.command,
        )
        self._bolt = bolt_app(
            inbox=inbox,
            client=self._client,
            token=settings.slack_bot_token,
            installation=self._installation,
            acked=metrics.acked,
        )
        self._socket: AsyncSocketModeHandler | None = None
        self.web = create_web(
            linking=linking,
            dispatch=None if settings.socket_mode else BoltDoor(self._bolt),
            signing_secret=settings.slack_signing_secret,
            ready=self._ready,
            registry=metrics.registry,
            form_origins=(settings.ct_auth_url,) if linking.typed_code else (settings.slack_url, settings.ct_auth_url),
        )

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """The loops behind the web side; at the end no more work is taken, and what runs is waited for."""
        self._loops.spawn(self._worker.run(), name="worker")
        self._loops.spawn(self._gauge(), name="gauges")
        self._loops.spawn(self._meet_slack(), name="slack")
        self._loops.spawn(self._watch.run(), name="store watch")
        try:
            yield
        finally:
            if self._socket is not None:
                await self._socket.close_async()  # type: ignore[no-untyped-call]
            self._worker.stop()
            cut = await self._tasks.drain(timeout=DRAIN_SECONDS)
            if cut:
                log.warning("tasks were cut off at the end", count=cut)
            await self._loops.drain(timeout=0.0)
            with contextlib.suppress(StoreDownError):
                await self._replicas.leave(self._me)

    async def _meet_slack(self) -> None:
        """Learn who we are, and in Socket Mode connect; again and again until Slack answers."""
        while await self._installation.ask() is None:  # noqa: ASYNC110 - Slack sends no event when it is back
            await asyncio.sleep(1.0)
        with contextlib.suppress(NotAllowedError):  # it is in the log, and whoever wants to link is told
            await self._linking.allow()
        if self._settings.slack_app_token is None:
            return
        while True:
            handler = AsyncSocketModeHandler(self._bolt, self._settings.slack_app_token, web_client=self._client)
            try:
                await handler.connect_async()  # type: ignore[no-untyped-call]
            except Exception as error:  # the SDK raises many kinds here; each means: not connected yet
                log.warning("socket mode could not connect", error=type(error).__name__)
                await handler.close_async()  # type: ignore[no-untyped-call]
                await asyncio.sleep(2.0)
            else:
                self._socket = handler
                return

    async def _ready(self) -> dict[str, bool]:
        return {
            "redis": await self._redis_answers(),
            "redis durability": self._watch.keeps,
            "slack": await self._slack_connected(),
        }

    async def _redis_answers(self) -> bool:
        try:
            async with asyncio.timeout(READINESS_SECONDS):
                return bool(await self._redis.ping())
        except (RedisError, OSError, TimeoutError):
            return False

    async def _slack_connected(self) -> bool:
        if self._installation.known is None:
            return False
        if not self._settings.socket_mode:
            return True
        return self._socket is not None and await self._socket.client.is_connected()

    async def _gauge(self) -> None:
        while True:
            with contextlib.suppress(StoreDownError):  # the worker says so, once
                await self._replicas.announce(self._me)
                self._keyring.agree(replica.keys for replica in await self._replicas.all())
                every, overdue = await self._queue.depth()
                self._metrics.due.set(every)
                self._metrics.late.set(overdue)
                self._metrics.lines_dropped.set(dropped())
                if home := self._installation.known:
                    self._metrics.links.set(await self._tokens.count(home.enterprise_id or home.team_id))
            await asyncio.sleep(GAUGE_SECONDS)


def _sign_in(settings: Settings, http: httpx.AsyncClient) -> SlackSignIn:
    client_id, client_secret = settings.sign_in_client()
    return SlackSignIn(
        http=http,
        client_id=client_id,
        client_secret=client_secret,
        slack_url=settings.slack_url,
        api_url=settings.slack_api_url,
        public_url=settings.public_url,
    )
