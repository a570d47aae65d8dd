"""What one sees of a question that this click did not settle."""

from slack_sdk.models.blocks import Block

from bot.services.operation import Operation
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts


def expired(again: str | None) -> Reply:
    """The answer to a late click; `again` is the command that asks the same once more."""
    text = "That question expired. Nothing was sent."
    blocks: list[Block] = parts.paragraphs(text)
    if again:
        blocks.append(parts.actions(parts.run("Ask Again", again)))
    return Reply(text, blocks)


def settled() -> Reply:
    """The answer to a second click."""
    text = "This question was answered already, so nothing more was sent."
    return Reply(text, parts.paragraphs(text), beside=True)


def foreign(op: Operation, again: str) -> Reply:
    """The answer to somebody else's click; the question stays open for its owner."""
    text = f"This is {op.who.mention}'s question. Ask your own with /ct {t.esc(again, 120)}."
    return Reply("This is somebody else's question.", parts.paragraphs(text), beside=True)
