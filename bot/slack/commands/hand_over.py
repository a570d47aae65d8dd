"""`/ct hand over <batch> [in <location>] [to <person>]`: one unused code, privately, to one person."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from slack_sdk.models.blocks import Block

from bot.ct import Code, Location, Voucher
from bot.errors import UserError
from bot.services.gifts import Gift
from bot.services.vouchers import unused_codes
from bot.slack import text as t
from bot.slack.batches import BATCHES, BatchArgs, found_batch
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, person_field
from bot.slack.grammar import after
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import codes as views
from bot.slack.views import parts

_ID = r"[UW][A-Z0-9]{2,30}"
_PERSON = re.compile(rf"<@({_ID})(?:\|[^>]*)?>")


@dataclass(frozen=True)
class HandOverArgs(BatchArgs):
    person: str | None = after("to", "person")


async def _hand_over(ctx: Context, place: Location, voucher: Voucher, to: str) -> Reply:
    """Remembered first and sent then, so that nobody gets a code that somebody else has."""
    gift = Gift(to=to, by=ctx.who.user_id, at=ctx.now)
    code = await _claimed(ctx, place, voucher, gift)
    if code is None:
        return views.none_left(voucher, place)
    message = views.gift(ctx.who.mention, place, code, voucher.rules)
    if await ctx.services.courier.direct(to, message) is None:
        await ctx.services.gifts.release(ctx.who, place.id, voucher.id, code)
        raise UserError("Slack did not let me write to that person, so they have no code. Choose somebody else.")
    await ctx.services.gifts.record(ctx.who, gift, batch=voucher.name, box=place.slug, location=place.name)
    return views.handed_over(f"<@{to}>", voucher, place)


async def _claimed(ctx: Context, place: Location, voucher: Voucher, gift: Gift) -> Code | None:
    page, more = 1, True
    while more:
        codes, more = await ctx.ct(partial(unused_codes, loc=place.slug, voucher_id=voucher.id, page=page))
        if code := await ctx.services.gifts.claim(ctx.who, place.id, voucher.id, codes, gift):
            return code
        page += 1
    return None


def _fields(filled: Filled) -> Sequence[Block]:
    batch, place = t.bold(filled.meta.get("batch", "")), t.bold(filled.meta.get("name", ""), 60)
    return [
        parts.section(f"One unused code of {batch} at {place} goes to this person, in a direct message from me."),
        person_field("person", "Who gets it?", filled),
    ]


async def _submit(ctx: Context, filled: Filled) -> Reply:
    slug, voucher_id, to = filled.meta.get("place", ""), filled.meta.get("voucher", ""), filled.text("person")
    if not re.fullmatch(_ID, to):
        raise FormProblems({"person": "Choose a person."})
    place = await ctx.ct(lambda ct: ct.locations.get(slug))
    voucher = await ctx.ct(lambda ct: ct.vouchers.get(slug, voucher_id))
    return await _hand_over(ctx, place, _working(voucher), to)


FORM = Form(name="hand-over", title="Hand over a code", button="Hand It Over", fields=_fields, submit=_submit)


def _working(voucher: Voucher) -> Voucher:
    if not voucher.is_active:
        raise UserError(f"{voucher.name} is switched off: none of its codes works. Switch it on first.")
    return voucher


@command(
    "hand over",
    "Give one unused code to a person, privately",
    group="Act",
    args=HandOverArgs,
    example="day passes in harbour to @lee",
    details="I remember which codes are given, so that nobody gets one twice.",
)
async def hand_over(ctx: Context, args: HandOverArgs) -> Reply | None:
    found = await found_batch(ctx, BATCHES, "hand over", args)
    if isinstance(found, Reply):
        return found
    place, voucher = found.place, _working(found.voucher)
    if person := _PERSON.fullmatch(args.person or ""):
        return await _hand_over(ctx, place, voucher, person[1])
    if args.person:
        raise UserError("I don't know who that is. Type @ and choose the person from Slack's list, or leave it out.")
    meta = {"place": place.slug, "name": t.name(place.name), "voucher": voucher.id, "batch": t.name(voucher.name)}
    return await ctx.open(FORM, Filled(meta=meta))
