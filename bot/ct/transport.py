"""The one way to CT: one client, one deadline, one cap, one door through which every failure leaves as a CTError."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar

import aiohttp
import httpx
import stamina
from httpx_aiohttp import AiohttpTransport

from bot.ct import body, refusals
from bot.ct.breaker import Breaker
from bot.ct.errors import CTConnectionError, CTError, CTRequestError, CTResponseError, CTServerError, CTUnavailableError
from bot.ct.turns import Turns

T = TypeVar("T")
Observe = Callable[[str, str, float], None]

CONNECT = 3.0  # seconds to reach CT at most, so that "not reached" is known before the deadline
KEEP_ALIVE = (
    10.0  # seconds; well below what servers keep, so that few requests meet a connection that is just being closed
)
# Share of the deadline that must be left when a call gets its slot; else it ends unsent, and that is known. One that
# was sent late and got no answer would say of a slow CT that it is away.
LATEST = 0.5
GRACE = 0.5  # seconds to read what came while this process was frozen over the deadline (`guarantees.md` T5)
PROBE_PATIENCE = 0.1  # seconds that a person waits for their own call, while CT is away and it is the probe
EACH = 4  # calls at once for one person, of all the slots (`guarantees.md` X2)
_HEADERS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "ct-bot"}
# The only failures of which aiohttp says: there was no connection yet. httpx-aiohttp calls *every* lost connection a
# ConnectTimeout, also one that was lost after the request was sent, so httpx's classes cannot be asked.
_NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)


@dataclass(frozen=True, slots=True)
class Call:
    """One request to CT. `name` is for counters: one out of few, without ids."""

    name: str
    method: str
    url: str
    params: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def oauth(self) -> bool:
        """For the token endpoints: only they take forms."""
        return self.form is not None


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer, its body unpacked and within the cap; empty when an error status came with an unreadable one."""

    name: str
    status: int
    headers: httpx.Headers = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def messages(self) -> list[str]:
        return refusals.messages(self.body, self.headers.get("content-type", ""))

    @property
    def fields(self) -> dict[str, list[str]]:
        return refusals.fields(self.body, self.headers.get("content-type", ""))

    @property
    def retry_after(self) -> float | None:
        return refusals.retry_after(self.headers.get("retry-after"))


@dataclass
class _Progress:
    """How far a call got: whether a byte may have left, whether one is out now, and the last thing that went wrong.

    `admitted`: it is the probe of a CT that is away.
    """

    admitted: bool = False
    started: bool = False
    unanswered: bool = False
    error: CTError | None = None


class Transport:
    """Sends calls; owns the only connections to CT."""

    def __init__(self, *, deadline: float, concurrency: int, failures: int, observe: Observe | None = None) -> None:
        self.deadline = deadline
        self._observe = observe
        self._slots = asyncio.Semaphore(concurrency)
        self._each = Turns(EACH)
        # Of the token endpoints, and of the API.
        self._breakers = {oauth: Breaker(failures=failures) for oauth in (True, False)}
        self._probes: set[asyncio.Future[Any]] = set()
        self._carrier = _carrier(concurrency)
        self._client = httpx.AsyncClient(
            transport=self._carrier,
            headers=_HEADERS,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            trust_env=False,
        )

    async def aclose(self) -> None:
        for probe in list(self._probes):
            probe.cancel()
        await asyncio.gather(*self._probes, return_exceptions=True)
        await self._client.aclose()

    async def call(self, call: Call, read: Callable[[Answer], T]) -> T:
        """Send, read the answer with `read`, count it. A GET is tried three times at most; nothing else is repeated.

        Ends within the deadline, whatever CT does; raises CTError only.
        """
        began, outcome = time.perf_counter(), "cancelled"
        try:
            result = await self._unless_away(call, read)
            outcome = "ok"
        except CTError as error:
            outcome = error.outcome
            raise
        finally:
            if self._observe is not None:
                self._observe(call.name, outcome, time.perf_counter() - began)
        return result

    async def _unless_away(self, call: Call, read: Callable[[Answer], T]) -> T:
        """While CT is away nobody waits for a slot, nor for the one call in a second that asks after it.

        That call goes on when its patience is over, so that CT is known to be back; but for a token request, whose
        answer must not be lost: it is waited for.
        """
        if not self._breakers[call.oauth].open:
            return await self._within_deadline(call, read)
        if not self._breakers[call.oauth].admit(probe=call.oauth or call.method == "GET"):
            raise _resting(call)
        if call.oauth:
            return await self._within_deadline(call, read, probe=True)
        probe = asyncio.ensure_future(self._within_deadline(call, read, probe=True))
        self._probes.add(probe)
        probe.add_done_callback(self._probed)
        done, _ = await asyncio.wait({probe}, timeout=PROBE_PATIENCE)
        if not done:
            raise _resting(call)
        return probe.result()

    def _probed(self, probe: asyncio.Future[Any]) -> None:
        """Whoever asked may have been refused by now: what came of it is in the breaker."""
        self._probes.discard(probe)
        if not probe.cancelled():
            probe.exception()

    async def _within_deadline(self, call: Call, read: Callable[[Answer], T], *, probe: bool = False) -> T:
        progress = _Progress(admitted=probe)
        ends = asyncio.get_running_loop().time() + self.deadline
        try:
            async with _deadline(ends), self._turn(call):
                return await self._tried(call, read, progress, ends)
        except TimeoutError:
            late = CTConnectionError(f"{call.name}: no answer in time", maybe_acted=progress.started, outcome="timeout")
            if progress.unanswered:
                self._breakers[call.oauth].note(late)
            raise progress.error or late from None

    def _turn(self, call: Call) -> contextlib.AbstractAsyncContextManager[None]:
        """A person is known by their token; the token endpoints have a pace of their own."""
        who = call.headers.get("Authorization")
        return self._each.of(who) if who and not call.oauth else contextlib.nullcontext()

    async def _tried(self, call: Call, read: Callable[[Answer], T], progress: _Progress, ends: float) -> T:
        attempts = 3 if call.method == "GET" else 1
        async for attempt in stamina.retry_context(
            on=_passing, attempts=attempts, timeout=None, wait_initial=0.1, wait_max=1.0, wait_jitter=0.2
        ):
            with attempt:
                try:
                    result = read(await self._once(call, progress, ends))
                except CTError as error:
                    progress.error = error
                    self._answered(call, progress, error)
                    raise
                self._answered(call, progress, None)
                return result
        raise AssertionError("stamina returns or raises")

    def _answered(self, call: Call, progress: _Progress, error: CTError | None) -> None:
        """Tell the breaker, if anything was sent at all."""
        if progress.unanswered:
            progress.unanswered = False
            self._breakers[call.oauth].note(error)

    async def _once(self, call: Call, progress: _Progress, ends: float) -> Answer:
        failed: CTError
        cause: Exception | None
        async with self._slots:
            left = ends - asyncio.get_running_loop().time()
            if left < self.deadline * LATEST:
                raise TimeoutError
            request = self._request(call, left=left)
            if self._breakers[call.oauth].open and not progress.admitted:
                raise _resting(call)  # it was given up while this call waited, or by its own last try
            progress.admitted = False
            progress.started = progress.unanswered = True
            try:
                return await self._sent(call, request)
            except aiohttp.ClientResponseError:
                failed, cause = CTResponseError(f"{call.name}: CT's answer is not HTTP as we know it"), None
            except (httpx.HTTPError, aiohttp.ClientError, OSError) as error:
                failed, cause = _no_answer(call, error), error
            # Here and not above: the repr of a ClientResponseError holds our headers, so it is to be no context either.
            raise failed from cause

    def _request(self, call: Call, *, left: float) -> httpx.Request:
        connect = max(0.01, min(CONNECT, left / 2))
        with contextlib.suppress(ValueError, httpx.InvalidURL):
            return self._client.build_request(
                call.method,
                call.url,
                params=call.params or None,
                headers=call.headers,
                json=call.json,
                data=call.form,
                timeout=httpx.Timeout(None, connect=connect, pool=connect),
            )
        # Not chained: the repr of a UnicodeEncodeError holds the whole text, and that may be a secret.
        raise CTRequestError(f"{call.name}: a value that cannot be sent")

    async def _sent(self, call: Call, request: httpx.Request) -> Answer:
        response = await self._client.send(request, stream=True)
        try:
            if 300 <= response.status_code < 400:
                raise CTResponseError(f"{call.name}: CT sent us elsewhere, we do not follow")
            return Answer(call.name, response.status_code, response.headers, await _body(response))
        finally:
            await response.aclose()


@contextlib.asynccontextmanager
async def _deadline(ends: float) -> AsyncIterator[None]:
    """TimeoutError at `ends`. A process that was frozen then finds timer and answer at once: it takes the answer."""
    loop = asyncio.get_running_loop()

    def over() -> None:
        frozen = loop.time() - ends > GRACE
        limit.reschedule(loop.time() + (GRACE if frozen else 0.0))

    async with asyncio.timeout_at(None) as limit:
        timer = loop.call_at(ends, over)
        try:
            yield
        finally:
            timer.cancel()


def _carrier(concurrency: int) -> AiohttpTransport:
    """httpx on aiohttp's pool (see tests/bench/transport.py), without the cookie jar that people would share in it."""

    def session() -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(limit=concurrency, keepalive_timeout=KEEP_ALIVE, ssl=carrier.ssl_context)
        made = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
        # Otherwise aiohttp repeats a DELETE whose answer was lost; it has no public switch for that.
        made._retry_connection = False
        return made

    carrier = AiohttpTransport(trust_env=False, client=session)
    return carrier


async def _body(response: httpx.Response) -> bytes:
    if response.status_code < 400:
        return await body.read(response)
    try:
        return await body.read(response, cap=refusals.LONGEST_BODY)
    except (CTResponseError, httpx.HTTPError, aiohttp.ClientError, OSError):
        return b""  # the status alone says enough


def _passing(error: Exception) -> bool:
    """Whether a read is worth repeating: no answer, or a proxy's passing trouble."""
    if isinstance(error, CTServerError):
        return error.status in {502, 503, 504}
    return isinstance(error, CTConnectionError) and not isinstance(error, CTUnavailableError)


def _resting(call: Call) -> CTUnavailableError:
    return CTUnavailableError(f"{call.name}: CT has answered nobody of late, so it was not asked")


def _no_answer(call: Call, error: Exception) -> CTConnectionError:
    first = error.__cause__ if isinstance(error, httpx.HTTPError) and error.__cause__ else error
    if isinstance(first, _NOT_CONNECTED):
        return CTConnectionError(
            f"{call.name}: CT cannot be reached ({type(first).__name__})", maybe_acted=False, outcome="unreachable"
        )
    return CTConnectionError(f"{call.name}: CT hung up ({type(first).__name__})", maybe_acted=True)
