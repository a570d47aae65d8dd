"""How the making of something ends: done, refused, or done without the caller hearing of it."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.ct.answers import RefusedError, forbidden, invalid
from bot.sandbox.ct.connection import BrokenResponse, LateResponse
from bot.sandbox.ct.practice import Practice


def create(practice: Practice, request: Request, kind: str, make: Callable[[], Any]) -> Response:
    """Answer a POST whose body was right as the switch `creation` says; the log counts what was made."""
    outcome = practice.switches.creation
    request.scope["practice"]["action"] = f"create {kind}"
    if outcome == "forbidden":
        raise forbidden()
    if outcome == "refused":
        raise invalid(practice.switches.refusal, f"This {kind.replace('_', ' ')} can't be created right now.")
    if outcome == "dropped_unacted":
        return BrokenResponse()
    made = make()
    request.scope["practice"]["created"] = kind
    practice.changed()
    if outcome == "lost_answer":
        raise RefusedError(JSONResponse({"status": 500, "error": "Internal Server Error"}, 500))
    if outcome == "dropped":
        return BrokenResponse()
    if outcome == "late":
        return LateResponse(made, seconds=practice.switches.late_seconds)
    return JSONResponse(made, practice.switches.created_status)
