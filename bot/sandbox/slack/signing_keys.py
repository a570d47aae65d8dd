"""The RSA keys of Sign in with Slack: one that signs, published as a JWKS; rolled on demand."""

import secrets
from typing import Any

from joserfc.jwk import KeySet, RSAKey


class SigningKeys:
    def __init__(self) -> None:
        self._key: RSAKey | None = None

    @property
    def key(self) -> RSAKey:
        """Made when first needed: it takes a tenth of a second."""
        if self._key is None:
            self._key = self.fresh()
        return self._key

    @staticmethod
    def fresh() -> RSAKey:
        return RSAKey.generate_key(2048, {"kid": "practice-" + secrets.token_hex(8), "alg": "RS256", "use": "sig"})

    def roll(self) -> str:
        self._key = self.fresh()
        return str(self._key.kid)

    def jwks(self) -> dict[str, Any]:
        return dict(KeySet([self.key]).as_dict(private=False))

    def export(self) -> dict[str, Any]:
        return dict(self.key.as_dict(private=True))

    def restore(self, held: dict[str, Any]) -> None:
        self._key = RSAKey.import_key(held)
