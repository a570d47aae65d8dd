"""`/ct wifi share <network> in <location>`: have CT send the name and password to somebody, by e-mail or SMS."""

import re
from collections.abc import Sequence
from typing import Literal

from slack_sdk.models.blocks import Block

from bot.ct import CTUser
from bot.services.changes import Act
from bot.services.networks import same_network
from bot.services.operation import Operation
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, choice_field, text_field
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.which_network import NetworkArgs, facts_in, which_network

TO, BY = "share_to", "share_type"
EMAIL, SMS = "email", "sms"
_ADDRESS = re.compile(r"[^@\s<>]+@[^@\s<>]+\.[^@\s<>]+")
_NUMBER = re.compile(r"\+?[0-9]{7,15}")
_WAYS = {EMAIL: "e-mail", SMS: "SMS"}


async def _send(ct: CTUser, op: Operation) -> None:
    by: Literal["email", "sms"] = "sms" if op.params[BY] == SMS else "email"
    await ct.networks.share(op.before.slug, op.before.id, by=by, to=op.params[TO])


async def _check(ct: CTUser, op: Operation) -> None:
    await same_network(ct, op)


SHARE = ActView(
    act=Act(kind="network_share", perform=_send, check=_check),
    done=lambda op: f"CT sends the details of {t.bold(op.before.name)} by {_WAYS[op.params[BY]]}.",
    again=lambda op: f"wifi share {op.before.id} in {op.before.slug}",
)


def _form_fields(filled: Filled) -> Sequence[Block]:
    name, place = t.bold(filled.meta.get("name", "")), t.bold(filled.meta.get("place", ""))
    return [
        parts.section(f"CT sends the name and the password of {name} at {place}. I keep no address and no number."),
        choice_field(BY, "How", filled, [(EMAIL, "By e-mail"), (SMS, "By SMS")]),
        text_field(TO, "E-mail address or phone number", filled, longest=200, placeholder="guest@example.com"),
    ]


def _destination(by: str, typed: str) -> str:
    """What CT is given. Raises FormProblems for what is no such address or number."""
    if by == EMAIL:
        if not _ADDRESS.fullmatch(typed):
            raise FormProblems({TO: "Give one whole e-mail address, such as guest@example.com."})
        return typed
    number = re.sub(r"[\s().\-/]", "", typed)
    if not _NUMBER.fullmatch(number):
        raise FormProblems({TO: "Give one phone number with its country, such as +44 7700 900123."})
    return number


async def _submit(ctx: Context, filled: Filled) -> Reply:
    by = filled.text(BY) or EMAIL
    to = _destination(by, filled.text(TO))
    return await ctx.submit(SHARE, facts_in(filled.meta), params={BY: by}, unkept={TO: to})


FORM = Form(name="wifi-share", title="Share Wi-Fi details", button="Send It", fields=_form_fields, submit=_submit)


@command(
    "wifi share",
    "Have CT send Wi-Fi details to somebody by e-mail or SMS",
    group="Act",
    args=NetworkArgs,
    example="staff in café nord",
    details="A form asks where to. Nothing of it is shown in the channel.",
)
async def wifi_share(ctx: Context, args: NetworkArgs) -> Reply | None:
    found = await which_network(ctx, "wifi share", args)
    if isinstance(found, Reply):
        return found
    place, network = found
    meta = {"id": network.id, "slug": place.slug, "name": network.ssid, "place": t.name(place.name)}
    return await ctx.open(FORM, Filled(meta=meta, values={BY: EMAIL}))
