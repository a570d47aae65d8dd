"""The `ct-bot` command line: serve, doctor, links, demo, manifest, keys. The only place that reads the environment."""

import argparse
import asyncio
import base64
import gc
import importlib
import os
import secrets
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot import __version__, cuts
from bot.errors import ConfigError

if TYPE_CHECKING:
    from bot.doctor.command import Outcome
    from bot.settings import Settings

EXIT_CONFIG = 2


def main(argv: Sequence[str] | None = None) -> int:
    """Run one subcommand; returns the process's exit code (2: a setting is wrong)."""
    args = _parser().parse_args(argv)
    try:
        return int(args.run(args))
    except ConfigError as error:
        for problem in error.problems:
            print(f"ct-bot: {problem}", file=sys.stderr)
        return EXIT_CONFIG
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ct-bot", description="Look after Cucumber Tony Wi-Fi from Slack.")
    parser.add_argument("--version", action="version", version=f"ct-bot {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    serve = commands.add_parser("serve", help="run the bot; the settings come from the environment")
    serve.set_defaults(run=_serve)

    doctor = commands.add_parser("doctor", help="check settings, Redis, CT, Slack and the address, and say what to do")
    doctor.add_argument("--json", action="store_true", help="for a program: every check with its verdict")
    doctor.add_argument(
        "--slack-validate",
        action="store_true",
        help="for maintainers: play every command on a practice stage, and let Slack's own validator see the answers",
    )
    doctor.set_defaults(run=_doctor)

    demo = commands.add_parser("demo", help="try the bot in a browser: a practice Slack and a practice CT")
    demo.add_argument("--script", action="store_true", help="play the on-call story without a browser")
    demo.add_argument("--port", type=int, default=0, help="where the practice Slack's page is (default: a free port)")
    demo.add_argument("--data", default=".demo", help="where the demo keeps its data (default: .demo)")
    demo.add_argument("--no-browser", action="store_true", help="only print the address")
    demo.set_defaults(run=_demo)

    manifest = commands.add_parser("manifest", help="print the Slack app's manifest, filled in")
    manifest.add_argument("--url", required=True, help="the bot's PUBLIC_URL")
    manifest.add_argument("--socket-mode", action="store_true", help="for a bot behind a firewall")
    manifest.add_argument(
        "--typed-code", action="store_true", help="for a policy with link_proof typed_code: without Sign in with Slack"
    )
    manifest.set_defaults(run=_manifest)

    links = commands.add_parser("links", help="everybody's links: count them, seal them anew, end them")
    links.add_argument("act", nargs="?", choices=("count", "rewrap", "end"), default="count")
    links.add_argument("--yes", action="store_true", help="end them without being asked")
    links.set_defaults(run=_links)

    keys = commands.add_parser("keys", help="make a new data key for CT_BOT_DATA_KEYS")
    keys.set_defaults(run=_keys)
    return parser


def _serve(_args: argparse.Namespace) -> int:
    from bot.log import configure

    settings = _settings()
    cuts.arm(os.environ.pop("CT_BOT_CUT", None))  # noqa: TID251
    configure(settings.log_level, json_lines=not sys.stdout.isatty())
    import uvloop

    from bot.serving import serve

    gc.freeze()
    return uvloop.run(serve(settings))


def _settings() -> "Settings":
    """From the environment, which is cleared of them. Raises ConfigError."""
    from bot.settings import VARIABLES, Settings

    settings = Settings.from_env(os.environ)  # noqa: TID251 - the one place
    for variable in VARIABLES:
        # Libraries read some of these by themselves (`slack-facts.md` 2.11), and crash reports print them all.
        os.environ.pop(variable.name, None)  # noqa: TID251
    return settings


def _links(args: argparse.Namespace) -> int:
    from bot.app import read_policy
    from bot.log import configure
    from bot.upkeep import links, sure_to_end

    settings = _settings()
    if args.act == "end" and not args.yes and not sure_to_end():
        return 1
    configure("ERROR", json_lines=False, out=sys.stderr)
    return asyncio.run(links(args.act, settings, read_policy(settings)))


def _doctor(args: argparse.Namespace) -> int:
    from bot.app import read_policy
    from bot.doctor import printed
    from bot.doctor.command import examine
    from bot.log import configure

    configure("WARNING", json_lines=False, out=sys.stderr)
    outcome = asyncio.run(_validate() if args.slack_validate else examine(_settings, read_policy))
    print(printed.as_json(outcome.findings) if args.json else printed.text(outcome.findings, outcome.targets))
    return outcome.code


async def _validate() -> "Outcome":
    """Needs no settings but SLACK_API_URL, and of that the default will do."""
    from bot.doctor.command import judged
    from bot.doctor.validation import validated
    from bot.settings import VARIABLES
    from bot.slack.registry import load

    rehearse = _sandbox("bot.sandbox.rehearsal").rehearse
    (api_url,) = [v.default or "" for v in VARIABLES if v.name == "SLACK_API_URL"]
    spoken = await rehearse(load().rehearsed())
    return judged(await validated(spoken, os.environ.get("SLACK_API_URL", api_url)))  # noqa: TID251 - the one place


def _demo(args: argparse.Namespace) -> int:
    if args.script:
        return int(asyncio.run(_sandbox("bot.sandbox.script").play()))
    demo = _sandbox("bot.sandbox.demo").demo
    return int(asyncio.run(demo(port=args.port, data=args.data, browser=not args.no_browser)))


def _sandbox(module: str) -> Any:
    """A module of the practice servers, which need what a bare install leaves out."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        if (error.name or "").startswith("bot"):
            raise
        raise ConfigError([f"this needs more: pip install 'ct-bot[sandbox]' ({error.name} is missing)."]) from None


def _manifest(args: argparse.Namespace) -> int:
    from bot.manifest import manifest

    print(manifest(args.url, socket_mode=args.socket_mode, typed_code=args.typed_code), end="")
    return 0


def _keys(_args: argparse.Namespace) -> int:
    key = f"k{secrets.token_hex(3)}:{base64.b64encode(secrets.token_bytes(32)).decode()}"
    print(key)
    print(
        "\nPut it first in CT_BOT_DATA_KEYS, before the older ones: the first key writes, all of them read.",
        file=sys.stderr,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
