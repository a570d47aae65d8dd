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
        f"ct:tries:{person}",  # refreshes without success, until a minute passes without any
        f"ct:mark:{tag}",
        f"ct:mark:{tag}:{who.team_id}",
        f"ct:mark:{person}",
        f"ct:linked:{tag}",  # set of the installation's people; no time to live, each leaves with their link
    ]


def marks_of(who: SlackUser) -> list[str]:
    """The moments after which nothing that was begun before them counts: installation, team, person."""
    return keys_of(who)[5:8]


def newest_of(who: SlackUser) -> str:
    """Which link of a person lives, of those that were made for them."""
    return f"ct:link:newest:{{{who.tag}}}:{who.team_id}:{who.user_id}"


def held_of(who: SlackUser) -> str:
    """CT's code, while the person has not yet typed the code of ours that stands for it."""
    return f"ct:link:held:{{{who.tag}}}:{who.team_id}:{who.user_id}"


def member_of(who: SlackUser) -> str:
    return f"{who.team_id}:{who.user_id}"
