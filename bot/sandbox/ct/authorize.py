"""The pages of /oauth/authorize, signing in and out (ct-api.md 1.2)."""

import hashlib
import hmac
import secrets
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from bot.sandbox.ct import pages
from bot.sandbox.ct.oauth_errors import OAuthError
from bot.sandbox.ct.people import PASSWORD, Person
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.tokens import Code

COOKIE = "practice_ct_session"
PASSED_ON = ("client_id", "redirect_uri", "response_type", "state", "scope", "code_challenge", "code_challenge_method")


class Authorize:
    """Asks who somebody is, then whether the application may act for them."""

    def __init__(self, practice: Practice) -> None:
        self._practice = practice
        self.routes = [
            Route("/oauth/authorize", self.ask, methods=["GET"]),
            Route("/oauth/authorize", self.answer, methods=["POST"]),
            Route("/login", self.login_page, methods=["GET"]),
            Route("/login", self.login, methods=["POST"]),
            Route("/logout", self.logout, methods=["GET", "POST"]),
            Route("/", self.home, methods=["GET"]),
            Route("/applications/disconnect", self.disconnect, methods=["POST"]),
        ]

    async def ask(self, request: Request) -> Response:
        """Login first, as Devise does in front of Doorkeeper; then the consent page, if it is not skipped."""
        person = self._signed_in(request)
        params = {name: value for name, value in request.query_params.items() if name in PASSED_ON}
        if not self._practice.switches.login_first and (refusal := self._refusal(params)):
            return refusal
        if person is None or request.query_params.get("auth_type") == "reauthenticate":
            return RedirectResponse("/login?return_to=" + quote("/oauth/authorize?" + urlencode(params), safe=""), 302)
        if refusal := self._refusal(params):
            return refusal
        if self._practice.tokens.has_consent(params["client_id"], person.slug):
            return self._allowed(params, person)
        return HTMLResponse(pages.consent_page(person, self._practice.application, params, self._form_token(request)))

    async def answer(self, request: Request) -> Response:
        """Allow is a POST, Deny a POST with Rails' `_method=delete`."""
        person = self._signed_in(request)
        form = {name: str(value) for name, value in (await request.form()).items()}
        if person is None:
            return RedirectResponse("/login", 302)
        if not hmac.compare_digest(form.get("authenticity_token", ""), self._form_token(request)):
            return HTMLResponse(pages.error_page("Your session expired, please start again."), 422)
        params = {name: value for name, value in form.items() if name in PASSED_ON}
        if refusal := self._refusal(params):
            return refusal
        if form.get("_method") == "delete":
            return _redirected_error(params, OAuthError("access_denied"))
        return self._allowed(params, person)

    def _refusal(self, params: dict[str, str]) -> Response | None:
        """The application and the redirect URI are checked first: without them there is nowhere to go back to."""
        application = self._practice.application
        status = self._practice.switches.token_error_status
        if params.get("client_id") != application.client_id:
            return HTMLResponse(pages.error_page(OAuthError("invalid_client").sentence), 401)
        if params.get("redirect_uri") not in application.redirect_uris:
            return HTMLResponse(pages.error_page(OAuthError("invalid_redirect_uri").sentence), status)
        if not params.get("response_type"):
            return _redirected_error(params, OAuthError("invalid_request"))
        if params["response_type"] != "code":
            return _redirected_error(params, OAuthError("unsupported_response_type"))
        if params.get("scope"):
            return _redirected_error(params, OAuthError("invalid_scope"))
        if self._practice.switches.pkce and params.get("code_challenge_method", "plain") not in ("S256", "plain"):
            return _redirected_error(params, OAuthError("invalid_request"))
        return None

    def _allowed(self, params: dict[str, str], person: Person) -> Response:
        challenge = params.get("code_challenge") or None
        code = self._practice.tokens.new_code(
            Code(
                code=secrets.token_hex(32),
                client_id=params["client_id"],
                person=person.slug,
                redirect_uri=params["redirect_uri"],
                challenge=challenge,
                method=params.get("code_challenge_method", "plain") if challenge else None,
                created_at=self._practice.clock(),
            )
        )
        self._practice.changed()
        return _redirected(params, {"code": code.code})

    async def login_page(self, request: Request) -> Response:
        return_to = _own_path(request.query_params.get("return_to", "/"))
        return HTMLResponse(pages.login_page(self._practice.world.people, return_to))

    async def login(self, request: Request) -> Response:
        form = {name: str(value) for name, value in (await request.form()).items()}
        return_to = _own_path(form.get("return_to", "/"))
        person = self._practice.world.person(form.get("email", "").strip().lower())
        if person is None or form.get("password") != PASSWORD:
            page = pages.login_page(
                self._practice.world.people, return_to, problem="That e-mail and password do not match."
            )
            return HTMLResponse(page, 422)
        cookie = secrets.token_urlsafe(32)
        self._practice.sessions[cookie] = person.slug
        self._practice.changed()
        answer = RedirectResponse(return_to, 302)
        answer.set_cookie(COOKIE, cookie, httponly=True, samesite="lax")
        return answer

    async def logout(self, request: Request) -> Response:
        self._practice.sessions.pop(request.cookies.get(COOKIE, ""), None)
        self._practice.changed()
        answer = RedirectResponse(
            "/login?return_to=" + quote(_own_path(request.query_params.get("return_to", "/")), safe=""), 303
        )
        answer.delete_cookie(COOKIE)
        return answer

    async def home(self, request: Request) -> Response:
        """A corner of CT's dashboard: the box that the fragment names; the connected application and its Disconnect."""
        person = self._signed_in(request)
        if person is None:
            return HTMLResponse(pages.home_page())
        application = self._practice.application
        connected = self._practice.tokens.has_consent(application.client_id, person.slug)
        return HTMLResponse(
            pages.home_page(pages.applications(person, application, connected, self._form_token(request)))
        )

    async def disconnect(self, request: Request) -> Response:
        person = self._signed_in(request)
        form = await request.form()
        if person and hmac.compare_digest(str(form.get("authenticity_token", "")), self._form_token(request)):
            self._practice.tokens.revoke_all(client_id=self._practice.application.client_id, person=person.slug)
            self._practice.changed()
        return RedirectResponse("/", 303)

    def _signed_in(self, request: Request) -> Person | None:
        slug = self._practice.sessions.get(request.cookies.get(COOKIE, ""))
        return self._practice.world.person(slug) if slug else None

    def _form_token(self, request: Request) -> str:
        return hashlib.sha256(b"form:" + request.cookies.get(COOKIE, "").encode()).hexdigest()


def _own_path(path: str) -> str:
    """Only a path of this server: nobody is sent elsewhere after signing in."""
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) else "/"


def _redirected(params: dict[str, str], answer: dict[str, str]) -> Response:
    if "state" in params:
        answer["state"] = params["state"]
    uri = urlsplit(params["redirect_uri"])
    query = urlencode([*parse_qsl(uri.query, keep_blank_values=True), *answer.items()])
    return RedirectResponse(uri._replace(query=query).geturl(), 302)


def _redirected_error(params: dict[str, str], error: OAuthError) -> Response:
    return _redirected(params, {"error": error.name, "error_description": error.sentence})
