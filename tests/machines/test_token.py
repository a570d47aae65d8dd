"""The token pairs of two people: renewed, revoked and replaced by two replicas that die and stand still anywhere.

`CT_BOT_EXAMPLES=500` looks longer. The bot was broken on purpose for most assertions here, to see that it is found.
"""

import contextlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextvars import ContextVar
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from bot.ct import CTAuthError, CTError, CTUser
from bot.ct.transport import Call
from bot.errors import BotError
from bot.identity import SlackUser
from bot.sandbox.ct.tokens import TokenRow
from bot.services.pairs import Pair
from bot.stores.link_keys import keys_of
from bot.stores.tokens import Status
from tests.machines.machine import EXAMPLES, PATIENCE, REPLICAS, Machine, examine, stage
from tests.machines.process import How, Life, pair_of
from tests.services.replicas import ANA, LEE

PEOPLE = [ANA, LEE]
ACCOUNTS = {ANA: ["ana@venues.example", "kim@venues.example"], LEE: ["lee@venues.example", "ivy@venues.example"]}
TROUBLE: list[dict[str, Any]] = [
    {"kind": "status", "status": 503},
    {"kind": "status", "status": 503, "after": True},
    {"kind": "status", "status": 401},
    {"kind": "status", "status": 401, "body": '{"error":"invalid_client"}'},
    {"kind": "drop"},
    {"kind": "drop", "after": True},
    {"kind": "html"},
    {"kind": "garbage", "after": True},
]
LONGEST = 40_000  # seconds of an example: what CT does not hear of in a day is given up, and is not looked at here
GOING = st.integers(0, 12)

PERSON: ContextVar[SlackUser | None] = ContextVar("PERSON", default=None)


class TokenMachine(Machine):
    """Nobody acts with another's token, or with one that is not saved; what CT honours is neither lost nor ended."""

    async def _begin(self) -> None:
        self.saved: dict[SlackUser, set[str]] = defaultdict(set)  # access tokens that were ever in the store
        self.linked: dict[SlackUser, set[str]] = defaultdict(set)
        self.received: dict[str, Life] = {}  # pairs that CT gave to a process
        self.excused: set[str] = set()  # pairs that no process has: their answer was lost, or who had it died
        self.refused: dict[object, list[str]] = defaultdict(list)  # by command: tokens that CT answered with a 401
        self.unheard: Counter[str] = Counter()  # revocations that CT did not take, by access token
        self.status: dict[SlackUser, Status | None] = {}
        self.ended: Counter[SlackUser] = Counter()
        await self.ground.begin(self._heard)
        for _ in range(2):
            await self.ground.born(self.process())
        for who in PEOPLE:
            await self._link(who, ACCOUNTS[who][0], self.life(0))
        self.ground.held = True

    @initialize(
        mode=st.sampled_from(["immediate", "on_use"]),
        status=st.sampled_from([400, 401]),
        revoke=st.sampled_from(["either", "client"]),
    )
    def at_this_ct(self, mode: str, status: int, revoke: str) -> None:
        self.ground.ct.switches.set({"refresh_mode": mode, "token_error_status": status, "revoke": revoke})

    def process(self) -> Life:
        life = super().process()
        end = life.tokens.end

        async def ends(who: SlackUser, gen: int) -> bool:
            if done := await end(who, gen):  # looked at here: a linking may follow before anybody calls CT
                self.ground.under_way += 1
                try:
                    await self._look()
                finally:
                    self.ground.under_way -= 1
            return done

        setattr(life.tokens, "end", ends)  # noqa: B010 - mypy knows no assigned methods
        return life

    # --- what is seen on the way --------------------------------------------------------------

    @contextlib.asynccontextmanager
    async def _heard(self, life: Life, call: Call, how: How) -> AsyncIterator[None]:
        await self._look()
        before = len(self._rows)
        access = call.headers.get("Authorization", "").removeprefix("Bearer ")
        if call.name == "oauth.revoke" and call.form:
            await self._may_be_revoked(call.form["token"])
        elif access:
            who = PERSON.get()
            assert who is not None
            assert access in self.saved[who], "a token that is another's, or not saved"
        try:
            yield
        except BaseException as error:
            self.excused |= {row.access for row in self._rows[before:]}
            if isinstance(error, CTAuthError) and access:
                self.refused[PERSON.get(), id(life), self._command()].append(access)
            if call.name == "oauth.revoke":
                self.unheard[access] += 1
            raise
        if how is How.LOST:
            self.excused |= {row.access for row in self._rows[before:]}
        elif call.name == "oauth.refresh" and call.form:
            self.received |= {row.access: life for row in self._rows[before:]}
            if old := self._row(call.form["refresh_token"]):
                self.excused.add(old.access)  # CT ends it itself: now, or when the next one is used

    def _command(self) -> int:
        return COMMAND.get()

    @property
    def _rows(self) -> list[TokenRow]:
        return self.ground.ct.practice.tokens.rows

    def _row(self, token: str) -> TokenRow | None:
        tokens = self.ground.ct.practice.tokens
        return tokens.by_access(token) or tokens.by_refresh(token)

    async def _may_be_revoked(self, token: str) -> None:
        row = self._row(token)
        for who in PEOPLE:
            for pair in await self._pairs(who, "link", "proving"):
                assert self._row(pair.access) is not row, "the pair of a living link is revoked"

    async def _pairs(self, who: SlackUser, *kinds: str) -> list[Pair]:
        """The pairs of somebody as they rest: of their link, of one that is being proved, and those that are over."""
        sealer = self.life(0).sealer
        at = dict(zip(("link", "proving"), keys_of(who), strict=False))
        found: list[Any] = [await self.ground.store.hget(at[kind], "blob") for kind in kinds if kind in at]
        if "over" in kinds:
            over: Any = await self.ground.store.hgetall(keys_of(who)[2])
            found += [blob for name, blob in over.items() if name.isdigit()]
        return [sealer.open(who, blob) for blob in found if blob is not None]

    async def _look(self) -> None:
        """Note what is saved, and who came to be without a link."""
        for who in PEOPLE:
            self.saved[who] |= {pair.access for pair in await self._pairs(who, "link", "proving", "over")}
            raw: Any = await self.ground.store.hget(keys_of(who)[0], "status")
            status = Status(raw.decode()) if raw else None
            if status is Status.NEEDS_RELINK and self.status.get(who) is Status.ACTIVE:
                self.ended[who] += 1
                await self._was_dead(who)
            self.status[who] = status

    async def _was_dead(self, who: SlackUser) -> None:
        """A link ends when CT has ended it, or refuses a token that it has just given (`guarantees.md` T2)."""
        [pair] = await self._pairs(who, "link")
        row = self._row(pair.access)
        assert row is not None
        twice = any(pair.access in tokens[1:] for tokens in self.refused.values())
        assert row.revoked or twice, "a link was ended that CT honours"

    async def holds(self) -> None:
        await self._look()
        dead = {access for access, life in self.received.items() if life.dead}
        self.excused |= dead - set().union(*self.saved.values())
        for who in PEOPLE:
            told = self.ground.told.messages.count(("link_ended", who))
            assert told <= self.ended[who], "told more often than it ended"

    # --- rules --------------------------------------------------------------------------------

    async def _command_of(self, who: SlackUser, life: Life, number: int) -> None:
        PERSON.set(who)
        COMMAND.set(number)
        with contextlib.suppress(BotError, CTError):
            me = await life.sessions.call(who, CTUser.me)
            assert me.email in self.linked[who], "another's account"

    @rule(who=st.sampled_from(PEOPLE), life=REPLICAS, going=GOING)
    def command(self, who: SlackUser, life: int, going: int) -> None:
        work = self._command_of(who, self.life(life), len(self.ground.actors))
        self._do(self.ground.go_on(self.ground.act(self.life(life), work), times=going))

    async def _link(self, who: SlackUser, email: str, life: Life) -> None:
        PERSON.set(who)
        self.linked[who].add(email)
        row = self.ground.ct.issue(email)
        self.excused.add(row.access)  # until it is saved it is nobody's but the browser's
        with contextlib.suppress(BotError, CTError):
            epoch = await life.sessions.begin(who)
            gen = await life.sessions.adopt(who, pair_of(row), epoch=epoch)
            self.excused.discard(row.access)
            if gen is not None:
                await life.sessions.activate(who, gen, await life.sessions.prove(who, gen))

    @rule(who=st.sampled_from(PEOPLE), account=st.integers(0, 1), life=REPLICAS, going=GOING)
    def link(self, who: SlackUser, account: int, life: int, going: int) -> None:
        work = self._link(who, ACCOUNTS[who][account], self.life(life))
        self._do(self.ground.go_on(self.ground.act(self.life(life), work), times=going))

    @rule(who=st.sampled_from(PEOPLE), life=REPLICAS, going=GOING)
    def unlink(self, who: SlackUser, life: int, going: int) -> None:
        async def work() -> None:
            await self.life(life).sessions.unlink(who)

        self._do(self.ground.go_on(self.ground.act(self.life(life), work()), times=going))

    @rule(life=REPLICAS, place=st.sampled_from(["refresh.locked", "refresh.answered"]))
    def doom(self, life: int, place: str) -> None:
        """This process will die there."""
        self.life(life).doomed_at = place

    @rule(seconds=st.sampled_from([5, 13, 70, 7300, 7300]))
    def wait(self, seconds: int) -> None:
        if self.ground.clock.ahead < LONGEST:
            self._do(self.ground.wait(seconds))

    @rule(trouble=st.sampled_from(TROUBLE))
    def trouble(self, trouble: dict[str, Any]) -> None:
        """CT's token endpoint will fail, once."""
        self.ground.ct.faults.add(prefix="/oauth/token", **trouble)

    @rule(trouble=st.sampled_from(TROUBLE), who=st.sampled_from(PEOPLE), life=REPLICAS, going=GOING)
    def renew_in_trouble(self, trouble: dict[str, Any], who: SlackUser, life: int, going: int) -> None:
        """The same, when somebody's token has just died, and they ask for something."""
        self.ground.ct.faults.add(prefix="/oauth/token", **trouble)
        self.ground.ct.practice.tokens.kill_access()
        work = self._command_of(who, self.life(life), len(self.ground.actors))
        self._do(self.ground.go_on(self.ground.act(self.life(life), work), times=going))

    @rule()
    def tokens_die(self) -> None:
        """CT ends all access tokens without notice."""
        self.ground.ct.practice.tokens.kill_access()

    @rule(account=st.sampled_from(["ana-5f0c", "lee-2b7e"]))
    def consent_ends(self, account: str) -> None:
        """Somebody removes the app at CT."""
        self.ground.ct.practice.tokens.revoke_all(person=account)

    # --- the end ------------------------------------------------------------------------------

    async def _end(self) -> None:
        self.ground.ct.faults.clear()
        await super()._end()

    async def ends(self) -> None:
        living: set[str] = set()
        for who in PEOPLE:
            pairs = await self._pairs(who, "link")
            row = self._row(pairs[0].access) if pairs else None
            if row is not None and not row.revoked and self.status[who] is Status.ACTIVE:
                await self._works(who)
            living |= {pair.access for pair in await self._pairs(who, "link")}
            assert not await self._pairs(who, "proving", "over"), "a pair is left over"
        for row in self._rows:
            given_up = self.unheard[row.access] >= 5
            if not row.revoked and row.access not in living | self.excused and not given_up:
                raise AssertionError("CT honours a pair that nobody has any more")

    async def _works(self, who: SlackUser) -> None:
        async def work() -> None:
            PERSON.set(who)
            assert (await self.life(0).sessions.call(who, CTUser.me)).email in self.linked[who]

        await self.ground.free(self.life(0), work())
        await self._look()


COMMAND: ContextVar[int] = ContextVar("COMMAND", default=0)


@pytest.mark.timeout(PATIENCE)
def test_whatever_happens_no_pair_is_lost_or_anothers(redis_url: str) -> None:
    with stage(redis_url, locations=2, boxes=3) as on:
        examine(lambda: TokenMachine(on), examples=EXAMPLES or 20, steps=25)
