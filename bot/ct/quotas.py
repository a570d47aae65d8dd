"""How much of the plan is used (ct-api 3.14)."""

import msgspec

from bot.ct.models import Model
from bot.ct.wire import Text, whole


class Counts(Model, frozen=True, kw_only=True):
    """How many of each; None where CT does not say."""

    locations: int | None = None
    boxes: int | None = None
    vouchers: int | None = None
    splash_views: int | None = None
    extra_splash_views: int | None = None
    admins: int | None = None
    zones: int | None = None


class Quotas(Model, frozen=True, kw_only=True):
    """What the plan allows, and what is used of it."""

    allowed: Counts
    used: Counts


class CountsRow(msgspec.Struct):
    """How many of each, as CT sends it."""

    locations: Text = None
    boxes: Text = None
    vouchers: Text = None
    splash_views: Text = None
    extra_splash_views: Text = None
    admins: Text = None
    zones: Text = None

    def model(self) -> Counts:
        return Counts(**{name: whole(getattr(self, name)) for name in self.__struct_fields__})


class QuotasRow(msgspec.Struct):
    """`{quota, usage}`."""

    quota: CountsRow
    usage: CountsRow

    def model(self) -> Quotas:
        return Quotas(allowed=self.quota.model(), used=self.usage.model())
