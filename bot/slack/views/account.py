"""What one sees of one's link to CT."""

from slack_sdk.models.blocks import Block, ButtonElement, ConfirmObject, PlainTextObject

from bot.ct import ROLES, Me
from bot.services.link_exchange import Outcome
from bot.services.notices import Account
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts

CONNECT = "ct.link.connect"
UNLINK = "ct.link.unlink"
DISOWN = "ct.link.disown"
ENTER = "ct.link.enter"


def connect(why: str, ask_id: str, *, ended: bool = False) -> Reply:
    """The way in. The link itself is made when the button is pressed."""
    lead = "CT no longer accepts your link: connect again." if ended else why
    more = "I act with your own CT rights and nobody else's."
    blocks: list[Block] = [
        parts.section(f"{t.esc(lead, 300)} {more}"),
        _connect(ask_id),
        parts.context("Works for 10 minutes; ask again any time."),
    ]
    return Reply(f"{t.clean(lead, 300)} Connect your CT account.", blocks)


def open_link(url: str, until: float) -> Reply:
    """The link, made this moment, for this person only."""
    text = (
        "Your page is ready. It asks you to sign in with Slack, then with CT. Don't pass it on: it works for you only."
    )
    blocks: list[Block] = [
        parts.section(text),
        parts.actions(parts.open_page("Go to the Connect Page", url, style="primary")),
        parts.context(f"Works until {t.clock(until)}. When you are done, I go on here by myself."),
    ]
    return Reply("Your connect page is ready.", blocks)


def open_typed_link(url: str, until: float) -> Reply:
    """The same where a code shows who it is: the way back is on the message, too."""
    text = (
        "Your page is ready. It asks you to sign in with CT, then it shows a code: come back and enter it here. "
        "Don't pass the page on, and enter no code that somebody else gave you."
    )
    buttons = (parts.open_page("Go to the Connect Page", url, style="primary"), enter())
    blocks: list[Block] = [
        parts.section(text),
        parts.actions(*buttons),
        parts.context(f"Works until {t.clock(until)}. When you have entered the code, I go on here by myself."),
    ]
    return Reply("Your connect page is ready. It shows a code: enter it here.", blocks)


def enter(style: str | None = None) -> ButtonElement:
    """The way to the form that takes the code."""
    return parts.button("Enter the Code", ENTER, "enter", style=style)


def code_waits(ask_id: str) -> Reply:
    """`/ct link` while a page has shown its code and nobody has typed it."""
    text = "Your connect page has shown a code. Enter it here, and your CT account is connected."
    blocks: list[Block] = [
        parts.section(text),
        parts.actions(enter("primary"), parts.button("Get a New Page", CONNECT, ask_id)),
        parts.context("A code works for 5 minutes. Enter it only if you opened the page yourself."),
    ]
    return Reply(text, blocks)


def no_code_wanted(ask_id: str) -> Reply:
    """The button, or the form, of a time when codes were asked for."""
    text = "No code is asked for here any more. Nothing was connected. Press to connect your CT account."
    return Reply(text, [parts.section(text), _connect(ask_id)])


def code_burnt(ask_id: str) -> Reply:
    """Five wrong codes."""
    text = (
        "That was not the code either. After five wrong ones this page's code works no longer. "
        "Nothing was connected. Press for a new page."
    )
    return Reply(text, [parts.section(text), _connect(ask_id)])


# After the right code: what happened, and what next. The button comes where starting again may help.
_NOT_LINKED: dict[Outcome, tuple[str, bool]] = {
    Outcome.CT_REFUSED: ("CT did not accept the sign-in. Nothing was connected. Press to start again.", True),
    Outcome.CT_DOWN: ("CT did not answer. Nothing was connected. Wait a minute, then press to start again.", True),
    Outcome.UNPROVED: (
        "CT did not confirm the new link. It was given back at once, so nothing was connected. "
        "Wait a minute, then press to start again.",
        True,
    ),
    Outcome.WITHDRAWN: (
        "Meanwhile your link or the whole bot was removed in Slack. Nothing was connected. Press to start again.",
        True,
    ),
    Outcome.MISCONFIGURED: (
        "I am not set up correctly at CT. Nothing was connected, and trying again will not help. "
        "Tell whoever runs the bot: CT refuses its App ID or Secret.",
        False,
    ),
    Outcome.UNSURE: (
        "My store stopped answering half way, so I cannot say yet whether your account is connected. "
        "I tell you in Slack within a minute or two.",
        False,
    ),
}


def not_linked(outcome: Outcome, ask_id: str) -> Reply:
    """The code was right, and still there is no link."""
    text, again = _NOT_LINKED[outcome]
    return Reply(text, [parts.section(text), *([_connect(ask_id)] if again else [])])


def _connect(ask_id: str) -> Block:
    return parts.actions(parts.button("Connect CT", CONNECT, ask_id, style="primary"))


def who(account: Account) -> str:
    """`ana@venues.example (A253444), 37 locations`."""
    number = f" ({t.esc(account.account_id, 20)})" if account.account_id else ""
    locations = f", {t.count(account.locations, 'location')}" if account.locations is not None else ""
    return f"{t.esc(account.label)}{number}{locations}"


def linked(account: Account, *, goes_on: bool) -> list[Block]:
    """The line above what was asked for before linking."""
    return parts.paragraphs(f"Linked as {who(account)}." + (" Here is what you asked for:" if goes_on else ""))


def linked_message(account: Account, *, switched: bool) -> Reply:
    """The direct message that tells a person that their account was linked, wherever that was done."""
    text = f"Your CT account {who(account)} is now linked to this Slack account."
    if switched:
        text += " It replaces the CT account that was linked before; I gave that one's access back."
    sure = ConfirmObject(
        title="Unlink CT?",
        text=PlainTextObject(text="Commands stop working until you connect again."),
        confirm="Unlink",
        deny="Keep It",
    )
    buttons = parts.actions(
        parts.button("Unlink", UNLINK, "unlink", confirm=sure),
        parts.button("This Wasn't Me", DISOWN, "disown", style="danger"),
    )
    return Reply("Your CT account is now linked.", [parts.section(text), buttons])


def whoami(me: Me, account: Account | None) -> Reply:
    """Which CT account acts for this person, as CT says at this moment."""
    facts = [f"You act as {who(account) if account else t.esc(me.label)}."]
    if role := ROLES.get(me.role_id or 0):
        facts.append(f"CT says your role is {role}.")
    blocks: list[Block] = [parts.section(" ".join(facts)), parts.actions(parts.run("Unlink", "unlink"))]
    return Reply(f"You act as {t.name(me.label)}.", blocks)


def unlinked(had: bool) -> Reply:
    """The answer to `/ct unlink`."""
    if not had:
        return Reply("You are not linked to a CT account.", parts.paragraphs("You are not linked to a CT account."))
    text = "Unlinked. I deleted your CT tokens and am giving them back to CT. Connect again any time with /ct link."
    return Reply("Unlinked.", parts.paragraphs(text))


def disowned() -> Reply:
    """The answer to *This Wasn't Me*."""
    text = (
        "I deleted that link and am giving its access back to CT. If you did not connect it yourself, somebody may be "
        "using your Slack session: sign out everywhere in Slack, and tell your admin."
    )
    return Reply("The link was deleted.", parts.paragraphs(text))


def cut_off(ask_id: str) -> Reply:
    """Linking broke off between CT and us."""
    text = "Linking was cut off before it was finished. Nothing is linked. Press to try again."
    return Reply(text, [parts.section(text), _connect(ask_id)])


def revoke_failed(dashboard: str) -> Reply:
    """CT could not be told to end the tokens."""
    text = (
        "You are unlinked and I hold no tokens of yours any more, but CT could not be told so. To be thorough, remove "
        "ct-bot under your account's applications in CT's dashboard."
    )
    blocks: list[Block] = [parts.section(text), parts.actions(parts.open_page("Open CT's Dashboard", dashboard))]
    return Reply("You are unlinked, but CT could not be told.", blocks)
