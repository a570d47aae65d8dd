"""What a person sees, for the page and for the driver: state, messages, views, and each change as it happens."""

import asyncio
import json
from typing import Any

from starlette.requests import Request
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.slack.asking import NotThereError, answered, asking, place
from bot.sandbox.slack.audience import Change
from bot.sandbox.slack.credentials import BOT_USER_ID
from bot.sandbox.slack.world import World


class Looks:
    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> list[BaseRoute]:
        gets = {
            "state": self.state,
            "messages": self.messages,
            "screen": self.screen,
            "changes": self.changes,
            "home": self.home,
            "views": self.views,
        }
        found: list[BaseRoute] = [Route(f"/_ui/{name}", answered(run)) for name, run in gets.items()]
        return [*found, WebSocketRoute("/_ui/ws", self.socket)]

    async def state(self, request: Request) -> Any:
        world, user = self._world, asking(self._world, request.query_params.get("user"))
        me, team = world.directory.person(user), world.directory.team_of(user)
        channels = [
            {
                "id": channel.id,
                "name": channel.name,
                "kind": channel.kind,
                "bot_is_member": channel.bot_is_member,
                "unread": world.messages.unread(user, channel.id),
            }
            for channel in world.directory.channels_of(user)
        ]
        commands = [
            {"command": held.command, "description": held.description, "usage_hint": held.usage_hint}
            for held in world.manifest.commands.values()
        ]
        return {
            "team": {"id": team.id, "name": team.name},
            "me": me.summary(team.id),
            "users": [person.summary(team.id) for person in world.directory.people.values()],
            "channels": channels,
            "app": {"name": world.manifest.name, "bot_user_id": BOT_USER_ID, "commands": commands},
        }

    async def messages(self, request: Request) -> Any:
        user = asking(self._world, request.query_params.get("user"))
        channel = place(self._world, user, request.query_params.get("channel"))
        self._world.messages.mark_read(user, channel.id)
        seen = self._world.messages.seen_by(user, channel.id)
        return {"messages": [self._world.messages.screen(message) for message in seen]}

    async def screen(self, request: Request) -> Any:
        """Everything one person can see, and the number of the last change in it."""
        world, user = self._world, asking(self._world, request.query_params.get("user"))
        channels = {
            channel.id: {
                "name": channel.name,
                "kind": channel.kind,
                "messages": [world.messages.screen(held) for held in world.messages.seen_by(user, channel.id)],
            }
            for channel in world.directory.channels_of(user)
        }
        return {
            "number": world.audience.number,
            "me": user,
            "channels": channels,
            "stack": world.views.stack(user),
            "home": world.views.homes.get(user),
            "names": {person.id: person.name for person in world.directory.people.values()},
            "channel_names": {channel.id: channel.name for channel in world.directory.channels.values()},
        }

    async def changes(self, request: Request) -> Any:
        """A long poll: the changes after `since`, or none after `wait` seconds."""
        user, query = asking(self._world, request.query_params.get("user")), request.query_params
        since, wait = int(query.get("since", self._world.audience.number)), float(query.get("wait", "0"))
        found = self._world.audience.since(since, user)
        if not found and wait > 0:
            found = await self._next(request, since, user, wait)
        told = [{"number": change.number, **change.event} for change in found]
        return {"next": found[-1].number if found else since, "changes": told}

    async def _next(self, request: Request, since: int, user: str, wait: float) -> list[Change]:
        waiting = asyncio.ensure_future(self._world.audience.wait(since, user))
        gone = asyncio.ensure_future(request.receive())
        try:
            await asyncio.wait({waiting, gone}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            return waiting.result() if waiting.done() else []
        finally:
            waiting.cancel()
            gone.cancel()

    async def home(self, request: Request) -> Any:
        return {"view": self._world.views.homes.get(asking(self._world, request.query_params.get("user")))}

    async def views(self, request: Request) -> Any:
        return {"stack": self._world.views.stack(asking(self._world, request.query_params.get("user")))}

    async def socket(self, socket: WebSocket) -> None:
        """Push each change that the person can see, until they leave."""
        try:
            user, number = asking(self._world, socket.query_params.get("user")), self._world.audience.number
        except NotThereError:
            await socket.close(code=4404)
            return
        await socket.accept()
        gone = asyncio.ensure_future(_until_gone(socket))
        try:
            while not gone.done():
                waiting = asyncio.ensure_future(self._world.audience.wait(number, user))
                await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
                if not waiting.done():
                    waiting.cancel()
                    break
                for change in waiting.result():
                    number = change.number
                    await socket.send_text(json.dumps(change.event))
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            gone.cancel()


async def _until_gone(socket: WebSocket) -> None:
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass
