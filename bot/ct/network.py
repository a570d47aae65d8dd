"""A network is an SSID that the boxes of a location send (ct-api 3.4)."""

import msgspec

from bot.ct.errors import CTResponseError
from bot.ct.limits import Problems, found, text_problem
from bot.ct.models import Model, Private
from bot.ct.wire import Text, epoch, optional_text, text, whole

SSID_BYTES = 32


class Network(Model, frozen=True, kw_only=True):
    """An SSID. `state` is CT's word while the boxes learn of a change, else None; its password is not here."""

    id: str
    ssid: str = ""
    active: bool | None = None
    access_type: str | None = None
    encryption_type: str | None = None
    hidden: bool | None = None
    captive_portal: bool | None = None
    zone_id: str | None = None
    band: str | None = None
    content_filter: str | None = None
    bandwidth_mbps: int | None = None
    vlan_id: int | None = None
    state: str | None = None
    created_at: int | None = None


class NetworkDetails(Private, frozen=True, kw_only=True):
    """An SSID with its password, for whoever may hand it on; prints neither."""

    network: Network
    key: str | None = None


class RadiusAnswer(Model, frozen=True, kw_only=True):
    """What CT said of a test of the RADIUS server; None where it said nothing that we understand."""

    success: bool | None = None
    message: str | None = None


class NetworkRow(msgspec.Struct):
    """An SSID as CT sends it, without the `encryption_key` that comes along."""

    id: Text = None
    ssid: Text = None
    active: bool | None = None
    access_type: Text = None
    encryption_type: Text = None
    ssid_hidden: bool | None = None
    captive_portal_enabled: bool | None = None
    zone_id: Text = None
    band_selection: Text = None
    content_filter: Text = None
    bandwidth_limit: Text = None
    vlan_id: Text = None
    state: Text = None
    created_at: Text = None

    def model(self) -> Network:
        if not (id_ := text(self.id)):
            raise CTResponseError("CT's answer holds a network without an id")
        return Network(
            id=id_,
            ssid=text(self.ssid),
            active=self.active,
            access_type=optional_text(self.access_type),
            encryption_type=optional_text(self.encryption_type),
            hidden=self.ssid_hidden,
            captive_portal=self.captive_portal_enabled,
            zone_id=optional_text(self.zone_id),
            band=optional_text(self.band_selection),
            content_filter=optional_text(self.content_filter),
            bandwidth_mbps=whole(self.bandwidth_limit),
            vlan_id=whole(self.vlan_id),
            state=optional_text(self.state),
            created_at=epoch(self.created_at),
        )


class KeyRow(msgspec.Struct):
    """The password alone, read only where somebody asked for it."""

    encryption_key: Text = None

    def model(self) -> str | None:
        return optional_text(self.encryption_key)


def network_problems(*, ssid: str | None = None, password: str | None = None) -> Problems:
    """What CT's form would refuse of a new name or password, by CT's name of the field."""
    checks: dict[str, str | None] = {}
    if ssid is not None:
        fits = 1 <= len(ssid.strip().encode("utf-8", "replace")) <= SSID_BYTES
        checks["ssid"] = None if fits else f"Give 1 to {SSID_BYTES} characters; other letters than a–z take more room."
    if password is not None:
        checks["encryption_key"] = text_problem(password, 8, 32)
    return found(checks)
