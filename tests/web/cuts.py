"""Where a process dies while somebody links, and what any other does afterwards (row L6)."""

from collections.abc import Awaitable, Callable
from typing import Any

from pytest_mock import MockerFixture

from bot.stores.due import DueItem
from tests.web.site import ANA, Replica, Site

POINTS = [
    "before the exchange",
    "after the exchange",
    "before saving",
    "after saving",
    "before the proof",
    "after the proof",
    "before activating",
]


class Killed(BaseException):
    """Nothing catches it: what comes after does not run, as with a kill -9."""


def cut(mocker: MockerFixture, owner: object, method: str, *, after: bool) -> None:
    real: Callable[..., Awaitable[Any]] = getattr(owner, method)

    async def dies(*args: Any, **kwargs: Any) -> Any:
        if after:
            await real(*args, **kwargs)
        raise Killed

    mocker.patch.object(owner, method, dies)


def cut_at(mocker: MockerFixture, replica: Replica, point: str) -> None:
    when, what = point.split(" ", 1)
    owner, method = {
        "the exchange": (replica.ct.oauth, "exchange"),
        "saving": (replica.sessions, "adopt"),
        "the proof": (replica.sessions, "prove"),
        "activating": (replica.sessions, "activate"),
    }[what]
    cut(mocker, owner, method, after=when == "after")


async def restarted(site: Site) -> None:
    """What any replica does thirty seconds later: the marker is due, and the unproved pair a little after."""
    worker = site.replicas[1]
    for item in await site.markers():
        await worker.linking.handlers[item.kind](item)
        await worker.queue.remove(item.kind, item.id)
    await worker.sessions.handlers["unproved"](DueItem("unproved", ANA.key, _as_json()))


def _as_json() -> bytes:
    return b'{"team_id":"T01ACME","user_id":"U01ANA","enterprise_id":null}'


def tokens(site: Site) -> list[str]:
    rows = site.ct.practice.tokens.rows
    return [token for row in rows for token in (row.access, row.refresh) if token]
