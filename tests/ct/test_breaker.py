"""Row X2: when CT fails everybody, it is left alone, and we say so at once; and nobody takes all the slots."""

import asyncio
import contextlib
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import JSONResponse, Response

from bot.ct import CTClient, CTConnectionError, CTError, CTForbiddenError, CTServerError, CTUnavailableError, Me
from bot.ct.breaker import FAILURES, Breaker
from bot.ct.errors import CTNotFoundError
from bot.ct.turns import Turns
from tests.ct.stub import Seen, Stub
from tests.ct.test_transport import client_of

BAD = CTServerError("x", status=500, messages=[])
GONE = CTConnectionError("x", maybe_acted=False)
NO = CTNotFoundError("x", status=404, messages=[])


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def opened(clock: Clock) -> Breaker:
    breaker = Breaker(clock=clock)
    for _ in range(FAILURES):
        breaker.note(BAD)
    return breaker


def test_it_opens_after_so_many_failures_in_a_row() -> None:
    breaker = Breaker(clock=Clock())
    for number in range(FAILURES):
        assert breaker.admit(probe=False), number
        breaker.note(BAD if number % 2 else GONE)

    assert breaker.open
    assert not breaker.admit(probe=True)


@pytest.mark.parametrize("answer", [None, NO], ids=["an answer", "a refusal"])
def test_any_answer_in_between_keeps_it_closed(answer: CTError | None) -> None:
    breaker = Breaker(clock=Clock())
    for _ in range(FAILURES - 1):
        breaker.note(BAD)
    breaker.note(answer)
    breaker.note(BAD)

    assert not breaker.open


def test_only_one_probe_a_second_and_only_of_what_changes_nothing() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now = 1.1

    assert not breaker.admit(probe=False)
    assert [breaker.admit(probe=True) for _ in range(5)] == [True, False, False, False, False]


@given(st.lists(st.floats(0, 0.3), min_size=100, max_size=400))
def test_however_often_one_asks_no_second_holds_two_probes(steps: list[float]) -> None:
    clock = Clock()
    breaker, probes = opened(clock), []
    for step in steps:
        clock.now += step
        if breaker.admit(probe=True):
            probes.append(clock.now)
            breaker.note(GONE)

    assert all(later - earlier >= 1 - 1e-9 for earlier, later in itertools.pairwise(probes))
    assert len(probes) >= int(clock.now / 1.3) - 1


def test_one_good_probe_closes_it() -> None:
    clock = Clock()
    breaker = opened(clock)
    clock.now = 1.1
    breaker.admit(probe=True)
    breaker.note(None)

    assert breaker.admit(probe=False)


async def once_back(client: CTClient) -> Me:
    """What CT says as soon as it is asked again."""
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(CTUnavailableError):
                return await client.as_user("ana").me()
            await asyncio.sleep(0.05)


async def test_x2_a_ct_that_fails_everybody_is_left_alone_and_asked_again(stub: Stub) -> None:
    stub.says(Response(status_code=500))
    client = client_of(stub.url)
    for _ in range(FAILURES):
        with pytest.raises(CTServerError):
            await client.as_user("ana").me()
    asked = len(stub.seen)
    with pytest.raises(CTUnavailableError) as refused:
        await client.as_user("lee").boxes.reboot("b1")
    stub.says(JSONResponse({"slug": "u", "id": 1}))
    await asyncio.sleep(1.05)
    with pytest.raises(CTUnavailableError):  # what changes something is no probe
        await client.as_user("lee").boxes.reboot("b1")
    me = await once_back(client)
    await client.as_user("lee").me()
    await client.aclose()

    assert asked == FAILURES
    assert (refused.value.maybe_acted, refused.value.outcome) == (False, "resting")
    assert me.slug == "u"
    assert {one.split()[0] for one in stub.asked} == {"GET"}


async def test_x2_nobody_waits_for_the_call_that_asks_after_a_ct_that_hangs(stub: Stub) -> None:
    stub.says(Response(status_code=500))
    client = client_of(stub.url, deadline=20)
    for _ in range(FAILURES):
        with pytest.raises(CTServerError):
            await client.as_user("ana").me()
    back = asyncio.Event()

    async def hangs(_: Seen) -> Response:
        await back.wait()
        return JSONResponse({"slug": "u", "id": 1})

    stub.answer = hangs
    await asyncio.sleep(1.05)
    async with asyncio.timeout(10):
        refused = await asyncio.gather(*(client.as_user(f"t{n}").me() for n in range(50)), return_exceptions=True)
    asked = len(stub.seen) - FAILURES
    back.set()
    me = await once_back(client)
    await client.aclose()

    assert {type(one) for one in refused} == {CTUnavailableError}
    assert asked == 1
    assert me.slug == "u"


async def test_x2_nobody_waits_for_a_slot_at_a_ct_that_is_away(stub: Stub) -> None:
    hung = asyncio.Event()

    async def hangs(_: Seen) -> Response:
        await hung.wait()
        return Response(status_code=500)

    stub.answer = hangs
    client = client_of(stub.url, deadline=20, concurrency=2)
    holding = [asyncio.ensure_future(client.as_user("slow").me()) for _ in range(2)]
    while len(stub.seen) < 2:
        await asyncio.sleep(0.01)
    for _ in range(FAILURES):
        client._transport._breakers[False].note(BAD)
    async with asyncio.timeout(10):
        with pytest.raises(CTUnavailableError):
            await client.as_user("lee").boxes.reboot("b1")
    hung.set()
    await asyncio.gather(*holding, return_exceptions=True)
    await client.aclose()

    assert len(stub.seen) == 2


async def test_x2_a_ct_that_is_slow_is_no_ct_that_is_away(stub: Stub) -> None:
    async def slowly(_: Seen) -> Response:
        await asyncio.sleep(0.55)
        return JSONResponse({"slug": "u", "id": 1})

    stub.answer = slowly
    client = client_of(stub.url, deadline=2.0, concurrency=FAILURES + 2)
    many = await asyncio.gather(*(client.as_user(f"t{n}").me() for n in range(80)), return_exceptions=True)
    after = await client.as_user("ana").me()
    await client.aclose()

    answered = [one for one in many if isinstance(one, Me)]
    unsent = [one for one in many if isinstance(one, CTConnectionError) and not one.maybe_acted]
    assert len(answered) + 1 == len(stub.seen), "each call that was sent had the time for its answer"
    assert len(unsent) == 80 - len(answered) > 0
    assert after.slug == "u"


async def test_x2_a_ct_that_refuses_is_no_ct_that_fails(stub: Stub) -> None:
    stub.says(JSONResponse({"errors": ["No."]}, 403))
    client = client_of(stub.url)
    for _ in range(3 * FAILURES):
        with pytest.raises(CTForbiddenError):
            await client.as_user("ana").me()
    await client.aclose()

    assert len(stub.seen) == 3 * FAILURES


async def test_x2_the_token_endpoint_has_a_breaker_of_its_own(stub: Stub) -> None:
    client = client_of(stub.url)
    stub.says(Response(status_code=500))
    for _ in range(FAILURES):
        with pytest.raises(CTServerError):
            await client.as_user("ana").me()
    stub.says(JSONResponse({"access_token": "a" * 64, "token_type": "bearer"}))
    pair = await client.oauth.refresh("r")
    await client.aclose()

    assert pair.access_token == "a" * 64


async def test_x2_one_person_takes_four_slots_at_most(stub: Stub) -> None:
    going, now, most = asyncio.Event(), 0, 0

    async def slow(_: Seen) -> Response:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await going.wait()
        now -= 1
        return JSONResponse({"slug": "u", "id": 1})

    stub.answer = slow
    client = client_of(stub.url, deadline=5)
    work = [asyncio.ensure_future(client.as_user("ana").me()) for _ in range(40)]
    work.append(asyncio.ensure_future(client.as_user("lee").me()))
    while now < 5:
        await asyncio.sleep(0.01)
    going.set()
    await asyncio.gather(*work)
    await client.aclose()

    assert most == 5


async def test_turns_of_a_key_are_given_in_order_and_leave_nothing_behind() -> None:
    turns, order = Turns(1), []

    async def take(number: int) -> None:
        async with turns.of("ana"):
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(take(number) for number in range(5)))
    cancelled = asyncio.ensure_future(take(9))
    async with turns.of("ana"):
        await asyncio.sleep(0.01)
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)

    assert order == [0, 1, 2, 3, 4]
    assert len(turns) == 0
