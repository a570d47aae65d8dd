"""Who may use CT at a location: all of them, or nobody where CT does not say; how an invitation is known again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from bot.ct import CTClient, CTUser
from bot.services import team
from bot.services.operation import Ending, Facts, Operation
from tests.ct.stub import Seen, Stub
from tests.slack.strangers import Strangers


@asynccontextmanager
async def talking(stub: Stub) -> AsyncIterator[CTUser]:
    """CT as somebody sees it, where the stub plays CT."""
    async with stub.served():
        client = CTClient(auth_url=stub.url, api_url=stub.url, client_id="app", client_secret="secret", deadline=2.0)
        yield client.as_user("token")
        await client.aclose()


def rows(first: int, number: int) -> list[dict[str, Any]]:
    return [{"slug": f"u{n}", "email": f"u{n}@x.example", "role_id": 120} for n in range(first, first + number)]


def invitation(email: str, there: list[Any]) -> Operation:
    params = {"role_id": 120, **team.mark_for(email, there)}
    return Strangers(1).reboot().but(before=Facts(id="7", slug="hotel", name="Hotel"), params=params)


def paged(seen: Seen) -> Response:
    page = int(seen.query["page"])
    return JSONResponse(rows(page * 100, 100 if page < 3 else 3))


@pytest.mark.parametrize(
    ("answer", "found", "asked"),
    [
        (paged, 203, 3),
        (lambda _: JSONResponse(rows(0, 100)), 100, 2),  # a CT that knows no pages
        (lambda _: JSONResponse(rows(0, 4)), 4, 1),
        (lambda seen: JSONResponse(rows(int(seen.query["page"]) * 100, 100)), 500, 5),
    ],
    ids=["three pages", "always the same", "a short one", "without end"],
)
async def test_all_of_them_are_read_and_the_reading_ends(answer: Any, found: int, asked: int) -> None:
    stub = Stub(answer=answer)
    async with talking(stub) as ct:
        there = await team.colleagues(ct, "hotel")

    assert len(there) == found
    assert len(stub.asked) == asked


@pytest.mark.parametrize("status", [403, 404])
async def test_a_list_that_ct_does_not_show_ends_the_looking_and_proves_nothing(status: int) -> None:
    async with talking(Stub(answer=lambda _: Response(status_code=status))) as ct:
        for look in (team.look_for_invited, team.look_for_role):
            step = await look(ct, invitation("a@x.example", []))

            assert (step.again, step.ending, step.messages) == (None, Ending.UNKNOWN, (team.HIDDEN,))


async def test_who_may_not_see_the_list_may_still_invite() -> None:
    async with talking(Stub(answer=lambda _: Response(status_code=403))) as ct:
        assert await team.colleagues_shown(ct, "hotel") == []


async def test_an_invitation_is_known_by_its_address_alone() -> None:
    stub = Stub()
    async with talking(stub) as ct:
        stub.tells(rows(0, 14))
        there = await team.colleagues(ct, "hotel")
        op = invitation("new@x.example", there)
        before = await team.look_for_invited(ct, op.but(sent_at=1e12))
        late = await team.look_for_invited(ct, op.but(sent_at=1.0))
        stub.tells([*rows(0, 13), {"email": "NEW@x.example", "role_id": 120, "state": "invited"}])
        after = await team.look_for_invited(ct, op)

    assert before.again == team.LOOK_AGAIN
    assert (late.ending, late.messages) == (Ending.UNKNOWN, (team.NOT_LISTED,))
    assert (after.again, after.ending, after.params) == (None, Ending.DONE, {"state": "invited"})
