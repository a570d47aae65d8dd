"""How a change is worded: its question, what is said when it is done, and what the channel sees.

A command's file declares one ActView for each kind of change it makes; the loader collects them.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from slack_sdk.models.blocks import Block, ButtonElement

from bot.services.changes import Act
from bot.services.operation import Ending, Operation, State
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.reboot import why_not

if TYPE_CHECKING:
    from bot.slack.after import After

CONFIRM = "ct.change.confirm"
CANCEL = "ct.change.cancel"
TYPE = "ct.change.type"
QUESTION_LIFE = "Expires in 2 minutes."


def _silent(_op: Operation) -> str | None:
    return None


def _going(op: Operation) -> str:
    if op.broke_at:
        return "I will not send it again; I look how it goes, and tell you."
    return "CT is working on it. I tell you how it ends."


@dataclass(frozen=True, slots=True, kw_only=True)
class ActView:
    """The words of one kind of change. All texts are mrkdwn whose foreign parts passed `text.esc` or `text.bold`.

    `done`: what the asker reads; `announce`: what the channel reads, or None for private matters; `again`: the
    command that asks once more; `going`: what the asker reads while CT takes its time, `started` what the channel
    reads then; `finish`: more to do at the end, such as files; `typed`: the question is answered by typing the
    target's name; `harms`: somebody loses something by it, so its button is red.
    """

    act: Act
    done: Callable[[Operation], str]
    again: Callable[[Operation], str]
    announce: Callable[[Operation], str | None] = _silent
    started: Callable[[Operation], str | None] = _silent
    going: Callable[[Operation], str] = _going
    finish: Callable[["After", Operation], Awaitable[None]] | None = None
    buttons: Callable[[Operation], Sequence[ButtonElement]] = lambda _op: ()
    typed: bool = False
    harms: bool = True

    def question(self, op: Operation, title: str, lines: Sequence[str], *, button: str) -> Reply:
        """The one confirmation: what, what it does to whom, whose account acts, how long the question lives."""
        acting = f"You act as {t.esc(op.acting_as)}. {QUESTION_LIFE}"
        reason = f"Reason: {t.esc(op.reason, 300)}" if op.reason else ""
        blocks: list[Block] = parts.paragraphs("\n".join([title, *lines]), reason)
        blocks.append(parts.context(acting))
        action = TYPE if self.typed else CONFIRM
        label = f"{button}…" if self.typed else button
        blocks.append(
            parts.actions(
                parts.button(label, action, op.id, style="danger" if self.harms else "primary"),
                parts.button("Leave It As It Is", CANCEL, op.id),
            )
        )
        return Reply(t.plain(title), blocks)

    def public(self, op: Operation) -> str | None:
        """What the channel reads of it as it stands now; None: nothing."""
        done = op.ending is Ending.DONE
        what = self.announce(op) if done else self.started(op)
        if what is None or not (done or (op.accepted_at and op.ending in {None, Ending.FAILED, Ending.UNKNOWN})):
            return None
        because = f" — {t.esc(op.reason, 300)}" if op.reason else ""
        how = {Ending.FAILED: "It did not work.", Ending.UNKNOWN: "I could not see how it ended."}
        end = f"\n{how[op.ending]} {t.esc(' '.join(op.messages), 300)}" if op.ending in how else ""
        return f"{op.who.mention} {what}{because}{end}"

    def outcome(self, op: Operation) -> Reply:
        """What the asker reads after the click, or when it ended later."""
        if op.state is not State.ENDED:
            going = (
                self.going(op) if self.act.follow or not op.broke_at else "I will not send it again: look at it first."
            )
            broke = "The connection broke after I sent it: it may or may not have reached CT. " if op.broke_at else ""
            text = f"{broke}{going}"
            return Reply(t.plain(text), parts.paragraphs(text))
        text = self._ended(op)
        blocks: list[Block] = parts.paragraphs(text)
        buttons = list(self.buttons(op)) if op.ending is Ending.DONE else []
        if op.ending in {Ending.REFUSED, Ending.NOT_SENT, Ending.STALE, Ending.EXPIRED, Ending.FAILED}:
            buttons.append(parts.run("Ask Again", self.again(op), nth=8))
        if buttons:
            blocks.append(parts.actions(*buttons))
        return Reply(t.plain(text), blocks)

    def _ended(self, op: Operation) -> str:
        why = t.esc(" ".join(op.messages), 300)
        name = t.bold(op.before.name)
        match op.ending:
            case Ending.DONE:
                return self.done(op)
            case Ending.CANCELLED:
                return f"{name} stays as it is. Nothing was sent."
            case Ending.REFUSED:
                return f"CT refused: {why or 'it did not say why.'}\nNothing was changed."
            case Ending.STALE | Ending.NOT_SENT:
                return f"I did not do that: {why_not(op)}\nNothing was changed."
            case Ending.UNDONE:
                return f"The time is over: {name} is as it was before."
            case Ending.UNDO_FAILED:
                return f"The time is over, but I could not undo it for {name}: {why} Please look at it in CT."
            case Ending.FAILED:
                return f"CT took it for {name}, but it did not work. {why}"
            case Ending.UNKNOWN if op.broke_at is None:
                return f"CT took it for {name}, but I could not see how it ended. {why or 'Look at it in CT.'}"
            case _:
                lost = (
                    "The connection broke after I sent it: it may or may not have reached CT. I will not send it again."
                )
                return f"{lost} {why or 'Look before you try once more.'}"
