"""Batches of vouchers: found by name, counted, made at most once and followed until CT has made their codes."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from bot.ct import Code, CTNotFoundError, CTUser, Listing, Location, Voucher, VoucherForm
from bot.services import names
from bot.services.changes import Step
from bot.services.operation import Ending, Facts, Operation

LINK_SECONDS = 30 * 86_400  # pdf_link and csv_link (`ct-api.md` 3.6)
LOOK_SECONDS = 30.0  # for a batch whose answer was lost
SETTLE_SECONDS = 5.0
MAKING_SECONDS = 1800.0
CLOCKS_APART = 120.0
_PER = 100
_PAGES = 10


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch with the numbers of its codes, as far as CT tells them."""

    voucher: Voucher
    used: int
    unused: int


def batch_facts(place: Location, name: str) -> Facts:
    """A batch as what is changed; records find it by its location."""
    return Facts(id=place.id, slug=place.slug, name=name, location_name=place.name, location_slug=place.slug)


def trouble_first(vouchers: Sequence[Voucher]) -> list[Voucher]:
    """Those that are being made, those that are off, then the others; each the newest first."""
    return sorted(vouchers, key=lambda one: (one.completed, one.is_active, -(one.created_at or 0)))


def called(vouchers: Sequence[Voucher], query: str) -> list[Voucher]:
    """Those that are meant by an id or a name, or by words of it."""
    things = [names.named(one, keys=(one.id,), name=one.name, more=one.description) for one in vouchers]
    return names.exact(things, query) or names.containing(things, query)


async def read_batch(ct: CTUser, loc: str, voucher_id: str) -> Batch:
    """One batch, counted by CT; by ourselves where CT takes no notice of `activated`."""
    voucher, used, unused = await asyncio.gather(
        ct.vouchers.get(loc, voucher_id),
        ct.vouchers.codes(loc, voucher_id, per=1, activated=True),
        ct.vouchers.codes(loc, voucher_id, per=1, activated=False),
    )
    made = used.total_entries + unused.total_entries
    if voucher.quantity is not None and made > voucher.quantity:
        codes = (await ct.vouchers.all_codes(loc, voucher_id)).items
        return Batch(voucher, sum(c.activated_at is not None for c in codes), sum(is_unused(c) for c in codes))
    return Batch(voucher, used.total_entries, unused.total_entries)


def is_unused(code: Code) -> bool:
    """True as far as CT says."""
    return code.activated_at is None


async def unused_codes(ct: CTUser, *, loc: str, voucher_id: str, page: int) -> tuple[list[Code], bool]:
    """The codes of one page that nobody used and that are on; and whether there are more pages."""
    found = await ct.vouchers.codes(loc, voucher_id, page=page, per=_PER, activated=False)
    codes = [code for code in found.items if is_unused(code) and code.active is not False]
    return codes, page < min(found.total_pages, _PAGES)


async def read_codes(ct: CTUser, loc: str, voucher_id: str) -> tuple[Voucher, Listing[Code]]:
    """A batch and all its codes."""
    voucher, codes = await asyncio.gather(ct.vouchers.get(loc, voucher_id), ct.vouchers.all_codes(loc, voucher_id))
    return voucher, codes


async def switch(ct: CTUser, op: Operation, *, active: bool) -> None:
    """The one PATCH."""
    await ct.vouchers.switch(op.before.slug, op.params["voucher"], active=active)


async def lost_switch(ct: CTUser, op: Operation, *, active: bool) -> Step:
    """Whether a batch is on or off as it was to be, where the answer was lost."""
    if (await ct.vouchers.get(op.before.slug, op.params["voucher"])).is_active is active:
        return Step()
    if time.time() - (op.sent_at or op.asked_at) < SETTLE_SECONDS:
        return Step(again=1.0)
    return Step(ending=Ending.UNKNOWN, messages=("CT still shows it as before.",))


# --- making a batch: `params` hold the form, the batches of that name that were there before, and what came of it ---


async def plan(ct: CTUser, loc: str, form: VoucherForm) -> dict[str, Any]:
    """What the record of a new batch is to know before anything is sent."""
    there = await ct.vouchers.all(loc, q=form.batch_name)
    return {"form": msgspec.to_builtins(form), "known": [one.id for one in there.items if one.name == form.batch_name]}


def form_of(op: Operation) -> VoucherForm:
    """The batch that was asked for."""
    return msgspec.convert(op.params["form"], VoucherForm)


async def create(ct: CTUser, op: Operation) -> dict[str, Any]:
    """The one POST."""
    made = await ct.vouchers.create(op.before.slug, form_of(op))
    return {"voucher": made.id}


async def follow(ct: CTUser, op: Operation) -> Step:
    """Look until CT has made the codes. A batch whose answer was lost is looked for, and never asked for again."""
    waited = time.time() - (op.sent_at or op.asked_at)
    voucher_id = op.params.get("voucher")
    if voucher_id is None:
        return await _look_for(ct, op, waited)
    try:
        voucher = await ct.vouchers.get(op.before.slug, voucher_id)
    except CTNotFoundError:
        return Step(params={"outcome": "gone"})
    if voucher.completed:
        return Step(params={"outcome": "completed"})
    if waited > MAKING_SECONDS:
        return Step(params={"outcome": "slow"})
    return Step(again=_pause(waited))


async def _look_for(ct: CTUser, op: Operation, waited: float) -> Step:
    name, known = op.before.name, op.params.get("known", [])
    since = (op.sent_at or op.asked_at) - CLOCKS_APART
    for one in (await ct.vouchers.all(op.before.slug, q=name)).items:
        if one.name == name and one.id not in known and (one.created_at is None or one.created_at >= since):
            return Step(again=0.0, params={"voucher": one.id})
    if waited < LOOK_SECONDS:
        return Step(again=_pause(waited))
    where = op.before.location_name or "the location"
    why = f"No batch called “{name}” turned up at {where}: look at its vouchers before you try once more."
    return Step(ending=Ending.UNKNOWN, messages=(why,))


def _pause(waited: float) -> float:
    return 1.0 if waited < 20 else 5.0 if waited < 300 else 20.0
