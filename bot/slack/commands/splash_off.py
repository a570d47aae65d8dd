"""`/ct splash off <login page> [in <location>]`: guests no longer see it; one question first."""

from bot.services.login_pages import page_facts, switch_act
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.login_page import LOGIN_PAGES, LoginPageArgs, found_page
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import login_pages as views
from bot.slack.views import parts

OFF = ActView(
    act=switch_act(active=False),
    done=lambda op: f"The login page {t.bold(op.before.name)} is off: guests do not see it any more.",
    announce=lambda op: f"switched off the login page {t.bold(op.before.name)}",
    again=lambda op: f"splash off {op.before.id} in {op.before.slug}",
    buttons=lambda op: [parts.run("Switch On Again", f"splash on {op.before.id} in {op.before.slug}")],
)


@command(
    "splash off", "Take a login page away from guests", group="Act", args=LoginPageArgs, example="events in harbour"
)
async def splash_off(ctx: Context, args: LoginPageArgs) -> Reply:
    found = await found_page(ctx, LOGIN_PAGES, "splash off", args)
    if isinstance(found, Reply):
        return found
    page, place = found.page, found.place
    pages = await ctx.ct(lambda ct: ct.splash_pages.list(place.slug))
    others = sum(one.active is not False and one.id != page.id for one in pages)
    title = f"Switch off the login page {t.bold(page.name)} at {t.bold(place.name, 60)}?"
    return await ctx.ask(OFF, page_facts(place, page), title, views.off_lines(page, others), button="Switch Off")
