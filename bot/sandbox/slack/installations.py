"""Where the app is installed, and which token acts there."""

from dataclasses import dataclass

from bot.sandbox.slack.credentials import BOT_TOKEN, BOT_USER_ID
from bot.sandbox.slack.people import ACME
from bot.sandbox.slack.refused import RefusedError


@dataclass
class Installation:
    team_id: str
    token: str
    bot_user_id: str = BOT_USER_ID
    alive: bool = True


class Installations:
    def __init__(self) -> None:
        self._by_token = {BOT_TOKEN: Installation(ACME, BOT_TOKEN)}

    def add(self, team_id: str) -> Installation:
        """Install the app (again): the workspace of the fixed token gets that one back, others one of their own."""
        token = BOT_TOKEN if team_id == ACME else f"xoxb-practice-{team_id}-0000000000000000"
        self._by_token[token] = Installation(team_id, token)
        return self._by_token[token]

    def of_team(self, team_id: str) -> Installation | None:
        held = (found for found in self._by_token.values() if found.team_id == team_id and found.alive)
        return next(held, None)

    def was(self, team_id: str) -> bool:
        """Installed there now, or once."""
        return any(found.team_id == team_id for found in self._by_token.values())

    def by_token(self, token: str | None) -> Installation:
        """The installation of a token, else `not_authed`, `invalid_auth` or `token_revoked`."""
        if not token:
            raise RefusedError("not_authed")
        installation = self._by_token.get(token)
        if installation is None:
            raise RefusedError("invalid_auth")
        if not installation.alive:
            raise RefusedError("token_revoked")
        return installation
