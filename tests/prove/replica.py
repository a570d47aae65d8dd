"""One replica of the bot: `ct-bot serve` as a process of its own, with its log in a file."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bot.sandbox.stage import answers, free_port

ENDS_WITHIN = 30.0


class Replica:
    """Started, killed, frozen and drained by a row."""

    def __init__(self, settings: Mapping[str, str], folder: Path, name: str) -> None:
        self.port = free_port()
        self._settings = {**settings, "PORT": str(self.port)}
        self.log = folder / f"{name}.log"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def start(self, *, cut: str | None = None, ready: bool = True) -> float:
        """Start it; `cut` arms a place (`bot.cuts`). Returns the seconds until it was ready, or had died there."""
        began = time.monotonic()
        env = {"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), **self._settings}
        if cut:
            env["CT_BOT_CUT"] = cut
        with self.log.open("ab") as out:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "bot", "serve"),
                env=env,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        if ready:
            await self._ready_or_dead()
            assert self.alive or cut, f"a replica ended with {self._process.returncode}"
        return time.monotonic() - began

    async def _ready_or_dead(self) -> None:
        assert self._process is not None
        both = {asyncio.ensure_future(answers(f"{self.url}/readyz")), asyncio.ensure_future(self._process.wait())}
        done, waiting = await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        for one in waiting:
            one.cancel()
        for one in done:
            one.result()

    async def kill(self) -> None:
        assert self._process is not None
        if self.alive:
            self._process.kill()
        await self._process.wait()

    async def died(self, *, within: float = 15.0) -> int:
        """Wait until a cut has ended it; returns its exit code."""
        assert self._process is not None
        return await asyncio.wait_for(self._process.wait(), within)

    async def drain(self) -> tuple[int, float]:
        """SIGTERM: (exit code, seconds)."""
        assert self._process is not None
        began = time.monotonic()
        self._process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(self._process.wait(), ENDS_WITHIN)
        return code, time.monotonic() - began

    def freeze(self) -> None:
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self.pid, signal.SIGCONT)

    @property
    def frozen(self) -> bool:
        """Whether a signal has stopped it; one that has ended is not frozen."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
        except FileNotFoundError:
            return False

    def resident(self) -> float:
        """MB of memory."""
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def descriptors(self) -> int:
        return len(list(Path(f"/proc/{self.pid}/fd").iterdir()))

    def logged(self) -> str:
        return self.log.read_text(errors="replace")
