"""`/ct link`: connect a CT account, or change to another one."""

from bot.slack.context import Context
from bot.slack.grammar import NoArgs
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import account as views


@command("link", "Connect your CT account", group="Account")
async def link(ctx: Context, _args: NoArgs) -> Reply:
    ask_id = await ctx.services.asks.keep(ctx.who.key, "")
    typed_code = ctx.services.linking.typed_code
    if typed_code is not None and await typed_code.waits(ctx.who):
        return views.code_waits(ask_id)
    account = await ctx.services.sessions.account(ctx.who)
    if account is None:
        return views.connect("I need your CT account to look at your Wi-Fi.", ask_id)
    return views.connect(f"You are linked as {account.label}. Connecting again replaces that link.", ask_id)
