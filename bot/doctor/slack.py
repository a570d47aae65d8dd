"""Slack: whether the token acts, what it may do, whether the ways in and to sign in are there (`slack-facts.md` 3)."""

import asyncio
import secrets
from collections.abc import Sequence

from bot.doctor import clocks
from bot.doctor.findings import About, Finding, Group
from bot.doctor.wire import Heard, SilentError, Wire
from bot.manifest import Scope
from bot.settings import Settings

TOKEN = About(Group.SLACK, "Bot token")
SCOPES = About(Group.SLACK, "Scopes")
CLOCK = About(Group.SLACK, "Clock")
SECRET = About(Group.SLACK, "Signing secret")
SOCKET = About(Group.SLACK, "Socket Mode")
BUTTONS = About(Group.SLACK, "Interactivity")
CLIENT = About(Group.SLACK, "Sign in with Slack")
SIGNATURES = About(Group.SLACK, "Slack's signing keys")

_IS_IT_UP = "Is Slack up (status.slack.com), and may this machine reach it? A firewall may stand between."
_INSTALL = "Copy the Bot User OAuth Token anew from OAuth & Permissions of the Slack app; install the app if it is not."
_DEAD = {"invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", "no_permission"}


async def token(wire: Wire, settings: Settings, wanted: Sequence[Scope]) -> list[Finding]:
    """auth.test: who we are there, what we may do, and what time it is there."""
    try:
        heard = await _call(wire, settings, "auth.test", token=settings.slack_bot_token)
    except SilentError as silent:
        return [
            TOKEN.wrong(f"Slack does not answer: {silent}", f"{_IS_IT_UP} SLACK_API_URL is {settings.slack_api_url}.")
        ]
    clock, told = clocks.against_slack(CLOCK, heard), heard.json
    if told.get("ok") is True:
        who = f"@{told.get('user')} in {told.get('team')} ({told.get('team_id')})"
        return [TOKEN.fine(who), *_scopes(heard, wanted), clock]
    error = told.get("error")
    if error in _DEAD:
        return [TOKEN.wrong(f"Slack does not accept SLACK_BOT_TOKEN ({error})", _INSTALL), clock]
    return [_odd(TOKEN, heard, settings), clock]


def _scopes(heard: Heard, wanted: Sequence[Scope]) -> list[Finding]:
    """One line when all is granted; else one for each that is not, with what is lost."""
    granted = heard.headers.get("x-oauth-scopes")
    if granted is None:
        return [SCOPES.unknown("Slack did not say which it granted", "Compare OAuth & Permissions with the manifest.")]
    have = {scope.strip() for scope in granted.split(",")}
    again = "Print the manifest again (ct-bot manifest), paste it over the app's, and install the app anew."
    missing = [scope for scope in wanted if scope.name not in have]
    lost = [
        (SCOPES.warning if scope.optional else SCOPES.wrong)(
            f"{scope.name} is not granted. It is for: {scope.why}", again
        )
        for scope in missing
    ]
    return lost or [SCOPES.fine(f"all {len(wanted)} of the manifest")]


async def way_in(wire: Wire, settings: Settings, *, inside: bool) -> list[Finding]:
    """How Slack's payloads get here. `inside`: this was asked by a command, which is proof enough."""
    buttons = BUTTONS.unknown(
        "Slack cannot be asked",
        "Press a button of the bot, for example Help under /ct. If Slack says that it does not work: Interactivity & "
        "Shortcuts of the Slack app must be on"
        + ("." if settings.socket_mode else f", with both addresses {settings.public_url}/slack/events."),
    )
    return [await _socket(wire, settings) if settings.socket_mode else _secret(inside), buttons]


def _secret(inside: bool) -> Finding:
    if inside:
        return SECRET.fine("this very command came with a good signature")
    return SECRET.unknown(
        "set; Slack cannot be asked whether it is this app's",
        "Type /ct in Slack. If it says dispatch_failed, copy the Signing Secret anew from Basic Information.",
    )


async def _socket(wire: Wire, settings: Settings) -> Finding:
    """apps.connections.open makes an address to connect to; nobody connects to it."""
    try:
        heard = await _call(wire, settings, "apps.connections.open", token=settings.slack_app_token or "")
    except SilentError as silent:
        return SOCKET.wrong(f"Slack does not answer: {silent}", _IS_IT_UP)
    told = heard.json
    if told.get("ok") is True:
        return SOCKET.fine("Slack gives an address to connect to")
    error = told.get("error")
    if error in _DEAD:
        return SOCKET.wrong(
            f"Slack does not accept SLACK_APP_TOKEN ({error})",
            "Make an app-level token with connections:write under Basic Information.",
        )
    if isinstance(error, str) and heard.status == 200 and error != "ratelimited":
        return SOCKET.wrong(
            f"Slack refuses a connection ({error})",
            "Switch Socket Mode on in the Slack app, and give the app-level token connections:write.",
        )
    return _odd(SOCKET, heard, settings)


async def sign_in(wire: Wire, settings: Settings) -> list[Finding]:
    """What linking needs: client id and secret, tried with a made-up code, and the keys that Slack signs with."""
    if settings.slack_client_id is None or settings.slack_client_secret is None:
        return [CLIENT.fine("not needed: the policy lets people type a code")]  # else the settings are wrong already
    client = _client(wire, settings, settings.slack_client_id, settings.slack_client_secret)
    return list(await asyncio.gather(client, _keys(wire, settings)))


async def _client(wire: Wire, settings: Settings, client_id: str, client_secret: str) -> Finding:
    form = {
        "client_id": client_id,
        "client_secret": client_secret,
        "code": secrets.token_hex(16),
        "redirect_uri": f"{settings.public_url}/oauth/slack/callback",
        "grant_type": "authorization_code",
    }
    try:
        heard = await _call(wire, settings, "openid.connect.token", form=form)
    except SilentError as silent:
        return CLIENT.wrong(f"Slack does not answer: {silent}", _IS_IT_UP)
    match heard.json.get("error"):
        case "invalid_code" | "code_expired" | "code_already_used":
            return CLIENT.fine("Slack knows the client, and the secret fits")
        case "invalid_client_id" | "bad_client_secret" | "invalid_client" as error:
            return CLIENT.wrong(
                f"Slack does not accept SLACK_CLIENT_ID with SLACK_CLIENT_SECRET ({error})",
                "Copy both anew from Basic Information of the Slack app. Nobody can link until then.",
            )
        case _:
            return _odd(CLIENT, heard, settings)


async def _keys(wire: Wire, settings: Settings) -> Finding:
    """The keys from where the bot takes them, and whether Slack calls itself what the bot expects."""
    try:
        answers = await asyncio.gather(
            wire.ask("GET", f"{settings.slack_url}/openid/connect/keys"),
            wire.ask("GET", f"{settings.slack_url}/.well-known/openid-configuration"),
        )
    except SilentError as silent:
        return SIGNATURES.wrong(f"no answer: {silent}", f"{_IS_IT_UP} Nobody can link until then.")
    keys, issuer = answers[0].json.get("keys"), answers[1].json.get("issuer")
    if not isinstance(keys, list) or not keys:
        return SIGNATURES.wrong(
            "there are none", f"Is SLACK_URL right? It is {settings.slack_url}. Nobody can link until there are."
        )
    if issuer is not None and issuer != settings.slack_url:
        return SIGNATURES.wrong(
            f"Slack calls itself {issuer} there, and SLACK_URL is {settings.slack_url}",
            "Make them the same: the bot takes no one's word but SLACK_URL's. Nobody can link until then.",
        )
    return SIGNATURES.fine(f"{len(keys)} to be had")


async def _call(
    wire: Wire, settings: Settings, method: str, *, token: str = "", form: dict[str, str] | None = None
) -> Heard:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return await wire.ask("POST", f"{settings.slack_api_url.rstrip('/')}/{method}", headers=headers, form=form or {})


def _odd(about: About, heard: Heard, settings: Settings) -> Finding:
    """An answer that says nothing of what was asked."""
    error = heard.json.get("error")
    if heard.status == 429 or error == "ratelimited":
        return about.unknown("Slack asks us to slow down", "Look again in a minute.")
    if heard.status >= 500 or error in {"internal_error", "fatal_error", "service_unavailable"}:
        return about.wrong(f"Slack fails ({error or heard.status})", "See status.slack.com, and look again.")
    if isinstance(error, str):
        return about.unknown(f"Slack answered “{error}”", "Look the word up in Slack's documentation of this method.")
    return about.wrong(
        f"what answers ({heard.status}) is not Slack's API", f"Is SLACK_API_URL right? It is {settings.slack_api_url}."
    )
