"""What a change of a box does to whom, for its question."""

from bot.ct import Box
from bot.slack import text as t


def people_on(box: Box) -> str:
    """Who is on it now, as far as CT says."""
    if box.clients_online is None:
        return "CT does not say how many people are on it now."
    if not box.clients_online:
        return "Nobody is on it now."
    return f"{t.people(box.clients_online)} {'is' if box.clients_online == 1 else 'are'} on it now."
