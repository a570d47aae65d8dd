"""`/ct history <box or location>`: who did what to it and when, in CT and through the bot."""

from dataclasses import dataclass

from bot.services.directory import EITHER
from bot.services.history import read_past, timeline
from bot.slack.context import Context
from bot.slack.grammar import compose, page, rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import history as views


@dataclass(frozen=True)
class HistoryArgs:
    thing: str = rest(EITHER, required=True, pick=EITHER)
    page: int = page()


@command(
    "history", "Who did what to a box or a location, and when", group="Look", args=HistoryArgs, example="lobby ap-3"
)
async def history(ctx: Context, args: HistoryArgs) -> Reply:
    thing = await ctx.box_or_location(args.thing)
    past = await ctx.ct(lambda ct: read_past(ct, thing))
    own = await ctx.services.audit.about(past.slugs, tag=ctx.who.tag)
    return views.history(
        thing,
        timeline(past, own, thing.slug),
        missing=past.missing,
        complete=past.complete and own.until is None,
        page=args.page,
        now=ctx.now,
        again=compose("history", args, thing=thing.slug, page=None),
    )
