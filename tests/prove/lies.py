"""Row X4: lists that lie about their pages: loops, totals out of the air, pages that vanish, crawl or hang."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.prove.lanes import Lane
from tests.prove.rows import Run, row
from tests.prove.spoiled import Fault, SpoiledCT
from tests.prove.theatre import ANA_AT_CT, theatre

Links = Callable[[int], dict[str, Any]]


@dataclass(frozen=True)
class Lie:
    """`rows`: whose rows stand on a page (None: there is no such page); `links`: what it says of the others.

    `seconds`: how long a page takes.
    """

    rows: Callable[[int], int | None]
    links: Links
    seconds: Callable[[int], float] = lambda _: 0.0


def lies(dice: random.Random) -> dict[str, Lie]:
    """One of each kind, with numbers by luck."""
    end, huge, few = dice.randrange(2, 60), dice.choice([51, 1_000, 10**6, 10**12]), dice.randrange(2, 7)
    pace = dice.uniform(0.1, 3.0)

    def told(total: object, **more: object) -> Links:
        return lambda page: {"current_page": page, "total_pages": total, "next_page": None, "total_entries": 9, **more}

    return {
        "always one more": Lie(lambda page: page, lambda page: {"total_pages": page + 1, "total_entries": page}),
        "far too many": Lie(lambda page: page, told(huge)),
        "the same page for ever": Lie(lambda _: 1, told(huge, current_page=1)),
        "pages in a circle": Lie(lambda page: page % few, told(huge)),
        "a next page that is the first": Lie(lambda page: page, told(huge, next_page=1)),
        "pages that vanish": Lie(lambda page: page if page <= end else None, told(huge)),
        "only the first is there": Lie(lambda page: 1 if page == 1 else None, told(end + 1)),
        "empty from somewhere on": Lie(lambda page: page if page <= end else 0, told(huge)),
        "nothing at all, on many pages": Lie(lambda _: 0, told(huge)),
        "totals that jump": Lie(lambda page: page, lambda page: {"total_pages": page + dice.randrange(-3, 40)}),
        "entries below nothing": Lie(lambda page: page, told(huge, total_entries=-(10**9))),
        "numbers as text": Lie(lambda page: page, told(str(min(huge, 10**6)), current_page="2", total_entries="many")),
        "no links": Lie(lambda page: page, lambda _: {}),
        "no more than links": Lie(lambda page: page, lambda _: {"total_pages": None, "current_page": None}),
        "slow pages": Lie(lambda page: page, told(huge), lambda _: pace),
        "slower and slower": Lie(lambda page: page, told(huge), lambda page: page * 0.2),
        "one that hangs": Lie(lambda page: page, told(huge), lambda page: 60.0 if page >= few else 0.0),
        "the first that hangs": Lie(lambda page: page, told(huge), lambda _: 60.0),
    }


@dataclass
class Liar:
    """Answers for one list, and remembers how it was read."""

    lie: Lie
    asked: list[int] = field(default_factory=list)
    began: float = 0.0

    async def __call__(self, target: str) -> bytes:
        parts = urlsplit(target)
        page = int(parse_qs(parts.query).get("page", ["1"])[0])
        self.began = self.began or time.monotonic()
        self.asked.append(page)
        await asyncio.sleep(self.lie.seconds(page))
        row = self.lie.rows(page)
        if row is None:
            return _http(404, b"")
        rows = [_row(row * 10 + n) for n in range(3)] if row else []
        return _http(200, json.dumps({parts.path.rpartition("/")[2]: rows, "_links": self.lie.links(page)}).encode())


def _row(number: int) -> dict[str, Any]:
    """A box, a location, a batch and a device at once."""
    mac = f"00-00-00-{number >> 16 & 255:02X}-{number >> 8 & 255:02X}-{number & 255:02X}"
    name = f"Thing {number}"
    return {
        "id": number,
        "slug": f"thing-{number}",
        "unique_id": f"u{number}",
        "state": "online",
        "description": name,
        "location_name": name,
        "batch_name": name,
        "client_mac": mac,
    }


def _http(status: int, body: bytes) -> bytes:
    head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


LISTS = {
    "boxes {}": "/api/v1/boxes?location_id={}&",
    "vouchers {}": "/locations/{}/vouchers?",
    "clients {}": "/locations/{}/clients?",
    "locations {}": "/api/v1/locations?q={}&",
    "boxes": "/api/v1/boxes?page=",
}
MOST_PAGES, MOST_SECONDS = 50, 8.0


@row(
    "X4",
    p=1,
    hold="whatever CT says of its pages, a list is read for eight seconds and fifty pages at most",
    full=100,
    small=20,
    unit="paging variants",
)
async def x4(run: Run) -> None:
    async with theatre(run, replicas=1, locations=60) as play, SpoiledCT(play.to_ct.targets[0]).served() as front:
        play.to_ct.targets[:] = [front.port]
        lanes = [Lane(play, user) for user in play.people(12)]
        await play.link([lane.user for lane in lanes])
        ana = play.ct.world.person(ANA_AT_CT)
        assert ana is not None
        places = [site.slug for site in play.ct.world.locations_of(ana) if not site.archived]
        kinds = list(lies(run.dice))
        # The list of all boxes is read once a minute for a CT account: nobody else is asking for it.
        left = [(kinds[n % len(kinds)], list(LISTS)[n % 4]) for n in range(run.n - 1)]
        read = Readings()
        await read.one(run, front, lanes[0], "slow pages", "boxes", "")

        async def work(lane: Lane, place: str) -> None:
            while left:
                await read.one(run, front, lane, *left.pop(), place)

        await asyncio.gather(*(work(lane, place) for lane, place in zip(lanes, places, strict=False)))
        run.holds(play.replicas[0].alive, "the bot ended")
        run.note(f"{max(read.pages)} pages and {max(read.took):.1f} s at most")


@dataclass
class Readings:
    """How lists were read."""

    pages: list[int] = field(default_factory=list)
    took: list[float] = field(default_factory=list)

    async def one(self, run: Run, front: SpoiledCT, lane: Lane, kind: str, typed: str, place: str) -> None:
        """Ask for a list, which lies; from CT's first word on people wait for their answer."""
        liar = Liar(lies(run.dice)[kind])
        key = ("GET", LISTS[typed].format(place))
        front.plan[key] = Fault(kind, tells=liar)
        message = await lane.types(typed.format(place))
        took, words = time.monotonic() - liar.began, lane.play.words(message)
        await asyncio.sleep(0.2)
        del front.plan[key]
        run.tried()
        self.pages.append(len(liar.asked))
        self.took.append(took)
        what = f"{typed}, {kind}"
        run.holds(len(liar.asked) <= MOST_PAGES, f"{what}: {len(liar.asked)} pages were asked for")
        run.holds(took <= MOST_SECONDS, f"{what}: {took:.1f} s")
        run.holds(bool(liar.asked) and "a fault of mine" not in words, f"{what}: told {words[:150]!r}")
