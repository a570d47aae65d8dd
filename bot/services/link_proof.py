"""How linking shows that a browser and a Slack user are one person (`guarantees.md` section 3, designs C and B).

The operator chooses the proof in the policy file; nobody can choose it while linking.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from bot.services.link_exchange import Attempt, Outcome
from bot.services.link_legs import Onward
from bot.stores.linking import Intent, Leg, Step


@dataclass(frozen=True, slots=True)
class Arrival:
    """CT's code is here, unexchanged, in the browser that was sent for it; its link is not consumed yet."""

    attempt: Attempt
    link: str
    intent: Intent
    code: str = field(repr=False)
    verifier: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CodeToType:
    """What the page shows, once: `code`, and who alone is to type it into Slack."""

    code: str = field(repr=False)
    handle: str


class LinkProof(Protocol):
    """`leg`: the way to CT that this proof sends browsers. `again`: what a page says that is visited once more."""

    leg: Leg
    again: Outcome

    async def allow(self) -> None:
        """Raises NotAllowedError, in words for the person, where this proof must not be relied upon."""

    async def begin(self, step: Step) -> Onward:
        """Somebody pressed Continue: where their browser goes."""

    async def back_from_slack(self, params: Mapping[str, str], cookie: str | None) -> Onward | Outcome:
        """A browser comes back from Sign in with Slack."""

    async def settle(self, arrival: Arrival) -> Outcome | CodeToType:
        """A browser came back from CT with a code: exchange it, or hold it until the proof is complete."""
