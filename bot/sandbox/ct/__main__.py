"""`python -m bot.sandbox.ct`: the practice CT as a process of its own."""

import argparse
import asyncio
import signal
from pathlib import Path
from typing import Any

from bot.sandbox.ct.app import PracticeCT
from bot.sandbox.serving import serve


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m bot.sandbox.ct", description="Serve a practice CT on this machine."
    )
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--redirect-uri", action="append", default=[], help="a callback of the bot; may be repeated")
    parser.add_argument("--state", type=Path, help="file that keeps links and changes over a restart")
    parser.add_argument("--expires-in", type=int, help="seconds that an access token lives")
    parser.add_argument("--reboot-seconds", type=float)
    parser.add_argument("--heartbeat-seconds", type=float)
    parser.add_argument("--locations", type=int, default=37)
    parser.add_argument("--boxes", type=int, default=412)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args()


async def run(arguments: argparse.Namespace) -> None:
    """Serve until SIGTERM or SIGINT."""
    names = ("expires_in", "reboot_seconds", "heartbeat_seconds")
    switches: dict[str, Any] = {name: value for name in names if (value := getattr(arguments, name)) is not None}
    ct = PracticeCT(
        redirect_uris=arguments.redirect_uri,
        switches=switches,
        state=arguments.state,
        seed=arguments.seed,
        locations=arguments.locations,
        boxes=arguments.boxes,
    )
    over = asyncio.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(sign, over.set)
    async with serve(ct.app, port=arguments.port) as url:
        print(url, flush=True)
        await over.wait()


if __name__ == "__main__":
    asyncio.run(run(_arguments()))
