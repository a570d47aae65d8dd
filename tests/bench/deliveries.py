"""Signed slash commands as Slack sends them, each different: a repeated one would be dropped as a resend."""

import hashlib
import hmac
import time
from collections.abc import Iterator
from urllib.parse import urlencode

SIGNING_SECRET = "bench-signing-secret"
PATH = "/slack/events"


def commands(count: int, *, text: str, response_url: str, secret: str = SIGNING_SECRET) -> list[bytes]:
    """Whole HTTP requests of about 700 bytes of body, signed now: good for five minutes."""
    return list(_commands(count, text=text, response_url=response_url, secret=secret.encode()))


def _commands(count: int, *, text: str, response_url: str, secret: bytes) -> Iterator[bytes]:
    now = str(int(time.time()))
    fields = {
        "token": "verification-token-that-nobody-uses",
        "team_id": "T01ACME",
        "team_domain": "acme",
        "channel_id": "C01NOC",
        "channel_name": "noc",
        "user_id": "U01ANA",
        "user_name": "ana",
        "command": "/ct",
        "text": text,
        "api_app_id": "A01CTBOT",
        "is_enterprise_install": "false",
        "response_url": response_url,
        "filler": "x" * 250,
    }
    run = f"{time.time_ns()}"
    for number in range(count):
        body = urlencode(fields | {"trigger_id": f"{run}.{number}.0123456789abcdef"}).encode()
        signature = hmac.new(secret, b"v0:" + now.encode() + b":" + body, hashlib.sha256).hexdigest()
        head = (
            f"POST {PATH} HTTP/1.1\r\nHost: bot.example\r\nUser-Agent: Slackbot 1.0 (+https://api.slack.com/robots)\r\n"
            f"Accept: application/json,*/*\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"X-Slack-Request-Timestamp: {now}\r\nX-Slack-Signature: v0={signature}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        yield head.encode() + body
