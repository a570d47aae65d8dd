"""What one sees of guests' devices: a list, one device, for the asker alone. Only the count may be shared."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement

from bot.ct import Box, Client, Location
from bot.services.devices import Devices, cannot_log_out
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.boxes import PER_PAGE, footing, paging

MOST_NETWORKS = 8
POOR_SNR = 16  # dB (ct-api.md 3.5)
FIRST_5_GHZ = 15
ONLY_YOU = "Only you can see this."


def client_list(thing: Box | Location, devices: Devices, *, page: int, now: float) -> Reply:
    """How many are online and on which network; then the devices, ten a page."""
    slug = (thing.location_slug or "") if isinstance(thing, Box) else thing.slug
    title = _title(thing, devices)
    first, last, pages = parts.pages(len(devices.clients), page, PER_PAGE)
    blocks: list[Block] = parts.paragraphs(f"{title}\n{_networks(devices)}".strip())
    blocks += [
        parts.section(_row(client, now), parts.run("Look", f"client {client.mac or client.id} in {slug}", nth=10 + nth))
        for nth, client in enumerate(devices.clients[first:last])
    ]
    seen = f"{ONLY_YOU} Devices of the last 24 hours: "
    blocks.append(parts.context(seen + footing(first, last, len(devices.clients), now, devices.complete)))
    again = f"clients {thing.slug}"
    page = first // PER_PAGE + 1
    buttons = [*paging(again, page, pages), parts.run("Refresh", f"{again} page {page}", nth=9)]
    blocks.append(parts.actions(*buttons, parts.button("Share the Count", parts.SHARE, f"clients count {thing.slug}")))
    return Reply(t.plain(title), blocks, private=True)


def count(thing: Box | Location, devices: Devices, *, now: float) -> Reply:
    """How many are online, and on which network: the part that says nothing of anybody."""
    title = _title(thing, devices)
    blocks: list[Block] = parts.paragraphs(f"{title}\n{_networks(devices)}".strip())
    blocks += [
        parts.context(f"as of {t.clock(now)}"),
        parts.actions(parts.run("Refresh", f"clients count {thing.slug}"), parts.share(f"clients count {thing.slug}")),
    ]
    return Reply(t.plain(title), blocks)


def _title(thing: Box | Location, devices: Devices) -> str:
    at_least = "" if devices.complete else "At least "
    return f"{at_least}{t.count(len(devices.online), 'device')} online at {t.bold(thing.name, 60)}"


def _networks(devices: Devices) -> str:
    counted = devices.by_network()
    shown = [f"{t.esc(ssid, 40) or 'by cable'}: {number:,}" for ssid, number in counted[:MOST_NETWORKS]]
    if others := sum(number for _, number in counted[MOST_NETWORKS:]):
        shown.append(f"others: {others:,}")
    return " · ".join(shown)


def _row(client: Client, now: float) -> str:
    return f"{_name(client)} {t.esc(client.mac or '', 20)}\n{_state(client, now)}"


def _name(client: Client) -> str:
    if client.name:
        return t.bold(client.name, 40)
    maker = t.esc(client.manufacturer or "", 30)
    return f"*{maker} device*" if maker else "*Device*"


def _state(client: Client, now: float) -> str:
    seen = f"last seen {t.ago(now - client.last_seen)}" if client.last_seen else "not seen yet"
    words = ["online" if client.online else seen]
    if client.blocked:
        words.append("blocked")
    elif client.allowed:
        words.append("passes without a login page")
    else:
        words.append({"pass": "logged in", "dnat": "at the login page"}.get(client.splash_status or "", ""))
    words.append(t.esc(client.ssid or "", 40) or ("by cable" if client.conn_type == "wired" else ""))
    return " · ".join(word for word in words if word)


def client_card(client: Client, place: Location, *, now: float) -> Reply:
    """One device, and what can be done with it now."""
    head = f"{_name(client)} at {t.bold(place.name, 60)}\n{_state(client, now)}"
    blocks: list[Block] = parts.paragraphs(head, " · ".join(_radio(client)), t.esc(client.description or "", 200))
    blocks.append(parts.context(f"{t.esc(client.mac or '', 20)} · {ONLY_YOU} · as of {t.clock(now)}".lstrip(" ·")))
    key = client.mac or client.id
    blocks.append(parts.actions(*_buttons(client, key, place.slug)))
    return Reply(f"A device at {t.name(place.name, 60)}", blocks, private=True)


def _radio(client: Client) -> Sequence[str]:
    found = []
    if client.channel is not None:
        found.append(f"{'5' if client.channel >= FIRST_5_GHZ else '2.4'} GHz, channel {client.channel}")
    if client.snr is not None:
        found.append(f"{'poor ' if client.snr < POOR_SNR else ''}signal, {client.snr} dB above the noise")
    if client.tx_kbps is not None and client.rx_kbps is not None:
        found.append(f"{client.tx_kbps // 1000} / {client.rx_kbps // 1000} Mbit/s")
    if client.ip:
        found.append(t.esc(client.ip, 40))
    return found if client.online else []


def _buttons(client: Client, key: str, slug: str) -> list[ButtonElement]:
    choices = []
    if cannot_log_out(client) is None:
        choices.append(("Log Out…", "log out"))
    choices.append(("Unblock", "unblock") if client.blocked else ("Block…", "block"))
    choices.append(("Ask for a Login…", "stop passing") if client.allowed else ("Let Pass", "let pass"))
    found = [parts.run(label, f"client {what} {key} in {slug}", nth=nth) for nth, (label, what) in enumerate(choices)]
    found.append(parts.run("Refresh", f"client {key} in {slug}", nth=8))
    return [*found, parts.run("All Devices", f"clients {slug}", nth=9)]


def who(client: Client, now: float) -> str:
    """Which device a question is about."""
    return _row(client, now).replace("\n", " · ")


def pick_one(slug: str) -> Reply:
    """The way to a device whose address is not known."""
    text = "Which device? Choose it from the list, or type its MAC: /ct client 8c:85:90:12:34:56 in …"
    return Reply(text, [parts.section(text), parts.actions(parts.run("Show the Devices", f"clients {slug}"))])
