"""Who asks, and for what place: the first question of every request of the person's side."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from bot.sandbox.slack.choices import NotOfferedError
from bot.sandbox.slack.people import Channel
from bot.sandbox.slack.world import World


class NotThereError(LookupError):
    """Asked for a person, channel, surface or element that is not there for whoever asks."""


def asking(world: World, key: Any) -> str:
    """The id of a living person, by id or name."""
    people = world.directory.people
    person = people.get(str(key)) or next((held for held in people.values() if held.name == key), None)
    if person is None or person.role == "bot" or person.deleted:
        raise NotThereError(f"no such person: {key}")
    return person.id


def place(world: World, user: str, key: Any) -> Channel:
    """A channel that `user` is in, by id or name; `app` is their DM with the bot."""
    if key == "app":
        return world.directory.direct(user)
    try:
        channel = world.directory.channel(str(key))
    except StopIteration:
        raise NotThereError(f"no such channel: {key}") from None
    if user not in channel.members:
        raise NotThereError(f"{user} is not in {channel.name}")
    return channel


def answered(run: Any) -> Any:
    """JSON out; what is not there is a 404, what was never offered a 400."""

    async def endpoint(request: Request) -> Response:
        try:
            answer = await run(request)
        except NotThereError as error:
            return JSONResponse({"ok": False, "error": str(error)}, 404)
        except (NotOfferedError, ValueError) as error:
            return JSONResponse({"ok": False, "error": str(error)}, 400)
        return answer if isinstance(answer, Response) else JSONResponse(answer)

    return endpoint
