"""The batch of vouchers that a command is about: found by name, or picked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.ct import Location, Voucher
from bot.services.vouchers import called, trouble_first
from bot.slack import text as t
from bot.slack.context import Context
from bot.slack.grammar import after, compose, rest
from bot.slack.pickers import Choice, Picker
from bot.slack.places import located
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views import vouchers as views


@dataclass(frozen=True)
class BatchArgs:
    batch: str | None = rest("batch")
    location: str | None = after("in", "location")


@dataclass(frozen=True, slots=True)
class Found:
    """A batch, and where it is."""

    place: Location
    voucher: Voucher


async def _choices(ctx: Context, scope: str) -> Sequence[Choice]:
    vouchers = await ctx.ct(lambda ct: ct.vouchers.all(scope))
    return [Choice(one.id, one.name, views.facts(one, ctx.now)) for one in trouble_first(vouchers.items)]


BATCHES = Picker("batch", _choices)


async def found_batch(ctx: Context, picker: Picker, name: str, args: BatchArgs) -> Found | Reply:
    """The one batch that is meant, or the question which. `name` is the command's."""
    place = await located(ctx, name, args)
    if isinstance(place, Reply):
        return place
    vouchers = (await ctx.ct(lambda ct: ct.vouchers.all(place.slug))).items
    if not vouchers:
        return views.no_batches(place)
    hits = called(vouchers, args.batch) if args.batch else vouchers
    if len(hits) == 1:
        return Found(place, hits[0])
    where = t.clean(place.name, 60)
    lead = f"Which batch at {where}?"
    if args.batch:
        many = f"{t.count(len(hits), 'batch', 'batches')} at {where} match" if hits else f"No batch at {where} matches"
        lead = f"{many} “{t.clean(args.batch, 60)}”. Which one?"
    template = compose(name, replace(args, location=place.slug), batch="{}")
    reply = await ctx.pick(picker, lead, template=template, scope=place.slug)
    return Reply(reply.text, [*reply.blocks, parts.actions(parts.run("All Batches", f"vouchers {place.slug}"))])
