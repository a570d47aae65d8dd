"""A box as CT writes it down (ct-api.md 3.2), the secrets among the fields so that leaks can be caught."""

import random
import time
from typing import Any

from bot.sandbox.ct.box import Box, Moment, upgrading
from bot.sandbox.ct.network import active_networks
from bot.sandbox.ct.practice import Practice


def box_json(practice: Practice, box: Box, *, metadata: bool = False) -> dict[str, Any]:
    """All fields, as of now."""
    seen = practice.moment(box)
    fields = {
        **_identity(practice, box),
        **_condition(box, seen, practice.clock()),
        **_tests(box, practice),
        **_network(box),
        **_radio(box),
        **_secrets(box),
    }
    if metadata or practice.switches.clients_online == "always":
        fields["clients_online"] = seen.clients
    if metadata:
        ssids = len(active_networks(practice, practice.world.locations[box.location_slug]))
        fields["metadata"] = {"online": seen.clients, "ssids": ssids, "zone_name": box.zone_name}
    return {**fields, **box.extra}


def short_json(practice: Practice, box: Box) -> dict[str, Any]:
    seen = practice.moment(box)
    return {
        "id": box.id,
        "slug": box.slug,
        "calledstationid": box.mac,
        "description": box.description,
        "state": seen.state,
    }


def _identity(practice: Practice, box: Box) -> dict[str, Any]:
    place = practice.world.locations[box.location_slug]
    return {
        "id": box.id,
        "slug": box.slug,
        "calledstationid": box.mac,
        "mac": box.mac,
        "description": box.description,
        "is_cucumber": box.is_cucumber,
        "v": box.v,
        "machine_type": box.machine_type,
        "device_icon": f"https://assets.ct.example/{box.machine_type}.png",
        "serial_number": f"SN{box.id:08d}",
        "location_id": place.id,
        "location_slug": place.slug,
        "location_name": place.location_name,
        "zone_id": box.zone_id,
        "zone_name": box.zone_name,
        "tags": box.tags,
        "created_at": box.created_at,
        "timezone": box.timezone,
    }


def _condition(box: Box, seen: Moment, now: float) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "state": seen.state,
        "allowed_job": seen.allowed_job,
        "last_heartbeat": seen.last_heartbeat,
        "uptime": None
        if seen.uptime is None or seen.last_heartbeat is None
        else uptime_text(seen.last_heartbeat, seen.uptime),
        "connection_status": box.connection_status,
        "firmware_version": box.firmware_version,
        "next_firmware": box.next_firmware,
        "official": True,
        "socketman_version": "1.4.2",
        "development_mode": "Production",
        "upgrade_processing": box.upgrade_processing or upgrading(box, now),
        "upgrade_scheduled": {"when": int(box.planned.at)} if box.planned and box.planned.kind == "upgrade" else None,
        "ignored": box.ignored,
        "is_monitored": box.is_monitored,
        "reset_confirmation": box.reset_confirmation,
    }
    return fields if seen.uptime is None else {**fields, "uptime_seconds": seen.uptime}


def _tests(box: Box, practice: Practice) -> dict[str, Any]:
    """What the box found out about itself; speed tests are for generation 3."""
    results = speedtest_results(box, practice.clock(), practice.switches.speedtest_seconds)
    web = box.connection_status.startswith(("9", "6"))
    names = web or box.connection_status == "4"
    return {
        "speedtest_running": len(results) < len(box.speedtests),
        "latest_speedtest": results[-1] if results else None,
        "health": {
            "icmp_ip": box.connection_status != "0",
            "icmp_host": names,
            "mtu_check": box.id % 53 != 0,
            "ct": web,
            "splash": web,
            "sync": box.id % 31 != 0,
        },
    }


def speedtest_results(box: Box, now: float, seconds: float) -> list[dict[str, Any]]:
    """The tests that are over, newest last: Mb/s and epoch s."""
    return [
        {"result": round(random.Random(f"{box.id} {at}").uniform(8, 95), 1), "timestamp": int(at + seconds)}  # noqa: S311 - believable, not secret
        for at in box.speedtests
        if now >= at + seconds
    ]


def uptime_text(at: int, seconds: int) -> str:
    """As Linux `uptime` prints it on a box: no users there."""
    days, rest = divmod(seconds, 86_400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    up = f"{days} day{'s' if days != 1 else ''}, " if days else ""
    up += f"{hours:2}:{minutes:02}" if hours else f"{minutes} min"
    return f" {time.strftime('%H:%M:%S', time.gmtime(at))} up {up},  load average: 0.12, 0.08, 0.05"


def _network(box: Box) -> dict[str, Any]:
    return {
        "wan_ip": box.wan_ip,
        "public_ip": box.public_ip,
        "wan_proto": "dhcp",
        "wan_ipaddr": None,
        "wan_netmask": None,
        "wan_gateway": None,
        "wan_dns_1": None,
        "wan_dns_2": None,
        "wan_mtu": 1500,
        "radiusnasid": f"nas-{box.id}",
        "network_location": False,
        "lucky_dip": None,
        "ct_modify": False,
    }


def _radio(box: Box) -> dict[str, Any]:
    return {
        "channel": 1 + box.id % 3 * 5,
        "channel_5": 36 + box.id % 4 * 4,
        "dual_band": True,
        "is_ac": box.v == "4",
        "ht_mode_2": "HT20",
        "ht_mode_5": "HT40",
        "tx_power_2": "17",
        "tx_power_5": "20",
        "band_steering": False,
        "no_scan": False,
        "legacy_mode_b": False,
        "basic_rate_enabled": False,
        "basic_rate_2": None,
        "basic_rate_5": None,
        "latitude": None,
        "longitude": None,
    }


def _secrets(box: Box) -> dict[str, Any]:
    return {
        "ssh_passwd": f"canary-ssh-{box.slug}",
        "radius_secret": f"canary-radius-{box.slug}",
        "pubsub_token": f"canary-pubsub-{box.slug}",
        "location_pubsub": f"canary-pubsub-{box.location_slug}",
    }
