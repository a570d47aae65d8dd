"""The keys of one person's link: all in their installation's hash slot, in the order that the scripts know."""

from bot.identity import SlackUser


def keys_of(who: SlackUser) -> list[str]:
    """All keys of one person, in the order that the scripts know."""
    tag, person = f"{{{who.tag}}}", f"{{{who.tag}}}:{who.team_id}:{who.user_id}"
    return [
        f"ct:tok:{person}",  # the link; no time to live while ACTIVE: it lasts until somebody ends it
        f"ct:new:{person}",  # a link being proved, beside the one that works
        f"ct:gone:{person}",  # pairs that wait for their revocation
        f"ct:lock:{person}",  # who refreshes
        f"ct:tries:{person}",  # refreshes without success in this minute
        f"ct:mark:{tag}",
        f"ct:mark:{tag}:{who.team_id}",
        f"ct:mark:{person}",
        f"ct:linked:{tag}",  # set of the installation's people; no time to live, each leaves with their link
    ]


def member_of(who: SlackUser) -> str:
    return f"{who.team_id}:{who.user_id}"
