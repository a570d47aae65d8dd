"""`/ct vouchers [location]`: the batches of vouchers of a location."""

from dataclasses import dataclass

from bot.slack.context import Context
from bot.slack.grammar import compose, page, rest
from bot.slack.places import located
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import vouchers as views


@dataclass(frozen=True)
class VouchersArgs:
    location: str | None = rest("location")
    page: int = page()


@command("vouchers", "List the batches of vouchers of a location", group="Look", args=VouchersArgs, example="harbour")
async def vouchers(ctx: Context, args: VouchersArgs) -> Reply:
    place = await located(ctx, "vouchers", args)
    if isinstance(place, Reply):
        return place
    found = await ctx.ct(lambda ct: ct.vouchers.all(place.slug))
    if not found.items:
        return views.no_batches(place)
    again = compose("vouchers", args, location=place.slug, page=None)
    return views.batch_list(found, place=place, page=args.page, now=ctx.now, again=again)
