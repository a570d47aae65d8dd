"""How a code ends, where the store goes away in the middle."""

from typing import Any, cast

from bot.crypto import Keyring
from bot.ct import CTClient, CTConnectionError, TokenPair
from bot.errors import StoreDownError
from bot.services.link_exchange import Attempt, LinkExchange, Outcome
from bot.stores.tokens import Epoch
from bot.tasks import TaskSet
from tests.services.replicas import ANA, KEY


class Around:
    """All that an exchange talks to: a CT that is away, and a store that lost the answer to a removal."""

    def __init__(self) -> None:
        self.recorded: list[str] = []
        self.removed: list[str] = []

    @property
    def oauth(self) -> "Around":
        return self

    async def exchange(self, **_: str) -> TokenPair:
        raise CTConnectionError("oauth.exchange: no answer", maybe_acted=False)

    async def record(self, event: str, **_: object) -> None:
        self.recorded.append(event)

    async def remove(self, _kind: str, item_id: str) -> None:
        self.removed.append(item_id)
        raise StoreDownError("down")


async def test_how_it_ended_is_known_though_nobody_knows_whether_its_marker_is_gone() -> None:
    """Else the page promises a message in Slack, and no marker is left that would lead to one."""
    around = Around()
    parts: dict[str, Any] = dict.fromkeys(("sessions", "queue", "held", "audit", "notices"), around)
    exchange = LinkExchange(
        ct=cast("CTClient", around), **parts, keyring=Keyring([KEY]), tasks=TaskSet(), redirect_uri="https://x/cb"
    )

    ended = await exchange.run(Attempt(id="a1", who=ANA), code="c", code_verifier="v", epoch=cast("Epoch", None))

    assert ended is Outcome.CT_DOWN
    assert (around.recorded, around.removed) == (["link_failed"], ["a1"])
