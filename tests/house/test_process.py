"""`ct-bot serve` as a process: how it starts, and how it ends."""

import contextlib
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from bot.serving import LINGER_SECONDS
from tests.bench.bot import environment
from tests.bench.deliveries import commands
from tests.bench.servers import Server, free_port, running

SERVE = [sys.executable, "-m", "bot", "serve"]


class SlowSlack(ThreadingHTTPServer):
    """Says at once who the bot is, and takes an answer only when it is let go on."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked, self.go_on = threading.Event(), threading.Event()
        self.taken = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        slack = self.server
        assert isinstance(slack, SlowSlack)
        self.rfile.read(int(self.headers.get("content-length", 0)))
        if self.path == "/response":
            slack.asked.set()
            slack.taken += slack.go_on.wait(10)
        body = b'{"ok": true, "team_id": "T01ACME", "team": "Acme", "user_id": "U0CTBOT", "bot_id": "B0CTBOT"}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def slack() -> Iterator[SlowSlack]:
    """A slow Slack, running."""
    with SlowSlack() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.go_on.set()
        server.shutdown()
        thread.join()


@contextlib.contextmanager
def serving(slack: SlowSlack, redis_url: str) -> Iterator[Server]:
    """`ct-bot serve`, ready, before that Slack."""
    listen = free_port()
    env = environment(listen=listen, redis_url=redis_url, outside=slack.port)
    with running("ct-bot", SERVE, port=listen, env=env, ready="/readyz", on=set()) as server:
        yield server


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_was_accepted_is_brought_to_its_end_before_the_process_ends_well(
    slack: SlowSlack, redis_url: str, number: signal.Signals
) -> None:
    (request,) = commands(1, again=False, response_url=f"http://127.0.0.1:{slack.port}/response")
    with serving(slack, redis_url) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(request)
            ack = connection.recv(1000)
        slack.asked.wait(5)
        server.process.send_signal(number)
        threading.Timer(LINGER_SECONDS + 0.3, slack.go_on.set).start()
        code = server.process.wait(10)

    assert ack.startswith(b"HTTP/1.1 200")
    assert slack.taken == 1
    assert code == 0


def test_who_still_sends_when_it_is_told_to_end_is_answered_and_asked_to_go_elsewhere(
    slack: SlowSlack, redis_url: str
) -> None:
    slack.go_on.set()
    first, second, third = commands(3, again=False, response_url=f"http://127.0.0.1:{slack.port}/response")
    with serving(slack, redis_url) as server:
        with (
            socket.create_connection(("127.0.0.1", server.port)) as kept,
            socket.create_connection(("127.0.0.1", server.port)) as unused,
        ):
            kept.sendall(first)
            before = kept.recv(1000)
            server.process.send_signal(signal.SIGTERM)
            time.sleep(LINGER_SECONDS / 2)
            ready = httpx.get(f"http://127.0.0.1:{server.port}/readyz", trust_env=False)
            for connection, request in ((kept, second), (unused, third)):
                connection.sendall(request)
            after = [kept.recv(1000), unused.recv(1000)]
            closed = [kept.recv(1000), unused.recv(1000)]
        code = server.process.wait(10)

    assert before.startswith(b"HTTP/1.1 200")
    assert b"connection: close" not in before
    assert (ready.status_code, ready.json()) == (503, {"ready": False, "not_ready": ["leaving"]})
    assert [answer.startswith(b"HTTP/1.1 200") and b"connection: close" in answer for answer in after] == [True, True]
    assert closed == [b"", b""]
    assert (slack.taken, code) == (3, 0)


def test_told_twice_to_end_it_ends_at_once(slack: SlowSlack, redis_url: str) -> None:
    with serving(slack, redis_url) as server:
        server.process.send_signal(signal.SIGTERM)
        time.sleep(LINGER_SECONDS / 5)
        server.process.send_signal(signal.SIGTERM)
        time.sleep(LINGER_SECONDS / 2)
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"http://127.0.0.1:{server.port}/readyz", trust_env=False)
        assert server.process.wait(10) == 0


def test_a_bare_environment_stops_the_start_with_a_line_for_each_setting() -> None:
    done = subprocess.run(
        ["env", "-u", "PYTHONWARNINGS", *SERVE], capture_output=True, text=True, timeout=20, check=False
    )

    lines = done.stderr.splitlines()
    assert done.returncode == 2
    assert len(lines) > 5
    assert all(line.startswith("ct-bot: ") and line.endswith(".") for line in lines)
