"""Who somebody is in Slack: the key of everything personal."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SlackUser:
    """A person in a workspace, keyed as Slack asks for it: the *user's* own team, never the channel's.

    The same `U123` in two workspaces is two people. `enterprise_id` is None outside Enterprise Grid.
    """

    team_id: str
    user_id: str
    enterprise_id: str | None = None

    @property
    def tag(self) -> str:
        """The Redis hash tag that all keys of one installation share, so that one script can span them."""
        return self.enterprise_id or self.team_id

    @property
    def key(self) -> str:
        """`<tag>:<team>:<user>`, unique over all installations; stable, used in keys and as associated data."""
        return f"{self.tag}:{self.team_id}:{self.user_id}"

    @property
    def mention(self) -> str:
        """The person in Slack's own markup."""
        return f"<@{self.user_id}>"
