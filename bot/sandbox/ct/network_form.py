"""What CT accepts in the form of a network (ct-api.md 3.4)."""

import ipaddress
from collections.abc import Mapping
from typing import Any

from bot.sandbox.ct.forms import BLANK, INVALID, Form
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.network import NETWORKS, Network
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.zones import ZONES, zone_with_id

SSID_BYTES = 32
PORTAL = "A captive portal on more than one SSID needs a zone."
"""That there is such a sentence is known, its words are not (ct-api.md 2.1)."""


def network_settings(
    practice: Practice, place: Location, fields: Mapping[str, Any], network: Network | None
) -> dict[str, Any]:
    """The values that were sent, or the refusal. `network` is the one to change."""
    form = Form(practice, fields)
    form.text("ssid", 1, 255, required=network is None)
    if len(form.values.get("ssid", "").encode()) > SSID_BYTES:
        form.fail("ssid", f"is too long (maximum is {SSID_BYTES} characters)")
    form.choice("access_type", ("password", "open", "radius"))
    form.choice("band_selection", ("dual", "two", "five"))
    form.choice("content_filter", ("Adult", "Security", "Family", "Off"))
    for name in ("active", "ssid_hidden", "captive_portal_enabled", "self_destruct"):
        form.flag(name)
    form.whole("bandwidth_limit", 1, 1000)
    form.whole("vlan_id", 1, 4094)
    form.whole("ttl", 1, 525_600, required=fields.get("self_destruct") is True)
    _check_key(form, network)
    _check_addresses(form)
    if fields.get("zone_id") not in (None, ""):
        zone = zone_with_id(practice, place, fields["zone_id"])
        if zone is None:
            form.fail("zone_id", INVALID)
        else:
            form.values["zone_id"] = zone.id
    elif "zone_id" in fields:
        form.values["zone_id"] = None
    _check_portal(practice, place, form, network)
    return form.done()


def _check_key(form: Form, network: Network | None) -> None:
    access = form.values.get("access_type", network.access_type if network else "open")
    if access != "password":
        return
    if form.fields.get("encryption_key") in (None, "") and (
        "encryption_key" in form.fields or not (network and network.encryption_key)
    ):
        form.fail("encryption_key", BLANK)
        return
    form.text("encryption_key", 8, 32)


def _check_addresses(form: Form) -> None:
    for name in ("interface_ipaddr", "interface_netmask"):
        if name not in form.fields:
            continue
        try:
            form.values[name] = str(ipaddress.IPv4Address(str(form.fields[name])))
        except ValueError:
            form.fail(name, INVALID)


def _check_portal(practice: Practice, place: Location, form: Form, network: Network | None) -> None:
    """One SSID with a login page where there are no zones."""
    portal = form.values.get("captive_portal_enabled", network.captive_portal_enabled if network else False)
    active = form.values.get("active", network.active if network else True)
    others = [one for one in practice.at(NETWORKS, place) if one is not network]
    taken = any(one.captive_portal_enabled and one.active for one in others)
    if portal and active and taken and not practice.at(ZONES, place):
        form.fail("base", PORTAL)
