"""Requests signed as Slack signs them, for the tests of the door."""

import hashlib
import hmac

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"


def signature(body: bytes, timestamp: bytes, *, secret: str = SECRET) -> bytes:
    """`v0=` and the HMAC of `v0:<timestamp>:<body>`."""
    return b"v0=" + hmac.new(secret.encode(), b"v0:" + timestamp + b":" + body, hashlib.sha256).hexdigest().encode()


def signed(body: bytes, at: float, *, secret: str = SECRET) -> list[tuple[bytes, bytes]]:
    """The headers of a good request, or of one with another secret."""
    timestamp = str(int(at)).encode()
    return [
        (b"content-type", b"application/x-www-form-urlencoded"),
        (b"x-slack-request-timestamp", timestamp),
        (b"x-slack-signature", signature(body, timestamp, secret=secret)),
    ]
