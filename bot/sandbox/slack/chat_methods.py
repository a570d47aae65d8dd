"""chat.*: messages posted, changed and deleted by the app."""

from typing import Any

from bot.sandbox.slack.blocks import check_message, decoded
from bot.sandbox.slack.limits import MESSAGE_TEXT_MAX_LENGTH
from bot.sandbox.slack.messages import Message
from bot.sandbox.slack.people import Channel
from bot.sandbox.slack.refused import RefusedError
from bot.sandbox.slack.spoken import note_words
from bot.sandbox.slack.web_api import Answer, Call, Method


def _channel(call: Call) -> Channel:
    """The channel named in the call, by id or name, or a person's DM. Raises `channel_not_found`."""
    directory, key = call.world.directory, str(call.need("channel", "channel_not_found"))
    if key in directory.people and ("D" + key[1:]) in directory.channels:
        return directory.direct(key)
    try:
        channel = directory.channel(key)
    except StopIteration:
        raise RefusedError("channel_not_found") from None
    if channel.team_id != call.installation.team_id and channel.kind != "shared":
        raise RefusedError("channel_not_found")
    return channel


def _may_post(call: Call, channel: Channel, *, join_free: bool) -> None:
    """Public channels need membership or `chat:write.public`; private ones do not exist for outsiders (1.3)."""
    if channel.bot_is_member:
        return
    if channel.kind == "private":
        raise RefusedError("channel_not_found")
    if not (join_free and "chat:write.public" in call.world.manifest.scopes):
        raise RefusedError("not_in_channel")


def _content(call: Call) -> dict[str, Any]:
    """Checked blocks, cut text, metadata."""
    args = call.args
    blocks = check_message(args, journal=call.world.journal, where=call.method)
    said = {"text": args.get("text"), "blocks": blocks}
    note_words(said, directory=call.world.directory, journal=call.world.journal, where=call.method)
    metadata = decoded(args.get("metadata"))
    if metadata is not None and metadata.keys() != {"event_type", "event_payload"}:
        raise RefusedError("invalid_metadata_format")
    return {
        "text": str(args.get("text") or "")[:MESSAGE_TEXT_MAX_LENGTH],
        "blocks": blocks,
        "metadata": metadata,
        "attachments": decoded(args.get("attachments")) or [],
    }


async def post_message(call: Call) -> Answer:
    channel = _channel(call)
    _may_post(call, channel, join_free=True)
    content = _content(call)
    thread = call.args.get("thread_ts")
    message = call.world.messages.add(
        channel.id, call.installation.bot_user_id, content.pop("text"), thread_ts=thread, **content
    )
    return {"channel": channel.id, "ts": message.ts, "message": message.payload(team_id=channel.team_id)}


async def post_ephemeral(call: Call) -> Answer:
    channel, user = _channel(call), str(call.need("user", "user_not_found"))
    _may_post(call, channel, join_free=False)
    if user not in call.world.directory.people:
        raise RefusedError("user_not_found")
    if user not in channel.members:
        raise RefusedError("user_not_in_channel")
    content = _content(call)
    message = call.world.messages.add(
        channel.id, call.installation.bot_user_id, content.pop("text"), only_for=user, **content
    )
    return {"message_ts": message.ts}


def _own(call: Call, foreign: str) -> Message:
    """The app's own lasting message. An ephemeral one cannot be reached this way (1.3)."""
    channel = _channel(call)
    message = call.world.messages.by_ts(channel.id, str(call.need("ts", "message_not_found")))
    if message is None or message.only_for is not None:
        raise RefusedError("message_not_found")
    if message.author != call.installation.bot_user_id:
        raise RefusedError(foreign)
    return message


async def update(call: Call) -> Answer:
    """`text` without `blocks` takes the old blocks away (1.3)."""
    message = _own(call, "cant_update_message")
    if not call.world.switches.message_edits:
        raise RefusedError("edit_window_closed")
    content = _content(call)
    if "metadata" not in call.args:
        del content["metadata"]
    call.world.messages.change(message, state={}, **content)
    channel = call.world.directory.channels[message.channel]
    told = message.payload(team_id=channel.team_id)
    return {"channel": channel.id, "ts": message.ts, "text": message.text, "message": told}


async def delete(call: Call) -> Answer:
    message = _own(call, "cant_delete_message")
    call.world.messages.delete(message)
    return {"channel": message.channel, "ts": message.ts}


async def get_permalink(call: Call) -> Answer:
    channel, ts = _channel(call), str(call.need("message_ts", "message_not_found"))
    message = call.world.messages.by_ts(channel.id, ts)
    if message is None or message.only_for is not None:
        raise RefusedError("message_not_found")
    link = f"{call.world.base_url}/archives/{channel.id}/p{ts.replace('.', '')}"
    return {"channel": channel.id, "permalink": link}


CHAT = {
    "chat.postMessage": Method(post_message, "chat:write"),
    "chat.postEphemeral": Method(post_ephemeral, "chat:write"),
    "chat.update": Method(update, "chat:write"),
    "chat.delete": Method(delete, "chat:write"),
    "chat.getPermalink": Method(get_permalink),
}
