"""A tiny Slack app for the page's tests: a card, a search, a modal, a Home; all over the practice Slack's wire."""

import contextlib
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.sandbox.serving import serve
from bot.sandbox.slack.app import PracticeSlack
from bot.sandbox.slack.credentials import BOT_TOKEN

BOXES = ["Lobby AP-1", "Lobby AP-2", "Terrace AP-1"]
Tree = dict[str, Any]


def plain(text: str) -> Tree:
    return {"type": "plain_text", "text": text}


def section(text: str, **more: Any) -> Tree:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}, **more}


def button(text: str, action_id: str, **more: Any) -> Tree:
    return {"type": "button", "text": plain(text), "action_id": action_id, **more}


REALLY = {
    "title": plain("Reboot it?"),
    "text": plain("Guests lose Wi-Fi."),
    "confirm": plain("Reboot"),
    "deny": plain("Keep It"),
}
CARD = [
    section("*Which box?*"),
    {
        "type": "actions",
        "block_id": "card",
        "elements": [
            {
                "type": "external_select",
                "action_id": "which",
                "placeholder": plain("Search a box"),
                "min_query_length": 2,
            },
            button("Reboot Lobby AP-1", "reboot", style="danger", confirm=REALLY | {"style": "danger"}),
            button("Mute a Box", "mute"),
        ],
    },
]
NAME = {
    "type": "input",
    "block_id": "name",
    "label": plain("Box"),
    "element": {"type": "plain_text_input", "action_id": "v"},
}
MODAL = {
    "type": "modal",
    "title": plain("Mute a box"),
    "submit": plain("Mute It"),
    "close": plain("Cancel"),
    "blocks": [NAME],
}
HOME = {
    "type": "home",
    "blocks": [section("*Two boxes are down*"), {"type": "actions", "elements": [button("Look", "look")]}],
}


class PageApp:
    """Answers what the practice Slack delivers and writes down what it was asked."""

    def __init__(self) -> None:
        self.slack_url = ""
        self.queries: list[str] = []
        self.actions: list[str] = []
        self.http = httpx.AsyncClient()
        self.asgi = Starlette(routes=[Route("/", self.take, methods=["POST"])])

    async def api(self, method: str, **arguments: Any) -> Tree:
        headers = {"Authorization": f"Bearer {BOT_TOKEN}"}
        answer: Tree = (await self.http.post(f"{self.slack_url}/api/{method}", json=arguments, headers=headers)).json()
        assert answer["ok"], answer
        return answer

    async def forget(self) -> None:
        await self.http.post(f"{self.slack_url}/_practice/reset")
        self.queries.clear()
        self.actions.clear()

    async def say(self, text: str, blocks: list[Tree] | None = None) -> Tree:
        return await self.api("chat.postMessage", channel="C01NOC", text=text, **({"blocks": blocks} if blocks else {}))

    async def take(self, request: Request) -> Response:
        if request.headers["content-type"] == "application/json":
            return await self.event(json.loads(await request.body()))
        form = await request.form()
        if "command" in form:
            return JSONResponse({"text": "Which box?", "blocks": CARD})
        payload = json.loads(str(form["payload"]))
        return await getattr(self, payload["type"])(payload)  # type: ignore[no-any-return]  # one method for each type

    async def event(self, envelope: Tree) -> Response:
        if envelope["event"]["type"] == "app_home_opened":
            await self.api("views.publish", user_id=envelope["event"]["user"], view=HOME)
        return Response()

    async def block_suggestion(self, payload: Tree) -> Response:
        self.queries.append(payload["value"])
        found = [name for name in BOXES if payload["value"].lower() in name.lower()]
        return JSONResponse({"options": [{"text": plain(name), "value": name} for name in found]})

    async def block_actions(self, payload: Tree) -> Response:
        action = payload["actions"][0]
        self.actions.append(action["action_id"])
        if action["action_id"] == "which":
            picked = action["selected_option"]["value"]
            await self.http.post(
                payload["response_url"], json={"replace_original": True, "text": f"You picked {picked}."}
            )
        if action["action_id"] == "mute":
            await self.api("views.open", trigger_id=payload["trigger_id"], view=MODAL)
        return Response()

    async def view_submission(self, payload: Tree) -> Response:
        name = payload["view"]["state"]["values"]["name"]["v"]["value"]
        if name not in BOXES:
            return JSONResponse({"response_action": "errors", "errors": {"name": f"No box is called {name}."}})
        await self.say(f"{name} is muted.")
        return Response()


@contextlib.asynccontextmanager
async def practice() -> AsyncIterator[PageApp]:
    """The practice Slack and the app, each on its own port, introduced to each other."""
    app, slack = PageApp(), PracticeSlack()
    async with app.http, serve(app.asgi) as app_url, serve(slack.app) as slack_url:
        slack.install(request_url=f"{app_url}/")
        app.slack_url = slack_url
        yield app
