"""PUBLIC_URL from where the bot stands: does it lead to a bot, and does what Slack signs arrive as it was sent.

From inside a network this may look different than from Slack; that is said where it matters.
"""

import asyncio
import hashlib
import hmac
import json
import secrets
import time
from urllib.parse import urlsplit

from bot.doctor.findings import About, Finding, Group
from bot.doctor.wire import Heard, SilentError, Wire
from bot.settings import Settings

REACH = About(Group.ADDRESS, "PUBLIC_URL")
SIGNED = About(Group.ADDRESS, "Slack's requests")
UNSIGNED = About(Group.ADDRESS, "Forged requests")

_FROM_HERE = "This was asked from here; if people reach it from where they are, that is what counts."


async def reached(wire: Wire, settings: Settings, *, running: bool | None) -> list[Finding]:
    """`running`: whether a bot is known to run, None where nobody knows."""
    try:
        heard = await wire.ask("GET", f"{settings.public_url}/healthz")
    except SilentError as silent:
        return [_unreached(f"no answer: {silent}", settings, running)]
    if heard.status in {502, 503, 504}:
        return [_unreached(f"the proxy answers {heard.status}: it does not reach the bot", settings, running)]
    if not (heard.status == 200 and heard.json.get("alive") is True):
        return [_somebody_else(heard, settings)]
    reach = REACH.fine(f"a ct-bot answers within {heard.seconds * 1000:.0f} ms")
    if settings.socket_mode:
        return [reach]
    return [reach, *await asyncio.gather(_signed(wire, settings), _unsigned(wire, settings))]


def _unreached(seen: str, settings: Settings, running: bool | None) -> Finding:
    if running is False:
        return REACH.unknown(f"{seen}, and no bot runs", "Start one (ct-bot serve) and look again.")
    to = f"the proxy must pass {settings.public_url} on to HOST and PORT ({settings.host}:{settings.port})"
    return REACH.wrong(seen, f"Does the bot run? Then {to}, with a certificate that browsers accept. {_FROM_HERE}")


def _somebody_else(heard: Heard, settings: Settings) -> Finding:
    todo = f"The proxy must pass everything below {settings.public_url} on to the bot as it came."
    if 300 <= heard.status < 400:
        host = urlsplit(heard.headers.get("location", "")).hostname
        where = f"to {host}" if host else "elsewhere"
        return REACH.wrong(
            f"it redirects {where}, and Slack follows no redirect",
            f"Give the final address as PUBLIC_URL, or take the redirect (a sign-on page?) away. {todo}",
        )
    what = "a page of something else" if heard.is_html else "something else than a ct-bot"
    return REACH.wrong(f"{what} answers there ({heard.status})", todo)


async def _signed(wire: Wire, settings: Settings) -> Finding:
    """Slack's own handshake (url_verification), signed as Slack signs it: it does nothing but come back.

    The odd blanks and letters in it are there for a proxy that tidies bodies.
    """
    challenge = secrets.token_urlsafe(16)
    body = json.dumps(
        {"type": "url_verification", "challenge": challenge, "token": " ü+%2B "}, ensure_ascii=False, indent=1
    ).encode()
    try:
        heard = await wire.ask(
            "POST", f"{settings.public_url}/slack/events", headers=_signature(settings, body), content=body
        )
    except SilentError as silent:
        return SIGNED.wrong(f"no answer: {silent}", "Look at the proxy's log for POST /slack/events.")
    if heard.status == 200 and heard.json.get("challenge") == challenge:
        return SIGNED.fine("one signed as Slack signs arrives as it was sent")
    return _turned_away(heard)


def _signature(settings: Settings, body: bytes) -> dict[str, str]:
    stamp = str(int(time.time()))
    digest = hmac.new((settings.slack_signing_secret or "").encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }


def _turned_away(heard: Heard) -> Finding:
    """The door says in one word why (`web/door.py`)."""
    reason = heard.body[:40].decode("ascii", "replace")
    match reason:
        case "forged":
            return SIGNED.wrong(
                "the bot there refuses one that is signed with our SLACK_SIGNING_SECRET",
                "Either it runs with another secret (restart it with these settings), or the proxy changes the body.",
            )
        case "timestamp" | "signature":
            return SIGNED.wrong(
                f"Slack's {reason} header does not arrive",
                "Let the proxy pass all headers on, each once, as they came.",
            )
        case "stale":
            return SIGNED.wrong(
                "the bot there finds it too old", "Set the clocks of both machines by NTP; Slack's time is what counts."
            )
        case "length" | "slow" | "encoding":
            return SIGNED.wrong(
                f"the bot there could not read it ({reason})", "Let the proxy pass bodies on as they came, at once."
            )
    if heard.status == 404:
        return SIGNED.wrong(
            "the bot there takes none (404)", "It runs in Socket Mode, or the proxy does not pass /slack/events on."
        )
    return SIGNED.wrong(
        f"something answered {heard.status} in the bot's place", "Let the proxy pass POST /slack/events on as it came."
    )


async def _unsigned(wire: Wire, settings: Settings) -> Finding:
    body = b'{"type":"url_verification","challenge":"unsigned"}'
    try:
        heard = await wire.ask(
            "POST",
            f"{settings.public_url}/slack/events",
            headers={"Content-Type": "application/json"},
            content=body,
        )
    except SilentError as silent:
        return UNSIGNED.unknown(f"no answer: {silent}", "Look again.")
    if 400 <= heard.status < 500:
        return UNSIGNED.fine(f"one without a signature is refused ({heard.status})")
    if heard.status < 300:
        return UNSIGNED.wrong(
            f"one without a signature is taken ({heard.status})",
            "What answers there is not this bot: it acts for anybody. Find out what it is.",
        )
    return UNSIGNED.unknown(f"one without a signature was answered {heard.status}", "401 is usual; look at the proxy.")
