"""What one sees of the freeze: that it began, stands, stops a reboot, ended."""

from bot.identity import SlackUser
from bot.services.guards import Freeze
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts


def frozen(freeze: Freeze) -> str:
    """Who froze reboots, since when, why."""
    return f"Reboots are frozen by <@{freeze.user_id}> since {t.day_and_time(freeze.at)}{_because(freeze)}."


def _because(freeze: Freeze) -> str:
    return f" — {t.esc(freeze.reason, 300)}" if freeze.reason else ""


def refused(freeze: Freeze) -> Reply:
    """The answer to whoever wants to reboot something while nothing may be."""
    return _said(f"{frozen(freeze)} Nothing was sent.")


def began(freeze: Freeze) -> Reply:
    """What the channel reads."""
    what = "nobody can reboot, reset or upgrade a box until /ct unfreeze"
    return _said(f"<@{freeze.user_id}> froze reboots: {what}{_because(freeze)}")


def frozen_now() -> Reply:
    """What the admin reads."""
    return _said("Reboots, resets and upgrades are frozen. What was sent to CT before goes on. /ct unfreeze lifts it.")


def frozen_already(freeze: Freeze) -> Reply:
    """A freeze stands already, and stays as it is."""
    return _said(f"{frozen(freeze)} It stays so; /ct unfreeze lifts it.")


def ended(who: SlackUser, freeze: Freeze, now: float) -> Reply:
    """What the channel reads."""
    what = "boxes can be rebooted, reset and upgraded again"
    return _said(f"{who.mention} lifted the freeze: {what}, after {t.span(now - freeze.at)}.")


def thawed() -> Reply:
    """What the admin reads."""
    return _said("Boxes can be rebooted, reset and upgraded again.")


def not_frozen() -> Reply:
    """There was nothing to lift."""
    return _said("Reboots were not frozen.")


def _said(text: str) -> Reply:
    return Reply(t.plain(text), parts.paragraphs(text))
