"""The servers that are measured, each a process; they have one core, the load and the stores have the other."""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.bench.deliveries import SIGNING_SECRET

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".bench"
PEER = "@slack/bolt@5.1"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server: what it is called in the table, where it listens, how long it took to be ready."""

    name: str
    port: int
    process: "subprocess.Popen[bytes]"
    ready_after: float

    @property
    def used(self) -> float:
        """Seconds of processor time so far; steadier than the clock on a machine with neighbours."""
        stat = Path(f"/proc/{self.process.pid}/stat")
        if not stat.exists():
            return float("nan")
        user, system = stat.read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    @property
    def resident(self) -> float:
        """Megabytes of memory that are its own and present."""
        status = Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return float("nan")
        return float(status.read_text().partition("VmRSS:")[2].split()[0]) / 1024


def cores() -> tuple[set[int], set[int]]:
    """One core for what is measured, the others for all else; the same where there is no choice."""
    if not hasattr(os, "sched_getaffinity") or len(available := sorted(os.sched_getaffinity(0))) < 2:
        return set(), set()
    return {available[0]}, set(available[1:])


def pinned(to: set[int]) -> Callable[[], None] | None:
    """For `preexec_fn`: keep a process on these cores."""
    return (lambda: os.sched_setaffinity(0, to)) if to else None


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


@contextlib.contextmanager
def running(
    name: str, argv: list[str], *, port: int, env: Mapping[str, str], ready: str = "", on: set[int] | None = None
) -> Iterator[Server]:
    """Start a server, wait until it is ready (a port that listens, or a path that answers 200), end it at the end."""
    chosen = cores()[0] if on is None else on
    begin = time.perf_counter()
    extra = [f"{key}={value}" for key, value in env.items()]
    process = subprocess.Popen(["env", *extra, *argv], stdout=subprocess.DEVNULL, preexec_fn=pinned(chosen))
    try:
        while not _answers(port, ready):
            if process.poll() is not None:
                raise RuntimeError(f"{name} ended with {process.returncode} before it was ready")
            if time.perf_counter() - begin > 30:
                raise TimeoutError(f"{name} was not ready within 30 s")
            time.sleep(0.005)
        yield Server(name, port, process, time.perf_counter() - begin)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answers(port: int, path: str) -> bool:
    try:
        if not path:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


@contextlib.contextmanager
def floor() -> Iterator[Server]:
    """The least that a Python process can do."""
    port = free_port()
    argv = [sys.executable, "-m", "tests.bench.floor", str(port)]
    with running("bare ASGI + HMAC: the floor", argv, port=port, env={}) as server:
        yield server


def install_peer() -> str:
    """Put the empty Bolt app's package into the cache; returns why it cannot be had, or nothing."""
    for tool in ("node", "npm"):
        if not shutil.which(tool):
            return f"{tool} is not installed"
    if not (CACHE / "node_modules" / "@slack" / "bolt").is_dir():
        CACHE.mkdir(exist_ok=True)
        argv = ["npm", "install", "--prefix", str(CACHE), "--no-save", "--no-audit", "--no-fund", "--silent", PEER]
        if subprocess.run(argv, capture_output=True, timeout=300, check=False).returncode:
            return f"npm could not install {PEER}"
    return ""


@contextlib.contextmanager
def peer(*, answering: bool) -> Iterator[Server]:
    """An empty @slack/bolt app on Node; `answering`, it also posts one line of text."""
    port = free_port()
    package = json.loads((CACHE / "node_modules" / "@slack" / "bolt" / "package.json").read_text())
    node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    env = {"NODE_PATH": str(CACHE / "node_modules"), "BENCH_SIGNING_SECRET": SIGNING_SECRET, "NODE_ENV": "production"}
    argv = ["node", str(HERE / "empty_bolt.js"), str(port), "answer" if answering else "ack"]
    name = f"@slack/bolt {package['version']} on Node {node}, {'one line of answer' if answering else 'empty'}"
    with running(name, argv, port=port, env=env) as server:
        yield server
