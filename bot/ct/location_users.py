"""Who may use CT at a location (ct-api 3.1): colleagues, not guests."""

import msgspec

from bot.ct.errors import CTResponseError
from bot.ct.models import Private
from bot.ct.wire import Text, epoch, optional_text, text, whole

ROLES = {
    100: "Owner",
    110: "Administrator",
    120: "Editor",
    130: "Supporter",
    140: "Observer",
    200: "Brand owner",
    201: "Brand member",
    205: "Ambassador",
    210: "Super",
}


class LocationUser(Private, frozen=True, kw_only=True):
    """A colleague at a location; `is_owner` is CT's `primary`. Who was only asked may have no name there yet."""

    slug: str
    email: str | None = None
    username: str | None = None
    role_id: int | None = None
    is_owner: bool = False
    state: str | None = None
    created_at: int | None = None

    @property
    def role(self) -> str:
        """CT's word for the role; "" for one that we do not know."""
        return ROLES.get(self.role_id or 0, "")


class LocationUserRow(msgspec.Struct):
    """A colleague as CT sends one."""

    slug: Text = None
    email: Text = None
    username: Text = None
    role_id: Text = None
    primary: bool | None = None
    state: Text = None
    created_at: Text = None
    timestamp: Text = None

    def model(self) -> LocationUser:
        slug = text(self.slug) or text(self.username) or text(self.email)
        if not slug:
            raise CTResponseError("CT's answer holds a user without an id")
        return LocationUser(
            slug=slug,
            email=optional_text(self.email),
            username=optional_text(self.username),
            role_id=whole(self.role_id),
            is_owner=bool(self.primary),
            state=optional_text(self.state),
            created_at=epoch(self.created_at or self.timestamp),
        )
