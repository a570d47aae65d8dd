"""Row U2: whatever is logged, no secret reaches the line."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.log import scrub, scrub_text

HEX = "0123456789abcdef" * 4
SECRETS = [
    ("xoxb-123-canary", "***"),
    ("xoxe.xoxp-1-canary", "xoxe.***"),
    ("xapp-1-canary", "***"),
    (f"token {HEX} of CT", "token *** of CT"),
    ("GET /callback?code=canary&state=canary2&x=1", "GET /callback?***&***&x=1"),
    ("https://x.example/?lid=canary", "https://x.example/?***"),
    ("grant_type=refresh_token&refresh_token=canary&client_secret=canary2", "grant_type=refresh_token&***&***"),
    ("access_token=canary", "***"),
    ("code_verifier=canary id_token=canary2", "*** ***"),
    ("Authorization: Bearer can.ary_~+/-=", "Authorization: Bearer ***"),
    ("authorization: bearer canary", "authorization: bearer ***"),
    ("Authorization: Basic Y2FuYXJ5OmNhbmFyeQ==", "Authorization: Basic ***"),
    ("https://bot.example/link/abcdefghijklmnopqrst-_", "https://bot.example/link/***"),
    ("redis://:canary@redis.example:6379/0", "redis***@redis.example:6379/0"),
    ("rediss://bot:canary@redis.example", "rediss***@redis.example"),
    ("before xoxb-1-2-abc after", "before *** after"),
    ("before xapp-1-A-b after", "before *** after"),
    (f"before {HEX} after", "before *** after"),
    ("before https://x/cb?code=abc after", "before https://x/cb?*** after"),
    ("before Authorization: Bearer abc.def after", "before Authorization: Bearer *** after"),
    ("before https://bot/link/0123456789abcdefghijABCDE after", "before https://bot/link/*** after"),
    ("before redis://:pw@store after", "before redis***@store after"),
]


@pytest.mark.parametrize(("text", "printed"), SECRETS)
def test_what_looks_like_a_secret_is_blanked(text: str, printed: str) -> None:
    assert scrub_text(text) == printed


@pytest.mark.parametrize(
    "text",
    [
        "Lobby AP-3 is back. Down 1 min 34 s",
        "box_state=offline code=3",
        "GET /api/v1/boxes/lobby-ap-3-4c0412?page=2&per=100",
        "ct-7f3a",
        "https://dashboard.ctapp.io/#/locations/cafe-nord",
        "a basic fact; the bearer of news",
        "the box ap-3 at Café Nord is back after 94 s, see https://dashboard.example/#/locations/nord",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert scrub_text(text) == text


class Holder:
    def __repr__(self) -> str:
        return "Holder(token='xoxb-canary')"


VALUES: list[Any] = [
    "xoxb-canary",
    ["xoxb-canary", ("x", {"deep": "xoxb-canary"})],
    {"a": {"access_token": "canary", "b": ["Bearer canary"]}},
    b"xoxb-canary",
    {"xoxb-canary"},
    ValueError("redis://:canary@x"),
    Holder(),
]


@pytest.mark.parametrize("value", VALUES)
def test_no_shape_hides_a_secret(value: Any) -> None:
    event = scrub(None, "info", {"event": "x", "value": value})

    assert "canary" not in json.dumps(event, default=repr)


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "access_token",
        "bot_token",
        "signing_secret",
        "password",
        "passwd",
        "cookie",
        "Authorization",
        "code_verifier",
        "state",
        "oauth_state",
        "code",
        "response_url",
    ],
)
def test_a_secret_by_its_name_is_blanked(name: str) -> None:
    assert scrub(None, "info", {name: "canary"}) == {name: "***"}
    assert scrub(None, "info", {"in": {name: "canary"}}) == {"in": {name: "***"}}
    assert scrub(None, "info", {name: None}) == {name: None}


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner, max_size=3)))
def test_scrubbing_anything_gives_something_json_can_hold(value: Any) -> None:
    json.dumps(scrub(None, "info", {"value": value}))


def test_numbers_stay_numbers() -> None:
    assert scrub(None, "info", {"seconds": 1.5, "count": 3, "ok": True}) == {"seconds": 1.5, "count": 3, "ok": True}


SCRIPT = """
import logging, sys, structlog
from bot.log import configure
configure(sys.argv[2], json_lines=sys.argv[1] == "json")
log = structlog.get_logger("bot.test")
structlog.contextvars.bind_contextvars(user="U01ANA")
nested = {"client_secret": "canary", "list": ["xoxb-canary"]}
log.info("first", seconds=1.5, box="ap-3", token="canary", access_token="canary", nested=nested)
def fails():
    local = password = "canary"
    raise ValueError("redis://user:canary@x")
try:
    fails()
except ValueError:
    log.exception("second")
logging.getLogger("foreign").warning("third %s", "xoxb-canary", extra={"box": "ap-3", "secret": "canary"})
for noisy in ("httpx", "slack_sdk", "aiohttp.access", "uvicorn.access"):
    logging.getLogger(noisy).info("canary of a library that talks too much")
logging.getLogger("foreign").warning("fourth %s", "https://id.example/cb?code=canary&state=canary")
logging.getLogger("foreign").debug("fifth")
"""


def logged(form: str, level: str) -> list[str]:
    done = subprocess.run([sys.executable, "-c", SCRIPT, form, level], capture_output=True, text=True, check=True)

    assert done.stderr == ""
    assert "canary" not in done.stdout
    return done.stdout.splitlines()


def test_each_event_is_one_line_of_json_and_tracebacks_show_no_locals() -> None:
    first, second, third, fourth, fifth = events = [json.loads(line) for line in logged("json", "DEBUG")]

    assert first["event"] == "first"
    assert first["seconds"] == 1.5
    assert first["user"] == "U01ANA"
    assert first["box"] == "ap-3"
    assert [event["level"] for event in events] == ["info", "error", "warning", "warning", "debug"]
    assert first["logger"] == "bot.test"
    assert first["timestamp"].endswith("Z")
    assert "ValueError: redis***@x" in second["exception"]
    assert third["event"] == "third ***"
    assert third["box"] == "ap-3"
    assert fourth["event"].startswith("fourth https://id.example/cb?***")
    assert fifth["event"] == "fifth"


def test_on_a_terminal_lines_are_for_people() -> None:
    lines = logged("console", "INFO")

    assert "first" in lines[0]
    assert "ap-3" in lines[0]
    assert not lines[0].startswith("{")
    assert any("ValueError" in line for line in lines)
    assert any("fourth https://id.example/cb?***" in line for line in lines)
    assert not any("fifth" in line for line in lines)


BLOCKED = """
import os, sys, time
from bot.log import configure, dropped
import structlog
configure("INFO", json_lines=True)
began = time.monotonic()
for number in range(30_000):
    structlog.get_logger("bot.test").info("x" * 200, number=number)
took = time.monotonic() - began
os.write(2, f"{took} {dropped()}".encode())
os._exit(0)
"""


def test_d6_a_reader_that_has_stopped_costs_lines_and_holds_nobody_up() -> None:
    reading, writing = os.pipe()  # nobody reads: it holds 64 kB and then blocks whoever writes
    done = subprocess.run(
        [sys.executable, "-c", BLOCKED], stdout=writing, stderr=subprocess.PIPE, text=True, timeout=50
    )
    os.close(reading)
    os.close(writing)
    dropped = int(done.stderr.split()[1])

    assert dropped > 10_000


def test_d6_a_full_disk_costs_lines_and_nothing_else() -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", SCRIPT, "json", "DEBUG"], stdout=full, stderr=subprocess.PIPE, text=True
        )

    assert done.returncode in {0, 120}  # 120: Python's own last flush of stdout failed
    assert "Traceback" not in done.stderr


REFERENCES = """
import structlog
from bot.log import about, configure, reference
configure("INFO", json_lines=True)
log = structlog.get_logger("bot.test")
with about(kind="command") as ref:
    log.info("one", same=reference() == ref)
    log.info("two")
log.info("three")
"""


def test_every_line_of_one_command_carries_one_reference() -> None:
    done = subprocess.run([sys.executable, "-c", REFERENCES], capture_output=True, text=True, check=True)
    one, two, three = map(json.loads, done.stdout.splitlines())

    assert one["ref"].startswith("ct-")
    assert one["ref"] == two["ref"]
    assert one["same"] is True
    assert two["kind"] == "command"
    assert "ref" not in three
