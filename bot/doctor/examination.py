"""The whole examination: checks that do not need each other at the same time, each bounded, none of which raises."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpx
import structlog

from bot.ct import CTClient
from bot.doctor import address, configuration, ct, replicas, slack, store
from bot.doctor.durability import durability
from bot.doctor.findings import About, Finding, Group, ordered
from bot.doctor.wire import SECONDS, Wire
from bot.errors import StoreDownError
from bot.manifest import scopes
from bot.settings import Policy, Settings
from bot.stores.due import DueQueue
from bot.stores.probe import Probe
from bot.stores.redis import connect
from bot.stores.replicas import Replicas

log = structlog.get_logger(__name__)

_LONGEST = 10.0  # seconds that one check may take, all its requests together

Check = Callable[[], Awaitable[Sequence[Finding]]]


@dataclass(frozen=True, slots=True)
class Examination:
    """What was found, and when."""

    findings: Sequence[Finding]
    at: float


class Doctor:
    """Examines with connections of its own, so that what the bot's are going through does not matter."""

    def __init__(self, settings: Settings, policy: Policy | None, *, inside: bool) -> None:
        """`inside`: in a bot that runs, asked by a command. Without a policy its file was refused."""
        self._settings = settings
        self._policy = policy
        self._inside = inside
        self._last: Examination | None = None
        self._ended = float("-inf")
        self._one_at_a_time = asyncio.Lock()

    async def examine(self) -> Examination:
        """Look at everything; whoever asks meanwhile gets the same. Takes ten seconds or so at most; never raises."""
        asked = time.monotonic()
        async with self._one_at_a_time:
            if self._last is None or self._ended < asked:
                self._last = Examination(await self._examine(), time.time())
                self._ended = time.monotonic()
            return self._last

    async def _examine(self) -> list[Finding]:
        settings = self._settings
        redis = connect(settings.redis_url)
        client = CTClient(
            auth_url=settings.ct_auth_url,
            api_url=settings.ct_api_url,
            client_id=settings.ct_client_id,
            client_secret=settings.ct_client_secret,
            deadline=SECONDS,
        )
        try:
            async with httpx.AsyncClient(trust_env=False, timeout=SECONDS) as http:
                wire, probe = Wire(http), Probe(redis)
                queue, who = DueQueue(redis), Replicas(redis)
                found = await examined(
                    {
                        Group.REDIS: [lambda: self._store(probe)],
                        Group.CT: [
                            lambda: ct.api(wire, settings),
                            lambda: ct.application(client, settings),
                            lambda: ct.pages(wire, settings),
                            lambda: ct.revocation(client, settings),
                        ],
                        Group.SLACK: [
                            lambda: slack.token(wire, settings, scopes()),
                            lambda: slack.way_in(wire, settings, inside=self._inside),
                            lambda: slack.sign_in(wire, settings),
                        ],
                        Group.BOT: [lambda: self._bots(queue, who, wire)],
                    }
                )
        finally:
            await client.aclose()
            await redis.aclose()
        return ordered([*configuration.described(settings, self._policy), *found])

    async def _store(self, probe: Probe) -> Sequence[Finding]:
        reached = store.access(self._settings.redis_url)
        try:
            config = await probe.configuration()
            return [*store.described(config), *durability(config), reached, *store.tried(await probe.exercise())]
        except StoreDownError as error:
            return [store.away(error), reached]

    async def _bots(self, queue: DueQueue, who: Replicas, wire: Wire) -> Sequence[Finding]:
        """Who runs is asked before the address is: where nobody does, nobody can answer."""
        running: bool | None = True if self._inside else None
        told: list[Finding] = []
        try:
            found = await who.all()
            running = bool(found) or self._inside
            total, _ = await queue.depth()
            told = [
                replicas.together(found, self._settings),
                replicas.work(total, await queue.late_by(), running=running),
            ]
        except StoreDownError:
            told = [replicas.REPLICAS.unknown("Redis does not tell", "See Redis.")]
        return [*await address.reached(wire, self._settings, running=running), *told]


async def examined(checks: dict[Group, list[Check]]) -> list[Finding]:
    """Run all checks at once; a check that hangs or fails is itself a finding."""
    every = [(group, check) for group, some in checks.items() for check in some]
    found = await asyncio.gather(*(_bounded(group, check) for group, check in every))
    return [finding for some in found for finding in some]


async def _bounded(group: Group, check: Check) -> Sequence[Finding]:
    try:
        async with asyncio.timeout(_LONGEST):
            return await check()
    except TimeoutError:
        return [
            About(group, "Check").wrong("took too long and was given up", "Look again; if it stays so, see the log.")
        ]
    except Exception as error:
        log.exception("a check failed")
        return [
            About(group, "Check").unknown(
                f"a check failed: a fault of ours ({type(error).__name__})",
                "Please tell the maintainers; the log has it.",
            )
        ]
