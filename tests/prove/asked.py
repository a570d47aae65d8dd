"""What CT was asked, byte for byte as the bot sent it, and whether it is a route that the bot may ask for."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from typing import Any, Self
from urllib.parse import parse_qsl, unquote

from starlette.routing import BaseRoute, Mount, Route

from tests.prove.proxy import Proxy

_LINE = re.compile(rb"([A-Z]+) (/[\x21-\x7e]*) HTTP/1\.1")
_SEGMENT = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,=:@-]|%[0-9A-F]{2})+")  # RFC 3986, but for the semicolon
_IN_AN_ID = frozenset("/\\?#%;")
# The names of parameters that the bot puts into a query; a text that is searched for stays in one of them.
PARAMETERS = frozenset(
    {
        *("page", "per", "q", "sort", "direction", "location_id", "location_name", "state", "metadata", "short"),
        *("favourites", "activated", "type", "mac", "ap_mac", "start", "end", "interval", "fn", "period", "v", "v2"),
        *("start_time", "end_time", "dashboard", "client_type"),
        *("client_id", "redirect_uri", "response_type"),  # the doctor asks whether CT knows the application
    }
)


class Recorder(Proxy):
    """A proxy that keeps each request as it came over the wire, before any server could tidy it up."""

    def __init__(self, *targets: int) -> None:
        super().__init__(*targets)
        self.lines: list[bytes] = []
        self.broken: list[bytes] = []  # what is no request of one line, headers and a counted body
        self.bytes = bytearray()  # both ways

    async def start(self, port: int = 0) -> Self:
        await super().start(port)
        return self

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, answers: bool) -> None:
        ears: Any = _Overhearing(reader, self) if answers else _Listening(reader, self)
        await super()._pump(ears, writer, answers=answers)


class _Overhearing:
    """Reads along what is carried."""

    def __init__(self, reader: asyncio.StreamReader, heard: Recorder) -> None:
        self._reader = reader
        self._heard = heard

    async def read(self, most: int) -> bytes:
        data = await self._reader.read(most)
        self._heard.bytes += data
        return data


class _Listening(_Overhearing):
    """And takes requests apart: one after the other on one connection."""

    _held = b""
    _body = 0

    async def read(self, most: int) -> bytes:
        data = await super().read(most)
        self._held += data
        while self._next():
            pass
        return data

    def _next(self) -> bool:
        """Take a body, or a head, off what is held; False when more must come first."""
        taken = min(self._body, len(self._held))
        self._held, self._body = self._held[taken:], self._body - taken
        head, end, rest = self._held.partition(b"\r\n\r\n")
        if self._body or not end:
            return False
        line, *headers = head.split(b"\r\n")
        fields = [header.partition(b":") for header in headers]
        lengths = [value for name, _, value in fields if name.lower() == b"content-length"]
        hosts = [value for name, _, value in fields if name.lower() == b"host"]
        if len(lengths) > 1 or len(hosts) != 1 or any(name.lower() == b"transfer-encoding" for name, *_ in fields):
            self._heard.broken.append(head[:300])
        self._heard.lines.append(line)
        self._held, self._body = rest, int(lengths[0]) if lengths else 0
        return True


def routes(app: Any) -> set[tuple[str, str]]:
    """(method, template) of everything below /api/ in the table of a Starlette app, and of the requests of OAuth."""
    found = {(method, re.sub(r":\w+}", "}", path)) for method, path in _walk(app.routes)}
    return {one for one in found if one[1].startswith(("/api/v1/", "/oauth/"))}


def _walk(table: Sequence[BaseRoute], before: str = "") -> Iterator[tuple[str, str]]:
    for one in table:
        if isinstance(one, Mount):
            yield from _walk(one.routes or [], before + one.path)
        elif isinstance(one, Route):
            yield from ((method, before + one.path) for method in one.methods or ())


def off_the_list(line: bytes, allowed: set[tuple[str, str]]) -> str | None:
    """Why a request line is none that the bot may send; None where it is."""
    match = _LINE.fullmatch(line)
    if match is None:
        return "not one request line"
    target = match[2].decode()
    path, _, query = target.partition("?")
    if "#" in target:
        return "a target with a fragment"
    segments = []
    for raw in path.split("/")[1:]:
        segment = unquote(raw, errors="replace") if _SEGMENT.fullmatch(raw) else ""
        if (
            not segment
            or "\ufffd" in segment
            or set(segment) <= {"."}
            or not segment.isprintable()
            or not _IN_AN_ID.isdisjoint(segment)
        ):
            return f"the segment {raw!r}"
        segments.append(segment)
    if foreign := {name for name, _ in parse_qsl(query, keep_blank_values=True)} - PARAMETERS:
        return f"the parameters {sorted(foreign)}"
    names = [name for name, _ in parse_qsl(query, keep_blank_values=True)]
    if len(names) != len(set(names)):
        return f"a parameter twice: {query}"
    method = match[1].decode()
    if not any(method == asked and _fits(template, segments) for asked, template in allowed):
        return "no route of the list"
    return None


def _fits(template: str, segments: Sequence[str]) -> bool:
    wanted = template.split("/")[1:]
    return len(wanted) == len(segments) and all(
        want.startswith("{") or want == have for want, have in zip(wanted, segments, strict=True)
    )
