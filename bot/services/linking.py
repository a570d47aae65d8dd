"""Linking a Slack user to a CT account (`guarantees.md` section 3): a link, two or three pages, one exchange.

How it is shown that whoever opens a link is the person who asked for it is the LinkProof's. Nothing of HTTP in here.
"""

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from bot.identity import SlackUser
from bot.services.link_exchange import CUT_OFF, Attempt, LinkExchange, Outcome
from bot.services.link_legs import LinkLegs, Onward, code_of
from bot.services.link_proof import Arrival, CodeToType, LinkProof
from bot.services.notices import Resume
from bot.services.sessions import Sessions
from bot.services.typed_code import TypedCode
from bot.services.worker import Handler
from bot.stores.linking import Intent, LinkingStore, Step, hashed
from bot.tasks import TaskSet


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the naming page says: whom this link is for; `typed`: the page will show a code to type into Slack."""

    handle: str
    workspace: str
    typed: bool = False


class Linking:
    """The flow, step by step. `public_url` and `loopback` tell the web how to guard the form and name the cookie.

    `typed_code`: the proof once more, where it is that one: Slack's side hands it what people type.
    """

    def __init__(
        self,
        *,
        proof: LinkProof,
        typed_code: TypedCode | None = None,
        legs: LinkLegs,
        exchange: LinkExchange,
        sessions: Sessions,
        store: LinkingStore,
        tasks: TaskSet,
        public_url: str,
        loopback: bool,
    ) -> None:
        self.public_url = public_url.rstrip("/")
        self.loopback = loopback
        self.typed_code = typed_code
        self._proof = proof
        self._legs = legs
        self._exchange = exchange
        self._sessions = sessions
        self._store = store
        self._tasks = tasks
        self.handlers: dict[str, Handler] = {CUT_OFF: exchange.cut_off}

    async def allow(self) -> None:
        """Raises NotAllowedError where nobody may link."""
        await self._proof.allow()

    async def mint(self, who: SlackUser, *, handle: str, workspace: str, resume: Resume | None) -> str:
        """A new link for this person, absolute; their older one, and what it led to, is dead from now on.

        Raises NotAllowedError.
        """
        await self.allow()
        epoch = await self._sessions.begin(who)
        lid = secrets.token_urlsafe(32)
        intent = Intent(
            who=who,
            handle=handle,
            workspace=workspace,
            epoch=epoch,
            resume=self._exchange.seal_resume(who, resume),
        )
        await self._store.open(hashed(lid), intent)
        return f"{self.public_url}/link/{lid}"

    async def look(self, lid: str) -> Invitation | None:
        """Whom a link is for; changes nothing, however often and by whomever it is asked."""
        intent = await self._store.find(hashed(lid))
        return Invitation(intent.handle, intent.workspace, self.typed_code is not None) if intent else None

    async def start(self, lid: str) -> Onward | None:
        """Somebody pressed Continue: bind this browser, send it where the proof begins. None: the link is dead."""
        link = hashed(lid)
        intent = await self._store.find(link)
        if intent is None:
            return None
        cookie = secrets.token_urlsafe(32)
        onward = await self._proof.begin(Step(link=link, who=intent.who, browser=hashed(cookie), proof=b""))
        return Onward(onward.url, cookie)

    async def slack_callback(self, params: Mapping[str, str], cookie: str | None) -> Onward | Outcome:
        """Back from Sign in with Slack."""
        return await self._proof.back_from_slack(params, cookie)

    async def ct_callback(self, params: Mapping[str, str], cookie: str | None) -> Outcome | CodeToType:
        """Back from CT: the state is consumed; what becomes of the code is the proof's to say."""
        step = await self._legs.back(self._proof.leg, params, cookie)
        if isinstance(step, Outcome):
            return self._proof.again if step is Outcome.USED else step
        if "error" in params:
            return Outcome.CT_DENIED if params["error"] == "access_denied" else Outcome.CT_REFUSED
        code = code_of(params)
        if code is None:
            return Outcome.CT_REFUSED
        # Its own task: a browser that goes away, or a shutdown, must not stop between the exchange and the save.
        work = self._tasks.spawn(self._arrived(step, code), name="link-arrived")
        return await asyncio.shield(work)

    async def _arrived(self, step: Step, code: str) -> Outcome | CodeToType:
        intent = await self._store.find(step.link)
        verifier = self._legs.verifier(step)
        if intent is None or verifier is None:
            return Outcome.EXPIRED
        before = await self._sessions.account(step.who)
        attempt = Attempt(
            id=secrets.token_hex(8), who=step.who, resume=intent.resume, before=before.fingerprint if before else None
        )
        return await self._proof.settle(Arrival(attempt, step.link, intent, code, verifier))
