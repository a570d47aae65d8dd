"""Answers in the shapes of CT's Rails server."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

NO_ROUTE = {"status": 404, "error": "Not Found"}
"""Rails says the same of a route that does not exist and of a record that does not."""


class RefusedError(Exception):
    """Ends a request with that answer."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status_code)
        self.answer = answer


def not_found() -> RefusedError:
    return RefusedError(JSONResponse(NO_ROUTE, 404))


def forbidden(sentence: str = "You are not allowed to do that.") -> RefusedError:
    """Status and body of a role refusal are inferred (ct-api.md 2.1)."""
    return RefusedError(JSONResponse({"errors": [sentence]}, 403))


def invalid(shape: str, sentence: str, *, field: str = "base") -> RefusedError:
    """422 in one of the shapes that the dashboard copes with (ct-api.md 2.1)."""
    bodies: dict[str, Any] = {
        "array": {"errors": [sentence]},
        "object": {"errors": {field if field != "base" else "reboot_action": [sentence]}},
        "base": {"errors": {"base": [sentence]}},
        "message": {"message": sentence},
        "message_array": {"message": [sentence]},
        "message_objects": {"message": [{field: sentence}]},
    }
    if shape == "raw":
        return RefusedError(Response(sentence, 422, media_type="text/plain"))
    if shape == "empty":
        return RefusedError(Response(status_code=422))
    return RefusedError(JSONResponse(bodies[shape], 422))


async def refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, RefusedError)  # noqa: S101 - Starlette calls this for that class alone
    return error.answer


async def no_route(_: Request, __: Exception) -> Response:
    """Rails answers 404 for an unknown path and for a known path with another verb."""
    return JSONResponse(NO_ROUTE, 404)


async def body_json(request: Request) -> dict[str, Any]:
    """The JSON object of a request; anything else is the caller's mistake."""
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise RefusedError(JSONResponse({"status": 400, "error": "Bad Request"}, 400))
    return body
