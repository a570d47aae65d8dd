"""A thing that a location has (a batch, a login page) and that a command is about: found by name, or picked."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from slack_sdk.models.blocks import Block

from bot.ct import CTUser, Location
from bot.slack import text as t
from bot.slack.context import Context
from bot.slack.grammar import compose
from bot.slack.pickers import Picker
from bot.slack.places import located
from bot.slack.reply import Reply

T = TypeVar("T")


def _no_more(_place: Location) -> Sequence[Block]:
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sort(Generic[T]):
    """One sort of such things. `argument`: where a command's arguments name it; `called`: those that a name may mean.

    `none`: the answer where there are none; `more`: what stands below the question which one.
    """

    plural: str
    argument: str
    read: Callable[[CTUser, str], Awaitable[Sequence[T]]]
    called: Callable[[Sequence[T], str], Sequence[T]]
    none: Callable[[Context, Location], Reply]
    more: Callable[[Location], Sequence[Block]] = _no_more


async def found(ctx: Context, sort: Sort[T], picker: Picker, name: str, args: Any) -> tuple[Location, T] | Reply:
    """The one that is meant with its location, or the question which. `name` is the command's."""
    place = await located(ctx, name, args)
    if isinstance(place, Reply):
        return place
    things = await ctx.ct(lambda ct: sort.read(ct, place.slug))
    if not things:
        return sort.none(ctx, place)
    typed = getattr(args, sort.argument)
    hits = sort.called(things, typed) if typed else things
    if len(hits) == 1:
        return place, hits[0]
    noun, where = picker.noun, t.clean(place.name, 60)
    lead = f"Which {noun} at {where}?"
    if typed:
        many = f"{t.count(len(hits), noun, sort.plural)} at {where} match" if hits else f"No {noun} at {where} matches"
        lead = f"{many} “{t.clean(typed, 60)}”. Which one?"
    template = compose(name, replace(args, location=place.slug), **{sort.argument: "{}"})
    reply = await ctx.pick(picker, lead, template=template, scope=place.slug)
    return Reply(reply.text, [*reply.blocks, *sort.more(place)])
