"""The code that a guest holds: looked up, and switched."""

from dataclasses import dataclass
from functools import partial

from bot.ct import CodeDetails, CTNotFoundError, CTUser, Location
from bot.services.changes import Act
from bot.services.operation import Ending, Facts, Operation
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, rest
from bot.slack.places import located
from bot.slack.reply import Reply
from bot.slack.views import codes as views


@dataclass(frozen=True)
class CodeArgs:
    code: str | None = rest("code", required=True)
    location: str | None = after("in", "location")


@dataclass(frozen=True, slots=True)
class FoundCode:
    """A code, and where it is."""

    place: Location
    details: CodeDetails


async def find_code(ctx: Context, name: str, args: CodeArgs) -> FoundCode | Reply:
    """The code as it was typed, else in small letters; or the question where; or that there is none."""
    place = await located(ctx, name, args, lead="At which location?")
    if isinstance(place, Reply):
        return place
    typed = args.code or ""
    for code in dict.fromkeys((typed, typed.casefold())):
        details = await ctx.ct(partial(_read, loc=place.slug, code=code))
        if details is not None:
            return FoundCode(place, details)
    return views.no_code(typed, place)


async def _read(ct: CTUser, *, loc: str, code: str) -> CodeDetails | None:
    try:
        return await ct.vouchers.code(loc, code)
    except CTNotFoundError:
        return None


async def shown(ctx: Context, found: FoundCode, *, lead: str = "") -> Reply:
    """Its card, with whom it was given to."""
    code, voucher = found.details.code, found.details.voucher
    batch = voucher.id if voucher else code.voucher_id
    gift = await ctx.services.gifts.of(ctx.who, found.place.id, batch, code.username) if batch else None
    return views.code_card(found.details, place=found.place, gift=gift, now=ctx.now, lead=lead)


def switch_view(*, active: bool) -> ActView:
    """Of a code that is switched on, or off. Nothing is announced: it is a guest's."""
    word = _word(active)
    return ActView(
        act=Act(kind=f"code_{word}", perform=partial(_switch, active=active)),
        done=lambda _op: f"The code is switched {word}.",
        again=lambda _op: f"code {word}",
    )


async def switch(ctx: Context, view: ActView, args: CodeArgs, *, active: bool) -> Reply:
    """Switch it at once: it is as easily undone. The code itself stands in no record."""
    name = f"code {_word(active)}"
    found = await find_code(ctx, name, args)
    if isinstance(found, Reply):
        return found
    place, code = found.place, found.details.code
    target = Facts(id="", slug=place.slug, name="a voucher code", location_name=place.name, location_slug=place.slug)
    op = await ctx.perform(view, target, unkept={"code": code.username})
    answer = await ctx.conclude(view, op)
    if op.ending is not Ending.DONE:
        return answer
    again = await find_code(ctx, name, CodeArgs(code.username, place.slug))
    return again if isinstance(again, Reply) else await shown(ctx, again, lead=f"Switched {_word(active)}. ")


def _word(active: bool) -> str:
    return "on" if active else "off"


async def _switch(ct: CTUser, op: Operation, *, active: bool) -> None:
    await ct.vouchers.switch_code(op.before.slug, op.params["code"], active=active)
