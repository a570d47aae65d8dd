"""What one sees of networks: the list of a location, and their details with passwords for the asker alone."""

import re
from collections.abc import Sequence

from slack_sdk.models.blocks import Block, PlainTextObject, SectionBlock

from bot.ct import Location, Network, NetworkDetails
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts

MOST = 16  # networks of a location (ct-api.md 3.4)
SHORT_LOSS = "The boxes there sync, which is a short loss of Wi-Fi"
UNTYPEABLE = "Its password has signs that I cannot show as they are: look at it in CT's dashboard"
_TYPEABLE = re.compile(r"[ -~¡-¬®-ʯ]{1,64}")  # anything but what nobody sees or what turns text around
_ACCESS = {"password": "with a password", "open": "open", "radius": "RADIUS"}
_BANDS = {"dual": "2.4 and 5 GHz", "two": "2.4 GHz only", "five": "5 GHz only"}


def switch_word(network: Network) -> str:
    """On, off, or that CT does not say."""
    return {True: "on", False: "off", None: "CT does not say whether it is on"}[network.active]


def network_words(network: Network) -> str:
    """`on · with a password · hidden · 2.4 and 5 GHz`; foreign words in it are not escaped."""
    words = [switch_word(network)]
    if network.access_type:
        words.append(_ACCESS.get(network.access_type, network.access_type))
    if network.captive_portal:
        words.append("login page")
    words.append("hidden" if network.hidden else "")
    words.append(_BANDS.get(network.band, network.band) if network.band else "")
    words.append("boxes are syncing" if network.state else "")
    return " · ".join(word for word in words if word)


def network_list(place: Location, networks: Sequence[Network], *, now: float) -> Reply:
    """All of a location, with what can be done to each. Holds no password, so it may be shared."""
    on = sum(network.active is True for network in networks)
    title = f"{t.count(len(networks), 'network')} at {t.bold(place.name, 60)}, {on} on"
    blocks: list[Block] = [parts.section(title)]
    blocks += [
        parts.section(
            f"{t.bold(network.ssid, 40)}\n{t.esc(network_words(network), 150)}",
            parts.menu(*_choices(network, place.slug)),
        )
        for network in networks[:MOST]
    ]
    blocks.append(parts.context(f"as of {t.clock(now)}"))
    again = f"networks {place.slug}"
    blocks.append(
        parts.actions(
            parts.run("Show Wi-Fi Details", f"wifi {place.slug}", nth=1),
            parts.run("Refresh", again, nth=2),
            parts.share(again),
        )
    )
    return Reply(t.plain(title), blocks)


def _choices(network: Network, slug: str) -> list[tuple[str, str]]:
    found = [("Edit…", f"network edit {network.id} in {slug}")]
    if network.active is not True:
        found.append(("Turn On…", f"network on {network.id} in {slug}"))
    if network.active is not False:
        found.append(("Turn Off…", f"network off {network.id} in {slug}"))
    if network.access_type == "password":
        found.append(("Send Details…", f"wifi share {network.id} in {slug}"))
    if network.access_type == "radius":
        found.append(("Test RADIUS", f"network test {network.id} in {slug}"))
    return found


def none_yet(place: Location) -> Reply:
    """A location without networks."""
    text = f"{t.bold(place.name)} has no networks yet. Add one in CT's dashboard."
    return Reply(t.plain(text), parts.paragraphs(text))


def no_such(query: str, place: Location) -> str:
    """What the picker says when a name is no network's, or several networks'."""
    return f"“{t.clean(query, 40)}” is not exactly one network of {t.clean(place.name, 60)}. Which one?"


def who_is_hurt(place: Location) -> str:
    """The people that a change of networks throws out for a moment."""
    if place.clients_online is None:
        return f"{SHORT_LOSS}. CT does not say how many people are online there now."
    if not place.clients_online:
        return f"{SHORT_LOSS}. Nobody is online there now."
    return f"{SHORT_LOSS} for {t.people(place.clients_online)} online there now."


def wifi(place: Location, details: Sequence[NetworkDetails]) -> Reply:
    """Names and passwords, for the asker alone: in plain_text, so that each character is as it is; no share button."""
    title = f"Wi-Fi at {t.bold(place.name, 60)}"
    blocks: list[Block] = [parts.section(f"{title}\nOnly you can see this.")]
    for nth, one in enumerate(details[:MOST]):
        blocks.append(_wifi(one, place.slug, nth))
    if not details:
        blocks.append(parts.section("No network is on there."))
    blocks.append(parts.actions(parts.run("All Networks", f"networks {place.slug}", nth=MOST)))
    return Reply(t.plain(f"{title}: {t.count(len(details), 'network')}"), blocks, private=True)


def _wifi(one: NetworkDetails, slug: str, nth: int) -> SectionBlock:
    network = one.network
    share = None
    if one.key:
        words = f"Password: {one.key}" if _TYPEABLE.fullmatch(one.key) else UNTYPEABLE
        share = parts.run("Send Details…", f"wifi share {network.id} in {slug}", nth=nth)
    elif network.access_type == "open":
        words = "No password; guests log in on the login page" if network.captive_portal else "No password"
    elif network.access_type == "radius":
        words = "Each person has their own user name and password (RADIUS)"
    else:
        words = "CT does not show you its password"
    hidden = " (hidden: type its name)" if network.hidden else ""
    text = f"{t.name(network.ssid, 40)}{hidden}\n{words}"
    return SectionBlock(text=PlainTextObject(text=text, emoji=False), accessory=share)


def radius(network: Network, *, passed: bool | None, said: str) -> Reply:
    """How the test of a RADIUS server went."""
    result = {True: "works", False: "failed", None: "was sent; CT did not say how it went"}[passed]
    words = f" CT says: {t.esc(said, 300)}" if said else ""
    text = f"RADIUS test of {t.bold(network.ssid)} {result}.{words}"
    return Reply(t.plain(text), parts.paragraphs(text))
