"""What a person does, for the page and for the driver: send, press, choose, submit."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.sandbox.slack.asking import NotThereError, answered, asking, place
from bot.sandbox.slack.events import Events
from bot.sandbox.slack.interactions import Interactions
from bot.sandbox.slack.people import Channel
from bot.sandbox.slack.submissions import Submissions
from bot.sandbox.slack.surfaces import Surface, find_surface
from bot.sandbox.slack.world import World


class Acts:
    def __init__(self, world: World, interactions: Interactions, submissions: Submissions, events: Events) -> None:
        self._world = world
        self._interactions = interactions
        self._submissions = submissions
        self._events = events

    def routes(self) -> list[Route]:
        posts = {
            "send": self.send,
            "action": self.action,
            "options": self.options,
            "open_home": self.open_home,
            "submit": self.submit,
            "close": self.close,
        }
        return [Route(f"/_ui/{name}", answered(run), methods=["POST"]) for name, run in posts.items()]

    async def send(self, request: Request) -> Any:
        body = await request.json()
        user = asking(self._world, body.get("user"))
        channel, text = place(self._world, user, body.get("channel")), str(body.get("text") or "")
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
        user = asking(self._world, body.get("user"))
        surface = self._surface(user, body.get("surface"))
        block, element = self._element(user, surface, body)
        if element.get("confirm") and body.get("confirmed") is not True:
            return JSONResponse({"ok": False, "confirm": element["confirm"]}, 409)
        error = await self._interactions.act(user, surface, block, element, body.get("value"))
        return {"ok": False, "error": error} if error else {"ok": True}

    async def options(self, request: Request) -> Any:
        body = await request.json()
        user = asking(self._world, body.get("user"))
        surface = self._surface(user, body.get("surface"))
        block, element = self._element(user, surface, body)
        if not element["type"].endswith("external_select"):
            raise NotThereError(f"{element['type']} does not ask the app")
        query = str(body.get("query") or "")
        return await self._interactions.suggest(user, surface, block["block_id"], element, query)

    async def open_home(self, request: Request) -> Any:
        user = asking(self._world, (await request.json()).get("user"))
        channel, view = self._world.directory.direct(user), self._world.views.homes.get(user)
        event: dict[str, Any] = {"type": "app_home_opened", "user": user, "channel": channel.id, "tab": "home"}
        event["event_ts"] = self._world.messages.next_ts()
        if view is not None:
            event["view"] = view
        self._events.tell(event, self._world.directory.person(user).team_id, user=user)
        return {"ok": True, "view": view}

    def _top(self, user: str, view_id: Any) -> dict[str, Any]:
        stack = self._world.views.stack(user)
        if not stack or stack[-1]["id"] != view_id:
            raise NotThereError(f"{view_id} is not the view on top")
        return stack[-1]

    async def submit(self, request: Request) -> Any:
        body = await request.json()
        user = asking(self._world, body.get("user"))
        view = self._top(user, body.get("view_id"))
        return await self._submissions.submit(user, view, body.get("values") or {})

    async def close(self, request: Request) -> Any:
        body = await request.json()
        user = asking(self._world, body.get("user"))
        view = self._top(user, body.get("view_id"))
        await self._submissions.close(user, view, all_of_them=bool(body.get("all")))
        return {"ok": True}
