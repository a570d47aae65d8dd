"""Design C, the default: the browser signs in with Slack before CT hears of it, and must be the person who asked."""

import secrets
from collections.abc import Mapping

import msgspec
import structlog

from bot.identity import SlackUser
from bot.services.link_exchange import LinkExchange, Outcome
from bot.services.link_legs import LinkLegs, Onward, code_of
from bot.services.link_proof import Arrival
from bot.services.sign_in import SignInDownError, SignInRefusedError, SlackSignIn
from bot.stores.audit import Audit
from bot.stores.linking import Leg, LinkingStore, Step

log = structlog.get_logger(__name__)


class SlackProof:
    """A forwarded link ends on a page: whoever opens it is somebody else to Slack."""

    leg = Leg.CT
    again = Outcome.USED

    def __init__(
        self, *, slack: SlackSignIn, legs: LinkLegs, store: LinkingStore, exchange: LinkExchange, audit: Audit
    ) -> None:
        self._slack = slack
        self._legs = legs
        self._store = store
        self._exchange = exchange
        self._audit = audit

    async def allow(self) -> None:
        """Slack's word is good in any number of workspaces."""

    async def begin(self, step: Step) -> Onward:
        """To Slack's sign-in, which is asked about the right workspace."""
        nonce = secrets.token_urlsafe(32)
        state = await self._legs.out(Leg.SLACK, msgspec.structs.replace(step, proof=nonce.encode()))
        return Onward(self._slack.authorize_url(state=state, nonce=nonce, team=step.who.team_id))

    async def back_from_slack(self, params: Mapping[str, str], cookie: str | None) -> Onward | Outcome:
        """Must be the person who asked, in the browser that started; then on to CT."""
        step = await self._legs.back(Leg.SLACK, params, cookie, issuer=self._slack.issuer)
        if isinstance(step, Outcome):
            return step
        if "error" in params:
            return Outcome.SLACK_DENIED if params["error"] == "access_denied" else Outcome.SLACK_REFUSED
        code = code_of(params)
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
        return await self._legs.to_ct(self.leg, step)

    async def settle(self, arrival: Arrival) -> Outcome:
        """It is proved who this is: consume everything that may be used once, then exchange the code, once."""
        attempt, intent = arrival.attempt, arrival.intent
        await self._exchange.announce(attempt)
        if await self._store.take(arrival.link) is None:
            await self._exchange.withdraw(attempt)
            return Outcome.USED
        return await self._exchange.run(attempt, code=arrival.code, code_verifier=arrival.verifier, epoch=intent.epoch)


def _same(person: SlackUser, who: SlackUser) -> bool:
    """Team and user must be equal; the enterprise as well, where Slack names one."""
    return (person.team_id, person.user_id) == (who.team_id, who.user_id) and (
        person.enterprise_id is None or person.enterprise_id == who.enterprise_id
    )
