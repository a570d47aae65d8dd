"""The practice control: read what happened, and make things go wrong. Loopback only, no credentials."""

import asyncio
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.slack.courier import Ack, Courier
from bot.sandbox.slack.events import Events
from bot.sandbox.slack.people import ACME
from bot.sandbox.slack.sign_in import SignIn
from bot.sandbox.slack.world import World


class Control:
    def __init__(self, world: World, courier: Courier, events: Events, sign_in: SignIn) -> None:
        self._world = world
        self._courier = courier
        self._events = events
        self._sign_in = sign_in

    def routes(self) -> list[Route]:
        gets = {"calls": self.calls, "refusals": self.refusals, "deliveries": self.deliveries, "sockets": self.sockets}
        posts = {
            "faults": self.faults,
            "deliver": self.deliver,
            "install": self.install,
            "uninstall": self.uninstall,
            "event": self.event,
            "reset": self.reset,
            "disconnect": self.disconnect,
            "roll_keys": self.roll_keys,
        }
        return [
            *(Route(f"/_practice/{name}", run) for name, run in gets.items()),
            *(Route(f"/_practice/{name}", run, methods=["POST"]) for name, run in posts.items()),
            Route("/_practice/switches", self.switches, methods=["GET", "PATCH"]),
            Route("/_practice/people/{id}", self.people, methods=["PATCH"]),
            Route("/_practice/channels/{id}", self.channels, methods=["PATCH"]),
        ]

    async def calls(self, request: Request) -> Response:
        method = request.query_params.get("method")
        return JSONResponse([call for call in self._world.journal.calls if method in (None, call["method"])])

    async def refusals(self, request: Request) -> Response:
        kind = request.query_params.get("kind")
        return JSONResponse([held for held in self._world.journal.refusals if kind in (None, held["kind"])])

    async def deliveries(self, request: Request) -> Response:
        return JSONResponse(self._world.deliveries.report(request.query_params.get("kind")))

    async def sockets(self, request: Request) -> Response:
        return JSONResponse(self._world.sockets.connections)

    async def switches(self, request: Request) -> Response:
        if request.method == "PATCH":
            try:
                self._world.switches.turn(await request.json())
            except KeyError as error:
                return JSONResponse({"ok": False, "error": str(error)}, 400)
        return JSONResponse(self._world.switches.asdict())

    async def faults(self, request: Request) -> Response:
        """`{method, status?, error?, retry_after?, times?, delay?, rate?, acts?}`; `{clear: true}` ends them all."""
        spec = await request.json()
        if spec.pop("clear", False):
            self._world.faults.clear()
        if spec:
            try:
                self._world.faults.add(spec)
            except TypeError as error:
                return JSONResponse({"ok": False, "error": str(error)}, 400)
        return JSONResponse({"ok": True})

    async def deliver(self, request: Request) -> Response:
        """Repeat `delivery_id` (`same_headers`: an exact replay) or forge `{kind, payload}`."""
        body = await request.json()
        signature, copies = body.get("signature"), int(body.get("copies", 1))
        if "delivery_id" in body:
            found = self._world.deliveries.get(str(body["delivery_id"]))
            if found is None:
                return JSONResponse({"ok": False, "error": "no such delivery"}, 404)
            same = bool(body.get("same_headers", signature is None))
            tries = [self._courier.repeat(found, signature=signature, same_headers=same) for _ in range(copies)]
        else:
            tries = [self._courier.forge(body["kind"], body["payload"], signature=signature) for _ in range(copies)]
        acks: list[Ack] = list(await asyncio.gather(*tries))
        told = [{"status": ack.status, "error": ack.error, "answer": ack.answer} for ack in acks]
        return JSONResponse({"ok": True, "acks": told})

    async def install(self, request: Request) -> Response:
        installation = self._world.installations.add(str((await request.json()).get("team", ACME)))
        return JSONResponse({"ok": True, "token": installation.token})

    async def uninstall(self, request: Request) -> Response:
        """Revoke the tokens, then say so twice, in the order asked for (`first`: the name of the first event)."""
        body = await request.json()
        team = str(body.get("team", ACME))
        installation = self._world.installations.of_team(team)
        if installation is None:
            return JSONResponse({"ok": False, "error": "not installed there"}, 404)
        gone: list[dict[str, Any]] = [
            {"type": "app_uninstalled"},
            {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [installation.bot_user_id]}},
        ]
        if body.get("first", "app_uninstalled") == "tokens_revoked":
            gone.reverse()
        envelopes = [
            self._events.envelope(event, team) for event in gone if event["type"] in self._world.manifest.events
        ]
        installation.alive = False
        self._world.background.spawn(self._one_by_one(envelopes))
        return JSONResponse({"ok": True, "event_ids": [envelope["event_id"] for envelope in envelopes]})

    async def _one_by_one(self, envelopes: list[dict[str, Any]]) -> None:
        for envelope in envelopes:
            await self._events.deliver(envelope)

    async def event(self, request: Request) -> Response:
        """`{event: {...}, team?, user?}`: send any event, subscribed or not."""
        body = await request.json()
        event = {"event_ts": f"{time.time():.6f}", **body["event"]}
        envelope = self._events.envelope(event, str(body.get("team", ACME)), user=body.get("user"))
        envelope |= body.get("envelope", {})
        self._world.background.spawn(self._events.deliver(envelope))
        return JSONResponse({"ok": True, "event_id": envelope["event_id"]})

    async def reset(self, request: Request) -> Response:
        self._world.clear()
        return JSONResponse({"ok": True})

    async def disconnect(self, request: Request) -> Response:
        """Warn the sockets, and close them unless `close` is false."""
        body = await request.json()
        reason, close = str(body.get("reason", "warning")), bool(body.get("close", False))
        return JSONResponse({"ok": True, "told": await self._world.sockets.send_disconnect(reason, close=close)})

    async def roll_keys(self, request: Request) -> Response:
        return JSONResponse({"ok": True, "kid": self._sign_in.roll_keys()})

    async def people(self, request: Request) -> Response:
        return await self._patch(self._world.directory.people, request, ("role", "team_id", "name", "tz", "deleted"))

    async def channels(self, request: Request) -> Response:
        return await self._patch(self._world.directory.channels, request, ("name", "kind", "bot_is_member"))

    async def _patch(self, held: dict[str, Any], request: Request, allowed: tuple[str, ...]) -> Response:
        found, body = held.get(request.path_params["id"]), await request.json()
        if found is None or body.keys() - set(allowed):
            return JSONResponse({"ok": False, "error": f"not there, or not one of {allowed}"}, 400)
        for name, value in body.items():
            setattr(found, name, value)
        return JSONResponse({"ok": True})
