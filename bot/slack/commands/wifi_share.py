"""`/ct wifi share <network> in <location>`: have CT send the name and password to somebody by e-mail."""

import re
from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.ct import CTUser
from bot.services.changes import Act
from bot.services.networks import same_network
from bot.services.operation import Ending, Facts, Operation
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, text_field
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.which_network import NetworkArgs, which_network

TO = "share_to"
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")


async def _send(ct: CTUser, op: Operation) -> None:
    await ct.networks.share(op.before.slug, op.before.id, by="email", to=op.params[TO])


async def _check(ct: CTUser, op: Operation) -> None:
    await same_network(ct, op)


SHARE = ActView(
    act=Act(kind="network_share", perform=_send, check=_check),
    done=lambda op: f"CT sends the details of {t.bold(op.before.name)} by e-mail.",
    again=lambda op: f"wifi share {op.before.id} in {op.before.slug}",
)


def _form_fields(filled: Filled) -> Sequence[Block]:
    name, place = t.bold(filled.meta.get("name", "")), t.bold(filled.meta.get("place", ""))
    return [
        parts.section(f"CT sends the name and the password of {name} at {place}. I keep no address."),
        text_field(TO, "E-mail address", filled, longest=200, placeholder="guest@example.com"),
    ]


async def _submit(ctx: Context, filled: Filled) -> Reply:
    meta, to = filled.meta, filled.text(TO)
    if not _ADDRESS.fullmatch(to):
        raise FormProblems({TO: "Give one whole e-mail address, such as guest@example.com."})
    target = Facts(
        id=meta["id"],
        slug=meta["slug"],
        name=meta["name"],
        location_name=meta.get("place"),
        location_slug=meta["slug"],
    )
    op = await ctx.perform(SHARE, target, unkept={TO: to})
    if op.ending is Ending.REFUSED:
        raise FormProblems(op.problems or {"": " ".join(op.messages) or "CT refused it and did not say why."})
    return await ctx.conclude(SHARE, op)


FORM = Form(name="wifi-share", title="Share by e-mail", button="Send It", fields=_form_fields, submit=_submit)


@command(
    "wifi share",
    "Have CT send Wi-Fi details to somebody by e-mail",
    group="Act",
    args=NetworkArgs,
    example="staff in café nord",
    details="A form asks for the address. Nothing of it is shown in the channel.",
)
async def wifi_share(ctx: Context, args: NetworkArgs) -> Reply | None:
    found = await which_network(ctx, "wifi share", args)
    if isinstance(found, Reply):
        return found
    place, network = found
    meta = {"id": network.id, "slug": place.slug, "name": network.ssid, "place": place.name}
    return await ctx.open(FORM, Filled(meta=meta))
