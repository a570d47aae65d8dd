"""The control routes: how tests and the demo turn the switches of the practice CT while it runs."""

from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.ct.answers import RefusedError, body_json
from bot.sandbox.ct.box import Box, settle
from bot.sandbox.ct.box_fields import box_json
from bot.sandbox.ct.box_jobs import begin_waiting_reset
from bot.sandbox.ct.codes import codes_at
from bot.sandbox.ct.people import Person
from bot.sandbox.ct.request_log import counts
from bot.sandbox.ct.switches import OUTCOMES, REFUSALS, SwitchError
from bot.sandbox.ct.voucher import VOUCHERS

if TYPE_CHECKING:
    from bot.sandbox.ct.app import PracticeCT

BOX_FIELDS = frozenset(Box.__dataclass_fields__) - {"id", "slug", "job", "planned", "location_slug"}
LOOPBACK = ("127.0.0.1", "::1")


def problem(sentence: str, status: int = 400) -> RefusedError:
    return RefusedError(JSONResponse({"error": sentence}, status))


class Control:
    """Everything under /_practice. Nobody has to sign in: only this machine is let in."""

    def __init__(self, ct: "PracticeCT") -> None:
        self._ct = ct
        handlers = (
            ("GET", "/switches", self.show_switches),
            ("PATCH", "/switches", self.set_switches),
            ("POST", "/reset", self.reset),
            ("GET", "/log", self.show_log),
            ("DELETE", "/log", self.clear_log),
            ("GET", "/people", self.show_people),
            ("PATCH", "/people/{person}", self.change_person),
            ("PATCH", "/client", self.change_client),
            ("POST", "/tokens", self.issue_tokens),
            ("POST", "/tokens/expire", self.expire_tokens),
            ("POST", "/tokens/revoke", self.revoke_tokens),
            ("GET", "/shares", self.show_shares),
            ("GET", "/mails", self.show_mails),
            ("PATCH", "/locations/{location}/codes/{username}", self.change_code),
            ("GET", "/boxes/{box}", self.show_box),
            ("PATCH", "/boxes/{box}", self.change_box),
            ("DELETE", "/boxes/{box}", self.remove_box),
        )
        self.routes = [
            Route("/_practice" + path, _from_here(handler), methods=[method]) for method, path, handler in handlers
        ] + ct.faults.routes(_from_here)

    async def show_switches(self, _: Request) -> Response:
        return JSONResponse(self._ct.practice.switches.as_json())

    async def set_switches(self, request: Request) -> Response:
        try:
            self._ct.practice.switches.set(await body_json(request))
        except SwitchError as error:
            raise problem(str(error)) from error
        self._ct.practice.changed()
        return await self.show_switches(request)

    async def reset(self, _: Request) -> Response:
        """As on the first day: world, tokens, switches, faults, log."""
        self._ct.reset()
        return JSONResponse({"ok": True})

    async def show_log(self, request: Request) -> Response:
        rows = self._ct.log.select(dict(request.query_params))
        return JSONResponse({"counts": counts(rows), "rows": rows})

    async def clear_log(self, _: Request) -> Response:
        self._ct.log.clear()
        return JSONResponse({"ok": True})

    async def show_people(self, _: Request) -> Response:
        return JSONResponse({"people": [vars(person) for person in self._ct.practice.world.people]})

    async def change_person(self, request: Request) -> Response:
        """`role_id`, `account_id` or `email` of somebody."""
        person = self._person(request.path_params["person"])
        for name, value in (await body_json(request)).items():
            if name not in ("role_id", "account_id", "email"):
                raise problem(f"{name} can't be changed")
            setattr(person, name, value)
        self._ct.practice.changed()
        return JSONResponse(vars(person))

    async def change_client(self, request: Request) -> Response:
        """`redirect_uris`, `secret` or `name` of the application."""
        for name, value in (await body_json(request)).items():
            if name not in ("redirect_uris", "secret", "name"):
                raise problem(f"{name} can't be changed")
            setattr(self._ct.practice.application, name, value)
        self._ct.practice.changed()
        return JSONResponse({"redirect_uris": self._ct.practice.application.redirect_uris})

    async def issue_tokens(self, request: Request) -> Response:
        """A pair for somebody without the dance; `expires_in` as the switch says unless given."""
        body = await body_json(request)
        row = self._ct.issue(self._person(str(body.get("person"))).email)
        row.expires_in = int(body.get("expires_in", row.expires_in))
        self._ct.practice.changed()
        return JSONResponse({"access_token": row.access, "refresh_token": row.refresh, "expires_in": row.expires_in})

    async def expire_tokens(self, request: Request) -> Response:
        """Access tokens (of `person`) are past their time; refresh tokens live."""
        wanted = await self._wanted(request)
        now = self._ct.practice.clock()
        rows = [row for row in self._ct.practice.tokens.rows if not row.revoked and wanted in (None, row.person)]
        for row in rows:
            row.created_at = min(row.created_at, now - row.expires_in - 1)
        self._ct.practice.changed()
        return JSONResponse({"expired": len(rows)})

    async def revoke_tokens(self, request: Request) -> Response:
        """Consent (of `person`) is withdrawn; with `access_only` the refresh tokens go on working."""
        body = await self._body(request)
        wanted = await self._wanted(request)
        tokens = self._ct.practice.tokens
        count = tokens.kill_access(wanted) if body.get("access_only") else tokens.revoke_all(person=wanted)
        self._ct.practice.changed()
        return JSONResponse({"revoked": count})

    async def show_shares(self, _: Request) -> Response:
        """The Wi-Fi details that were sent to somebody, oldest first."""
        return JSONResponse({"shares": self._ct.practice.shares})

    async def show_mails(self, _: Request) -> Response:
        """The reports that were sent by e-mail, oldest first."""
        return JSONResponse({"mails": self._ct.practice.mails})

    async def change_code(self, request: Request) -> Response:
        """A guest uses a code: `date_activated` (now unless given), `client_mac`, `active`."""
        practice = self._ct.practice
        place = practice.world.locations.get(request.path_params["location"])
        found = [code for _, code in (codes_at(practice, place) if place else ())]
        code = next((one for one in found if one.username == request.path_params["username"]), None)
        if place is None or code is None:
            raise problem("there is no such code", 404)
        changes = {"date_activated": int(practice.clock()), **await body_json(request)}
        for name, value in changes.items():
            if name not in ("date_activated", "client_mac", "active"):
                raise problem(f"{name} can't be changed")
            setattr(code, name, value)
        practice.touched(VOUCHERS, place)
        return JSONResponse(vars(code))

    async def show_box(self, request: Request) -> Response:
        return JSONResponse(box_json(self._ct.practice, self._box(request), metadata=True))

    async def change_box(self, request: Request) -> Response:
        """Any field of Box, `job: null` to end a job at once, `extra` for wire fields of any type."""
        box = self._box(request)
        changes = await body_json(request)
        _check_box_changes(changes)
        practice = self._ct.practice
        settle(box, practice.clock(), practice.switches.heartbeat_seconds)
        if "state" in changes or "job" in changes:
            box.job = None
        if "state" in changes:
            _enter(box, changes["state"], practice.clock())
        for name, value in changes.items():
            if name in BOX_FIELDS:
                setattr(box, name, value)
        if box.reset_waits and box.state == "online":
            begin_waiting_reset(practice, box)
        practice.changed()
        return JSONResponse(box_json(practice, box, metadata=True))

    async def remove_box(self, request: Request) -> Response:
        self._ct.practice.world.drop(self._box(request))
        self._ct.practice.changed()
        return JSONResponse({"ok": True})

    async def _body(self, request: Request) -> dict[str, Any]:
        return await body_json(request) if await request.body() else {}

    async def _wanted(self, request: Request) -> str | None:
        name = (await self._body(request)).get("person")
        return self._person(name).slug if name else None

    def _person(self, name: str) -> Person:
        person = self._ct.practice.world.person(name)
        if person is None:
            raise problem(f"there is nobody called {name}", 404)
        return person

    def _box(self, request: Request) -> Box:
        box = self._ct.practice.world.boxes.get(request.path_params["box"])
        if box is None:
            raise problem("there is no such box", 404)
        return box


def _check_box_changes(changes: dict[str, Any]) -> None:
    if changes.get("job") is not None:
        raise problem("job can only be null: it ends the one that runs")
    for name, value in changes.items():
        if name not in BOX_FIELDS and name != "job":
            raise problem(f"a box has no field {name}; it has {', '.join(sorted(BOX_FIELDS))}")
        if (name == "reboot" and value not in (None, *OUTCOMES)) or (
            name == "refusal" and value not in (None, *REFUSALS)
        ):
            raise problem(f"{name} can't be {value!r}")


def _enter(box: Box, state: str, now: float) -> None:
    """What goes with a state: heartbeats stop with `offline`, `new`, `splash_only` and start with `online`."""
    box.state = state
    if state == "offline" and box.ticks:
        box.ticks, box.heard_at = False, now
    elif state in ("new", "splash_only"):
        box.ticks, box.heard_at = False, None
    elif state == "online" and not box.ticks:
        box.ticks, box.back_at = True, now


def _from_here(handler: Any) -> Any:
    async def endpoint(request: Request) -> Response:
        if request.client is None or request.client.host not in LOOPBACK:
            raise problem("the practice controls answer on this machine only", 403)
        answer: Response = await handler(request)
        return answer

    return endpoint
