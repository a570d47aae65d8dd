"""The person's side: what they see, and what they can do; used by the page and by the driver alike."""

import asyncio
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox.slack.audience import Change
from bot.sandbox.slack.credentials import BOT_USER_ID
from bot.sandbox.slack.events import Events
from bot.sandbox.slack.interactions import Interactions, NotOfferedError
from bot.sandbox.slack.people import Channel
from bot.sandbox.slack.submissions import Submissions
from bot.sandbox.slack.surfaces import Surface, find_surface
from bot.sandbox.slack.world import World


class NotThereError(LookupError):
    """Asked for a person, channel, surface or element that is not there for whoever asks."""


class UI:
    def __init__(self, world: World, interactions: Interactions, submissions: Submissions, events: Events) -> None:
        self._world = world
        self._interactions = interactions
        self._submissions = submissions
        self._events = events

    def routes(self) -> list[BaseRoute]:
        gets = {
            "state": self.state,
            "messages": self.messages,
            "screen": self.screen,
            "changes": self.changes,
            "home": self.home,
            "views": self.views,
        }
        posts = {
            "send": self.send,
            "action": self.action,
            "options": self.options,
            "open_home": self.open_home,
            "submit": self.submit,
            "close": self.close,
        }
        found: list[BaseRoute] = [Route(f"/_ui/{name}", _answered(run)) for name, run in gets.items()]
        found += [Route(f"/_ui/{name}", _answered(run), methods=["POST"]) for name, run in posts.items()]
        return [*found, WebSocketRoute("/_ui/ws", self.socket)]

    def _user(self, key: Any) -> str:
        people = self._world.directory.people
        person = people.get(str(key)) or next((held for held in people.values() if held.name == key), None)
        if person is None or person.role == "bot" or person.deleted:
            raise NotThereError(f"no such person: {key}")
        return person.id

    def _channel(self, user: str, key: Any) -> Channel:
        if key == "app":
            return self._world.directory.direct(user)
        try:
            channel = self._world.directory.channel(str(key))
        except StopIteration:
            raise NotThereError(f"no such channel: {key}") from None
        if user not in channel.members:
            raise NotThereError(f"{user} is not in {channel.name}")
        return channel

    async def state(self, request: Request) -> Any:
        world, user = self._world, self._user(request.query_params.get("user"))
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
        user = self._user(request.query_params.get("user"))
        channel = self._channel(user, request.query_params.get("channel"))
        self._world.messages.mark_read(user, channel.id)
        seen = self._world.messages.seen_by(user, channel.id)
        return {"messages": [self._world.messages.screen(message) for message in seen]}

    async def screen(self, request: Request) -> Any:
        """Everything one person can see, and the number of the last change in it."""
        world, user = self._world, self._user(request.query_params.get("user"))
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
        user, query = self._user(request.query_params.get("user")), request.query_params
        since, wait = int(query.get("since", self._world.audience.number)), float(query.get("wait", "0"))
        found = self._world.audience.since(since, user)
        if not found and wait > 0:
            found = await self._next(request, since, user, wait)
        told = [{"number": change.number, **change.event} for change in found]
        return {"next": found[-1].number if found else self._world.audience.number, "changes": told}

    async def _next(self, request: Request, since: int, user: str, wait: float) -> list[Change]:
        waiting = asyncio.ensure_future(self._world.audience.wait(since, user))
        gone = asyncio.ensure_future(request.receive())
        try:
            await asyncio.wait({waiting, gone}, timeout=wait, return_when=asyncio.FIRST_COMPLETED)
            return waiting.result() if waiting.done() else []
        finally:
            waiting.cancel()
            gone.cancel()

    async def send(self, request: Request) -> Any:
        body = await request.json()
        user = self._user(body.get("user"))
        channel, text = self._channel(user, body.get("channel")), str(body.get("text") or "")
        if text.startswith("/"):
            error = await self._interactions.command(user, channel, text)
            return {"ok": True, "command": {"text": text, "error": error}}
        message = self._world.messages.add(channel.id, user, text)
        self._tell_of(user, channel, text, message.ts)
        return {"ok": True, "message": self._world.messages.screen(message)}

    def _tell_of(self, user: str, channel: Channel, text: str, ts: str) -> None:
        event = {"user": user, "text": text, "ts": ts, "channel": channel.id, "event_ts": ts}
        event["user_team"] = event["source_team"] = self._world.directory.person(user).team_id
        if channel.kind == "app":
            self._events.tell({"type": "message", "channel_type": "im", **event}, channel.team_id, user=user)
        elif f"@{self._world.manifest.name}".lower() in text.lower() and channel.bot_is_member:
            self._events.tell({"type": "app_mention", **event}, channel.team_id, user=user)

    def _surface(self, user: str, spec: Any) -> Surface:
        surface = find_surface(self._world, user, spec if isinstance(spec, dict) else {})
        if surface is None:
            raise NotThereError(f"{user} cannot see {spec}")
        return surface

    def _element(self, user: str, surface: Surface, body: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        found = surface.find(str(body.get("block_id")), str(body.get("action_id")), user)
        if found is None:
            raise NotThereError(f"no {body.get('block_id')}/{body.get('action_id')} there")
        return found

    async def action(self, request: Request) -> Any:
        body = await request.json()
        user = self._user(body.get("user"))
        surface = self._surface(user, body.get("surface"))
        block, element = self._element(user, surface, body)
        if element.get("confirm") and body.get("confirmed") is not True:
            return JSONResponse({"ok": False, "confirm": element["confirm"]}, 409)
        error = await self._interactions.act(user, surface, block, element, body.get("value"))
        return {"ok": False, "error": error} if error else {"ok": True}

    async def options(self, request: Request) -> Any:
        body = await request.json()
        user = self._user(body.get("user"))
        surface = self._surface(user, body.get("surface"))
        block, element = self._element(user, surface, body)
        if not element["type"].endswith("external_select"):
            raise NotThereError(f"{element['type']} does not ask the app")
        query = str(body.get("query") or "")
        return await self._interactions.suggest(user, surface, block["block_id"], element, query)

    async def home(self, request: Request) -> Any:
        return {"view": self._world.views.homes.get(self._user(request.query_params.get("user")))}

    async def open_home(self, request: Request) -> Any:
        user = self._user((await request.json()).get("user"))
        channel, view = self._world.directory.direct(user), self._world.views.homes.get(user)
        event: dict[str, Any] = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": "home"}
        event["event_ts"] = self._world.messages.next_ts()
        if view is not None:
            event["view"] = view
        self._events.tell(event, self._world.directory.person(user).team_id, user=user)
        return {"ok": True, "view": view}

    async def views(self, request: Request) -> Any:
        return {"stack": self._world.views.stack(self._user(request.query_params.get("user")))}

    def _top(self, user: str, view_id: Any) -> dict[str, Any]:
        stack = self._world.views.stack(user)
        if not stack or stack[-1]["id"] != view_id:
            raise NotThereError(f"{view_id} is not the view on top")
        return stack[-1]

    async def submit(self, request: Request) -> Any:
        body = await request.json()
        user = self._user(body.get("user"))
        view = self._top(user, body.get("view_id"))
        return await self._submissions.submit(user, view, body.get("values") or {})

    async def close(self, request: Request) -> Any:
        body = await request.json()
        user = self._user(body.get("user"))
        view = self._top(user, body.get("view_id"))
        await self._submissions.close(user, view, all_of_them=bool(body.get("all")))
        return {"ok": True}

    async def socket(self, socket: WebSocket) -> None:
        """Push each change that the person can see, until they leave."""
        user, number = str(socket.query_params.get("user")), self._world.audience.number
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


def _answered(run: Any) -> Any:
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
