"""The floor: the least that a Python process can do with a signed command, on the same server as the bot's."""

import hashlib
import hmac
import sys
from typing import Any

import uvicorn

from tests.bench.deliveries import SIGNING_SECRET


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Check the signature on the raw bytes and say 200."""
    headers = dict(scope["headers"])
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    signed = b"v0:" + headers.get(b"x-slack-request-timestamp", b"") + b":" + body
    wanted = b"v0=" + hmac.new(SIGNING_SECRET.encode(), signed, hashlib.sha256).hexdigest().encode()
    status = 200 if hmac.compare_digest(headers.get(b"x-slack-signature", b""), wanted) else 401
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


if __name__ == "__main__":
    uvicorn.run(
        app, port=int(sys.argv[1]), loop="uvloop", http="httptools", lifespan="off", log_level="error", access_log=False
    )
