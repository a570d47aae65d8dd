"""`python -m bot.sandbox.slack`: the practice Slack as a process of its own."""

import argparse
from collections.abc import Sequence
from pathlib import Path

import uvicorn

from bot.sandbox.slack.app import PracticeSlack
from bot.sandbox.slack.manifest import PRACTICE_MANIFEST


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bot.sandbox.slack", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8420)
    parser.add_argument("--request-url", help="where the bot takes commands, clicks and events")
    parser.add_argument("--socket", action="store_true", help="Socket Mode: the bot connects to us")
    parser.add_argument("--redirect-uri", action="append", default=[], help="of Sign in with Slack; may be repeated")
    parser.add_argument("--manifest", type=Path, help="the app's manifest (YAML or JSON)")
    parser.add_argument("--state", type=Path, help="a file that keeps messages and keys over restarts")
    parser.add_argument("--public-url", help="how browsers and the bot reach this server; by default the host and port")
    return parser


def main(arguments: Sequence[str] | None = None) -> None:
    given = parser().parse_args(arguments)
    slack = PracticeSlack(
        given.manifest or PRACTICE_MANIFEST,
        request_url=given.request_url,
        redirect_uris=given.redirect_uri,
        socket_mode=True if given.socket else None,
        base_url=given.public_url or f"http://{given.host}:{given.port}",
        state_file=given.state,
    )
    uvicorn.run(
        slack.app,
        host=given.host,
        port=given.port,
        log_level="warning",
        access_log=False,
        date_header=False,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
