"""At the start, and until it is known: does this Redis keep what the bot entrusts to it? (`guarantees.md` D4)"""

import asyncio
from collections.abc import Sequence

import structlog

from bot.doctor.durability import durability
from bot.doctor.findings import Finding, Verdict, of
from bot.errors import ConfigError, StoreDownError
from bot.stores.probe import Probe

log = structlog.get_logger(__name__)

PATIENCE = 3.0  # seconds that the start waits for Redis; then it goes on without, as it always did
_WAY_OUT = 'If that is meant, say so in the policy file: "redis_may_forget": true.'


class StoreWatch:
    """Refuses to start on a Redis that forgets; where Redis is away at the start, finds out when it is back.

    A bot that runs is never ended for it: it is not ready until somebody has put Redis right.
    """

    def __init__(self, probe: Probe, *, may_forget: bool, again: float = 2.0) -> None:
        """`again`: seconds between two looks."""
        self._probe = probe
        self._again = again
        self._settled = asyncio.Event()
        self.keeps = True
        if may_forget:
            self._settled.set()

    async def at_start(self) -> None:
        """Raises ConfigError with a line for each reason; says nothing when Redis does not answer."""
        if not self._settled.is_set() and (wrong := await self._look()):
            raise ConfigError([f"{line} {_WAY_OUT}" for line in map(_line, wrong)])

    async def run(self) -> None:
        """Until it is known that nothing is forgotten; what is wrong is logged once, and so is its end."""
        while not self._settled.is_set():
            await asyncio.sleep(self._again)
            wrong = await self._look()
            if wrong and self.keeps:
                for line in map(_line, wrong):
                    log.error("this Redis would lose links: I am not ready", why=line)
            if wrong is not None:
                self.keeps = not wrong

    async def _look(self) -> Sequence[Finding] | None:
        """What is wrong; None while Redis does not answer."""
        try:
            async with asyncio.timeout(PATIENCE):
                found = durability(await self._probe.configuration())
        except (StoreDownError, TimeoutError):
            return None
        wrong = of(found, Verdict.WRONG)
        if not wrong:
            self._settled.set()
            for finding in of(found, Verdict.WARNING, Verdict.UNKNOWN):
                log.warning("about this Redis", why=_line(finding))
        return wrong


def _line(finding: Finding) -> str:
    return f"Redis, {finding.name}: {finding.seen}. {finding.todo}"
