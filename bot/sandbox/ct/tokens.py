"""Codes and tokens as Doorkeeper keeps them: an access token and its refresh token are one row."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field

from bot.sandbox.ct.switches import Switches


@dataclass
class Code:
    """An authorization code: ten minutes, one use, bound to its client and redirect URI (ct-api.md 1.2)."""

    code: str
    client_id: str
    person: str  # slug
    redirect_uri: str
    challenge: str | None
    method: str | None
    created_at: float
    access: str | None = None  # the first token that was made of it


@dataclass
class TokenRow:
    """One row of Doorkeeper's table. `previous` is the refresh token that dies when this row is first used."""

    access: str
    refresh: str | None
    client_id: str
    person: str
    created_at: float
    expires_in: int
    revoked: bool = False
    access_revoked: bool = False  # the access token alone is dead: CT ended it without notice
    previous: str | None = None

    def is_expired(self, now: float) -> bool:
        return now >= self.created_at + self.expires_in


@dataclass
class Tokens:
    """All codes and rows."""

    switches: Switches
    clock: Callable[[], float]
    codes: dict[str, Code] = field(default_factory=dict)
    rows: list[TokenRow] = field(default_factory=list)
    _by_access: dict[str, TokenRow] = field(default_factory=dict)
    _by_refresh: dict[str, TokenRow] = field(default_factory=dict)

    def new_code(self, code: Code) -> Code:
        self.codes[code.code] = code
        return code

    def issue(self, *, client_id: str, person: str, previous: str | None = None) -> TokenRow:
        row = TokenRow(
            access=secrets.token_hex(32),
            refresh=secrets.token_hex(32) if self.switches.gives_refresh_token else None,
            client_id=client_id,
            person=person,
            created_at=self.clock(),
            expires_in=self.switches.expires_in,
            previous=previous,
        )
        return self.keep(row)

    def keep(self, row: TokenRow) -> TokenRow:
        self.rows.append(row)
        self._by_access[row.access] = row
        if row.refresh:
            self._by_refresh[row.refresh] = row
        return row

    def by_access(self, token: str) -> TokenRow | None:
        return self._by_access.get(token)

    def by_refresh(self, token: str) -> TokenRow | None:
        return self._by_refresh.get(token)

    def refreshed(self, row: TokenRow) -> TokenRow:
        """A new row for an old one, which dies now or when the new one is first used (ct-api.md 1.4)."""
        if self.switches.refresh_mode == "immediate":
            row.revoked = True
            return self.issue(client_id=row.client_id, person=row.person)
        return self.issue(client_id=row.client_id, person=row.person, previous=row.refresh)

    def used(self, row: TokenRow) -> bool:
        """Tell that `row` was accepted on a resource; True if that ended the row before it."""
        if row.previous is None:
            return False
        if before := self._by_refresh.get(row.previous):
            before.revoked = True
        row.previous = None
        return True

    def has_consent(self, client_id: str, person: str) -> bool:
        """Doorkeeper skips the consent page while a row is not revoked, expired or not."""
        return any(row.client_id == client_id and row.person == person and not row.revoked for row in self.rows)

    def revoke_all(self, *, client_id: str | None = None, person: str | None = None) -> int:
        """Withdraw consent; returns how many rows that ended."""
        ended = [
            row
            for row in self.rows
            if not row.revoked and client_id in (None, row.client_id) and person in (None, row.person)
        ]
        for row in ended:
            row.revoked = True
        return len(ended)

    def kill_access(self, person: str | None = None) -> int:
        """End access tokens without notice; their refresh tokens stay good (guarantees.md T2)."""
        rows = [row for row in self.rows if not (row.revoked or row.access_revoked) and person in (None, row.person)]
        for row in rows:
            row.access_revoked = True
        return len(rows)
