"""Linking attempts at rest, ten minutes to live (`guarantees.md`, section 3). Keys hold SHA-256 hashes, never a secret.

`ct:link:intent:{<link>}` who asked; `ct:link:newest:{<tag>}:<team>:<user>` which link of a person lives;
`ct:link:<leg>:{<state>}` the legs in the browser. A state is consumed by overwriting it
with a mark in one command, so that a second visit reads as "used", not as "expired". No command spans two keys.
"""

import enum
import hashlib

import msgspec
from redis.asyncio import Redis

from bot.identity import SlackUser
from bot.stores.link_keys import newest_of
from bot.stores.redis import guarded
from bot.stores.tokens import Epoch

TTL = 600
_USED = b"used"


class Leg(enum.StrEnum):
    """Where a state leads and what stands behind it; a state of one leg is unknown to the others.

    CT: after Sign in with Slack. TYPED: without it, so that its code must be held back, by every replica.
    """

    SLACK = "slack"
    CT = "ct"
    TYPED = "typed"


class Used(enum.Enum):
    """What is left of a state that was consumed: only that it was."""

    USED = "used"


class Intent(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants to link, since when, and what for (`resume` is sealed by the service)."""

    who: SlackUser
    handle: str
    workspace: str
    epoch: Epoch
    resume: bytes | None = None


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One leg under way: of which link, in which browser. `proof` is the nonce, or the sealed PKCE verifier."""

    link: str
    who: SlackUser
    browser: str
    proof: bytes


def hashed(secret: str) -> str:
    """SHA-256 in hex: how links, states and cookies are named at rest."""
    return hashlib.sha256(secret.encode()).hexdigest()


class LinkingStore:
    """Intents and legs. Methods take links as `hashed(lid)`, states as they are in the browser."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis

    @staticmethod
    def _intent(link: str) -> str:
        return f"ct:link:intent:{{{link}}}"

    @staticmethod
    def _leg(leg: Leg, state: str) -> str:
        return f"ct:link:{leg}:{{{hashed(state)}}}"

    @guarded
    async def open(self, link: str, intent: Intent) -> None:
        """Write a new link; the person's older one is dead from here on."""
        await self._redis.set(self._intent(link), msgspec.msgpack.encode(intent), ex=TTL)
        older = await self._redis.set(newest_of(intent.who), link, ex=TTL, get=True)
        if isinstance(older, bytes):
            await self._redis.delete(self._intent(older.decode()))

    @guarded
    async def find(self, link: str) -> Intent | None:
        """The intent of a link that still lives; changes nothing."""
        return await self._if_newest(link, await self._redis.get(self._intent(link)))

    @guarded
    async def take(self, link: str) -> Intent | None:
        """Consume a link: one caller gets its intent, everybody else None."""
        return await self._if_newest(link, await self._redis.getdel(self._intent(link)))

    @guarded
    async def burn(self, link: str) -> None:
        """End a link."""
        await self._redis.delete(self._intent(link))

    @guarded
    async def begin(self, leg: Leg, state: str, step: Step) -> None:
        """Remember a leg until the browser comes back with its state."""
        await self._redis.set(self._leg(leg, state), msgspec.msgpack.encode(step), ex=TTL)

    @guarded
    async def end(self, leg: Leg, state: str) -> Step | Used | None:
        """Consume a state: one caller gets the step, later ones USED, a stranger or a late one None."""
        raw = await self._redis.set(self._leg(leg, state), _USED, xx=True, get=True, keepttl=True)
        if not isinstance(raw, bytes):
            return None
        return Used.USED if raw == _USED else msgspec.msgpack.decode(raw, type=Step)

    async def _if_newest(self, link: str, raw: object) -> Intent | None:
        if not isinstance(raw, bytes):
            return None
        intent = msgspec.msgpack.decode(raw, type=Intent)
        newest = await self._redis.get(newest_of(intent.who))
        return intent if newest == link.encode() else None
