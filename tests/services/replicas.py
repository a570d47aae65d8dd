"""Several replicas of the bot's sessions on one Valkey, in front of one practice CT over real HTTP."""

import asyncio
import contextlib
import dataclasses
import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from redis.asyncio import Redis

from bot.crypto import DataKey, Keyring
from bot.ct import CTClient, CTUser, Me, TokenPair
from bot.identity import SlackUser
from bot.sandbox.ct import CLIENT_ID, CLIENT_SECRET, PracticeCT
from bot.sandbox.ct.faults import Fault
from bot.sandbox.serving import serve
from bot.services.notices import Account, Resume
from bot.services.pairs import PairSealer
from bot.services.rotation import Patience
from bot.services.sessions import Sessions
from bot.stores.audit import Audit
from bot.stores.due import DueItem, DueQueue
from bot.stores.link_keys import keys_of
from bot.stores.redis import connect
from bot.stores.tokens import TokenStore
from bot.tasks import TaskSet

ANA = SlackUser("T01ACME", "U01ANA")
LEE = SlackUser("T01ACME", "U02LEE")
KEY = DataKey("k1", bytes(range(32)))
QUICK = Patience(
    caller=10.0,
    lock=2.0,
    poll=0.01,
    pause=0.01,
    per_minute=1000,
    per_second=10_000,
    save_every=0.02,
    rereads=(0.01,),
    thaw=(0.01,),
)


class Told:
    """Notices that are kept, by what they say."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, SlackUser]] = []

    async def linked(self, who: SlackUser, account: Account, *, resume: Resume | None, switched: bool) -> None:
        self.messages.append(("linked", who))

    async def link_cut_off(self, who: SlackUser) -> None:
        self.messages.append(("link_cut_off", who))

    async def link_ended(self, who: SlackUser) -> None:
        self.messages.append(("link_ended", who))

    async def revoke_failed(self, who: SlackUser) -> None:
        self.messages.append(("revoke_failed", who))


class Replica:
    """One process of the bot, as far as sessions go."""

    def __init__(
        self,
        redis_url: str,
        ct_url: str,
        *,
        told: Told,
        patience: Patience = QUICK,
        keys: Sequence[DataKey] = (KEY,),
        store: type[TokenStore] = TokenStore,
        redis_patience: float = 20.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.redis: Redis = connect(redis_url, patience=redis_patience)
        self.ct = CTClient(
            auth_url=ct_url,
            api_url=ct_url,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            deadline=15.0,
            failures=1_000_000,  # the breaker is row X2's
        )
        self.told = told
        self.tasks = TaskSet()
        self.wired()
        self.tokens = store(self.redis)
        self.queue = DueQueue(self.redis)
        self.audit = Audit(self.redis)
        keyring = Keyring(keys)
        self.sealer = PairSealer(keyring)
        self.sessions = Sessions(
            ct=self.ct,
            tokens=self.tokens,
            queue=self.queue,
            keyring=keyring,
            notices=told,
            audit=self.audit,
            tasks=self.tasks,
            clock=clock,
            patience=patience,
        )

    def wired(self) -> None:
        """For whoever wants to stand between a replica and what it talks to."""

    async def me(self, who: SlackUser = ANA) -> Me:
        """The cheapest call there is."""
        return await self.sessions.call(who, CTUser.me)

    async def refuse_writes(self) -> None:
        """Make the store answer READONLY, as a replica does until a failover ends."""
        await self.redis.replicaof("127.0.0.1", "1")

    async def accept_writes(self) -> None:
        await self.redis.replicaof("NO", "ONE")

    async def work_off(self) -> None:
        """Do whatever is due, as the worker would; what is due later stays."""
        while items := await self.queue.claim(limit=50, visibility=30):
            for item in items:
                await self._do(item)

    async def _do(self, item: DueItem) -> None:
        again = await self.sessions.handlers[item.kind](item)
        await (self.queue.done(item) if again is None else self.queue.later(item, delay=again))

    async def settle(self) -> None:
        """Wait for everything under way."""
        while len(self.tasks):
            await self.tasks.drain(timeout=30)

    async def close(self) -> None:
        await self.settle()
        await self.ct.aclose()
        await self.redis.aclose()


class World:
    """The practice CT and the replicas in front of it."""

    def __init__(self, redis_url: str, ct: PracticeCT, ct_url: str) -> None:
        self.redis_url = redis_url
        self.ct = ct
        self.ct_url = ct_url
        self.told = Told()
        self.replicas: list[Replica] = []

    def replica(
        self,
        *,
        keys: Sequence[DataKey] = (KEY,),
        store: type[TokenStore] = TokenStore,
        redis_patience: float = 20.0,
        **patience: Any,
    ) -> Replica:
        """One more replica; `patience` changes single fields of the tests' own."""
        patient = dataclasses.replace(QUICK, **patience)
        replica = Replica(
            self.redis_url,
            self.ct_url,
            told=self.told,
            patience=patient,
            keys=keys,
            store=store,
            redis_patience=redis_patience,
        )
        self.replicas.append(replica)
        return replica

    def pair(self, email: str = "ana@venues.example", *, refresh_token: str | None = "") -> TokenPair:
        """A new pair from CT, as an exchange would give it."""
        row = self.ct.issue(email)
        return TokenPair(
            access_token=row.access,
            refresh_token=row.refresh if refresh_token == "" else refresh_token,
            token_type="bearer",
            expires_in=row.expires_in,
            created_at=int(row.created_at),
        )

    async def link(
        self, replica: Replica, who: SlackUser = ANA, *, pair: TokenPair | None = None, due: bool = False
    ) -> int:
        """Link somebody, past the browser; `due`: the refresh timer has run out."""
        epoch = await replica.sessions.begin(who)
        gen = await replica.sessions.adopt(who, pair or self.pair(), epoch=epoch)
        assert gen is not None
        result = await replica.sessions.activate(who, gen, await replica.sessions.prove(who, gen))
        assert result.ok
        if due:
            await self.let_timer_run_out(replica, who)
        return gen

    async def let_timer_run_out(self, replica: Replica, who: SlackUser = ANA) -> None:
        record: Any = keys_of(who)[0]
        await replica.redis.hset(record, "refresh_at", "0")

    def fault(self, kind: str, **wanted: Any) -> Fault:
        """Something that goes wrong at the token endpoint, once unless told otherwise."""
        return self.ct.faults.add(kind=kind, prefix=wanted.pop("prefix", "/oauth/token"), **wanted)

    def count(self, path: str, **fields: object) -> int:
        return sum(
            row["path"].startswith(path) and all(row.get(name) == value for name, value in fields.items())
            for row in self.ct.log.rows
        )

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait for something that CT sees, or the test is wrong."""
        async with asyncio.timeout(30):
            while not true():
                await asyncio.sleep(0.005)

    async def until_ct_refreshes(self, n: int = 1) -> None:
        """Wait until CT has heard `n` token requests; their answers may still be on their way."""
        await self.until(lambda: self.count("/oauth/token") >= n)

    @property
    def refreshes(self) -> int:
        return self.count("/oauth/token", grant="refresh_token")

    def kinds_told(self) -> list[str]:
        return [kind for kind, _ in self.told.messages]


@contextlib.asynccontextmanager
async def world_of(redis_url: str, **switches: object) -> AsyncIterator[World]:
    """A practice CT with a few boxes, and no replica yet."""
    ct = PracticeCT(switches=switches, locations=2, boxes=3)
    async with serve(ct.app) as url:
        world = World(redis_url, ct, url)
        try:
            yield world
        finally:
            ct.faults.clear()
            for replica in world.replicas:
                await replica.close()
