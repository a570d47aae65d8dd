"""Where one starts: bare `/ct`, and the app's Home tab."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block

from bot.ct import Overview
from bot.services.notices import Account
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import account as account_views
from bot.slack.views import parts


def overview(account: Account, counts: Overview) -> Reply:
    """Linked: what is down, and the three things people do first."""
    down = counts.boxes.get("offline", 0)
    trouble = f"{t.boxes(down)} down" if down else "nothing is down"
    text = f"Linked as {t.esc(account.label)} · {trouble}"
    blocks: list[Block] = [parts.section(text), starts()]
    return Reply(f"Linked as {t.clean(account.label)} · {trouble}", blocks)


def starts() -> Block:
    """The three buttons to begin with."""
    return parts.actions(
        parts.run("What's Down", "status", nth=1),
        parts.run("Reboot a Box", "reboot", nth=2),
        parts.run("Help", "help", nth=3),
    )


def welcome(ask_id: str) -> Reply:
    """Not linked yet."""
    why = "I look after your CT Wi-Fi from here: what is down, reboot it, is it back."
    reply = account_views.connect(why, ask_id)
    return Reply(reply.text, [*reply.blocks, parts.actions(parts.run("Help", "help"))])


def tab(
    account: Account | None, counts: Overview | None, ask_id: str, now: float, trouble: str | None
) -> Sequence[Block]:
    """The Home tab: the state of things first, then how to begin."""
    if account is None and trouble:
        return parts.paragraphs(trouble)
    if account is None:
        return welcome(ask_id).blocks
    blocks: list[Block] = []
    if counts is not None:
        down = counts.boxes.get("offline", 0)
        blocks.append(parts.section(f"*{t.boxes(down) + ' down' if down else 'Nothing is down'}*"))
        people = f" · {t.people(counts.people_online)} online" if counts.people_online is not None else ""
        places = f"{t.count(counts.locations, 'location')} · " if counts.locations is not None else ""
        total = counts.total if counts.total is not None else sum(counts.boxes.values())
        blocks.append(parts.section(f"{places}{t.boxes(total)}{people}"))
    if trouble:
        blocks.append(parts.section(trouble))
    blocks.append(starts())
    blocks.append(parts.context(f"Linked as {account_views.who(account)} · as of {t.clock(now)}"))
    blocks.append(
        parts.section(
            "Type `/ct` in any channel, for example `/ct reboot lobby`. Only you see my answers until you share them."
        )
    )
    return blocks
