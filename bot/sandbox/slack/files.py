"""Files in three steps: ask for a URL, put the bytes there, complete (slack-facts 1.1); and nothing else."""

import secrets
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.sandbox.slack.blocks import decoded
from bot.sandbox.slack.refused import RefusedError
from bot.sandbox.slack.web_api import Answer, Call, Method
from bot.sandbox.slack.world import World


@dataclass
class File:
    id: str
    name: str
    length: int
    content: bytes | None = None
    title: str = ""

    def told(self, base_url: str) -> dict[str, Any]:
        url = f"{base_url}/_files/{self.id}/{self.name}"
        return {
            "id": self.id,
            "name": self.name,
            "title": self.title or self.name,
            "size": self.length,
            "url_private": url,
        }


class Files:
    def __init__(self, world: World) -> None:
        self._world = world
        self._files: dict[str, File] = {}

    def routes(self) -> list[Route]:
        return [
            Route("/_files/upload/{id}", self.upload, methods=["POST", "PUT"]),
            Route("/_files/{id}/{name}", self.download),
        ]

    def methods(self) -> dict[str, Method]:
        return {
            "files.getUploadURLExternal": Method(self.upload_url, "files:write"),
            "files.completeUploadExternal": Method(self.complete, "files:write"),
        }

    async def upload_url(self, call: Call) -> Answer:
        file = File("F" + secrets.token_hex(5).upper(), str(call.need("filename")), int(call.need("length")))
        self._files[file.id] = file
        return {"upload_url": f"{self._world.base_url}/_files/upload/{file.id}", "file_id": file.id}

    async def upload(self, request: Request) -> Response:
        file = self._files.get(request.path_params["id"])
        if file is None:
            return PlainTextResponse("not found", 404)
        content = await request.body()
        if request.headers.get("content-type", "").startswith("multipart/form-data"):
            async with request.form() as form:
                parts = [part for part in form.values() if not isinstance(part, str)]
                content = await parts[0].read() if parts else b""
        if len(content) != file.length:
            return PlainTextResponse(f"expected {file.length} bytes, got {len(content)}", 400)
        file.content = content
        return PlainTextResponse(f"OK - {len(content)}")

    async def complete(self, call: Call) -> Answer:
        """Share the files in a channel that the bot is in."""
        told = []
        for spec in decoded(call.need("files")):
            file = self._files.get(str(spec.get("id")))
            if file is None or file.content is None:
                raise RefusedError("file_not_found")
            file.title = str(spec.get("title") or file.name)
            told.append(file.told(self._world.base_url))
        if channel_id := call.args.get("channel_id"):
            channel = self._world.directory.channels.get(str(channel_id))
            if channel is None or not channel.bot_is_member:
                raise RefusedError("channel_not_found")
            words = str(call.args.get("initial_comment") or "")
            self._world.messages.add(channel.id, call.installation.bot_user_id, words, files=told)
        return {"files": told}

    async def download(self, request: Request) -> Response:
        file = self._files.get(request.path_params["id"])
        if file is None or file.content is None:
            return PlainTextResponse("not found", 404)
        return Response(file.content, media_type="application/octet-stream")
