"""Structured logs, one line an event. Secrets never leave: the last processor scrubs, tracebacks show no locals.

Lines are written by a thread of their own: a full disk, or a reader that has stopped, costs lines and not answers.
"""

import contextlib
import logging
import logging.handlers
import queue
import re
import secrets
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, WrappedLogger

_SECRET_NAMES = re.compile(
    r"token|secret|passw|cookie|authorization|code_verifier|state$|^code$|response_url", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"xox[a-z]-[\w-]+|xapp-[\w-]+|\b[0-9a-f]{64}\b|(?<=[?&])(?:code|state|token|lid)=[^&\s\"']+"
    r"|\b(?:access_token|refresh_token|id_token|client_secret|code_verifier)=[^&\s\"']+"
    r"|(?<=Bearer )[\w.~+/=-]{6,}|(?<=Basic )[\w+/=-]{8,}|(?<=/link/)[\w-]{20,}|://[^/\s:@]*:[^/\s@]+(?=@)",
    re.IGNORECASE,
)


def scrub_text(text: str) -> str:
    """Blank out whatever looks like a secret: the net under the rule that none is logged in the first place."""
    return _SECRET_TEXT.sub("***", text)


def _scrub(value: Any) -> Any:
    if isinstance(value, str):
        return scrub_text(value)
    if isinstance(value, dict):
        return {k: "***" if _SECRET_NAMES.search(str(k)) else _scrub(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_scrub(item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return scrub_text(repr(value))  # what a renderer would make of it, after us


def scrub(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """The last processor before the renderer."""
    return {k: "***" if _SECRET_NAMES.search(k) and v is not None else _scrub(v) for k, v in event.items()}


MOST_WAITING = 10_000  # lines; a few seconds of them at the worst
ENDS_WITHIN = 1.0  # seconds that the last lines get


@contextlib.contextmanager
def about(ref: str | None = None, **fields: object) -> Iterator[str]:
    """Every line of the block carries `fields` and one reference, which the person may be shown as well."""
    ref = ref or f"ct-{secrets.token_hex(3)}"
    with structlog.contextvars.bound_contextvars(ref=ref, **fields):
        yield ref


def reference() -> str:
    """The reference of what is under way, or a new one."""
    return str(structlog.contextvars.get_contextvars().get("ref") or f"ct-{secrets.token_hex(3)}")


class Dropping(logging.handlers.QueueHandler):
    """Hands lines to the writing thread; drops them, and counts, when it does not keep up."""

    def __init__(self, writer: logging.Handler, *, most: int = MOST_WAITING) -> None:
        self._lines: queue.Queue[logging.LogRecord] = queue.Queue(most)
        super().__init__(self._lines)
        self._writer = writer
        self.dropped = 0
        threading.Thread(target=self._write, name="log", daemon=True).start()

    def prepare(self, record: logging.LogRecord) -> logging.LogRecord:
        """As it is: the writer formats it, and structlog's is no text yet."""
        return record

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put_nowait(record)
        except queue.Full:
            self.dropped += 1

    def _write(self) -> None:
        while True:
            record = self._lines.get()
            try:
                self._writer.handle(record)
            finally:
                self._lines.task_done()

    def close(self) -> None:
        """Give the last lines their time, and no more."""
        until = time.monotonic() + ENDS_WITHIN
        while self._lines.unfinished_tasks and time.monotonic() < until:
            time.sleep(0.005)
        super().close()


def dropped() -> int:
    """How many lines could not be written so far."""
    return sum(handler.dropped for handler in logging.getLogger().handlers if isinstance(handler, Dropping))


class Lines(logging.StreamHandler[Any]):
    """One line an event; what cannot be written is lost, quietly: there is nowhere to say so."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        return


def configure(level: str, *, json_lines: bool, out: TextIO | None = None) -> None:
    """Send all logs, ours and the libraries', to stdout or `out`; called once by the command line."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.format_exc_info,
        scrub,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer() if json_lines else structlog.dev.ConsoleRenderer(colors=False)
    )
    structlog.configure(
        processors=[
            *shared[:-1],  # the exception too: in the writing thread there is none to look at
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    writer = Lines(out or sys.stdout)
    writer.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared[:-2],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                scrub,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [Dropping(writer)]
    root.setLevel(level)
    # These print whole URLs, arguments or headers below WARNING.
    for noisy in ("httpx", "httpcore", "aiohttp", "slack_bolt", "slack_sdk", "authlib", "uvicorn.access", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
