"""`/ct reboot <box> [because <reason>]`: leads to the one question; nothing is sent before it is answered.

Several at once, a sweep: names with commas between them, or `all at <location>`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.ct import Box
from bot.errors import UserError
from bot.services.directory import AmbiguousError, NoMatchError
from bot.slack import failures
from bot.slack.context import Context
from bot.slack.grammar import after, compose, rest, shaped
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import reboot as views
from bot.slack.views import sweep as sweep_views

_MOST_NAMES = 20


@dataclass(frozen=True)
class RebootArgs:
    whole: str | None = shaped(r"all (?:boxes )?(?:at|of|in)", "all at", hidden=True)
    box: str = rest("box", required=True, pick="box")
    reason: str | None = after("because", "reason")


@command(
    "reboot",
    "Restart a box and watch it come back",
    group="Act",
    args=RebootArgs,
    example="lobby ap because guests cannot log in",
    details=(
        "I show who is on the box and ask once. Then the channel sees who did it and why, and how it ends. "
        "Several at once: `/ct reboot lobby, bar, hall` or `/ct reboot all at café nord`; I go on only while all "
        "come back."
    ),
)
async def reboot(ctx: Context, args: RebootArgs) -> Reply:
    if args.whole:
        place = await ctx.location(args.box)
        listing = await ctx.ct(lambda ct: ct.boxes.all(location=place.slug))
        return await _sweep(ctx, args, listing.items)
    names = await _names(ctx, args.box)
    boxes: dict[str, Box] = {}
    for n, name in enumerate(names):
        try:
            box = await ctx.box(name)
        except (NoMatchError, AmbiguousError) as error:
            template = compose("reboot", args, box=", ".join([*names[:n], "{}", *names[n + 1 :]]))
            return await failures.explain(error, ctx, template)
        boxes[box.id] = box
    if len(boxes) > 1:
        return await _sweep(ctx, args, list(boxes.values()))
    (box,) = boxes.values()
    asked = await ctx.services.reboots.ask(ctx.who, box.slug, reason=args.reason, channel_id=ctx.channel_id)
    return views.question(asked, ctx.now)


async def _sweep(ctx: Context, args: RebootArgs, boxes: Sequence[Box]) -> Reply:
    asked = await ctx.services.sweeps.ask(
        ctx.who, boxes, reason=args.reason, channel_id=ctx.channel_id, again=compose("reboot", args)
    )
    return sweep_views.question(asked)


async def _names(ctx: Context, text: str) -> list[str]:
    """The names between the commas; a box whose own name has a comma is one box."""
    names = [name for part in text.split(",") if (name := part.strip())]
    if len(names) < 2:
        return names or [text]
    if len(names) > _MOST_NAMES:
        raise UserError(f"That is more than {_MOST_NAMES} names. Name fewer, or type: /ct reboot all at a location.")
    try:
        await ctx.box(text)
    except (NoMatchError, AmbiguousError):
        return names
    return [text]
