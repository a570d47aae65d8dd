"""`/ct quickcode delete <password> [in <location>]`: nobody can log in with it any more; one question first."""

from dataclasses import dataclass

from bot.services import quickcodes
from bot.services.changes import Act
from bot.services.operation import Facts
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, rest
from bot.slack.places import located
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views import quickcodes as views


@dataclass(frozen=True)
class QuickCodeDeleteArgs:
    password: str | None = rest("password")
    location: str | None = after("in", "location")


DELETE = ActView(
    act=Act(
        kind="quickcode_delete",
        check=quickcodes.check_there,
        perform=quickcodes.delete,
        lost=quickcodes.look_for_gone,
    ),
    done=lambda op: f"{t.bold(op.before.name)} is deleted: nobody can log in with it any more.",
    announce=lambda op: f"deleted a shared password for guests at {t.bold(op.before.location_name or '')}",
    again=lambda op: f"quickcode delete {op.before.id} in {op.before.slug}",
    buttons=lambda op: [parts.run("Other Passwords", f"quickcode {op.before.slug}")],
)


@command(
    "quickcode delete",
    "Delete a password that guests share",
    group="Act",
    args=QuickCodeDeleteArgs,
    example="sunny42 in harbour",
)
async def quickcode_delete(ctx: Context, args: QuickCodeDeleteArgs) -> Reply:
    place = await located(ctx, "quickcode delete", args)
    if isinstance(place, Reply):
        return place
    hits = quickcodes.called(await ctx.ct(lambda ct: quickcodes.known(ct, place.slug)), args.password or "")
    if len(hits) != 1:
        found = await ctx.ct(lambda ct: ct.splash_codes.list(place.slug, per=views.PER_PAGE))
        return views.listed(found, place=place, now=ctx.now)
    code = hits[0]
    name = f"The shared password {code.username or code.id}"
    target = Facts(id=code.id, slug=place.slug, name=name, location_name=place.name, location_slug=place.slug)
    title = f"Delete the shared password {t.bold(code.username or code.id, 60)}?"
    return await ctx.ask(DELETE, target, title, views.delete_lines(code, place, ctx.now), button="Delete It")
