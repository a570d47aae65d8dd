"""`/ct splash on <login page> [in <location>]`: guests see it again."""

from bot.services.login_pages import page_facts, switch_act
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.login_page import LOGIN_PAGES, LoginPageArgs, found_page
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts

ON = ActView(
    act=switch_act(active=True),
    done=lambda op: f"The login page {t.bold(op.before.name)} is on: guests can log in by it.",
    announce=lambda op: f"switched on the login page {t.bold(op.before.name)}",
    again=lambda op: f"splash on {op.before.id} in {op.before.slug}",
    buttons=lambda op: [parts.run("All Login Pages", f"splash {op.before.slug}")],
)


@command("splash on", "Show a login page to guests again", group="Act", args=LoginPageArgs, example="events in harbour")
async def splash_on(ctx: Context, args: LoginPageArgs) -> Reply:
    found = await found_page(ctx, LOGIN_PAGES, "splash on", args)
    return found if isinstance(found, Reply) else await ctx.do(ON, page_facts(found.place, found.page))
