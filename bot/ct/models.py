"""What CT's answers become: frozen, with only the fields we use. Secrets that CT sends along have no field here.

The two that come by the thousand, locations and boxes, hold nothing that could form a cycle and stay out of the garbage
collector's rounds (`gc=False`).
"""

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Model(msgspec.Struct, frozen=True, kw_only=True):
    """Frozen, given by keyword."""


class Private(Model, frozen=True, kw_only=True):
    """Prints nothing of what it holds: passwords, codes, links that open without a password, guests' devices."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(…)"

    def __rich_repr__(self) -> list[tuple[str, str]]:
        return []


class Page(Model, Generic[T], frozen=True, kw_only=True):
    """One page of a list, as CT counts it."""

    items: list[T]
    current_page: int
    total_pages: int
    total_entries: int


class Listing(Model, Generic[T], frozen=True, kw_only=True):
    """A whole list, or as much of it as was allowed: `complete` is False when something may be missing."""

    items: list[T]
    total: int
    complete: bool


class TokenPair(Model, frozen=True, kw_only=True):
    """An access token and the refresh token that follows it; prints neither (ct-api 1.3)."""

    access_token: str
    refresh_token: str | None
    token_type: str
    expires_in: int | None
    created_at: int | None

    def __repr__(self) -> str:
        return f"TokenPair(expires_in={self.expires_in}, created_at={self.created_at})"

    def __rich_repr__(self) -> list[tuple[str, int | None]]:
        return [("expires_in", self.expires_in), ("created_at", self.created_at)]


class Me(Model, frozen=True, kw_only=True):
    """Whose token it is (ct-api 1.8)."""

    slug: str
    id: str
    username: str | None = None
    email: str | None = None
    name: str | None = None
    account_id: str | None = None
    paid_plan: bool | None = None
    role_id: int | None = None
    locations: int | None = None

    @property
    def label(self) -> str:
        return self.email or self.username or self.slug


class Location(Model, frozen=True, kw_only=True, gc=False):
    """A venue (ct-api 3.1). Times are epoch seconds.

    `weekly_report`: does CT e-mail one; `weekly_readers`: to how many addresses, which stay outside.
    """

    id: str
    slug: str
    unique_id: str | None = None
    name: str = ""
    address: str | None = None
    town: str | None = None
    postcode: str | None = None
    country: str | None = None
    archived: bool = False
    clients_online: int | None = None
    clients_total: int | None = None
    boxes_count: int | None = None
    is_favourite: bool = False
    updated_at: int | None = None
    created_at: int | None = None
    timezone: str | None = None
    weekly_report: bool | None = None
    weekly_readers: int | None = None


class Box(Model, frozen=True, kw_only=True, gc=False):
    """An access point (ct-api 3.2). `state` is CT's own word, known or not; times are epoch seconds."""

    id: str
    slug: str
    mac: str = ""
    name: str = ""
    state: str = ""
    allowed_job: bool | None = None
    last_heartbeat: int | None = None
    is_cucumber: bool | None = None
    generation: str | None = None
    machine_type: str | None = None
    location_id: str | None = None
    location_slug: str | None = None
    location_name: str | None = None
    zone_id: str | None = None
    zone_name: str | None = None
    tags: tuple[str, ...] = ()
    wan_ip: str | None = None
    public_ip: str | None = None
    uptime: str | None = None
    uptime_seconds: int | None = None
    connection_status: str | None = None
    clients_online: int | None = None
    firmware_version: str | None = None
    next_firmware: str | None = None
    ignored: bool = False
    is_monitored: bool | None = None
    reset_confirmation: bool = False
    upgrade_processing: bool = False
    created_at: int | None = None
    timezone: str | None = None


class Operation(Model, frozen=True, kw_only=True):
    """One entry of a box's audit: who asked for what, and what became of it (ct-api 3.2)."""

    id: str
    kind: str = ""
    user: str | None = None
    created_at: int | None = None
    completed_at: int | None = None
    status: str = ""


class Heartbeat(Model, frozen=True, kw_only=True):
    """Whether the box was heard from then on, until the next entry; `at` in epoch seconds."""

    at: int
    heard: bool


class Overview(Model, frozen=True, kw_only=True):
    """The account at a glance: boxes by state, locations, people online (ct-api 3.12)."""

    locations: int | None = None
    people_online: int | None = None
    boxes: dict[str, int] = {}
    total: int | None = None
