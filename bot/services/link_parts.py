"""What linking is made of, and how it is put together for the proof that the operator chose."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.crypto import Keyring
from bot.ct import CTClient
from bot.services.link_exchange import LinkExchange
from bot.services.link_legs import LinkLegs
from bot.services.link_proof import LinkProof
from bot.services.linking import Linking
from bot.services.notices import Notices
from bot.services.sessions import Sessions
from bot.services.sign_in import SlackSignIn
from bot.services.slack_proof import SlackProof
from bot.services.typed_code import TypedCode
from bot.stores.audit import Audit
from bot.stores.due import DueQueue
from bot.stores.held_codes import HeldCodes
from bot.stores.linking import LinkingStore
from bot.tasks import TaskSet


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkParts:
    """The same for every proof."""

    ct: CTClient
    sessions: Sessions
    store: LinkingStore
    held: HeldCodes
    queue: DueQueue
    keyring: Keyring
    audit: Audit
    notices: Notices
    tasks: TaskSet
    public_url: str
    loopback: bool

    @property
    def legs(self) -> LinkLegs:
        return LinkLegs(
            ct=self.ct, store=self.store, keyring=self.keyring, audit=self.audit, public_url=self.public_url
        )

    @property
    def exchange(self) -> LinkExchange:
        return LinkExchange(
            ct=self.ct,
            sessions=self.sessions,
            queue=self.queue,
            held=self.held,
            keyring=self.keyring,
            audit=self.audit,
            notices=self.notices,
            tasks=self.tasks,
            redirect_uri=self.legs.redirect_uri,
        )

    def by_slack(self, sign_in: SlackSignIn) -> Linking:
        """Design C: people sign in with Slack first."""
        proof = SlackProof(slack=sign_in, legs=self.legs, store=self.store, exchange=self.exchange, audit=self.audit)
        return self._with(proof)

    def by_typed_code(self, *, alone: Callable[[], Awaitable[bool]]) -> Linking:
        """Design B: people type what their page shows. `alone`: is this one workspace, as far as Slack has told?"""
        proof = TypedCode(
            legs=self.legs,
            store=self.store,
            held=self.held,
            exchange=self.exchange,
            sessions=self.sessions,
            keyring=self.keyring,
            audit=self.audit,
            tasks=self.tasks,
            alone=alone,
        )
        return self._with(proof, proof)

    def _with(self, proof: LinkProof, typed_code: TypedCode | None = None) -> Linking:
        return Linking(
            proof=proof,
            typed_code=typed_code,
            legs=self.legs,
            exchange=self.exchange,
            sessions=self.sessions,
            store=self.store,
            tasks=self.tasks,
            public_url=self.public_url,
            loopback=self.loopback,
        )
