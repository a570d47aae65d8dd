"""What one sees of a sweep: the question with its list, and the one card that tells how far it is."""

from slack_sdk.models.blocks import Block

from bot.services.operation import Ending, Operation, State
from bot.services.sending import APPROVED_BY
from bot.services.sweep import AGAIN, BOXES, LAUNCHED, STOPPED_BY, Part, SweepQuestion, boxes_of, ended_parts
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import freeze as freeze_views
from bot.slack.views import parts
from bot.slack.views.reboot import CANCEL, TYPE, awaiting, because, second_person, why_not

STOP = "ct.reboot.stop"
_MOST_CHARACTERS = 1_200  # of one list: a hundred names, each as long as it may be, are no message
UNTOUCHED = "No box was touched."


def question(asked: SweepQuestion) -> Reply:
    """The one confirmation: which boxes, which not and why, whose account acts; the answer is typed."""
    op = asked.op
    title = f"Reboot {_what(op)}?"
    how = "One first, then two, then five at a time; the next ones only when all of these are proved to be back."
    by_reason: dict[str, list[str]] = {}
    for one in asked.left_out:
        by_reason.setdefault(one.briefly, []).append(one.name)
    left_out = [f"{_names(names)} ({t.esc(why, 120)})" for why, names in by_reason.items()]
    blocks: list[Block] = parts.paragraphs(
        f"{title}\nWhoever is on them will lose Wi-Fi for about a minute. {how}",
        _names([box.name for box in asked.boxes]),
        f"Left out: {_listed(left_out, '; ')}" if left_out else "",
        f"Reason: {t.esc(op.reason, 300)}" if op.reason else "",
        second_person(op),
    )
    blocks.append(
        parts.context(f"You act as {t.esc(op.acting_as)}. Expires at {t.clock(asked.expires_at, seconds=True)}.")
    )
    blocks.append(
        parts.actions(
            parts.button(f"Reboot {op.before.name.title()}…", TYPE, op.id, style="danger"),
            parts.button("Keep Them Running", CANCEL, op.id),
        )
    )
    return Reply(t.plain(title), blocks)


def _what(op: Operation) -> str:
    return f"{t.bold(op.before.name)} at {t.bold(op.before.location_name or 'no location')}"


def _names(names: list[str]) -> str:
    return _listed([t.esc(name, 40) or "–" for name in names], ", ")


def _listed(items: list[str], between: str) -> str:
    """As many as fit, and how many more there are."""
    shown = ""
    for n, item in enumerate(items):
        if len(shown) + len(item) > _MOST_CHARACTERS:
            return f"{shown} and {len(items) - n} more"
        shown += between + item if shown else item
    return shown


def begun(op: Operation) -> Reply:
    """The answer to whoever has typed the number."""
    text = "It begins with one box. The card tells how it goes, and stops it."
    return Reply(text, parts.paragraphs(text))


def not_sent(op: Operation) -> Reply:
    """Nothing was begun: why, and what next. Only the asker sees it."""
    text = f"I did not reboot {_what(op)}: {why_not(op)}\n{UNTOUCHED}"
    blocks: list[Block] = [*parts.paragraphs(text), parts.actions(parts.run("Ask Again", op.params[AGAIN]))]
    return Reply(f"The {op.before.name} were not rebooted. {UNTOUCHED}", blocks)


def stopping(op: Operation) -> Reply:
    """The answer to *Stop*."""
    text = f"Stopped: no other box is rebooted. What CT was sent already goes on ({_count(op)})."
    return Reply(text, parts.paragraphs(text))


def card(op: Operation) -> Reply:
    """The public card: a pure function of the record."""
    if op.state is State.AWAITING or (op.state is State.ENDED and not op.maybe_sent):
        text = f"{op.who.mention} wants to reboot {_what(op)}{because(op)}"
        names = _names([box.name for box in boxes_of(op)])
        return awaiting(op, text, f"Approve Rebooting {op.before.name.title()}", UNTOUCHED, more=names)
    by = op.params.get(APPROVED_BY)
    who = f"{op.who.mention}{f', approved by <@{by}>' if by else ''}{because(op)}"
    blocks: list[Block] = parts.paragraphs(_headline(op, who), _count(op), _trouble(op))
    if op.state is State.WATCHING and STOPPED_BY not in op.params:
        blocks.append(parts.actions(parts.button("Stop", STOP, op.id, style="danger")))
    elif op.ending in {Ending.FAILED, Ending.CANCELLED}:
        looks = [box for n, box in enumerate(boxes_of(op)) if n in (ends := ended_parts(op)) and not ends[n].good]
        if looks:
            blocks.append(
                parts.actions(
                    *(
                        parts.run(f"Look at {t.name(box.name, 40)}", f"box {box.slug}", nth=n)
                        for n, box in enumerate(looks[:5])
                    )
                )
            )
    return Reply(t.plain(_headline(op, who)), blocks)


def _headline(op: Operation, who: str) -> str:
    what = _what(op)
    if op.ending is Ending.DONE:
        return f"{what} are all back. Rebooted by {who}"
    if stopper := op.params.get(STOPPED_BY):
        return f"<@{stopper}> stopped the reboot of {what}. Asked for by {who}"
    if op.ending is not None or any(not part.good for part in ended_parts(op).values()):
        return f"I stopped rebooting {what}: not every box came back. Asked for by {who}"
    return f"{op.who.mention} is rebooting {what}{who.removeprefix(op.who.mention)}"


def _count(op: Operation) -> str:
    ends, launched, every = ended_parts(op), op.params[LAUNCHED], len(op.params[BOXES])
    back = sum(part.good for part in ends.values())
    going = [box.name for n, box in enumerate(boxes_of(op)) if n < launched and n not in ends]
    said = [f"{back} of {every} back"]
    if going and op.state is not State.ENDED:
        said.append(f"under way: {', '.join(t.esc(name, 40) for name in going)}")
    if op.state is State.ENDED and every > launched:
        said.append(f"{t.boxes(every - launched)} not touched")
    return " · ".join(said)


def _trouble(op: Operation) -> str:
    boxes = boxes_of(op)
    bad = [f"{t.bold(boxes[n].name, 60)} {_how(part)}" for n, part in ended_parts(op).items() if not part.good]
    return _listed(bad, "\n")


def _how(part: Part) -> str:
    if part.frozen:
        return f"was not touched. {freeze_views.frozen(part.frozen)}"
    why = t.esc(part.why, 200)
    return {
        Ending.BACK: "is back, but CT's answer to its reboot was lost.",
        Ending.BACK_UNPROVED: f"is not proved to have restarted. {why}".rstrip(),
        Ending.NEVER_RESTARTED: "has not restarted.",
        Ending.NOT_BACK: "has not come back.",
        Ending.REFUSED: f"was refused by CT: {why or 'it did not say why.'}",
    }.get(part.ending, f"was not touched. {why}".rstrip())


def warning(op: Operation) -> Reply:
    """The one message that mentions the asker: an edited card rings no phone."""
    text = f"{op.who.mention} I stopped rebooting {_what(op)}. {_count(op)}"
    return Reply(t.plain(text), parts.paragraphs(text, _trouble(op)))
