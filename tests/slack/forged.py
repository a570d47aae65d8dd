"""Deliveries made by hand, signed as Slack signs: for clicks that the practice Slack's page would not allow."""

import hashlib
import hmac
import json
import secrets
import time
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.sandbox.slack import credentials
from tests.stage import IDS, Stage


def click(name: str, action_id: str, value: str, *, team: str = "T01ACME", **more: Any) -> dict[str, Any]:
    """A button press by somebody, as `block_actions` on an ephemeral message."""
    action = {"type": "button", "block_id": "b", "action_id": action_id, "value": value, "action_ts": "1.1"}
    return {
        "type": "block_actions",
        "user": {"id": IDS.get(name, name), "username": name, "name": name, "team_id": team},
        "api_app_id": credentials.APP_ID,
        "token": "none",
        "container": {"type": "message", "channel_id": "C01NOC", "is_ephemeral": True},
        "trigger_id": secrets.token_hex(8),
        "team": {"id": team, "domain": "acme"},
        "enterprise": None,
        "is_enterprise_install": False,
        "channel": {"id": "C01NOC", "name": "noc"},
        "actions": [action],
        **more,
    }


def command(name: str, text: str, *, team: str = "T01ACME", **more: Any) -> dict[str, Any]:
    """A slash command by somebody."""
    return {
        "team_id": team,
        "team_domain": "acme",
        "channel_id": "C01NOC",
        "channel_name": "noc",
        "user_id": IDS.get(name, name),
        "user_name": name,
        "command": "/ct",
        "text": text,
        "api_app_id": credentials.APP_ID,
        "is_enterprise_install": "false",
        "trigger_id": secrets.token_hex(8),
        **more,
    }


def signed(body: str, *, secret: str = credentials.SIGNING_SECRET, at: float | None = None) -> dict[str, str]:
    """Slack's two headers for a body."""
    stamp = str(int(time.time() if at is None else at))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest}",
    }


async def deliver(http: httpx.AsyncClient, bot: str, payload: dict[str, Any]) -> httpx.Response:
    """Post it to one replica."""
    form = {"payload": json.dumps(payload)} if "type" in payload else payload
    body = urlencode(form)
    return await http.post(f"{bot}/slack/events", content=body, headers=signed(body))


async def deliver_to(stage: Stage, payload: dict[str, Any], *, replica: int = 0) -> httpx.Response:
    """Post it to a replica of the stage."""
    return await deliver(stage.control, stage.bots[replica % len(stage.bots)], payload)
