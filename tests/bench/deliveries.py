"""Signed slash commands as Slack sends them: each different, or the same one again and again."""

import hashlib
import hmac
import time
from collections.abc import Iterator
from urllib.parse import urlencode

SIGNING_SECRET = "bench-signing-secret"
PATH = "/slack/events"
PEOPLE = 2_000  # so many type in turn: each alone would soon be told to wait


def commands(count: int, *, again: bool, response_url: str) -> list[bytes]:
    """Whole HTTP requests with a body of about 700 bytes, signed now: good for five minutes.

    `again`: all are one command sent again, so that the bot does everything up to the ack and nothing after it.
    """
    return list(_commands(count, again=again, response_url=response_url))


def _commands(count: int, *, again: bool, response_url: str) -> Iterator[bytes]:
    now = str(int(time.time()))
    fields = {
        "token": "verification-token-that-nobody-uses",
        "team_id": "T01ACME",
        "team_domain": "acme",
        "channel_id": "C01NOC",
        "channel_name": "noc",
        "user_name": "ana",
        "command": "/ct",
        "text": "help",
        "api_app_id": "A01CTBOT",
        "is_enterprise_install": "false",
        "response_url": response_url,
    }
    run = f"{time.time_ns()}"
    resender = f"U{run[-10:]}"  # who types nothing else, or would soon be told to wait
    for number in range(count):
        trigger = f"{run}.{0 if again else number}.0123456789abcdef"
        user = resender if again else f"U{number % PEOPLE:08d}"
        body = urlencode(fields | {"user_id": user, "trigger_id": trigger, "filler": f"{number:0>250}"}).encode()
        signature = hmac.new(SIGNING_SECRET.encode(), b"v0:" + now.encode() + b":" + body, hashlib.sha256).hexdigest()
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: bot.example\r\nUser-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
            f"Accept: application/json,*/*\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"X-Slack-Request-Timestamp: {now}\r\nX-Slack-Signature: v0={signature}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body
