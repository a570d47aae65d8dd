"""The rest of a box: self-test, radio, address, speed, coming upgrade (ct-api 3.2)."""

from typing import Any

import msgspec

from bot.ct.models import Box, Model
from bot.ct.wire import Text, decode, epoch, number, optional_text, whole

CHECKS = ("icmp_ip", "icmp_host", "mtu_check", "ct", "splash", "sync")

Flag = bool | Text


class Health(Model, frozen=True, kw_only=True):
    """The self-test: what it found of each check; None where the box said nothing that we understand."""

    icmp_ip: bool | None = None
    icmp_host: bool | None = None
    mtu_check: bool | None = None
    ct: bool | None = None
    splash: bool | None = None
    sync: bool | None = None


class Radio(Model, frozen=True, kw_only=True):
    """Channels and modes of the 2.4 and the 5 GHz band; powers in dBm."""

    channel: int | None = None
    channel_5: int | None = None
    ht_mode_2: str | None = None
    ht_mode_5: str | None = None
    tx_power_2: int | None = None
    tx_power_5: int | None = None
    dual_band: bool | None = None
    is_ac: bool | None = None
    band_steering: bool | None = None


class Wan(Model, frozen=True, kw_only=True):
    """How the box gets to the internet: `proto` is dhcp or static."""

    proto: str | None = None
    ip: str | None = None
    netmask: str | None = None
    gateway: str | None = None
    dns: tuple[str, ...] = ()
    mtu: int | None = None


class Speedtest(Model, frozen=True, kw_only=True):
    """A speed in Mb/s, measured `at` (epoch seconds)."""

    result: float | None = None
    at: int | None = None


class BoxDetails(Model, frozen=True, kw_only=True):
    """A box in full. `upgrade_at`: when a planned upgrade is due, epoch seconds."""

    box: Box
    health: Health | None = None
    radio: Radio = Radio()
    wan: Wan = Wan()
    latest_speedtest: Speedtest | None = None
    speedtest_running: bool = False
    upgrade_at: int | None = None
    serial_number: str | None = None
    agent_version: str | None = None
    firmware_track: str | None = None
    official: bool | None = None


class HealthRow(msgspec.Struct):
    """A self-test as CT sends it."""

    icmp_ip: Flag = None
    icmp_host: Flag = None
    mtu_check: Flag = None
    ct: Flag = None
    splash: Flag = None
    sync: Flag = None

    def model(self) -> Health:
        return Health(**{name: _flag(getattr(self, name)) for name in CHECKS})


class SpeedtestRow(msgspec.Struct):
    """A speed test as CT sends it."""

    result: Text = None
    timestamp: Text = None
    created_at: Text = None

    def model(self) -> Speedtest:
        return Speedtest(result=number(self.result), at=epoch(self.timestamp) or epoch(self.created_at))


class UpgradeRow(msgspec.Struct):
    """A planned upgrade as CT sends it."""

    when: Text = None


class DetailsRow(msgspec.Struct):
    """The fields of a box that its card does not need; `ssh_passwd` and `radius_secret` stay outside."""

    health: msgspec.Raw = msgspec.Raw(b"null")
    channel: Text = None
    channel_5: Text = None
    ht_mode_2: Text = None
    ht_mode_5: Text = None
    tx_power_2: Text = None
    tx_power_5: Text = None
    dual_band: bool | None = None
    is_ac: bool | None = None
    band_steering: bool | None = None
    wan_proto: Text = None
    wan_ipaddr: Text = None
    wan_netmask: Text = None
    wan_gateway: Text = None
    wan_dns_1: Text = None
    wan_dns_2: Text = None
    wan_mtu: Text = None
    latest_speedtest: msgspec.Raw = msgspec.Raw(b"null")
    speedtest_running: bool | None = None
    upgrade_scheduled: msgspec.Raw = msgspec.Raw(b"null")
    serial_number: Text = None
    socketman_version: Text = None
    development_mode: Text = None
    official: bool | None = None

    def details(self, box: Box) -> BoxDetails:
        health = _object(self.health, HealthRow)
        speed = _object(self.latest_speedtest, SpeedtestRow)
        upgrade = _object(self.upgrade_scheduled, UpgradeRow)
        return BoxDetails(
            box=box,
            health=health.model() if health else None,
            radio=self.radio(),
            wan=self.wan(),
            latest_speedtest=speed.model() if speed else None,
            speedtest_running=bool(self.speedtest_running),
            upgrade_at=epoch(upgrade.when) if upgrade else None,
            serial_number=optional_text(self.serial_number),
            agent_version=optional_text(self.socketman_version),
            firmware_track=optional_text(self.development_mode),
            official=self.official,
        )

    def radio(self) -> Radio:
        return Radio(
            channel=whole(self.channel),
            channel_5=whole(self.channel_5),
            ht_mode_2=optional_text(self.ht_mode_2),
            ht_mode_5=optional_text(self.ht_mode_5),
            tx_power_2=whole(self.tx_power_2),
            tx_power_5=whole(self.tx_power_5),
            dual_band=self.dual_band,
            is_ac=self.is_ac,
            band_steering=self.band_steering,
        )

    def wan(self) -> Wan:
        dns = (optional_text(self.wan_dns_1), optional_text(self.wan_dns_2))
        return Wan(
            proto=optional_text(self.wan_proto),
            ip=optional_text(self.wan_ipaddr),
            netmask=optional_text(self.wan_netmask),
            gateway=optional_text(self.wan_gateway),
            dns=tuple(server for server in dns if server),
            mtu=whole(self.wan_mtu),
        )


def _object(raw: msgspec.Raw, shape: type[Any]) -> Any:
    """The object, or None where CT has null, false or {} for nothing."""
    return decode(raw, shape) if bytes(raw)[:1] == b"{" and bytes(raw) != b"{}" else None


def _flag(value: Flag) -> bool | None:
    """Whether a check passed; CT's own words for it are not known, so several are understood."""
    word = str(value).strip().lower()
    if word in {"true", "1", "1.0", "ok", "pass", "passed", "success"}:
        return True
    return False if word in {"false", "0", "0.0", "fail", "failed", "error"} else None
