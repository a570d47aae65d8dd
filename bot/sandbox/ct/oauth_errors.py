"""Doorkeeper's OAuth errors: names, sentences, and how they are answered (ct-api.md 1.2, 1.5)."""

from starlette.responses import JSONResponse, Response

SENTENCES = {
    "invalid_request": "The request is missing a required parameter, includes an unsupported parameter value, "
    "or is otherwise malformed.",
    "invalid_redirect_uri": "The redirect uri included is not valid.",
    "unauthorized_client": "The client is not authorized to perform this request using this method.",
    "access_denied": "The resource owner or authorization server denied the request.",
    "invalid_scope": "The requested scope is invalid, unknown, or malformed.",
    "unsupported_response_type": "The authorization server does not support this response type.",
    "invalid_client": "Client authentication failed due to unknown client, no client authentication included, "
    "or unsupported authentication method.",
    "invalid_grant": "The provided authorization grant is invalid, expired, revoked, does not match the redirection "
    "URI used in the authorization request, or was issued to another client.",
    "unsupported_grant_type": "The authorization grant type is not supported by the authorization server.",
}

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class OAuthError(Exception):
    """One of SENTENCES."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    @property
    def sentence(self) -> str:
        return SENTENCES[self.name]

    def as_token_answer(self, status: int) -> Response:
        """`status` 401 for every error before Doorkeeper 5.1; from then on 400, and 401 for invalid_client."""
        challenge = f'Bearer realm="Doorkeeper", error="{self.name}", error_description="{self.sentence}"'
        return JSONResponse(
            {"error": self.name, "error_description": self.sentence},
            401 if self.name == "invalid_client" else status,
            headers={**NO_STORE, "WWW-Authenticate": challenge},
        )
