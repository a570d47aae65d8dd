"""What a change of a box does to whom, and how the box stands, in words."""

from bot.ct import Box
from bot.slack import text as t


def people_on(box: Box) -> str:
    """Who is on it now, as far as CT says."""
    if box.clients_online is None:
        return "CT does not say how many people are on it now."
    if not box.clients_online:
        return "Nobody is on it now."
    return f"{t.people(box.clients_online)} {'is' if box.clients_online == 1 else 'are'} on it now."


def how_it_stands(box: Box, now: float) -> str:
    """What CT says of it, as plain text: `CT says “offline” and last heard from it 4 min ago`."""
    if box.last_heartbeat is None:
        return f"CT says “{box.state}”, and not when it last heard from it"
    return f"CT says “{box.state}” and last heard from it {t.ago(now - box.last_heartbeat)}"
