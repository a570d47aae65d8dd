"""What the services tell people without being asked, and the shapes of it. `bot.slack` does the telling."""

import hashlib
from dataclasses import dataclass, field
from typing import Protocol

from bot.identity import SlackUser


@dataclass(frozen=True, slots=True)
class Account:
    """A CT account that somebody linked."""

    ct_user: str
    label: str
    account_id: str | None = None
    locations: int | None = None

    @property
    def fingerprint(self) -> str:
        """What locks and caches are keyed by: two Slack users with one CT account share it."""
        return hashlib.sha256(self.ct_user.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Resume:
    """The command that was asked before linking, to run after it. `text` is what followed `/ct`."""

    text: str
    channel_id: str
    response_url: str = field(repr=False)


class Notices(Protocol):
    """Messages that nobody is waiting for."""

    async def linked(self, who: SlackUser, account: Account, *, resume: Resume | None, switched: bool) -> None:
        """The link is active; `switched`: it replaced one to another CT account."""

    async def link_cut_off(self, who: SlackUser) -> None:
        """Linking was interrupted; press to try again."""

    async def link_ended(self, who: SlackUser) -> None:
        """CT ended the link: connect again."""

    async def revoke_failed(self, who: SlackUser) -> None:
        """CT could not be told that the link is over: where to remove the app by hand."""
