"""`/ct client <MAC> [in <location>]`: one guest's device; log it out, block it, let it pass. For the asker alone."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from bot.ct import Client, CTUser, Location
from bot.services.changes import Act
from bot.services.devices import (
    FEW_LOCATIONS,
    box_of,
    cannot_log_out,
    device_facts,
    device_key,
    places_of,
    read_device,
    same_device,
)
from bot.services.lost_answers import until
from bot.services.operation import Operation
from bot.services.targets import refuse
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import after, compose, rest, shaped
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import clients as views
from bot.slack.views import parts
from bot.slack.which_network import ask_location

LOG_OUT, BLOCK, UNBLOCK, PASS, UNPASS = "log out", "block", "unblock", "let pass", "stop passing"
WHATS = (LOG_OUT, BLOCK, UNBLOCK, PASS, UNPASS)


@dataclass(frozen=True)
class ClientArgs:
    device: str | None = rest("MAC")
    what: str | None = shaped("|".join(WHATS), " | ".join(WHATS))
    location: str | None = after("in", "location")


def _cannot(what: str, client: Client) -> str | None:
    """Why that cannot be done to this device now, or None."""
    match what:
        case "log out":
            return cannot_log_out(client)
        case "block":
            return "This device is blocked already." if client.blocked else None
        case "unblock":
            return "This device is not blocked." if client.blocked is False else None
        case "let pass":
            return "This device passes without a login page already." if client.allowed else None
        case _:
            return "This device has to log in already." if client.allowed is False else None


def _made(what: str, client: Client) -> bool:
    """Does CT show that this was done?"""
    return client.splash_status == "dnat" if what == LOG_OUT else _cannot(what, client) is not None


def _view(
    kind: str, what: str, perform: Callable[[CTUser, Operation], Awaitable[None]], done: str, undo: tuple[str, str]
) -> ActView:
    """The words of one change of a device. Nothing is announced: it is a guest's."""

    async def check(ct: CTUser, op: Operation) -> None:
        client = await same_device(ct, op)
        refuse(_cannot(what, client))
        if op.params.get("box_mac", client.box_mac) != client.box_mac:
            refuse("The device has moved to another box since I asked. Ask again.")

    async def made(ct: CTUser, op: Operation) -> bool:
        return _made(what, await ct.clients.get(op.before.slug, op.before.id))

    return ActView(
        act=Act(kind=kind, perform=perform, check=check, lost=until(made)),
        done=lambda op: f"{done} at {t.bold(op.before.location_name or '')}.",
        again=lambda op: f"client {what} {op.before.id} in {op.before.slug}",
        buttons=lambda op: [
            parts.run(undo[0], f"client {undo[1]} {op.before.id} in {op.before.slug}".replace("  ", " "))
        ],
    )


async def _log_out(ct: CTUser, op: Operation) -> None:
    await ct.clients.logout(op.before.slug, op.before.id, op.params["box"])


async def _block(ct: CTUser, op: Operation) -> None:
    await ct.clients.block(op.before.slug, op.before.id, True)


async def _unblock(ct: CTUser, op: Operation) -> None:
    await ct.clients.block(op.before.slug, op.before.id, False)


async def _pass(ct: CTUser, op: Operation) -> None:
    await ct.clients.allow(op.before.slug, op.before.id, True)


async def _unpass(ct: CTUser, op: Operation) -> None:
    await ct.clients.allow(op.before.slug, op.before.id, False)


LOGOUT_VIEW = _view("client_log_out", LOG_OUT, _log_out, "The device is logged out", ("Look", ""))
BLOCK_VIEW = _view("client_block", BLOCK, _block, "The device is blocked", ("Unblock", UNBLOCK))
UNBLOCK_VIEW = _view("client_unblock", UNBLOCK, _unblock, "The device is no longer blocked", ("Block…", BLOCK))
PASS_VIEW = _view(
    "client_let_pass", PASS, _pass, "The device passes without a login page now", ("Ask for a Login…", UNPASS)
)
UNPASS_VIEW = _view("client_stop_passing", UNPASS, _unpass, "The device has to log in from now on", ("Let Pass", PASS))
_VIEWS = {LOG_OUT: LOGOUT_VIEW, BLOCK: BLOCK_VIEW, UNBLOCK: UNBLOCK_VIEW, PASS: PASS_VIEW, UNPASS: UNPASS_VIEW}
_QUESTIONS = {
    LOG_OUT: ("Log this device out", "Its guest comes back to the login page and has to log in again.", "Log Out"),
    BLOCK: ("Block this device", "It is thrown off the Wi-Fi at once, and cannot come back until unblocked.", "Block"),
    UNPASS: ("Ask this device for a login", "Its guest is held at the login page until logged in.", "Ask for a Login"),
}


@command(
    "client",
    "One guest's device by its MAC: look, log out, block, let pass",
    group="Act",
    args=ClientArgs,
    example="8c:85:90:12:34:56 in café nord",
    details="Only you see it, and the channel is not told. What can hurt is asked once.",
)
async def client(ctx: Context, args: ClientArgs) -> Reply:
    key = device_key(args.device) if args.device else None
    slug = (await ctx.location(args.location)).slug if args.location else await _only_place(ctx, key)
    if slug is None:
        template = compose("client", args, device=key, location="{}") if key else "clients {}"
        return await ask_location(ctx, "At which location is the device?", template)
    if key is None:
        return views.pick_one(slug)
    place, device = await ctx.ct(lambda ct: _read(ct, slug, key))
    if args.what is None:
        return views.client_card(device, place, now=ctx.now)
    return await _change(ctx, args.what.casefold(), device, place)


async def _only_place(ctx: Context, key: str | None) -> str | None:
    """The one location where CT knows a device, where the account has few; None where it must be asked for."""
    known = await ctx.services.directory.locations(ctx.who)
    places = [thing.item for thing in known.things]
    if key is None or not known.complete or len(places) > FEW_LOCATIONS:
        return None
    found = await ctx.ct(lambda ct: places_of(ct, places, key))
    refuse(None if found else f"CT knows no such device at any of your {t.count(len(places), 'location')}.")
    return found[0].slug if len(found) == 1 else None


async def _read(ct: CTUser, slug: str, key: str) -> tuple[Location, Client]:
    return await ct.locations.get(slug), await read_device(ct, slug, key)


async def _change(ctx: Context, what: str, device: Client, place: Location) -> Reply:
    refuse(_cannot(what, device))
    facts, view = device_facts(device, place), _VIEWS[what]
    if what not in _QUESTIONS:
        return replace(await ctx.do(view, facts), private=True)
    params: dict[str, Any] = {}
    if what == LOG_OUT:
        box = await ctx.ct(lambda ct: box_of(ct, place.slug, device))
        params = {"box": box.id, "box_mac": box.mac}
    title, hurts, button = _QUESTIONS[what]
    lines = [views.who(device, ctx.now), hurts]
    asked = await ctx.ask(view, facts, f"{title} at {t.bold(place.name)}?", lines, button=button, params=params)
    return replace(asked, private=True)
