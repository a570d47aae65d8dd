"""`/ct network edit <network> in <location>`: a new name or password, in a form. The password is kept nowhere."""

from collections.abc import Sequence
from dataclasses import replace

from slack_sdk.models.blocks import Block

from bot.ct import CTUser, network_problems
from bot.services.changes import Act, Step
from bot.services.lost_answers import until
from bot.services.networks import network_facts, network_now, same_network
from bot.services.operation import Ending, Operation
from bot.services.unkept import without
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.forms import Filled, Form, FormProblems, shown, text_field
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import networks as views
from bot.slack.views import parts
from bot.slack.which_network import NetworkArgs, facts_in, which_network

NAME, PASSWORD = "ssid", "encryption_key"


async def _edit(ct: CTUser, op: Operation) -> None:
    secret = op.params.get(PASSWORD)
    call = ct.networks.edit(op.before.slug, op.before.id, ssid=op.params.get(NAME), password=secret)
    await without(secret, call)


async def _check(ct: CTUser, op: Operation) -> None:
    await same_network(ct, op)


async def _is_renamed(ct: CTUser, op: Operation) -> bool:
    network = await network_now(ct, op)
    return network is not None and network.ssid == op.params[NAME]


async def _lost(ct: CTUser, op: Operation) -> Step:
    """A new name can be seen, and the password came with it; a password alone can only be tried."""
    if NAME not in op.params:
        return Step(ending=Ending.UNKNOWN, messages=(f"Look which password is in force: /ct wifi {op.before.slug}.",))
    return await until(_is_renamed)(ct, op)


def _done(op: Operation) -> str:
    name = t.bold(op.params.get(NAME, op.before.name))
    return f"{name} is changed. The boxes sync now; then people connect with what is new."


EDIT = ActView(
    act=Act(kind="network_edit", perform=_edit, check=_check, lost=_lost),
    done=_done,
    announce=lambda op: f"changed the network {t.bold(op.before.name)} at {t.bold(op.before.location_name or '')}",
    again=lambda op: f"network edit {op.before.id} in {op.before.slug}",
    buttons=lambda op: [parts.run("Show Wi-Fi Details", f"wifi {op.before.slug}")],
)


LONGEST_NAME = 32


def _form_fields(filled: Filled) -> Sequence[Block]:
    fields: list[Block] = [
        parts.section(t.esc(filled.meta.get("hurt", ""), 300)),
        text_field(NAME, "Name", filled, longest=LONGEST_NAME),
    ]
    if filled.meta.get("access") == "password":
        unfilled = replace(filled, values={})  # a password is never written back into the form
        hint = "8 to 32 characters. Leave it empty to keep the password."
        fields.append(text_field(PASSWORD, "New password", unfilled, longest=32, optional=True, hint=hint))
    return fields


async def _submit(ctx: Context, filled: Filled) -> Reply:
    meta, name = filled.meta, filled.text(NAME)
    secret = str(filled.values.get(PASSWORD) or "") or None
    changed = name if name != meta.get("shown") else None
    if problems := network_problems(ssid=changed, password=secret):
        raise FormProblems(problems)
    if changed is None and secret is None:
        raise FormProblems({NAME: "Nothing is changed yet: give a new name or a new password."})
    params = {NAME: changed} if changed else {}
    return await ctx.submit(EDIT, facts_in(meta), params=params, unkept={PASSWORD: secret})


FORM = Form(name="network-edit", title="Change a network", button="Change It", fields=_form_fields, submit=_submit)


@command(
    "network edit",
    "Give a Wi-Fi network a new name or password",
    group="Act",
    args=NetworkArgs,
    example="staff in café nord",
    details="A form asks for them. I keep the password nowhere, and tell it to nobody but CT.",
)
async def network_edit(ctx: Context, args: NetworkArgs) -> Reply | None:
    found = await which_network(ctx, "network edit", args)
    if isinstance(found, Reply):
        return found
    place, network = found
    facts = network_facts(network, place)
    meta = {
        "id": network.id,
        "slug": place.slug,
        "name": facts.name,
        "shown": shown(network.ssid, LONGEST_NAME),
        "place": t.name(place.name),
        "access": network.access_type or "",
        "hurt": f"{views.who_is_hurt(place)} After that all of this network must connect anew.",
    }
    return await ctx.open(FORM, Filled(meta=meta, values={NAME: network.ssid}))
