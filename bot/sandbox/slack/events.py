"""Events: delivered at least once, with up to three retries (slack-facts 1.1)."""

import asyncio
import secrets
import time
from typing import Any

from bot.sandbox.slack.courier import Ack, Courier
from bot.sandbox.slack.credentials import APP_ID, VERIFICATION_TOKEN
from bot.sandbox.slack.world import World

REASONS = {"operation_timeout": "http_timeout", "dispatch_failed": "connection_failed"}


class Events:
    def __init__(self, world: World, courier: Courier) -> None:
        self._world = world
        self._courier = courier

    def tell(self, event: dict[str, Any], team_id: str, *, user: str | None = None) -> str | None:
        """Send the event in the background, if the app is there and its manifest asks for it; its event_id."""
        if event["type"] not in self._world.manifest.events or self._world.installations.of_team(team_id) is None:
            return None
        envelope = self.envelope(event, team_id, user=user)
        self._world.background.spawn(self.deliver(envelope))
        return str(envelope["event_id"])

    def envelope(self, event: dict[str, Any], team_id: str, *, user: str | None = None) -> dict[str, Any]:
        switches, installation = self._world.switches, self._world.installations.of_team(team_id)
        authorization = {
            "enterprise_id": switches.enterprise_id,
            "team_id": None if switches.org_install else team_id,
            "user_id": installation.bot_user_id if installation else user,
            "is_bot": True,
            "is_enterprise_install": switches.org_install,
        }
        return {
            "token": VERIFICATION_TOKEN,
            "team_id": team_id,
            **({"enterprise_id": switches.enterprise_id} if switches.enterprise_id else {}),
            "context_team_id": team_id,
            "context_enterprise_id": switches.enterprise_id,
            "api_app_id": APP_ID,
            "event": event,
            "type": "event_callback",
            "event_id": "Ev" + secrets.token_hex(5).upper(),
            "event_time": int(time.time()),
            "authorizations": [authorization],
            "is_ext_shared_channel": False,
        }

    async def deliver(self, envelope: dict[str, Any]) -> None:
        """Try, then retry at once, after a minute and after five, while the app does not answer 200 in time."""
        ack = await self._courier.send("event", envelope)
        for number, delay in enumerate(self._world.switches.retry_delays, start=1):
            if not _wants_retry(ack):
                return
            await asyncio.sleep(delay * self._world.switches.retry_scale)
            reason = REASONS.get(ack.error or "", "http_error")
            headers = {"X-Slack-Retry-Num": str(number), "X-Slack-Retry-Reason": reason}
            ack = await self._courier.send("event", envelope, headers=headers, attempt=number)


def _wants_retry(ack: Ack) -> bool:
    """A 200 ends it, and so does `X-Slack-No-Retry: 1` on any other status; nothing stops the retry of a time-out."""
    return ack.error is not None and (ack.error == "operation_timeout" or not ack.no_retry)
