"""The few pieces that every view is made of. Foreign text has passed `bot.slack.text` before it comes here."""

from collections.abc import Sequence
from urllib.parse import quote

from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    InteractiveElement,
    MarkdownTextObject,
    Option,
    OverflowMenuElement,
    PlainTextObject,
    RichTextBlock,
    RichTextElementParts,
    RichTextPreformattedElement,
    SectionBlock,
)

RUN = "ct.command.run"
MENU = "ct.command.menu"
SHARE = "ct.command.share"
OPEN = "ct.page.open"

MOST_BUTTON_TEXT = 75
# Slack's limits on values. A command that is cut finds nothing, or asks; it never acts on something else.
MOST_VALUE, MOST_OPTION_VALUE = 2_000, 150
_MOST_SEGMENT = 200


def md(text: str) -> MarkdownTextObject:
    """mrkdwn that Slack does not look for links and mentions in, beyond those written out."""
    return MarkdownTextObject(text=text, verbatim=True)


def section(text: str, accessory: InteractiveElement | None = None) -> SectionBlock:
    """One paragraph."""
    return SectionBlock(text=md(text), accessory=accessory)


def context(*lines: str) -> ContextBlock:
    """Small print."""
    return ContextBlock(elements=[md(line) for line in lines])


def button(
    label: str, action_id: str, value: str, *, style: str | None = None, confirm: ConfirmObject | None = None
) -> ButtonElement:
    """A button; the label is cut to what Slack takes."""
    if len(label) > MOST_BUTTON_TEXT:
        label = label[: MOST_BUTTON_TEXT - 1].rstrip() + "…"
    return ButtonElement(
        text=PlainTextObject(text=label, emoji=False),
        action_id=action_id,
        value=value[:MOST_VALUE],
        style=style,
        confirm=confirm,
    )


def run(label: str, text: str, *, nth: int = 0, style: str | None = None) -> ButtonElement:
    """A button that is a command: pressing it is the same as typing `/ct <text>`."""
    return button(label, f"{RUN}:{nth}", text, style=style)


def share(text: str) -> ButtonElement:
    """*Share Here*: read again with the asker's rights, and shown to the channel."""
    return button("Share Here", SHARE, text)


def open_page(label: str, url: str, *, nth: int = 0, style: str | None = None) -> ButtonElement:
    """A button that opens a page."""
    return ButtonElement(
        text=PlainTextObject(text=label, emoji=False), action_id=f"{OPEN}:{nth}", url=url, value="open", style=style
    )


def dashboard_page(dashboard: str, *segments: str) -> str:
    """A page of CT's dashboard (`ct-api.md` section 2, links to the dashboard); ids cannot leave their segment."""
    return "/".join([f"{dashboard}/#", *(quote(s[:_MOST_SEGMENT], safe="", errors="replace") for s in segments)])


def menu(*choices: tuple[str, str]) -> OverflowMenuElement:
    """The ⋯ of a row: labels and the commands that they stand for."""
    options = [Option(label=label, value=text[:MOST_OPTION_VALUE]) for label, text in choices]
    return OverflowMenuElement(action_id=MENU, options=options)


def actions(*elements: InteractiveElement) -> ActionsBlock:
    """A row of buttons."""
    return ActionsBlock(elements=list(elements))


def paragraphs(*texts: str) -> list[Block]:
    """One section for each text that is not empty."""
    return [section(text) for text in texts if text]


def preformatted(text: str) -> Block:
    """Lines as they are, to be read or copied: nothing in it is markup."""
    return RichTextBlock(elements=[RichTextPreformattedElement(elements=[RichTextElementParts.Text(text=text)])])


def pages(total: int, page: int, per: int) -> tuple[int, int, int]:
    """(first index, last index, number of pages) of a page; a page out of range is the nearest that exists."""
    last = max(1, -(-total // per))
    page = min(max(1, page), last)
    return (page - 1) * per, min(total, page * per), last


def plain(blocks: Sequence[Block]) -> list[Block]:
    """The same blocks with nothing to press: what a channel sees of a shared answer."""
    kept: list[Block] = []
    for block in blocks:
        if isinstance(block, ActionsBlock):
            continue
        if isinstance(block, SectionBlock) and block.accessory is not None:
            kept.append(SectionBlock(text=block.text, fields=block.fields))
        else:
            kept.append(block)
    return kept
