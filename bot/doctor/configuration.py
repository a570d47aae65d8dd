"""The settings themselves: what `serve` would refuse, and what it would take but somebody may not have meant."""

import ipaddress
from urllib.parse import urlsplit

from bot.doctor.findings import About, Finding, Group
from bot.settings import LOOPBACK, Policy, Settings

SETTINGS = About(Group.SETTINGS, "Environment")
KEYS = About(Group.SETTINGS, "Data keys")
POLICY = About(Group.SETTINGS, "Policy")
PUBLIC_URL = About(Group.SETTINGS, "PUBLIC_URL")
HOSTS = About(Group.SETTINGS, "Hosts")

_REAL = {"slack_api_url": "https://slack.com/api", "slack_url": "https://slack.com"}
_REAL |= {"ct_auth_url": "https://id.ctapp.io", "ct_api_url": "https://api.ctapp.io"}


def targets(settings: Settings) -> dict[Group, str]:
    """What each group looks at, for a terminal: addresses without users and passwords."""
    redis = urlsplit(settings.redis_url)
    host = redis.path if redis.scheme == "unix" else f"{redis.hostname}:{redis.port or 6379}"
    return {
        Group.REDIS: host,
        Group.CT: ", ".join(dict.fromkeys((settings.ct_auth_url, settings.ct_api_url))),
        Group.SLACK: ", ".join(dict.fromkeys((settings.slack_url, settings.slack_api_url))),
        Group.ADDRESS: settings.public_url,
    }


def refused(problems: list[str]) -> list[Finding]:
    """What `serve` says of an environment or a policy file with which it does not start."""
    return [
        (POLICY if problem.startswith("CT_BOT_POLICY") else SETTINGS).wrong(problem, "The bot does not start with it.")
        for problem in problems
    ]


def described(settings: Settings, policy: Policy | None) -> list[Finding]:
    """Settings with which the bot starts. Without a policy its file was refused, and is spoken of elsewhere."""
    mode = "Socket Mode" if settings.socket_mode else "HTTP"
    findings = [SETTINGS.fine(f"complete; Slack is spoken to by {mode}"), _keys(settings), _public_url(settings)]
    if policy is not None:
        findings.append(_policy(settings, policy))
    findings.append(_hosts(settings))
    return findings


def _keys(settings: Settings) -> Finding:
    writer, *older = [key.id for key in settings.ct_bot_data_keys]
    reads = f"; {', '.join(older)} still read{'s' if len(older) == 1 else ''}" if older else ""
    return KEYS.fine(f"{writer} writes{reads}")


def _policy(settings: Settings, policy: Policy) -> Finding:
    if policy.redis_may_forget and not settings.loopback:
        return POLICY.warning(
            "redis_may_forget is set, so the bot starts on a Redis that loses links and running reboots",
            "Take it out of the policy file once the lines on Redis are fine.",
        )
    return POLICY.fine("its defaults" if settings.ct_bot_policy is None else "its file can be read")


def _public_url(settings: Settings) -> Finding:
    host = urlsplit(settings.public_url).hostname or ""
    if host in LOOPBACK:
        return PUBLIC_URL.warning(
            f"{settings.public_url} is this machine alone: neither a phone nor Slack gets there",
            "For more than a trial, give the https address that people's browsers reach.",
        )
    if not settings.socket_mode and _is_private(host):
        return PUBLIC_URL.warning(
            f"{settings.public_url} is inside a private network, where Slack does not get",
            "Give an address that the internet reaches, or use Socket Mode (SLACK_APP_TOKEN).",
        )
    return PUBLIC_URL.fine(settings.public_url)


def _is_private(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return False


def _hosts(settings: Settings) -> Finding:
    """Hosts that are not CT's and Slack's own: right in the demo and behind a gateway, an accident elsewhere."""
    others = [name.upper() for name, real in _REAL.items() if getattr(settings, name) != real]
    if others:
        return HOSTS.warning(
            f"{', '.join(others)} {'leads' if len(others) == 1 else 'lead'} somewhere else than usual",
            "Right for a demo or a gateway of your own; otherwise leave "
            f"{'it' if len(others) == 1 else 'them'} out of the settings.",
        )
    return HOSTS.fine("CT's and Slack's own")
