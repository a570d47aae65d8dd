"""One refresh by the holder of the lock: ask CT, save, only then use (`guarantees.md` T3, T6, T7)."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot import cuts
from bot.ct import CTClient, CTConnectionError, CTError, CTOAuthError, CTResponseError, CTServerError, TokenPair
from bot.errors import StoreDownError
from bot.identity import SlackUser
from bot.services.endings import Endings, usable
from bot.services.pairs import Link, Pair, PairSealer
from bot.services.revocation import Revocation
from bot.stores.tokens import Refusal, TokenStore

log = structlog.get_logger(__name__)

_OURS = frozenset({"invalid_client", "unauthorized_client"})


class RenewalError(CTConnectionError):
    """CT did not renew a token in time. Nothing was done and nothing is lost: the next command tries again."""

    def __init__(self) -> None:
        super().__init__(
            "CT has not renewed your link yet. Try again in a minute.",
            maybe_acted=False,
            outcome="not_renewed",
        )


class LockLostError(Exception):
    """The refresh lock ran out before CT was asked; read the link again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long things may take, in seconds, and how often they are tried."""

    caller: float = 14.0  # a command waits for renewals in all: longer than a lock, and it must have ended by 15
    ahead: float = 4.0  # of these for one by the timer, while its token may still be good
    lock: float = 12.0  # longer than one request to CT may take
    poll: float = 0.1
    retry_for: float = 10.0  # a lost answer is asked for again with the same refresh token
    retries: int = 2
    pause: float = 0.3
    per_minute: int = 3  # requests without success, for one person over all replicas
    per_second: int = 8  # requests, for everybody over all replicas; CT sees 10 at most, for some come late
    turn: float = 3.0  # a request waits for its turn
    late: float = 0.2  # whoever comes later than this to their turn takes another: others are at theirs by then
    save_for: float = 60.0
    save_every: float = 0.5
    rereads: tuple[float, ...] = (1.0, 2.0, 3.0)
    thaw: tuple[float, ...] = (3.0,) * 8  # more of these while another replica may be frozen with the newer pair


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose link is being renewed, which generation of it, and the token of the lock that is held."""

    who: SlackUser
    gen: int
    token: str


@dataclass(slots=True)
class _Tries:
    """Requests of one renewal. `others`: another one asked before it, and neither saved nor was it long ago."""

    own: int = 0
    others: bool = False


class Rotation:
    """Turns one pair into the next."""

    def __init__(
        self,
        *,
        ct: CTClient,
        tokens: TokenStore,
        sealer: PairSealer,
        endings: Endings,
        revocation: Revocation,
        clock: Callable[[], float],
        patience: Patience,
    ) -> None:
        self._ct = ct
        self._tokens = tokens
        self._sealer = sealer
        self._endings = endings
        self._revocation = revocation
        self._clock = clock
        self._patience = patience

    async def rotate(self, holder: Holder, link: Link, *, unsaved: Callable[[StoreDownError], None]) -> Link:
        """The next link, saved; or another's newer one. `unsaved` hears of a store that does not take the pair yet.

        Raises NotLinkedError when CT ended the link; CTError (RenewalError too) when CT fails: the link stays.
        """
        if link.pair.refresh is None:
            return await self._endings.end(holder.who, link.gen, why="no refresh token")
        cuts.here("refresh.locked")
        tries = _Tries()
        try:
            answer = await self._ask(holder, link.pair.refresh, tries)
        except CTOAuthError as error:
            return await self._refused(holder, error, maybe_frozen=tries.others)
        cuts.here("refresh.answered")
        received = self._clock()
        pair = Pair(answer.access_token, answer.refresh_token or link.pair.refresh)
        due = received + refresh_after(answer.expires_in)
        gen = await self._save(holder, self._sealer.seal(holder.who, pair), due=due, unsaved=unsaved)
        if gen is not None:
            return Link(gen, pair, link.account)
        await self._revocation.announce_quietly(holder.who)
        return self._sealer.link(holder.who, usable(await self._tokens.load(holder.who)))

    async def _ask(self, holder: Holder, refresh_token: str, tries: _Tries) -> TokenPair:
        """Up to three requests: an answer may be lost after CT rotated, and some CTs repeat it (ct-api 1.4)."""
        until = self._clock() + self._patience.retry_for
        while True:
            await self._permit(holder, tries)
            try:
                return await self._ct.oauth.refresh(refresh_token)
            except CTError as error:
                if not _lost(error) or tries.own > self._patience.retries or self._clock() > until:
                    raise
                log.warning("refresh not answered, asking again", who=holder.who.key, error=str(error))
            await asyncio.sleep(self._patience.pause * 2**tries.own)

    async def _permit(self, holder: Holder, tries: _Tries) -> None:
        await self._turn()
        permit = await self._tokens.permit(
            holder.who, token=holder.token, seconds=self._patience.lock, per_minute=self._patience.per_minute
        )
        if permit is Refusal.NOT_HOLDER:
            raise LockLostError
        if permit is Refusal.TOO_MANY:
            raise RenewalError
        tries.own += 1
        tries.others = permit > tries.own

    async def _turn(self) -> None:
        """Wait for a turn. A busy process wakes late, and would send what it has missed all at once."""
        patience = self._patience
        for _ in range(1 + patience.retries):
            asked = self._clock()
            wait = await self._tokens.pace.turn("oauth", per_second=patience.per_second, longest=patience.turn)
            if wait is None:
                break
            await asyncio.sleep(wait)
            if self._clock() - asked - wait <= patience.late:
                return
        raise RenewalError

    async def _refused(self, holder: Holder, error: CTOAuthError, *, maybe_frozen: bool) -> Link:
        """Only `invalid_grant` ends a link; of two at once, the loser may hear `invalid_request` (ct-api 1.4)."""
        if error.error == "invalid_grant" and not error.maybe_acted:
            return await self._endings.end(holder.who, holder.gen, why="invalid_grant", maybe_frozen=maybe_frozen)
        if error.error == "invalid_request":
            newer = await self._endings.newer(holder.who, holder.gen)
            if newer is not None:
                return newer
        if error.error in _OURS:
            log.error("CT refuses the bot itself: check CT_CLIENT_ID and CT_CLIENT_SECRET", error=str(error))
        raise error

    async def _save(
        self, holder: Holder, sealed: bytes, *, due: float, unsaved: Callable[[StoreDownError], None]
    ) -> int | None:
        """Until it is saved the pair exists here only: outlast an outage, and try once more when cancelled."""
        until = self._clock() + self._patience.save_for
        try:
            while True:
                try:
                    return await self._save_once(holder, sealed, due)
                except StoreDownError as error:
                    unsaved(error)
                    if self._clock() > until:
                        log.error("a renewed pair could not be saved and is lost", who=holder.who.key)  # noqa: TRY400
                        raise
                await asyncio.sleep(self._patience.save_every)
        except asyncio.CancelledError:
            await self._save_once(holder, sealed, due)
            raise

    async def _save_once(self, holder: Holder, sealed: bytes, due: float) -> int | None:
        return await self._tokens.save(
            holder.who, holder.gen, sealed, token=holder.token, refresh_in=due - self._clock()
        )


def refresh_after(expires_in: int | None) -> float:
    """Seconds from receipt until the timer renews a token; CT's own clock plays no part (`guarantees.md` T8).

    The life that CT claims is clamped to 60 s to 24 h and shortened by about 120 s, by a fifth at most. The timer never
    renews within five minutes: a token that really lives shorter is found by its 401.
    """
    life = min(max(expires_in, 60), 86400) if expires_in is not None else 86400
    leeway = min(120.0, life / 5) * random.uniform(0.75, 1.25)  # noqa: S311 - spreads the herd, hides nothing
    return max(life - leeway, 300.0)


def _lost(error: CTError) -> bool:
    """True when CT may have rotated, or was never reached: the same refresh token may be sent again."""
    if isinstance(error, CTOAuthError):
        return error.maybe_acted
    return isinstance(error, CTConnectionError | CTResponseError | CTServerError)
