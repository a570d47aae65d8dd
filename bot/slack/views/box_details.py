"""A box in full, a part at a time: its self-test and line, its radios, its firmware."""

from collections.abc import Mapping, Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.ct import Box, BoxDetails, Health, Radio, Speedtest
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.boxes import connection, heard, mark, state_word

# Each check of the self-test, and what to look at where it fails.
CHECKS = {
    "icmp_ip": ("Reaches the internet by address", "look at its line and its cable"),
    "icmp_host": ("Reaches the internet by name", "look at its DNS servers"),
    "mtu_check": ("Large packets pass", "lower its MTU"),
    "ct": ("Reaches CT", "a firewall may be in the way"),
    "splash": ("Login page loads", "guests may not be able to log in"),
    "sync": ("Configuration is in step with CT", "resync it"),
}
MOST_DBM = 40
VIEWS = (("health", "Health"), ("radio", "Radio"), ("firmware", "Firmware"))


def health(details: BoxDetails, now: float) -> Reply:
    """What the box says of itself: self-test, connection check, line."""
    box = details.box
    lines = [heard(box, now).capitalize() + ("" if box.state == "online" else ": what follows is from before")]
    if box.connection_status:
        lines.append(f"Connection: {connection(box.connection_status)}")
    lines += _checks(details.health)
    if speed := last_speed(details.latest_speedtest):
        lines.append(speed)
    measures = box.generation == "3" and box.is_cucumber is not False
    buttons = [parts.run("Speed Test…", f"speedtest {box.slug}", nth=6)] if measures else []
    if box.state == "online":
        buttons.append(parts.run("Diagnose…", f"diagnose {box.slug}", nth=7))
    return _reply(box, "health", lines, _line(details), now, buttons)


def _checks(found: Health | None) -> list[str]:
    if found is None:
        return ["CT has no self-test of it."]
    results = {name: getattr(found, name) for name in CHECKS}
    failed = [name for name, passed in results.items() if passed is False]
    head = f"Self-test: {t.count(len(failed), 'check')} failed" if failed else "Self-test: nothing failed"
    order = [*failed, *(name for name in CHECKS if name not in failed)]
    return [head, *(_checked(name, results[name]) for name in order)]


def _checked(name: str, passed: bool | None) -> str:
    what, then = CHECKS[name]
    words = f"*failed*, {then}" if passed is False else "passed" if passed else "not told"
    return f"• {what}: {words}"


def _line(details: BoxDetails) -> list[str]:
    wan, box = details.wan, details.box
    found = {
        "Set up by": {"dhcp": "DHCP", "static": "fixed address"}.get(wan.proto or "", wan.proto),
        "Own address": box.wan_ip or wan.ip,
        "Seen from outside": box.public_ip,
        "Gateway": wan.gateway,
        "DNS": ", ".join(wan.dns) or None,
        "MTU": str(wan.mtu) if wan.mtu else None,
    }
    return _facts("Line", found)


def radio(details: BoxDetails, now: float) -> Reply:
    """Channels, widths and powers of both bands."""
    found = details.radio
    lines = [
        _band("2.4 GHz", found.channel, found.ht_mode_2, found.tx_power_2),
        *([] if found.dual_band is False else [_band("5 GHz", found.channel_5, found.ht_mode_5, found.tx_power_5)]),
    ]
    return _reply(details.box, "radio", lines, _radio_facts(found), now)


def _band(name: str, channel: int | None, width: str | None, power: int | None) -> str:
    known = [f"channel {channel}" if channel else "channel not told"]
    if width:
        known.append(_width(width))
    if power is not None:
        known.append(f"{power} dBm ({10 ** (power / 10):,.0f} mW)" if 0 <= power <= MOST_DBM else f"{power} dBm")
    return f"{name}: {', '.join(known)}"


def _width(mode: str) -> str:
    """`HT40` as `40 MHz wide`; any other word raw."""
    digits = mode.strip("HTVE+-")
    return f"{digits} MHz wide" if digits.isascii() and digits.isdigit() else t.esc(mode, 20)


def _radio_facts(found: Radio) -> list[str]:
    words = {True: "yes", False: "no"}
    flags = {"Both bands": found.dual_band, "802.11ac": found.is_ac, "Band steering": found.band_steering}
    return _facts("", {name: words[value] for name, value in flags.items() if value is not None})


def firmware(details: BoxDetails, now: float) -> Reply:
    """What runs on it, what comes next, what it is."""
    box = details.box
    running = t.esc(box.firmware_version or "not told by CT", 60)
    lines = [f"Runs {running}{' (CT’s own)' if details.official else ''}"]
    if details.upgrade_at:
        lines.append(f"An upgrade{_to(box)} is planned for {t.day_and_time(details.upgrade_at)}")
    elif box.upgrade_processing:
        lines.append(f"It is being upgraded now{_to(box)}")
    else:
        lines.append(f"Next: {t.esc(box.next_firmware, 60)}" if box.next_firmware else "CT has nothing newer for it")
    more = {
        "Generation": box.generation,
        "Hardware": box.machine_type,
        "Serial number": details.serial_number,
        "Agent": details.agent_version,
        "Track": details.firmware_track,
    }
    buttons = []
    if box.next_firmware and not details.upgrade_at and not box.upgrade_processing:
        buttons = [parts.run("Upgrade…", f"upgrade {box.slug}", nth=5)]
    elif details.upgrade_at and not box.upgrade_processing:
        buttons = [parts.run("Cancel the Upgrade", f"upgrade cancel {box.slug}", nth=5)]
    return _reply(box, "firmware", lines, _facts("", more), now, buttons)


def _to(box: Box) -> str:
    return f" to {t.esc(box.next_firmware, 60)}" if box.next_firmware else ""


def mbits(result: float) -> str:
    """A measured speed."""
    return f"{result:g} Mb/s"


def last_speed(found: Speedtest | None) -> str | None:
    """The newest speed test, where there is one with a result."""
    if found is None or found.result is None:
        return None
    when = f", {t.day_and_time(found.at)}" if found.at else ""
    return f"Last speed test: {mbits(found.result)}{when}"


def _facts(head: str, found: Mapping[str, str | None]) -> list[str]:
    known = [f"{name}: {t.esc(value, 60)}" for name, value in found.items() if value]
    return [f"*{head}*", *known] if known and head else known


def _reply(
    box: Box, part: str, lines: Sequence[str], more: Sequence[str], now: float, buttons: Sequence[ButtonElement] = ()
) -> Reply:
    title = f"{mark(box.state)} {t.bold(box.name)} — {state_word(box.state)}"
    blocks: list[Block] = parts.paragraphs("\n".join([title, *lines]), "\n".join(more))
    blocks.append(parts.context(f"as of {t.clock(now)}"))
    others = [
        parts.run(label, f"box {name} {box.slug}", nth=nth) for nth, (name, label) in enumerate(VIEWS) if name != part
    ]
    again = parts.run("Refresh", f"box {part} {box.slug}", nth=8)
    card = parts.run("Whole Box", f"box {box.slug}", nth=9)
    blocks.append(parts.actions(card, *others, *buttons, again, parts.share(f"box {part} {box.slug}")))
    return Reply(t.plain(f"{t.name(box.name)}: {lines[0]}"), blocks)
