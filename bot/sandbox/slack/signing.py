"""Slack's request signature, and the ways in which one can be wrong."""

import hashlib
import hmac
import time
from collections.abc import Callable

KINDS = (
    "good", "bad", "wrong_secret", "stale", "future", "edge", "v1", "truncated", "missing", "text_timestamp",
    "negative_timestamp", "non_ascii",
)  # fmt: skip


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """`v0=` and the HMAC-SHA256 of `v0:{timestamp}:{raw body}` (slack-facts 1.1)."""
    digest = hmac.new(secret.encode(), b"v0:" + timestamp.encode() + b":" + body, hashlib.sha256)
    return "v0=" + digest.hexdigest()


def signed_headers(
    secret: str, body: bytes, *, kind: str = "good", clock: Callable[[], float] = time.time
) -> dict[str, str]:
    """The two headers, right or wrong in the way that `kind` says."""
    now = int(clock())
    ages = {"stale": -301, "future": 301, "edge": -298}
    timestamp = {"text_timestamp": "now", "negative_timestamp": f"-{now}"}.get(kind, str(now + ages.get(kind, 0)))
    good = signature("wrong" if kind == "wrong_secret" else secret, timestamp, body)
    flipped = good[:-1] + ("0" if good[-1] != "0" else "1")
    wrong = {"bad": flipped, "v1": "v1" + good[2:], "truncated": good[:-8], "non_ascii": good[:-1] + "é"}
    headers = {"X-Slack-Request-Timestamp": timestamp, "X-Slack-Signature": wrong.get(kind, good)}
    return {} if kind == "missing" else headers
