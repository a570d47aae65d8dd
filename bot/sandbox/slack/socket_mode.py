"""Socket Mode: apps open web sockets to Slack, and each payload goes to any one of them (slack-facts 1.1)."""

import asyncio
import contextlib
import json
import secrets
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.slack.credentials import APP_ID
from bot.sandbox.slack.deliveries import Delivery

MAX_CONNECTIONS = 10


class NoConnectionError(OSError):
    """No app is connected."""


class SocketMode:
    def __init__(self) -> None:
        self._tickets: set[str] = set()
        self._connections: dict[str, WebSocket] = {}
        self._pending: dict[str, list[asyncio.Future[Any]]] = {}
        self.debug_host = "practice-applink"

    @property
    def connections(self) -> list[str]:
        return list(self._connections)

    def ticket(self) -> str:
        """A one-use pass for the web socket's URL."""
        ticket = secrets.token_hex(16)
        self._tickets.add(ticket)
        return ticket

    async def connect(self, socket: WebSocket) -> None:
        """Serve one connection until it ends."""
        ticket = socket.query_params.get("ticket", "")
        if ticket not in self._tickets or len(self._connections) >= MAX_CONNECTIONS:
            await socket.close(code=4401 if ticket not in self._tickets else 4429)
            return
        self._tickets.discard(ticket)
        await socket.accept()
        name = secrets.token_hex(4)
        self._connections[name] = socket
        try:
            await socket.send_text(json.dumps(self._hello()))
            while True:
                self._acked(await socket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._connections.pop(name, None)

    def _hello(self) -> dict[str, Any]:
        return {
            "type": "hello",
            "num_connections": len(self._connections),
            "debug_info": {"host": self.debug_host, "approximate_connection_time": 18060},
            "connection_info": {"app_id": APP_ID},
        }

    def _acked(self, text: str) -> None:
        with contextlib.suppress(ValueError, AttributeError):
            message = json.loads(text)
            for waiting in self._pending.pop(message.get("envelope_id"), []):
                if not waiting.done():
                    waiting.set_result(message.get("payload"))

    async def deliver(self, delivery: Delivery, kind: str) -> Any:
        """Send the payload to any one connection and wait for its ack, for as long as the caller lets us."""
        if not self._connections:
            raise NoConnectionError("no socket is connected")
        delivery.envelope_id = delivery.envelope_id or _envelope_id()
        envelope: dict[str, Any] = {
            "envelope_id": delivery.envelope_id,
            "type": kind,
            "payload": delivery.payload,
            "accepts_response_payload": kind != "events_api",
        }
        if kind == "events_api":
            envelope |= {"retry_attempt": delivery.attempt, "retry_reason": "" if not delivery.attempt else "timeout"}
        waiting: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending.setdefault(delivery.envelope_id, []).append(waiting)
        socket = self._connections[secrets.choice(list(self._connections))]
        try:
            await socket.send_text(json.dumps(envelope))
            return await waiting
        except (RuntimeError, WebSocketDisconnect) as error:
            raise NoConnectionError(str(error)) from error
        finally:
            self._pending.pop(delivery.envelope_id, None)

    async def send_disconnect(self, reason: str, *, close: bool) -> int:
        """Warn every connection (`warning`, `refresh_requested`, `link_disabled`), and close it if asked; how many."""
        sockets = list(self._connections.values())
        for socket in sockets:
            with contextlib.suppress(RuntimeError, WebSocketDisconnect):
                await socket.send_text(
                    json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": self.debug_host}})
                )
                if close:
                    await socket.close(code=1001)
        return len(sockets)


def _envelope_id() -> str:
    raw = secrets.token_hex(16)
    return "-".join((raw[:8], raw[8:12], raw[12:16], raw[16:20], raw[20:]))
