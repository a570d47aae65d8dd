"""`/ct quickcode new [location]`: a new shared password, in a form. The password is kept nowhere but at CT."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.ct import SplashCodeForm
from bot.errors import UsageError
from bot.services import quickcodes
from bot.services.changes import Act
from bot.services.operation import Facts
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems
from bot.slack.grammar import rest
from bot.slack.places import located
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.spans import parse_span
from bot.slack.views import parts
from bot.slack.views import quickcodes as views

_LONGEST = 365 * t.DAY
_START = {"expires": "1 day", "volume": "60 min", "period": "daily", "simultaneous_use": "2"}


@dataclass(frozen=True)
class QuickCodeNewArgs:
    location: str | None = rest("location")


CREATE = ActView(
    act=Act(kind="quickcode_new", perform=quickcodes.create, lost=quickcodes.look_for_new),
    done=lambda op: f"{t.bold(op.before.name)} has a new shared password: guests can log in with it now.",
    announce=lambda op: f"made a new shared password for guests at {t.bold(op.before.name)}",
    again=lambda op: f"quickcode new {op.before.slug}",
    buttons=lambda op: [parts.run("Show Passwords", f"quickcode {op.before.slug}")],
)


def _seconds(filled: Filled, name: str, problems: dict[str, str], *, least: int, most: int) -> int:
    try:
        return parse_span(filled.text(name), least=least, most=most)
    except UsageError as error:
        problems[name] = str(error)
        return least


def _read(filled: Filled, now: float) -> SplashCodeForm:
    """What was filled in; raises FormProblems."""
    problems: dict[str, str] = {}
    lasting = _seconds(filled, "expires", problems, least=10 * t.MINUTE, most=_LONGEST)
    volume = _seconds(filled, "volume", problems, least=10 * t.MINUTE, most=30 * t.DAY)
    start = datetime.fromtimestamp(now, UTC)
    devices = filled.text("simultaneous_use")
    form = SplashCodeForm(
        splash_page_id=filled.text("splash_page_id"),
        password=filled.text("password"),
        volume=volume // 60,
        period=filled.text("period"),
        simultaneous_use=int(devices) if devices.isdecimal() else 0,
        start_date=start,
        expires=start + timedelta(seconds=lasting),
    )
    if found := {**form.problems(), **problems}:
        raise FormProblems(found)
    return form


async def _submit(ctx: Context, filled: Filled) -> Reply:
    form, slug = _read(filled, ctx.now), filled.meta["slug"]
    there = await ctx.ct(lambda ct: quickcodes.known(ct, slug))
    target = Facts(id=filled.meta["id"], slug=slug, name=filled.meta["name"], location_slug=slug)
    return await ctx.submit(CREATE, target, params={"known": [code.id for code in there]}, unkept={"form": form})


FORM = Form(name="quickcode-new", title="New shared password", button="Make It", fields=views.fields, submit=_submit)


@command(
    "quickcode new",
    "Make a password that all guests share for a day",
    group="Act",
    args=QuickCodeNewArgs,
    example="harbour",
    details="A form asks for it. CT has it on paid plans only.",
)
async def quickcode_new(ctx: Context, args: QuickCodeNewArgs) -> Reply | None:
    place = await located(ctx, "quickcode new", args)
    if isinstance(place, Reply):
        return place
    pages = views.fitting(await ctx.ct(lambda ct: ct.splash_pages.list(place.slug)))
    if not pages:
        return views.no_page(place)
    meta = {"slug": place.slug, "id": place.id, "name": t.name(place.name, 100), "pages": views.packed(pages)}
    return await ctx.open(FORM, Filled(meta=meta, values={"splash_page_id": pages[0].id, **_START}))
