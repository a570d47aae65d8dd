"""Structured logs, one line an event. Secrets never leave: the last processor scrubs, tracebacks show no locals."""

import logging
import re
import sys
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
            *shared[:-2],
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(out or sys.stdout)
    handler.setFormatter(
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
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These print whole URLs, arguments or headers below WARNING.
    for noisy in ("httpx", "httpcore", "aiohttp", "slack_bolt", "slack_sdk", "authlib", "uvicorn.access", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
