"""The batch of vouchers that a command is about."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.ct import CTUser, Location, Voucher
from bot.services.vouchers import called, trouble_first
from bot.slack.context import Context
from bot.slack.grammar import after, rest
from bot.slack.kept_there import Sort, found
from bot.slack.pickers import Choice, Picker
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


async def _read(ct: CTUser, loc: str) -> Sequence[Voucher]:
    return (await ct.vouchers.all(loc)).items


async def _choices(ctx: Context, scope: str) -> Sequence[Choice]:
    vouchers = await ctx.ct(lambda ct: _read(ct, scope))
    return [Choice(one.id, one.name, views.facts(one, ctx.now)) for one in trouble_first(vouchers)]


def _all_of_them(place: Location) -> Sequence[Block]:
    return [parts.actions(parts.run("All Batches", f"vouchers {place.slug}"))]


BATCHES = Picker("batch", _choices)
_BATCH = Sort(
    plural="batches",
    argument="batch",
    read=_read,
    called=called,
    none=lambda _ctx, place: views.no_batches(place),
    more=_all_of_them,
)


async def found_batch(ctx: Context, picker: Picker, name: str, args: BatchArgs) -> Found | Reply:
    """The one batch that is meant, or the question which. `name` is the command's."""
    batch = await found(ctx, _BATCH, picker, name, args)
    return batch if isinstance(batch, Reply) else Found(*batch)
