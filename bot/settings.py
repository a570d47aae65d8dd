"""The settings: read once from the environment by the command line, frozen, passed on by hand.

Names are fixed by the design; the README lists them and a test holds the two together.
"""

import enum
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import SplitResult, urlsplit

from bot.crypto import DataKey
from bot.errors import ConfigError
from bot.guards import Guards, read_guards, unknown, whole

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class Secret(str):
    """Text that does not print itself: `repr` and logs show stars. Use it as a str only where it is sent."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret('***')"


@dataclass(frozen=True, slots=True)
class Variable:
    """One environment variable: how it is read, what it defaults to, what the README says of it."""

    name: str
    parse: Callable[[str], Any]
    help: str
    default: str | None = None
    required: bool = False
    sign_in: bool = False  # of Sign in with Slack alone, which a policy may do without

    @property
    def missing(self) -> str:
        return f"{self.name} is missing: {self.help}."


def _parts(text: str) -> SplitResult:
    """An address in parts. What Python says of a bad one may quote a password, so it is said in other words."""
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError("is not an address") from None
    try:
        _ = parts.port
    except ValueError:
        raise ValueError("port must be a number from 0 to 65535") from None
    if not text.isprintable() or " " in text:
        raise ValueError("must not hold blanks or control characters")
    return parts


def _url(text: str) -> str:
    parts = _parts(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an address that starts with https://")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ValueError("must be https (http is for loopback only)")
    if parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("must have no user, query or fragment")
    return f"{parts.scheme}://{parts.netloc}{parts.path}".rstrip("/")


def _redis_url(text: str) -> Secret:
    parts = _parts(text)
    if parts.scheme == "unix":
        return Secret(text)
    if parts.scheme not in {"redis", "rediss"}:
        raise ValueError("must start with redis://, rediss:// or unix://")
    if not parts.hostname:
        raise ValueError("names no host")
    if not re.fullmatch(r"(?:/[0-9]{0,5})?", parts.path):
        raise ValueError("must end after the host, or in the number of a database: redis://host:6379/0")
    return Secret(text)


def _prefixed(prefix: str) -> Callable[[str], Secret]:
    def parse(text: str) -> Secret:
        if not text.startswith(prefix):
            raise ValueError(f"must start with {prefix}")
        return Secret(text)

    return parse


def _keys(text: str) -> tuple[DataKey, ...]:
    keys = tuple(DataKey.parse(part) for part in text.split(",") if part.strip())
    if not keys:
        raise ValueError("holds no key; `ct-bot keys` makes one")
    if len({key.id for key in keys}) != len(keys):
        raise ValueError("two keys have the same id")
    return keys


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise ValueError("must be a number from 1 to 65535")
    return int(text)


def _level(text: str) -> str:
    if text.upper() not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise ValueError("must be DEBUG, INFO, WARNING or ERROR")
    return text.upper()


_SIGN_IN = "of the Slack app, for Sign in with Slack; not needed where the policy chooses the typed code"

VARIABLES: tuple[Variable, ...] = (
    Variable("SLACK_BOT_TOKEN", _prefixed("xoxb-"), "the bot token of the installed Slack app", required=True),
    Variable("SLACK_SIGNING_SECRET", Secret, "proves that a request comes from Slack; not needed in Socket Mode"),
    Variable(
        "SLACK_APP_TOKEN", _prefixed("xapp-"), "switches Socket Mode on; an app-level token with `connections:write`"
    ),
    Variable("SLACK_CLIENT_ID", str, _SIGN_IN, required=True, sign_in=True),
    Variable("SLACK_CLIENT_SECRET", Secret, _SIGN_IN, required=True, sign_in=True),
    Variable("SLACK_API_URL", _url, "where Slack's Web API is", "https://slack.com/api/"),
    Variable("SLACK_URL", _url, "where Slack's authorize pages are, and the OpenID issuer", "https://slack.com"),
    Variable("CT_CLIENT_ID", str, "App ID of the CT application", required=True),
    Variable("CT_CLIENT_SECRET", Secret, "App Secret of the CT application", required=True),
    Variable("CT_AUTH_URL", _url, "CT's host for authorize, token and revoke", "https://id.ctapp.io"),
    Variable("CT_API_URL", _url, "CT's host for the API", "https://api.ctapp.io"),
    Variable("CT_DASHBOARD_URL", _url, "where *Open in CT* leads", "https://dashboard.ctapp.io"),
    Variable("PUBLIC_URL", _url, "where people's browsers reach the bot; https", required=True),
    Variable("REDIS_URL", _redis_url, "Redis 6.2 or newer, or Valkey, with AOF", required=True),
    Variable(
        "CT_BOT_DATA_KEYS",
        _keys,
        "comma-separated `id:base64`; the first one writes, all read; `ct-bot keys` makes one",
        required=True,
    ),
    Variable(
        "CT_BOT_POLICY",
        str,
        "a policy file (JSON): how long a box rests between reboots, how it is watched, which other teams are let in, "
        "how links are proved, what guards reboots",
    ),
    Variable("HOST", str, "the address to listen on", "127.0.0.1"),
    Variable("PORT", _port, "the port to listen on", "3000"),
    Variable("LOG_LEVEL", _level, "DEBUG, INFO, WARNING or ERROR", "INFO"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be set. Field names are the variables' names in lower case."""

    slack_bot_token: Secret
    ct_client_id: str
    ct_client_secret: Secret
    public_url: str
    redis_url: Secret
    ct_bot_data_keys: tuple[DataKey, ...]
    slack_client_id: str | None = None
    slack_client_secret: Secret | None = None
    slack_signing_secret: Secret | None = None
    slack_app_token: Secret | None = None
    slack_api_url: str = "https://slack.com/api"
    slack_url: str = "https://slack.com"
    ct_auth_url: str = "https://id.ctapp.io"
    ct_api_url: str = "https://api.ctapp.io"
    ct_dashboard_url: str = "https://dashboard.ctapp.io"
    ct_bot_policy: str | None = None
    host: str = "127.0.0.1"
    port: int = 3000
    log_level: str = "INFO"

    @property
    def socket_mode(self) -> bool:
        return self.slack_app_token is not None

    @property
    def loopback(self) -> bool:
        """True in the demo and in tests: browsers reach the bot over http, so no `Secure` cookie can be set."""
        return self.public_url.startswith("http://")

    def sign_in_client(self) -> tuple[str, Secret]:
        """Id and secret for Sign in with Slack; raises ConfigError with one line for each that is missing."""
        if self.slack_client_id is None or self.slack_client_secret is None:
            wanted = [variable for variable in VARIABLES if variable.sign_in]
            raise ConfigError([v.missing for v in wanted if getattr(self, v.name.lower()) is None])
        return self.slack_client_id, self.slack_client_secret

    @classmethod
    def from_env(cls, env: Mapping[str, str]) -> "Settings":
        """Read all variables; raises ConfigError with one line for each that is missing, empty or malformed.

        Where there is a policy, it says whether Sign in with Slack is needed: `sign_in_client` tells then.
        """
        problems: list[str] = []
        values: dict[str, Any] = {}
        for variable in VARIABLES:
            text = env.get(variable.name)
            if text is not None and not text.strip():
                problems.append(f"{variable.name} is empty: give it a value or leave it out.")
                continue
            text = text.strip() if text is not None else variable.default
            if text is None:
                if variable.required and not (variable.sign_in and "CT_BOT_POLICY" in env):
                    problems.append(variable.missing)
                continue
            try:
                values[variable.name.lower()] = variable.parse(text)
            except ValueError as error:
                problems.append(f"{variable.name} {error}.")
        if "SLACK_APP_TOKEN" not in env and "SLACK_SIGNING_SECRET" not in env:
            problems.append("SLACK_SIGNING_SECRET is missing: needed unless SLACK_APP_TOKEN switches Socket Mode on.")
        if problems:
            raise ConfigError(problems)
        return cls(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How patiently a reboot is watched, in seconds. Defaults follow `ct-api.md` 4.3; tests and demo are quicker."""

    poll: float = 10.0
    slow_poll: float = 60.0
    people: float = 60.0
    never_restarted: float = 240.0
    not_back: float = 480.0
    give_up: float = 3600.0
    cut_off: float = 15.0
    recovery: float = 20.0
    boot_tolerance: float = 5.0
    card_grace: float = 5.0


class ProofKind(enum.StrEnum):
    """How people show, when they link, that the browser is theirs."""

    SLACK = "slack"
    TYPED_CODE = "typed_code"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the operator may tighten or widen; every field has a safe default.

    Raises ConfigError for the typed code beside other teams: it is for one workspace alone (row O3).
    """

    reboot_cooldown_seconds: int = 600
    allowed_teams: tuple[str, ...] = ()
    requests_per_minute: int = 30
    redis_copies: int = 0
    link_proof: ProofKind = ProofKind.SLACK
    redis_may_forget: bool = False
    pace: Pace = Pace()
    guards: Guards = field(default_factory=Guards)

    def __post_init__(self) -> None:
        if self.link_proof is ProofKind.TYPED_CODE and self.allowed_teams:
            raise ConfigError([_NOT_BESIDE_OTHERS])

    @classmethod
    def from_json(cls, text: str) -> "Policy":
        """Read the policy file; raises ConfigError naming each unknown or wrong field."""
        try:
            data = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError([f"CT_BOT_POLICY is not JSON: {error}."]) from None
        if not isinstance(data, dict):
            raise ConfigError(["CT_BOT_POLICY must be a JSON object."])
        problems = unknown("", data, {one.name for one in fields(cls)})
        cooldown = data.get("reboot_cooldown_seconds", 600)
        if not whole(cooldown, 60, 86_400):
            problems.append("CT_BOT_POLICY: reboot_cooldown_seconds must be a whole number from 60 to 86400.")
        requests = data.get("requests_per_minute", 30)
        if not whole(requests, 10, 100_000):
            problems.append("CT_BOT_POLICY: requests_per_minute must be a whole number from 10 to 100000.")
        copies = data.get("redis_copies", 0)
        if not whole(copies, 0, 5):
            problems.append("CT_BOT_POLICY: redis_copies must be a whole number from 0 to 5.")
        teams = data.get("allowed_teams", [])
        if not isinstance(teams, list) or not all(isinstance(team, str) for team in teams):
            problems.append("CT_BOT_POLICY: allowed_teams must be a list of team ids.")
        proof = data.get("link_proof", ProofKind.SLACK)
        if proof not in list(ProofKind):
            problems.append(f"CT_BOT_POLICY: link_proof must be {' or '.join(ProofKind)}.")
        may_forget = data.get("redis_may_forget", False)
        if not isinstance(may_forget, bool):
            problems.append("CT_BOT_POLICY: redis_may_forget must be true or false.")
        pace = data.get("pace", {})
        if not isinstance(pace, dict) or not all(_seconds(value) for value in pace.values()):
            problems.append("CT_BOT_POLICY: pace must be an object of seconds, each from 0.1 to 86400.")
        else:
            problems += unknown("pace.", pace, {one.name for one in fields(Pace)})
        guards, wrong = read_guards(data.get("guards", {}))
        problems += wrong
        if problems:
            raise ConfigError(problems)
        return cls(
            reboot_cooldown_seconds=cooldown,
            allowed_teams=tuple(teams),
            requests_per_minute=requests,
            redis_copies=copies,
            link_proof=ProofKind(proof),
            redis_may_forget=may_forget,
            pace=Pace(**pace),
            guards=guards,
        )


_NOT_BESIDE_OTHERS = (
    "CT_BOT_POLICY: link_proof typed_code is for one workspace alone: take allowed_teams out, or link_proof."
)


def _seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0.1 <= value <= 86_400
