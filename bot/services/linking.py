"""Linking a Slack user to a CT account, design C (`guarantees.md` section 3): Sign in with Slack first, then CT.

Whoever opens a link must prove to be the person who asked for it, before CT hears of them. Nothing of HTTP in here.
"""

import asyncio
import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec
import structlog

from bot.crypto import Keyring, SealError
from bot.ct import CTClient
from bot.identity import SlackUser
from bot.services.link_exchange import CUT_OFF, Attempt, LinkExchange, Outcome
from bot.services.notices import Notices, Resume
from bot.services.sessions import Sessions
from bot.services.sign_in import SignInDownError, SignInRefusedError, SlackSignIn
from bot.services.worker import Handler
from bot.stores.audit import Audit
from bot.stores.due import DueQueue
from bot.stores.linking import Intent, Leg, LinkingStore, Step, Used, hashed
from bot.tasks import TaskSet

log = structlog.get_logger(__name__)

_VERIFIER = "link-verifier"
_CODE_CAP = 4096


@dataclass(frozen=True, slots=True)
class Onward:
    """The browser goes on to `url`; with `cookie`, it is to carry that from now on."""

    url: str
    cookie: str | None = None


@dataclass(frozen=True, slots=True)
class Invitation:
    """What the naming page says: whom this link is for."""

    handle: str
    workspace: str


class Linking:
    """The flow, step by step. `origin` and `loopback` tell the web how to guard the form and name the cookie."""

    def __init__(
        self,
        *,
        ct: CTClient,
        sessions: Sessions,
        store: LinkingStore,
        queue: DueQueue,
        slack_oidc: SlackSignIn,
        keyring: Keyring,
        audit: Audit,
        notices: Notices,
        tasks: TaskSet,
        public_url: str,
        loopback: bool,
    ) -> None:
        self.public_url = public_url.rstrip("/")
        self.loopback = loopback
        self._redirect_uri = f"{self.public_url}/oauth/ct/callback"
        self._ct = ct
        self._sessions = sessions
        self._store = store
        self._slack = slack_oidc
        self._keyring = keyring
        self._audit = audit
        self._tasks = tasks
        self._exchange = LinkExchange(
            ct=ct,
            sessions=sessions,
            queue=queue,
            keyring=keyring,
            audit=audit,
            notices=notices,
            tasks=tasks,
            redirect_uri=self._redirect_uri,
        )
        self.handlers: dict[str, Handler] = {CUT_OFF: self._exchange.cut_off}

    async def mint(self, who: SlackUser, *, handle: str, workspace: str, resume: Resume | None) -> str:
        """A new link for this person, absolute; their older one is dead from now on."""
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
        return Invitation(intent.handle, intent.workspace) if intent else None

    async def start(self, lid: str) -> Onward | None:
        """Somebody pressed Continue: bind this browser, send it to Slack's sign-in. None: the link is dead."""
        link = hashed(lid)
        intent = await self._store.find(link)
        if intent is None:
            return None
        state, nonce, cookie = (secrets.token_urlsafe(32) for _ in range(3))
        step = Step(link=link, who=intent.who, browser=hashed(cookie), proof=nonce.encode())
        await self._store.begin(Leg.SLACK, state, step)
        return Onward(self._slack.authorize_url(state=state, nonce=nonce, team=intent.who.team_id), cookie)

    async def slack_callback(self, params: Mapping[str, str], cookie: str | None) -> Onward | Outcome:
        """Back from Slack: must be the person who asked, in the browser that started; then on to CT."""
        step = await self._arrive(Leg.SLACK, params, cookie, issuer=self._slack.issuer)
        if isinstance(step, Outcome):
            return step
        if "error" in params:
            return Outcome.SLACK_DENIED if params["error"] == "access_denied" else Outcome.SLACK_REFUSED
        code = _code(params)
        if code is None:
            return Outcome.SLACK_REFUSED
        if await self._store.find(step.link) is None:
            return Outcome.EXPIRED
        try:
            person = await self._slack.identify(code=code, nonce=step.proof.decode())
        except SignInDownError as error:
            log.warning("sign in with Slack is down", error=str(error))
            return Outcome.SLACK_DOWN
        except SignInRefusedError as error:
            await self._audit.record("link_sign_in_refused", who=step.who.key, reason=error.reason)
            return Outcome.SLACK_REFUSED
        if not _same(person, step.who):
            await self._store.burn(step.link)
            await self._audit.record("link_identity_mismatch", who=step.who.key, browser=person.key)
            return Outcome.OTHER_PERSON
        return await self._on_to_ct(step)

    async def ct_callback(self, params: Mapping[str, str], cookie: str | None) -> Outcome:
        """Back from CT: consume everything that may be used once, then exchange the code, once."""
        step = await self._arrive(Leg.CT, params, cookie, issuer=self._authorize_url("", ""))
        if isinstance(step, Outcome):
            return step
        if "error" in params:
            return Outcome.CT_DENIED if params["error"] == "access_denied" else Outcome.CT_REFUSED
        code = _code(params)
        if code is None:
            return Outcome.CT_REFUSED
        # Its own task: a browser that goes away, or a shutdown, must not stop between the exchange and the save.
        work = self._tasks.spawn(self._finish(step, code), name="link-finish")
        return await asyncio.shield(work)

    async def _finish(self, step: Step, code: str) -> Outcome:
        intent = await self._store.find(step.link)
        if intent is None:
            return Outcome.EXPIRED
        try:
            verifier = self._keyring.open(step.proof, owner=step.who.key, purpose=_VERIFIER).decode()
        except SealError:
            return Outcome.EXPIRED
        before = await self._sessions.account(step.who)
        attempt = Attempt(
            id=secrets.token_hex(8), who=step.who, resume=intent.resume, before=before.fingerprint if before else None
        )
        await self._exchange.announce(attempt)
        if await self._store.take(step.link) is None:
            await self._exchange.withdraw(attempt)
            return Outcome.USED
        return await self._exchange.run(attempt, code=code, code_verifier=verifier, epoch=intent.epoch)

    async def _arrive(self, leg: Leg, params: Mapping[str, str], cookie: str | None, *, issuer: str) -> Step | Outcome:
        """Consume the state; it must be of this leg, and of this browser, and from where we sent it."""
        step = await self._store.end(leg, params.get("state", ""))
        if step is None:
            return Outcome.EXPIRED
        if isinstance(step, Used):
            return Outcome.USED
        if not hmac.compare_digest(step.browser, hashed(cookie or "")):
            await self._audit.record("link_refused", who=step.who.key, leg=leg, reason="browser")
            return Outcome.EXPIRED
        if _origin(params.get("iss", issuer)) != _origin(issuer):
            await self._audit.record("link_refused", who=step.who.key, leg=leg, reason="issuer")
            return Outcome.EXPIRED
        return step

    async def _on_to_ct(self, step: Step) -> Onward:
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        sealed = self._keyring.seal(verifier.encode(), owner=step.who.key, purpose=_VERIFIER)
        await self._store.begin(Leg.CT, state, msgspec.structs.replace(step, proof=sealed))
        return Onward(self._authorize_url(state, _challenge(verifier)))

    def _authorize_url(self, state: str, challenge: str) -> str:
        return self._ct.oauth.authorize_url(redirect_uri=self._redirect_uri, state=state, code_challenge=challenge)


def _same(person: SlackUser, who: SlackUser) -> bool:
    """Team and user must be equal; the enterprise as well, where Slack names one."""
    return (person.team_id, person.user_id) == (who.team_id, who.user_id) and (
        person.enterprise_id is None or person.enterprise_id == who.enterprise_id
    )


def _code(params: Mapping[str, str]) -> str | None:
    code = params.get("code", "")
    return code if 0 < len(code) <= _CODE_CAP else None


def _challenge(verifier: str) -> str:
    """PKCE's S256 (RFC 7636, section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _origin(url: str) -> str:
    """Issuers are compared by origin: CT publishes none, so its exact spelling is not known."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.scheme}://{parts.netloc}"
