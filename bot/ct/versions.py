"""Who changed what, when (ct-api 3.2, versions)."""

from itertools import islice
from typing import Any

import msgspec

from bot.ct.api import API
from bot.ct.models import Model, Page
from bot.ct.paging import page_reader
from bot.ct.paths import path
from bot.ct.wire import Text, decode, epoch, optional_text, text

# Changes hold the values of any field, secrets among them, so values are read of these fields only.
_SHOWN = frozenset(
    """
    action add_to_global_map alert_interval archived band_steering calledstationid channel channel_5 connect_timeout
    country daily_limit description development_mode dual_band environment favourite firmware_version ht_mode_2
    ht_mode_5 ignored is_cucumber is_monitored legacy_mode_b location_address location_id location_name
    location_type location_website machine_type network_location next_firmware no_scan postcode
    reset_confirmation security_level slug state street tags timezone town tx_power_2 tx_power_5 upgrade_processing
    v wan_dns_1 wan_dns_2 wan_gateway wan_ip wan_ipaddr wan_mtu wan_netmask wan_proto zone_id
    """.split()  # noqa: SIM905 - fifty names read better so
)
_LONGEST = 200
_MOST = 50
_ANYTHING: Any = Any


class Change(Model, frozen=True, kw_only=True):
    """One field that changed. `hidden`: its values may be secret, so neither is here."""

    field: str
    before: str | None = None
    after: str | None = None
    hidden: bool = False


class Version(Model, frozen=True, kw_only=True):
    """One change of a box or a location; `who` as CT names them."""

    id: str
    who: str | None = None
    created_at: int | None = None
    changes: tuple[Change, ...] = ()


class VersionRow(msgspec.Struct):
    """One change as CT sends it."""

    id: Text = None
    whodunnit: Text = None
    created_at: Text = None
    changeset: dict[str, msgspec.Raw] | None = None

    def model(self) -> Version:
        return Version(
            id=text(self.id),
            who=optional_text(self.whodunnit),
            created_at=epoch(self.created_at),
            changes=tuple(_change(field, values) for field, values in islice((self.changeset or {}).items(), _MOST)),
        )


async def versions(api: API, resource: str, id_: str, *, page: int, per: int) -> Page[Version]:
    """One page of the history of a thing, as CT orders it; `resource` is boxes or locations."""
    read = page_reader("versions", VersionRow, page)
    return await api.get(f"{resource}.versions", path(f"/{resource}/{{}}/versions", id_), read, page=page, per=per)


def _change(field: str, values: msgspec.Raw) -> Change:
    if field not in _SHOWN:
        return Change(field=field[:_LONGEST], hidden=True)
    pair: Any = decode(values, _ANYTHING)
    if not isinstance(pair, list) or len(pair) != 2:
        return Change(field=field, hidden=True)
    return Change(field=field, before=_value(pair[0]), after=_value(pair[1]))


def _value(value: Any) -> str | None:
    """A value in as many letters as anybody reads."""
    if value is None:
        return None
    words = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
