"""Slack's side of a command, as cheap as can be: says who the bot is, takes every answer, and counts them.

The practice Slack checks every block that it is sent; here its own work would be measured along.
"""

import json
import sys
from collections import Counter
from typing import Any

import uvicorn

COUNTS: Counter[str] = Counter()
WHO = {"ok": True, "team_id": "T01ACME", "team": "Acme", "user_id": "U0CTBOT", "bot_id": "B0CTBOT"}


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Take it, whatever it is; `GET /counts` tells how many came to each path."""
    while (await receive()).get("more_body"):
        pass
    path = scope["path"]
    COUNTS[path] += scope["method"] == "POST"
    body = json.dumps(COUNTS if path == "/counts" else WHO).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


if __name__ == "__main__":
    uvicorn.run(
        app, port=int(sys.argv[1]), loop="uvloop", http="httptools", lifespan="off", log_level="error", access_log=False
    )
