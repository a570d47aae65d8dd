"""A DELETE whose answer is lost is not repeated: not by us, and not by the HTTP library under us."""

import asyncio

import pytest

from bot.ct import CTClient, CTConnectionError


async def test_a_delete_whose_answer_is_lost_is_sent_once() -> None:
    heard = 0

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal heard
        await reader.readuntil(b"\r\n\r\n")
        heard += 1
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    client = CTClient(auth_url=url, api_url=url, client_id="a", client_secret="b", deadline=2.0)
    try:
        with pytest.raises(CTConnectionError) as caught:
            await client.as_user("ana").boxes.cancel_upgrade("b1")
    finally:
        await client.aclose()
        server.close()

    assert heard == 1
    assert caught.value.maybe_acted
