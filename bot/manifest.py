"""The Slack app's manifest: `manifest.yml` with the operator's own address in it."""

import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from bot.errors import ConfigError

EXAMPLE_URL = "https://ct-bot.example.com"
_REQUEST_URL = re.compile(r"\s*(url|request_url|message_menu_options_url): ")
_SIGN_IN = re.compile(r"(?m)^  redirect_urls:\n    - .*\n|^    user:\n      - openid .*\n")
_SCOPES_OF = re.compile(r"    (\w+):")
_SCOPE = re.compile(r"      - (\S+) # (.+)")
_ADDRESS = re.compile(r"https?://(\[[0-9a-fA-F:]+\]|[A-Za-z0-9.-]+)(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?")


def template() -> str:
    """The manifest as it ships; a checkout has it at the top, a wheel beside this module."""
    packaged = resources.files("bot") / "manifest.yml"
    if packaged.is_file():
        return packaged.read_text(encoding="utf-8")
    return (Path(__file__).parent.parent / "manifest.yml").read_text(encoding="utf-8")


def manifest(url: str, *, socket_mode: bool = False, typed_code: bool = False) -> str:
    """The manifest as YAML, comments kept, for a bot that browsers reach at `url`.

    In Socket Mode Slack sends nothing to an address, so the request URLs are left out. The redirect URL stays: the
    person's browser goes there. With the typed code nobody signs in with Slack: no redirect URL, no scope of a person.
    Raises ConfigError when `url` is no address.
    """
    if not _ADDRESS.fullmatch(url):
        raise ConfigError([f"{url!r} is no address: give the bot's public one, such as {EXAMPLE_URL}."])
    lines = template().partition("\n_metadata:")
    text = f"# The Slack app of the ct-bot at {url}{lines[1]}{lines[2]}".replace(EXAMPLE_URL, url.rstrip("/"))
    if typed_code:
        text = _SIGN_IN.sub("", text)
    if not socket_mode:
        return text
    kept = [line for line in text.splitlines(keepends=True) if not _REQUEST_URL.match(line)]
    return "".join(kept).replace("socket_mode_enabled: false", "socket_mode_enabled: true")


@dataclass(frozen=True, slots=True)
class Scope:
    """What the bot asks of a workspace, and what for, in the manifest's own words."""

    name: str
    why: str
    optional: bool


def scopes() -> list[Scope]:
    """The bot's scopes, the required ones first. `why` is the comment that stands beside each."""
    found: list[Scope] = []
    optional: bool | None = None
    for line in template().partition("\n  scopes:\n")[2].splitlines():
        if header := _SCOPES_OF.fullmatch(line):
            optional = {"bot": False, "bot_optional": True}.get(header[1])
        elif (entry := _SCOPE.fullmatch(line)) and optional is not None:
            found.append(Scope(entry[1], entry[2], optional))
        elif not entry:
            break
    return found
