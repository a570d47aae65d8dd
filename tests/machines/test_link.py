"""Linking by any browsers, over any URL that they got hold of, while two replicas die and stand still anywhere.

`CT_BOT_EXAMPLES=500` looks longer. Slack's signed word is taken for granted here: `sign_in.py` has tests of its own.
"""

import contextlib
import secrets
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from bot.crypto import Keyring
from bot.ct import CTError
from bot.ct.transport import Call
from bot.errors import BotError
from bot.identity import SlackUser
from bot.sandbox.ct.tokens import Code, TokenRow
from bot.services.link_exchange import Outcome
from bot.services.link_legs import Onward
from bot.services.link_parts import LinkParts
from bot.services.sign_in import SignInDownError, SignInRefusedError
from bot.stores.held_codes import HeldCodes
from bot.stores.link_keys import keys_of
from bot.stores.linking import LinkingStore
from tests.machines.machine import EXAMPLES, PATIENCE, REPLICAS, WHICH, Machine, examine, stage
from tests.machines.process import Ground, How, Life
from tests.services.replicas import ANA, KEY, LEE

PEOPLE = [ANA, LEE]
PUBLIC, SLACK = "http://127.0.0.1:1", "https://slack.example"
CUTS = ["link.marked", "link.exchanged", "link.adopted", "link.proved", "link.activated"]
GOING = st.integers(0, 25)


@dataclass
class Browser:
    """Who it is signed in as, at Slack and at CT."""

    person: SlackUser
    account: str
    cookie: str | None = None


@dataclass
class Slack:
    """Signs people in; each code is of one browser, and says the nonce of the leg that it was asked for."""

    ground: Ground
    codes: dict[str, tuple[SlackUser, str]] = field(default_factory=dict)


class SignIn:
    """One process's way to ask Slack who somebody is."""

    issuer = SLACK

    def __init__(self, life: Life, slack: Slack) -> None:
        self._life, self._slack = life, slack

    def authorize_url(self, *, state: str, nonce: str, team: str) -> str:
        return f"{SLACK}/openid/connect/authorize?state={state}&nonce={nonce}&team={team}"

    async def identify(self, *, code: str, nonce: str) -> SlackUser:
        async def answer(_how: How) -> SlackUser:
            person, asked = self._slack.codes.pop(code, (None, ""))
            if person is None or asked != nonce:
                raise SignInRefusedError("nonce")
            return person

        return await self._life.ground.through(
            self._life, "Slack: who is this", answer, lambda _done: SignInDownError("down")
        )


class LinkingLife(Life):
    """A process that links people."""

    def __init__(self, ground: Ground, slack: Slack) -> None:
        super().__init__(ground)
        parts = LinkParts(
            ct=self.ct,
            sessions=self.sessions,
            store=LinkingStore(self.redis),
            held=HeldCodes(self.redis),
            queue=self.queue,
            keyring=Keyring([KEY]),
            audit=self.audit,
            notices=ground.told,
            tasks=self.tasks,
            public_url=PUBLIC,
            loopback=True,
        )
        sign_in: Any = SignIn(self, slack)
        self.linking = parts.by_slack(sign_in)


@dataclass
class Visit:
    """A browser came back from CT: whose it is, whether this visit had its code sent, and what its page said."""

    person: SlackUser
    sent: bool = False
    page: object = None


VISIT: ContextVar[Visit] = ContextVar("VISIT")


class LinkMachine(Machine):
    """Only their own browsers link people; a code is sent once; every attempt ends in words, and leaves no pair."""

    async def _begin(self) -> None:
        self.slack = Slack(self.ground)
        self.browsers = [Browser(ANA, "ana-5f0c"), Browser(LEE, "lee-2b7e"), Browser(ANA, "kim-88d1")]
        self.links: list[str] = []
        self.to_slack: list[str] = []
        self.from_slack: list[dict[str, str]] = []
        self.to_ct: list[str] = []
        self.from_ct: list[dict[str, str]] = []
        self.visits: list[Visit] = []
        self.sent: Counter[str] = Counter()
        self.received: dict[str, Life] = {}
        self.saved: set[str] = set()
        self.excused: set[str] = set()
        self.unheard: Counter[str] = Counter()
        await self.ground.begin(self._heard)
        for _ in range(2):
            await self.ground.born(self.process())
        self.ground.held = True

    def process(self) -> LinkingLife:
        return LinkingLife(self.ground, self.slack)

    def life(self, which: int) -> LinkingLife:
        life = super().life(which)
        assert isinstance(life, LinkingLife)
        return life

    def handlers(self, life: Life) -> dict[str, Any]:
        assert isinstance(life, LinkingLife)
        return {**life.sessions.handlers, **life.linking.handlers}

    @contextlib.asynccontextmanager
    async def _heard(self, life: Life, call: Call, how: How) -> AsyncIterator[None]:
        before = len(self._rows)
        form = call.form or {}
        if call.name == "oauth.exchange":
            VISIT.get().sent = True
            self.sent[form["code"]] += 1
            assert self.sent[form["code"]] == 1, "a code was sent twice"
        try:
            yield
        except BaseException:
            self.excused |= {row.access for row in self._rows[before:]}
            if call.name == "oauth.revoke":
                self.unheard[call.headers["Authorization"].removeprefix("Bearer ")] += 1
            raise
        if how is How.LOST:
            self.excused |= {row.access for row in self._rows[before:]}
        self.received |= {row.access: life for row in self._rows[before:]}

    @property
    def _rows(self) -> list[TokenRow]:
        return self.ground.ct.practice.tokens.rows

    # --- the way ------------------------------------------------------------------------------

    async def _mint(self, who: SlackUser, life: LinkingLife) -> None:
        with contextlib.suppress(BotError):
            url = await life.linking.mint(who, handle=who.user_id, workspace="Acme", resume=None)
            self.links.append(url.rpartition("/")[2])

    async def _continue(self, link: str, browser: Browser, life: LinkingLife) -> None:
        with contextlib.suppress(BotError):
            if onward := await life.linking.start(link):
                browser.cookie = onward.cookie
                self.to_slack.append(onward.url)

    def _sign_in(self, url: str, browser: Browser) -> None:
        asked = _query(url)
        self.slack.codes[code := secrets.token_hex(8)] = (browser.person, asked["nonce"])
        self.from_slack.append({"state": asked["state"], "code": code})

    async def _back_from_slack(self, params: dict[str, str], browser: Browser, life: LinkingLife) -> None:
        with contextlib.suppress(BotError):
            onward = await life.linking.slack_callback(params, browser.cookie)
            if isinstance(onward, Onward):
                self.to_ct.append(onward.url)

    def _allow(self, url: str, browser: Browser) -> None:
        asked, practice = _query(url), self.ground.ct.practice
        code = Code(
            code=secrets.token_hex(8),
            client_id=practice.application.client_id,
            person=browser.account,
            redirect_uri=asked["redirect_uri"],
            challenge=asked["code_challenge"],
            method="S256",
            created_at=self.ground.clock(),
        )
        practice.tokens.new_code(code)
        self.from_ct.append({"state": asked["state"], "code": code.code})

    async def _visit(self, params: dict[str, str], browser: Browser, life: LinkingLife, going: int) -> None:
        self.visits.append(visit := Visit(browser.person))

        async def arrives() -> None:
            VISIT.set(visit)
            with contextlib.suppress(BotError, CTError):
                visit.page = await life.linking.ct_callback(params, browser.cookie)

        await self.ground.go_on(self.ground.act(life, arrives()), times=going)

    # --- rules --------------------------------------------------------------------------------

    @rule(who=st.sampled_from(PEOPLE), life=REPLICAS)
    def mint(self, who: SlackUser, life: int) -> None:
        self._do(self.ground.free(self.life(life), self._mint(who, self.life(life))))

    @rule(mine=st.booleans(), which=WHICH, browser=st.integers(0, 2), life=REPLICAS, going=GOING)
    def walk(self, mine: bool, which: int, browser: int, life: int, going: int) -> None:
        """A browser goes all the way, with a new link of its own or with anybody's."""

        async def work() -> None:
            by, process = self.browsers[browser], self.life(life)
            if mine:
                await self.ground.free(process, self._mint(by.person, process))
            before = len(self.to_slack), len(self.to_ct)
            if self.links:
                link = self.links[-1] if mine else self.links[which % len(self.links)]
                await self.ground.free(process, self._continue(link, by, process))
            if len(self.to_slack) > before[0]:
                self._sign_in(self.to_slack[-1], by)
                await self.ground.free(process, self._back_from_slack(self.from_slack[-1], by, process))
            if len(self.to_ct) > before[1]:
                self._allow(self.to_ct[-1], by)
                await self._visit(self.from_ct[-1], by, process, going)

        self._do(work())

    @rule(at=st.integers(0, 3), which=WHICH, browser=st.integers(0, 2), life=REPLICAS)
    def stray(self, at: int, which: int, browser: int, life: int) -> None:
        """A browser opens any URL that there has been, of anybody's."""

        async def work() -> None:
            by, process = self.browsers[browser], self.life(life)
            seen: list[list[Any]] = [self.links, self.to_slack, self.from_slack, self.to_ct]
            if not seen[at]:
                return
            url = seen[at][which % len(seen[at])]
            if at == 0:
                await self.ground.free(process, self._continue(url, by, process))
            elif at == 1:
                self._sign_in(url, by)
            elif at == 2:
                await self.ground.free(process, self._back_from_slack(url, by, process))
            else:
                self._allow(url, by)

        self._do(work())

    @rule(state=WHICH, code=WHICH, browser=st.integers(0, 2), life=REPLICAS, going=GOING)
    def return_from_ct(self, state: int, code: int, browser: int, life: int, going: int) -> None:
        """A browser opens a callback of anybody's, perhaps with the code of another one."""
        if self.from_ct:
            states, codes = self.from_ct[state % len(self.from_ct)], self.from_ct[code % len(self.from_ct)]
            params = {"state": states["state"], "code": codes["code"]}
            self._do(self._visit(params, self.browsers[browser], self.life(life), going))

    @rule(who=st.sampled_from(PEOPLE), life=REPLICAS, going=GOING)
    def unlink(self, who: SlackUser, life: int, going: int) -> None:
        async def work() -> None:
            await self.life(life).sessions.unlink(who)

        self._do(self.ground.go_on(self.ground.act(self.life(life), work()), times=going))

    @rule(life=REPLICAS, place=st.sampled_from(CUTS))
    def doom(self, life: int, place: str) -> None:
        """This process will die there."""
        self.life(life).doomed_at = place

    @rule(seconds=st.sampled_from([10, 40, 70, 620]))
    def wait(self, seconds: int) -> None:
        self._do(self.ground.wait(seconds))

    # --- what must hold -----------------------------------------------------------------------

    async def _resting(self, who: SlackUser, *, over: bool = False, proving: bool = True) -> list[TokenRow]:
        """CT's rows of the pairs of somebody's link, and of one that is being proved; `over`: those after them."""
        keys, sealer, tokens = keys_of(who), self.life(0).sealer, self.ground.ct.practice.tokens
        gone: Any = await self.ground.store.hgetall(keys[2])
        blobs: list[Any] = [await self.ground.store.hget(key, "blob") for key in keys[: 1 + proving]]
        if over:
            blobs = [blob for name, blob in gone.items() if name.isdigit()]
        found = [tokens.by_access(sealer.open(who, blob).access) for blob in blobs if blob is not None]
        return [row for row in found if row is not None]

    async def holds(self) -> None:
        for who in PEOPLE:
            own = {browser.account for browser in self.browsers if browser.person == who}
            rows = await self._resting(who)
            self.saved |= {row.access for row in [*rows, *await self._resting(who, over=True)]}
            for row in rows:
                assert row.person in own, "a link without proof"
            # One that is being proved may be: given back where nobody knows whether it was saved, and then dropped.
            for row in await self._resting(who, proving=False):
                assert not row.revoked, "the pair of a living link is revoked"
        self.excused |= {access for access, life in self.received.items() if life.dead} - self.saved

    async def ends(self) -> None:
        told: dict[SlackUser, int] = defaultdict(int)
        for _kind, who in self.ground.told.messages:
            told[who] += 1
        for visit in self.visits:
            if visit.sent and visit.page in (None, Outcome.UNSURE):
                assert told[visit.person], "nobody was told how it ended"
        living: set[str] = set()
        for who in PEOPLE:
            assert not await self.ground.store.exists(keys_of(who)[1]), "a link is neither proved nor dropped"
            assert not await self._resting(who, over=True), "a pair waits for its revocation"
            living |= {row.access for row in await self._resting(who)}
        for row in self._rows:
            kept = row.access in living | self.excused or self.unheard[row.access] >= 5
            assert row.revoked or kept, "CT honours a pair that nobody has any more"


def _query(url: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.mark.timeout(PATIENCE)
def test_whatever_happens_nobody_is_linked_without_proof(redis_url: str) -> None:
    with stage(redis_url, locations=2, boxes=3, redirect_uris=[f"{PUBLIC}/oauth/ct/callback"]) as on:
        examine(lambda: LinkMachine(on), examples=EXAMPLES or 20, steps=25)
