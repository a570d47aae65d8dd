"""Made from the code: the README's tables, `.env.example`, the manifest's usage hint; `make readme` writes them."""

import json
import re
import sys
from pathlib import Path

from bot.settings import VARIABLES, Variable
from bot.slack.registry import GROUPS, Command, load

ROOT = Path(__file__).parents[2]
README, ENV_EXAMPLE, MANIFEST = ROOT / "README.md", ROOT / ".env.example", ROOT / "manifest.yml"

_ENV_HEAD = """\
# The settings of ct-bot. Copy this file to .env and fill in the lines that are not commented out, and
# either SLACK_SIGNING_SECRET (Slack calls the bot) or SLACK_APP_TOKEN (Socket Mode: the bot calls Slack).
# A setting that is empty stops the start: give it a value or leave it commented out.
"""


def settings() -> str:
    """The README's table of settings."""
    rows = [f"| `{v.name}` | {_default(v)} | {v.help} |" for v in VARIABLES]
    return "\n".join(["| Setting | Default | What it is |", "|---|---|---|", *rows])


def _default(variable: Variable) -> str:
    if variable.required:
        return "**required**"
    return f"`{variable.default}`" if variable.default is not None else "–"


def commands() -> str:
    """The README's table of commands, in the groups and the order of `/ct help`."""
    registry = load()
    rows = [_row(command) for group in GROUPS for command in registry.visible(group)]
    return "\n".join(["| | You type | What it does | For example |", "|---|---|---|---|", *rows])


def _row(command: Command) -> str:
    usage, example = (text.replace("|", "\\|") for text in (command.usage, command.example))
    return f"| {command.group} | `{usage}` | {command.summary} | `{example}` |"


def hinted(text: str) -> str:
    """The manifest with the usage hint that the commands make."""
    hint = json.dumps(load().usage_hint(), ensure_ascii=False)
    return re.sub(r"(?m)^(      usage_hint: ).*$", lambda match: match[1] + hint, text)


def env_example() -> str:
    """`.env.example`: required settings to fill in, the others as comments with their defaults."""
    parts = [
        f"# {v.help[0].upper()}{v.help[1:]}.\n{'' if v.required else '# '}{v.name}={v.default or ''}\n"
        for v in VARIABLES
    ]
    return "\n".join([_ENV_HEAD, *parts])


def between(text: str, name: str, body: str) -> str:
    """`text` with `body` between the markers of that name."""
    begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
    if text.count(begin) != 1 or text.count(end) != 1:
        raise ValueError(f"{begin} and {end} must each stand there once")
    return re.sub(f"{begin}.*{end}", lambda _: f"{begin}\n{body}\n{end}", text, flags=re.DOTALL)


def written() -> dict[Path, str]:
    """Every such file, as the code wants it."""
    return {
        README: between(between(_read(README), "settings", settings()), "commands", commands()),
        ENV_EXAMPLE: env_example(),
        MANIFEST: hinted(_read(MANIFEST)),
    }


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def faults() -> list[str]:
    """The files that say something else than the code."""
    return [
        f"{path.name} is not what the code says; `make readme` writes it"
        for path, text in written().items()
        if not path.exists() or _read(path) != text
    ]


if __name__ == "__main__":
    if "--check" in sys.argv:
        sys.exit("\n".join(faults()) or None)
    for path, text in written().items():
        path.write_text(text, encoding="utf-8")
