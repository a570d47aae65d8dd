"""`ct-bot demo`: everything on this machine, one address to open."""

import asyncio
import contextlib
import signal
import webbrowser
from pathlib import Path

from bot.sandbox.stage import Stage

WELCOME = """
  The practice Slack is at   {url}

  You are @ana, on call. Try:   /ct reboot lobby
  Connect with the practice CT account that the pages offer. Nothing here is real; it is kept in {data}.
  Ctrl+C ends it.
"""


async def demo(*, port: int, data: str, browser: bool) -> int:
    """Start the stage, print (and open) its address, and stay until Ctrl+C."""
    over = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, over.set)
    print("Starting a Valkey, a practice CT, a practice Slack and the bot …", flush=True)
    async with Stage(data=Path(data), page_port=port, policy={"guards": {"admins": ["U01ANA"]}}) as stage:
        print(WELCOME.format(url=stage.slack_url, data=data), flush=True)
        if browser:
            with contextlib.suppress(webbrowser.Error):
                await asyncio.to_thread(webbrowser.open, stage.slack_url)
        ended = [asyncio.ensure_future(bot.wait()) for bot in stage.bots]
        waiting = asyncio.ensure_future(over.wait())
        await asyncio.wait([waiting, *ended], return_when=asyncio.FIRST_COMPLETED)
        for future in (waiting, *ended):
            future.cancel()
        if not over.is_set():
            print(f"The bot ended by itself; its log is {data}/bot.log")
            return 1
    print("Ended. The data are kept; `make clean` removes them.")
    return 0
