"""Bodies checked field by field, and refused as Rails refuses them: every field that is wrong, with its sentences."""

import re
from collections.abc import Collection, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.ct.answers import RefusedError, body_json, invalid
from bot.sandbox.ct.practice import Practice

Errors = dict[str, list[str]]

MAC = re.compile(r"[0-9A-F]{2}(-[0-9A-F]{2}){5}")
BLANK, INVALID, TAKEN, UNLISTED = (
    "can't be blank",
    "is invalid",
    "has already been taken",
    "is not included in the list",
)


class Form:
    """The fields of one body. `values` holds those that were right."""

    def __init__(self, practice: Practice, fields: Mapping[str, Any]) -> None:
        self._practice = practice
        self.fields = fields
        self.errors: Errors = {}
        self.values: dict[str, Any] = {}

    def fail(self, name: str, message: str) -> None:
        self.errors.setdefault(name, []).append(message)

    def text(self, name: str, low: int = 0, high: int = 255, *, required: bool = False) -> None:
        """`low` to `high` characters once the blanks at both ends are gone; null is as good as empty."""
        if name not in self.fields and not required:
            return
        value = self.fields.get(name)
        if value is not None and not isinstance(value, str):
            self.fail(name, INVALID)
            return
        value = (value or "").strip()
        if not value and (required or low):
            self.fail(name, BLANK)
        elif value and len(value) < low:
            self.fail(name, f"is too short (minimum is {low} characters)")
        elif len(value) > high:
            self.fail(name, f"is too long (maximum is {high} characters)")
        else:
            self.values[name] = value

    def whole(self, name: str, low: int, high: int, *, required: bool = False) -> None:
        """A whole number, or its digits as text."""
        value = self.fields.get(name)
        if value is None or value == "":
            if required:
                self.fail(name, BLANK)
            return
        if isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,12}", value):
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            self.fail(name, "is not a number")
        elif value < low:
            self.fail(name, f"must be greater than or equal to {low}")
        elif value > high:
            self.fail(name, f"must be less than or equal to {high}")
        else:
            self.values[name] = value

    def choice(self, name: str, choices: Collection[Any]) -> None:
        if name not in self.fields:
            return
        value = self.fields[name]
        if isinstance(value, bool | list | dict) or value not in choices:
            self.fail(name, UNLISTED)
        else:
            self.values[name] = value

    def flag(self, name: str) -> None:
        if name not in self.fields:
            return
        if isinstance(self.fields[name], bool):
            self.values[name] = self.fields[name]
        else:
            self.fail(name, UNLISTED)

    def done(self) -> dict[str, Any]:
        """The values, or the refusal."""
        if self.errors:
            raise refusal(self._practice, self.errors)
        return self.values


def refusal(practice: Practice, errors: Errors) -> RefusedError:
    """422 in the shape of the switch `field_refusal` (ct-api.md 2.1)."""
    sentences = [_sentence(name, message) for name, messages in errors.items() for message in messages]
    shape = practice.switches.field_refusal
    if shape == "raw":
        return RefusedError(Response("\n".join(sentences), 422, media_type="text/plain"))
    if shape == "empty":
        return RefusedError(Response(status_code=422))
    bodies: dict[str, Any] = {
        "object": {"errors": errors},
        "array": {"errors": sentences},
        "message": {"message": sentences[0]},
        "message_array": {"message": sentences},
        "message_objects": {"message": [{name: message} for name, [message, *_] in errors.items()]},
    }
    return RefusedError(JSONResponse(bodies[shape], 422))


def refused_field(practice: Practice, name: str, message: str) -> RefusedError:
    return refusal(practice, {name: [message]})


def _sentence(name: str, message: str) -> str:
    """A full sentence: Rails leaves `base` out."""
    if name == "base":
        return message
    words = name.replace("_", " ")
    return f"{words[:1].upper()}{words[1:]} {message}"


async def nested(practice: Practice, request: Request, name: str) -> dict[str, Any]:
    """The object under its singular name (ct-api.md 2, body nesting)."""
    fields = (await body_json(request)).get(name)
    if not isinstance(fields, dict):
        raise invalid(practice.switches.refusal, f"param is missing or the value is empty: {name}")
    return fields
