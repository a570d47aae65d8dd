"""A practice Slack over real HTTP: at least as strict as the real one (slack-facts section 4)."""

from bot.sandbox.slack.app import PracticeSlack

__all__ = ["PracticeSlack"]
