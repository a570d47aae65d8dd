"""Connections to Slack are used again, but not for long: one that is just being closed loses what is sent on it."""

import asyncio

from aiohttp import web

from bot.slack.web_client import slack_session


async def test_a_connection_is_used_again_until_it_has_waited_too_long() -> None:
    peers: list[object] = []

    async def answer(request: web.Request) -> web.Response:
        assert request.transport is not None
        peers.append(request.transport.get_extra_info("peername"))
        return web.Response()

    app = web.Application()
    app.router.add_post("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        async with slack_session(keep_alive=0.2) as session:
            for pause in (0.0, 0.0, 0.4):
                await asyncio.sleep(pause)
                async with session.post(site.name):
                    pass
    finally:
        await runner.cleanup()

    first, again, later = peers
    assert first == again
    assert later != first
