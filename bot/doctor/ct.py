"""CT: does it answer, does it know our application, and will it send people back to us (`ct-api.md` 1.2 to 1.7).

The calls are those that linking and unlinking make, with values that can hit nothing: a made-up code, a made-up token.
"""

import asyncio
import html
import re
import secrets
from urllib.parse import urlencode

from bot.ct import CTClient, CTConnectionError, CTError, CTForbiddenError, CTOAuthError, CTServerError, CTStatusError
from bot.doctor import clocks
from bot.doctor.findings import About, Finding, Group
from bot.doctor.wire import Heard, SilentError, Wire, words
from bot.settings import Settings

API = About(Group.CT, "API")
CLOCK = About(Group.CT, "Clock")
CLIENT = About(Group.CT, "Application")
PAGE = About(Group.CT, "Authorize page")
CALLBACK = About(Group.CT, "Callback URL")
REVOKE = About(Group.CT, "Revoke")

_DASHBOARD = "the application's page in CT's dashboard"
_IS_IT_UP = "Is CT up (its own status page), and may this machine reach it? A firewall may stand between."


def callback(settings: Settings) -> str:
    """Where CT sends people back to, as it must stand in the application."""
    return f"{settings.public_url}/oauth/ct/callback"


async def api(wire: Wire, settings: Settings) -> list[Finding]:
    """Is it there, and what time is it there."""
    try:
        heard = await wire.ask("GET", f"{settings.ct_api_url}/api/v1/ping.json")
    except SilentError as silent:
        return [API.wrong(f"does not answer: {silent}", f"{_IS_IT_UP} CT_API_URL is {settings.ct_api_url}.")]
    clock = clocks.against_ct(CLOCK, heard)
    if heard.status == 200:
        return [API.fine(f"answers within {heard.seconds * 1000:.0f} ms"), clock]
    if heard.status >= 500:
        return [API.wrong(f"fails ({heard.status})", "CT is in trouble: wait, or look at its own status page."), clock]
    return [
        API.wrong(
            f"answers {heard.status} where 200 is usual", "Is CT_API_URL right? Something else may answer there."
        ),
        clock,
    ]


async def application(ct: CTClient, settings: Settings) -> list[Finding]:
    """Are client id and secret CT's: a made-up code is refused as such only after CT has looked at both.

    A made-up refresh token would not do: Doorkeeper refuses it before it looks at the client.
    """
    try:
        await ct.oauth.exchange(
            code=secrets.token_hex(32), redirect_uri=callback(settings), code_verifier=secrets.token_urlsafe(48)
        )
    except CTOAuthError as error:
        return [_application(error)]
    except CTError as error:
        return [_failed(CLIENT, error, settings)]
    return [CLIENT.unknown("CT took a code that nobody ever got", "Tell the maintainers of ct-bot.")]


def _application(error: CTOAuthError) -> Finding:
    match error.error:
        case "invalid_grant":
            return CLIENT.fine("CT knows it, and the secret fits")
        case "invalid_client" | "unauthorized_client":
            return CLIENT.wrong(
                f"CT does not accept CT_CLIENT_ID with CT_CLIENT_SECRET ({error.error})",
                f"Copy App ID and App Secret anew from {_DASHBOARD}. Until then nobody can link or stay linked.",
            )
        case other:
            return CLIENT.unknown(
                f"CT answered “{other}” where “invalid_grant” is usual", "Try /ct link; if that works, all is well."
            )


async def revocation(ct: CTClient, settings: Settings) -> list[Finding]:
    """Does the endpoint exist that unlinking calls."""
    try:
        exists = await ct.oauth.revoke(secrets.token_hex(32), access_token=None)
    except (CTForbiddenError, CTOAuthError):
        return [REVOKE.fine("there (it refuses a made-up token)")]
    except CTError as error:
        return [_failed(REVOKE, error, settings)]
    if exists:
        return [REVOKE.fine("there")]
    return [
        REVOKE.warning(
            "CT has no revoke: after /ct unlink the bot holds no token any more, but CT still honours it",
            "Nothing to set here. Tell people to remove the application in CT's dashboard as well when they unlink.",
        )
    ]


def _failed(about: About, error: CTError, settings: Settings) -> Finding:
    if isinstance(error, CTConnectionError):
        seen = words(error.__cause__) if error.__cause__ else "no answer in time"
        return about.wrong(f"no answer: {seen}", f"{_IS_IT_UP} CT_AUTH_URL is {settings.ct_auth_url}.")
    if isinstance(error, CTServerError):
        return about.wrong(f"CT fails ({error.status})", "CT is in trouble: wait, or look at its own status page.")
    seen = f"CT answered {error.status}" if isinstance(error, CTStatusError) else "CT answered something unreadable"
    return about.wrong(
        seen,
        f"Is CT_AUTH_URL right? It is {settings.ct_auth_url}; something else may answer there, a proxy's page say.",
    )


async def pages(wire: Wire, settings: Settings) -> list[Finding]:
    """The page that people see first, with our Callback URL and with one that cannot be right.

    Doorkeeper asks people to log in before it looks at either, so as a rule nobody can tell from outside.
    """
    try:
        ours, foreign = await asyncio.gather(
            wire.ask("GET", _authorize(settings, callback(settings))),
            wire.ask("GET", _authorize(settings, f"{callback(settings)}-that-is-not-ours")),
        )
    except SilentError as silent:
        return [PAGE.wrong(f"no answer: {silent}", f"{_IS_IT_UP} CT_AUTH_URL is {settings.ct_auth_url}.")]
    if _refuses(ours) and not _leads_on(foreign):
        return [_refused(ours, settings)]
    if not _leads_on(ours):
        return [
            PAGE.wrong(f"CT answers {ours.status} instead of a login page", "Is CT up, and is CT_AUTH_URL CT's host?")
        ]
    page = PAGE.fine("leads to CT's login")
    if _refuses(foreign):
        return [page, CALLBACK.fine("CT takes ours, and refuses another one")]
    return [
        page,
        CALLBACK.unknown(
            "CT looks at it only after somebody has logged in",
            "Link once: /ct link. If CT says that the redirect uri is not valid, put exactly this into "
            f"{_DASHBOARD}: {callback(settings)}",
        ),
    ]


def _authorize(settings: Settings, redirect_uri: str) -> str:
    query = {"client_id": settings.ct_client_id, "redirect_uri": redirect_uri, "response_type": "code"}
    return f"{settings.ct_auth_url}/oauth/authorize?{urlencode(query)}"


def _leads_on(heard: Heard) -> bool:
    return heard.status in {200, 302, 303} and not _refuses(heard)


def _refuses(heard: Heard) -> bool:
    """Doorkeeper's error page: an HTML page with an error status, or with one of its two sentences on it."""
    return heard.is_html and (heard.status in {400, 401, 403, 422} or _about_client(heard) or _about_redirect(heard))


def _about_client(heard: Heard) -> bool:
    return _says(heard, "client authentication failed") or _says(heard, "unknown client")


def _about_redirect(heard: Heard) -> bool:
    return _says(heard, "redirect ur[il] included is not valid")


def _says(heard: Heard, pattern: str) -> bool:
    return bool(re.search(pattern, html.unescape(heard.body.decode("utf-8", "replace")), re.IGNORECASE))


def _refused(heard: Heard, settings: Settings) -> Finding:
    if _about_redirect(heard):
        return CALLBACK.wrong(
            "CT refuses ours: “The redirect uri included is not valid”",
            f"Put exactly {callback(settings)} into {_DASHBOARD}: no http, no slash at the end, no other host.",
        )
    if _about_client(heard):
        return PAGE.wrong("CT does not know CT_CLIENT_ID", f"Copy the App ID anew from {_DASHBOARD}.")
    return PAGE.wrong(
        f"CT shows an error page ({heard.status})",
        f"Compare CT_CLIENT_ID and the Callback URL ({callback(settings)}) with {_DASHBOARD}.",
    )
