"""auth.*, conversations.*, users.* and apps.*: who we are, where we may speak, and the socket to listen on."""

from typing import Any

from bot.sandbox.slack.credentials import APP_ID, APP_TOKEN, BOT_ID
from bot.sandbox.slack.people import Channel, Person
from bot.sandbox.slack.refused import RefusedError
from bot.sandbox.slack.web_api import Answer, Call, Method


async def echo(call: Call) -> Answer:
    return {"args": {name: value for name, value in call.args.items() if name != "token"}}


async def auth_test(call: Call) -> Answer:
    installation, world = call.installation, call.world
    team = world.directory.teams[installation.team_id]
    answer: Answer = {
        "url": f"{world.base_url}/",
        "team": team.name,
        "user": "ct",
        "team_id": team.id,
        "user_id": installation.bot_user_id,
        "bot_id": BOT_ID,
        "is_enterprise_install": world.switches.org_install,
    }
    if world.switches.enterprise_id:
        answer["enterprise_id"] = world.switches.enterprise_id
    return answer


async def auth_revoke(call: Call) -> Answer:
    call.installation.alive = False
    return {"revoked": True}


def _told(channel: Channel) -> dict[str, Any]:
    return {
        "id": channel.id,
        "name": channel.name,
        "is_channel": channel.kind in ("channel", "shared"),
        "is_im": channel.kind == "app",
        "is_private": channel.kind in ("private", "app"),
        "is_ext_shared": channel.kind == "shared",
        "is_member": channel.bot_is_member,
    }


async def open_conversation(call: Call) -> Answer:
    users = call.need("users", "users_not_found")
    held = users if isinstance(users, list) else str(users).split(",")
    directory = call.world.directory
    if len(held) != 1:
        raise RefusedError("not_enough_users" if not held else "too_many_users")
    person = directory.people.get(held[0])
    if person is None:
        raise RefusedError("user_not_found")
    if person.deleted:
        raise RefusedError("user_disabled")
    if person.role == "bot":
        raise RefusedError("cannot_dm_bot")
    if person.team_id != call.installation.team_id:
        raise RefusedError("user_not_visible")
    return {"channel": {"id": directory.direct(person.id).id}}


async def conversation_info(call: Call) -> Answer:
    channel = call.world.directory.channels.get(str(call.need("channel", "channel_not_found")))
    if channel is None or (channel.kind == "private" and not channel.bot_is_member):
        raise RefusedError("channel_not_found")
    return {"channel": _told(channel)}


def _profile(person: Person, *, stranger: bool) -> dict[str, Any]:
    return {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_offset": 0,
        "is_bot": person.role == "bot",
        "is_restricted": person.role == "guest",
        "is_ultra_restricted": False,
        "is_stranger": stranger,
        "profile": {"real_name": person.real_name, "display_name": person.name},
    }


async def user_info(call: Call) -> Answer:
    person = call.world.directory.people.get(str(call.need("user", "user_not_found")))
    if person is None:
        raise RefusedError("user_not_found")
    return {"user": _profile(person, stranger=person.team_id != call.installation.team_id)}


async def open_connection(call: Call) -> Answer:
    """A web socket's URL, for the app-level token only."""
    if call.token != APP_TOKEN:
        raise RefusedError("not_authed" if not call.token else "invalid_auth")
    if not call.world.socket_mode:
        raise RefusedError("not_allowed_token_type")
    base = call.world.base_url.replace("http", "ws", 1)
    return {"url": f"{base}/link/?ticket={call.world.sockets.ticket()}&app_id={APP_ID}"}


TEAM = {
    "auth.test": Method(auth_test),
    "auth.revoke": Method(auth_revoke),
    "api.test": Method(echo, token=False),
    "conversations.open": Method(open_conversation, "im:write"),
    "conversations.info": Method(conversation_info, "channels:read"),
    "users.info": Method(user_info, "users:read"),
    "apps.connections.open": Method(open_connection, token=False),
}
