"""The logs: one line an event, and no secret in any (row U2)."""

import json
import subprocess
import sys

import pytest

from bot.log import scrub_text

SPEAKS = """
import logging, structlog
from bot.log import configure
configure("INFO", json_lines={json_lines})
log = structlog.get_logger("bot.test")
log.info("hello", box="ap-3", access_token="canary", nested={{"client_secret": "canary", "list": ["xoxb-canary"]}})
logging.getLogger("library").warning("called %s", "https://id.example/cb?code=canary&state=canary")
logging.getLogger("httpx").info("canary of a library that talks too much")
try:
    password = "canary"
    raise ValueError("redis://user:canary@store/0 is away")
except ValueError:
    log.exception("failed")
"""


@pytest.mark.parametrize("json_lines", [True, False])
def test_no_canary_leaves_and_every_event_does(json_lines: bool) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SPEAKS.format(json_lines=json_lines)], capture_output=True, text=True, check=True
    )

    assert "canary" not in done.stdout + done.stderr
    assert "ap-3" in done.stdout
    assert "called https://id.example/cb?***" in done.stdout
    assert "ValueError" in done.stdout
    if json_lines:
        assert [json.loads(line)["level"] for line in done.stdout.splitlines()] == ["info", "warning", "error"]


@pytest.mark.parametrize(
    "secret",
    [
        "xoxb-1-2-abc",
        "xapp-1-A-b",
        "0123456789abcdef" * 4,
        "https://x/cb?code=abc",
        "Authorization: Bearer abc.def",
        "https://bot/link/0123456789abcdefghijABCDE",
        "redis://:pw@store",
    ],
)
def test_what_looks_like_a_secret_is_blanked(secret: str) -> None:
    assert "***" in scrub_text(f"before {secret} after")
    assert scrub_text(f"before {secret} after").endswith(" after")


def test_plain_words_stay() -> None:
    line = "the box ap-3 at Café Nord is back after 94 s, see https://dashboard.example/#/locations/nord"

    assert scrub_text(line) == line
