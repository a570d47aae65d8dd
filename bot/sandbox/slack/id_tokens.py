"""The id_token of Sign in with Slack, and every way in which one can be wrong."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

from joserfc import jwt

from bot.sandbox.slack.credentials import CLIENT_ID
from bot.sandbox.slack.signing_keys import SigningKeys

KINDS = (
    "good", "bad_aud", "bad_nonce", "no_nonce", "expired", "bad_sig", "bad_iss", "unknown_kid", "no_kid", "hs256",
    "none", "other_user", "other_team", "future", "garbage", "missing",
)  # fmt: skip
WRONG: dict[str, dict[str, Any]] = {
    "bad_aud": {"aud": "9999999999.9999999999"},
    "bad_nonce": {"nonce": "not-the-nonce"},
    "bad_iss": {"iss": "https://slack.example.com"},
    "other_user": {"sub": "U02LEE", "https://slack.com/user_id": "U02LEE"},
    "other_team": {"https://slack.com/team_id": "T02ORBIT"},
}


def claims(
    *, issuer: str, user: str, team: str, nonce: str | None, enterprise: str | None, skew: float = 0.0
) -> dict[str, Any]:
    """`skew`: seconds by which Slack's clock is ahead."""
    now = int(time.time() + skew)
    held: dict[str, Any] = {
        "iss": issuer,
        "sub": user,
        "aud": CLIENT_ID,
        "exp": now + 300,
        "iat": now,
        "auth_time": now,
        "at_hash": hashlib.sha256(f"{user}{now}".encode()).hexdigest()[:22],
        "https://slack.com/user_id": user,
        "https://slack.com/team_id": team,
    }
    if nonce is not None:
        held["nonce"] = nonce
    if enterprise is not None:
        held["https://slack.com/enterprise_id"] = enterprise
    return held


def id_token(held: dict[str, Any], keys: SigningKeys, kind: str = "good") -> str | None:
    """The token, right or wrong in the way that `kind` says (one of KINDS)."""
    if kind in ("missing", "garbage"):
        return None if kind == "missing" else "not.a.token"
    held = {**held, **WRONG.get(kind, {})}
    if kind == "expired":
        held |= {"exp": held["iat"] - 3600, "iat": held["iat"] - 3900}
    elif kind == "future":
        held |= {"iat": held["iat"] + 3600, "nbf": held["iat"] + 3600, "exp": held["iat"] + 7200}
    elif kind == "no_nonce":
        held.pop("nonce", None)
    if kind in ("hs256", "none"):
        return _by_hand(held, keys, kind)
    header = {"alg": "RS256", "typ": "JWT", "kid": keys.key.kid}
    if kind == "unknown_kid":
        header["kid"] = "nobody-knows-this-key"
    elif kind == "no_kid":
        del header["kid"]
    signer = keys.fresh() if kind in ("unknown_kid", "bad_sig") else keys.key
    return jwt.encode(header, held, signer)


def _by_hand(held: dict[str, Any], keys: SigningKeys, kind: str) -> str:
    """What no library signs: with no key at all, or with our public key as if it were a shared secret."""
    header = {"alg": "HS256" if kind == "hs256" else "none", "typ": "JWT", "kid": keys.key.kid}
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (header, held))
    digest = hmac.new(keys.key.as_pem(private=False), signed.encode(), hashlib.sha256).digest()
    return f"{signed}.{_encoded(digest) if kind == 'hs256' else ''}"


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
