"""`/ct voucher new [location] [20 codes 1 day] [called <name>]`: typed in one line, or asked for in a form."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from bot.ct import Location, SplashPage, VoucherForm
from bot.services.changes import Act
from bot.services.operation import Facts, Operation
from bot.services.vouchers import batch_facts, create, follow, form_of, plan
from bot.slack import text as t
from bot.slack import voucher_form
from bot.slack import voucher_words as words
from bot.slack.acts import ActView
from bot.slack.after import After
from bot.slack.code_sheets import send_codes
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems
from bot.slack.grammar import after, compose, rest, shaped
from bot.slack.places import located
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import vouchers as views


@dataclass(frozen=True)
class VoucherNewArgs:
    location: str | None = rest("location")
    wish: str | None = shaped(words.WISH, "20 codes 1 day")
    name: str | None = after("called", "name")


def _going(op: Operation) -> str:
    if op.broke_at:
        return "I look whether the batch is there, and ask for no second one. I tell you in a direct message."
    number = t.count(form_of(op).quantity, "code")
    return f"CT is making {number} for {t.bold(op.before.location_name or '')}. I send them to you, and only to you."


def _done(op: Operation) -> str:
    name, number = t.bold(op.before.name), t.count(form_of(op).quantity, "code")
    match op.params.get("outcome"):
        case "gone":
            return f"CT took the batch {name}, but somebody deleted it before its codes were made."
        case "slow":
            return f"CT took the batch {name}, but has not made its {number} in half an hour. Look again later."
        case _:
            lost = "It did reach CT. " if op.broke_at else ""
            return f"{lost}Your {number} for {t.bold(op.before.location_name or '')} are ready: {name}."


async def _finish(after: After, op: Operation) -> None:
    if op.params.get("outcome") == "completed":
        await send_codes(after, op.who, op.before, op.params["voucher"], now=time.time())


def _again(op: Operation) -> str:
    form = form_of(op)
    wish = words.Wish(form.quantity, form.validity_minutes, form.access_restrict_data)
    return compose("voucher new", VoucherNewArgs(op.before.slug, words.typed(wish), form.batch_name))


CREATE = ActView(
    act=Act(kind="voucher_new", perform=create, follow=follow),
    done=_done,
    going=_going,
    again=_again,
    finish=_finish,
    harms=False,
)


async def _submit(ctx: Context, filled: Filled) -> Reply:
    wanted = voucher_form.read({name: filled.text(name) for name in filled.values})
    if wanted.form is None or wanted.problems:
        raise FormProblems(wanted.problems)
    form, slug = wanted.form, filled.meta.get("place", "")
    params = await ctx.ct(lambda ct: plan(ct, slug, form))
    target = Facts(id="", slug=slug, name=form.batch_name, location_name=filled.meta.get("name"), location_slug=slug)
    return await ctx.submit(CREATE, target, params=params)


FORM = Form(name="voucher-new", title="New codes", button="Make Them", fields=voucher_form.fields, submit=_submit)


@command(
    "voucher new",
    "Make codes for guests, sent to you alone",
    group="Act",
    args=VoucherNewArgs,
    example="harbour 20 codes 1 day",
    details="10 to 1,000 codes, for a time (90 min, 8 h, 1 day) or data (500 MB). A form asks for what is missing.",
)
async def voucher_new(ctx: Context, args: VoucherNewArgs) -> Reply | None:
    wish = words.parse_wish(args.wish) if args.wish else None
    place = await located(ctx, "voucher new", args, lead="New codes for which location?")
    if isinstance(place, Reply):
        return place
    pages = await ctx.ct(lambda ct: ct.splash_pages.list(place.slug))
    filled = voucher_form.first_filled(place, pages, wish, args.name, _today(ctx.now, place))
    page = voucher_form.the_login_page(pages)
    if wish is None or wish.minutes is None or page is None:
        return await ctx.open(FORM, filled)
    wanted = voucher_form.read({name: filled.text(name) for name in filled.values})
    if wanted.form is None or wanted.problems:
        return await ctx.open(FORM, Filled(meta=filled.meta, values=filled.values, problems=wanted.problems))
    return await _question(ctx, place, page, wanted.form)


async def _question(ctx: Context, place: Location, page: SplashPage, form: VoucherForm) -> Reply:
    number = t.count(form.quantity, "code")
    params = await ctx.ct(lambda ct: plan(ct, place.slug, form))
    lines: Sequence[str] = views.new_batch_lines(form, page.name)
    return await ctx.ask(
        CREATE,
        batch_facts(place, form.batch_name),
        f"Make {number} for {t.bold(place.name, 60)}?",
        lines,
        button=f"Make {number.title()}",
        params=params,
    )


def _today(now: float, place: Location) -> str:
    """The day as the location has it, where CT tells its time zone."""
    try:
        zone: ZoneInfo | None = ZoneInfo(place.timezone) if place.timezone else None
    except (KeyError, ValueError, OSError):  # CT speaks Rails' names as well, which are not these
        zone = None
    at = datetime.fromtimestamp(now, zone or UTC)
    return f"{at.day} {at:%b %Y}"
