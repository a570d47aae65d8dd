"""What one sees of a reboot: the question, and the card that is redrawn from the record until it ends."""

import msgspec
from slack_sdk.models.blocks import Block

from bot.services.approval import AWAITED
from bot.services.guards import Freeze
from bot.services.operation import Ending, Operation, State
from bot.services.reboot import FROZEN, KIND, WHY, LastReboot, Question
from bot.services.sending import APPROVAL_SECONDS, APPROVED_BY, CALLED_OFF_BY
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import freeze as freeze_views
from bot.slack.views import parts

CONFIRM = "ct.reboot.confirm"
CANCEL = "ct.reboot.cancel"
FOLLOW = "ct.reboot.follow"
TYPE = "ct.reboot.type"
APPROVE = "ct.reboot.approve"
CALL_OFF = "ct.reboot.call_off"

TICK, CROSS = "✓", "✗"


def question(asked: Question, now: float) -> Reply:
    """The one confirmation: what, where, who is on it, whose account acts, how long the question lives."""
    op, box = asked.op, asked.box
    title = f"Reboot {t.bold(box.name)} at {t.bold(box.location_name or 'no location')}?"
    facts = [blast_radius(box.clients_online)]
    if box.uptime_seconds is not None:
        facts.append(f"Up {t.span(box.uptime_seconds)}; {_last(asked.last, now)}.")
    else:
        facts.append(f"It does not report its uptime; {_last(asked.last, now)}.")
    acting = f"You act as {t.esc(op.acting_as)}. Expires at {t.clock(asked.expires_at, seconds=True)}."
    reason = f"Reason: {t.esc(op.reason, 300)}" if op.reason else ""
    name, guarded = t.name(box.name, 60), second_person(op)
    blocks: list[Block] = parts.paragraphs("\n".join([title, *facts]), reason, guarded)
    blocks.append(parts.context(acting))
    label, action = (f"Reboot {name}…", TYPE) if guarded else (f"Reboot {name}", CONFIRM)
    blocks.append(
        parts.actions(
            parts.button(label, action, op.id, style="danger"),
            parts.button("Keep It Running", CANCEL, op.id),
        )
    )
    return Reply(f"Reboot {name} at {t.name(box.location_name or 'no location')}? {facts[0]}", blocks)


def second_person(op: Operation) -> str:
    """Why a second person has to approve; empty where none has to."""
    why = op.params.get(WHY)
    if not why:
        return ""
    typed = "its name typed, and " if op.kind == KIND else ""
    return f"It needs {typed}a second person's yes: {t.esc('; '.join(why), 300)}."


def why_not(op: Operation) -> str:
    """Why nothing was sent, as mrkdwn."""
    if freeze := op.params.get(FROZEN):
        return freeze_views.frozen(msgspec.convert(freeze, Freeze))
    return t.esc(" ".join(op.messages), 300)


def blast_radius(people: int | None) -> str:
    """Who feels it."""
    if people is None:
        return "Whoever is on it now will lose Wi-Fi for about a minute."
    if people == 0:
        return "Nobody is on it now."
    return f"{t.people(people)} on it now will lose Wi-Fi for about a minute."


def _last(last: LastReboot | None, now: float) -> str:
    if last is None:
        return "CT did not say when it was last rebooted"
    if last.at is None:
        return "CT knows of no earlier reboot"
    by = f" by {t.esc(last.by)}" if last.by else ""
    return f"last rebooted {t.ago(now - last.at)}{by}"


def kept(op: Operation) -> Reply:
    """The answer to *Keep It Running*."""
    if op.kind != KIND:
        return Reply("They keep running. Nothing was sent.", parts.paragraphs("They keep running. Nothing was sent."))
    text = f"{t.bold(op.before.name)} keeps running. Nothing was sent."
    return Reply(f"{t.name(op.before.name)} keeps running. Nothing was sent.", parts.paragraphs(text))


def under_way(op: Operation, now: float) -> Reply:
    """Somebody was first."""
    since = t.ago(now - (op.sent_at or op.asked_at))
    how = {
        State.ENDED: _ended_in_words(op),
        State.WATCHING: "it is coming back now",
    }.get(op.state, "it is just being sent")
    text = f"{op.who.mention} rebooted {t.bold(op.before.name)} {since}; {how}. Nothing more was sent."
    blocks: list[Block] = parts.paragraphs(text)
    buttons = [parts.run("Look", f"box {op.before.slug}", nth=1)]
    if op.state is not State.ENDED:
        buttons.insert(0, parts.button("Follow", FOLLOW, op.id))
    else:
        blocks.append(parts.context("Still needed? Ask again with a reason in a few minutes: because …"))
    blocks.append(parts.actions(*buttons))
    return Reply(f"{t.name(op.before.name)} was rebooted {since}.", blocks)


def _ended_in_words(op: Operation) -> str:
    return {
        Ending.BACK: "it is back",
        Ending.BACK_UNPROVED: "it is online again",
        Ending.NEVER_RESTARTED: "it never restarted",
        Ending.NOT_BACK: "it has not come back",
    }.get(op.ending or Ending.STALE, "that one ended")


def sent(op: Operation, *, elsewhere: str | None) -> Reply:
    """What the asker's private card becomes after the click; the story goes on in the channel."""
    text = f"Sent. {elsewhere}" if elsewhere else "Sent. Its card is in this channel and tells how it goes."
    if op.broke_at:
        text = text.replace("Sent.", "Sent, but I do not know yet whether it arrived.", 1)
    return Reply(text, parts.paragraphs(text))


def not_sent(op: Operation) -> Reply:
    """Nothing happened to the box: why, and what next. Only the asker sees it."""
    name = t.bold(op.before.name)
    why = why_not(op)
    head = {
        Ending.REFUSED: f"CT refused to reboot {name}: {why or 'it did not say why'}",
        Ending.STALE: f"I did not reboot {name}: {why}",
    }.get(op.ending or Ending.NOT_SENT, f"The reboot of {name} was not sent: {why}")
    text = f"{head}\nThe box was not touched."
    blocks: list[Block] = [
        *parts.paragraphs(text),
        parts.actions(parts.run("Ask Again", again(op)), parts.run("Look", f"box {op.before.slug}", nth=1)),
    ]
    return Reply(f"{t.name(op.before.name)} was not rebooted. The box was not touched.", blocks)


def again(op: Operation) -> str:
    """The command that asks the same once more."""
    return f"reboot {op.before.slug}" + (f" because {op.reason}" if op.reason else "")


def card(op: Operation, now: float, dashboard: str) -> Reply:
    """The public card: a pure function of the record."""
    if op.state is State.AWAITING or (op.state is State.ENDED and not op.maybe_sent):
        return _second(op)
    headline = _headline(op, now)
    blocks: list[Block] = parts.paragraphs(headline)
    if steps := _steps(op):
        blocks.append(parts.context("   ".join(steps)))
    if op.ending in {Ending.NEVER_RESTARTED, Ending.NOT_BACK} or (op.warned_at and op.ending is None):
        blocks.append(_next_step(op, dashboard))
    return Reply(_plain_headline(op), blocks)


def _second(op: Operation) -> Reply:
    """The card while a second person is waited for, and where nothing was sent after that."""
    name, place = t.bold(op.before.name), t.esc(op.before.location_name or "no location")
    text = f"{op.who.mention} wants to reboot {name} ({place}){because(op)}"
    return awaiting(op, text, f"Approve Rebooting {t.name(op.before.name, 50)}", "The box was not touched.")


def awaiting(op: Operation, text: str, approve: str, untouched: str, *, more: str = "") -> Reply:
    """What is asked for, and a second person's choice; afterwards why nothing came of it."""
    if op.state is State.AWAITING:
        until = t.clock(op.params.get(AWAITED, op.asked_at) + APPROVAL_SECONDS)
        small = f"Anybody but {op.who.mention} whose own CT account shows it can approve, until {until}."
        choice = parts.actions(
            parts.button(approve, APPROVE, op.id, style="danger"), parts.button("Call It Off", CALL_OFF, op.id)
        )
        return Reply(t.plain(text), [*parts.paragraphs(text, more, second_person(op)), parts.context(small), choice])
    off = op.params.get(CALLED_OFF_BY)
    why = {
        Ending.CANCELLED: f"Called off by <@{off}>." if off else "Called off.",
        Ending.EXPIRED: "Nobody approved it in time.",
        Ending.REFUSED: f"CT refused: {why_not(op) or 'it did not say why.'}",
    }.get(op.ending or Ending.NOT_SENT, f"It was not sent: {why_not(op)}")
    return Reply(t.plain(text), parts.paragraphs(text, more, f"{why} {untouched}"))


def waits(op: Operation) -> Reply:
    """The answer to whoever has typed what was asked for."""
    text = "Now a second person has to approve it: the question is in this channel. Nothing was sent yet."
    return Reply(text, parts.paragraphs(text))


def approved(op: Operation, done: bool) -> Reply:
    """The answer to the second person."""
    text = "Approved; it is sent." if done else f"You approved it, but it was not sent: {why_not(op)}"
    return Reply(t.plain(text), parts.paragraphs(text))


def _headline(op: Operation, now: float) -> str:
    name, place = t.bold(op.before.name), t.esc(op.before.location_name or "no location")
    by = f"Rebooted by {op.who.mention}{_approver(op)}{because(op)}"
    match op.ending:
        case None:
            return _running(op, now, name, place)
        case Ending.BACK:
            return f"{name} is back. {_down_for(op)}{_people_again(op)}. {by}"
        case Ending.BACK_UNPROVED if op.messages:
            return f"I lost sight of {name} ({place}): {t.esc(' '.join(op.messages), 120)} Look in CT. {by}"
        case Ending.BACK_UNPROVED:
            return f"{name} is online again, but this box does not report its uptime: I can't prove it restarted. {by}"
        case Ending.NEVER_RESTARTED:
            story = f"{_accepted(op)}, but {name} has not restarted: {_throughout(op)}."
            hint = "Its command channel may be blocked by a firewall."
            return f"{story} {hint} Asked for by {op.who.mention}{because(op)}"
        case _:
            since = t.clock(op.went_down_at or op.sent_at or op.asked_at)
            return f"{name} ({place}) has not come back since {since}. {by}"


def _running(op: Operation, now: float, name: str, place: str) -> str:
    if op.warned_at:
        away = t.span(now - (op.went_down_at or op.sent_at or now))
        story = f"{name} ({place}) has been down for {away}; a reboot usually takes 2 min. I keep watching."
        return f"{story} Rebooted by {op.who.mention}{because(op)}"
    text = f"{op.who.mention} is rebooting {name} ({place}){_approver(op)}{because(op)}"
    if op.broke_at:
        text += (
            "\nThe connection broke after I sent the request. It may or may not have reached the box. "
            "I will not send it again; I am watching."
        )
    return text


def _approver(op: Operation) -> str:
    by = op.params.get(APPROVED_BY)
    return f", approved by <@{by}>" if by else ""


def because(op: Operation) -> str:
    """The reason, as it follows a sentence."""
    return f" — {t.esc(op.reason, 300)}" if op.reason else ""


def _accepted(op: Operation) -> str:
    return "CT accepted the reboot" if op.accepted_at else "I sent the reboot and got no answer"


def _throughout(op: Operation) -> str:
    uptime = op.after.uptime_seconds if op.after else None
    return f"it has been up {t.span(uptime)} throughout" if uptime is not None else "it was online throughout"


def _down_for(op: Operation) -> str:
    if op.went_down_at and op.back_at:
        return f"Down {t.span(op.back_at - op.went_down_at)}"
    return "It restarted so quickly that CT never showed it offline"


def _people_again(op: Operation) -> str:
    before, after = op.before.clients_online, op.after.clients_online if op.after else None
    if not before or after is None:
        return ""
    return f", {min(after, before):,} of {t.people(before)} online again"


def _steps(op: Operation) -> list[str]:
    steps = []
    if op.accepted_at:
        steps.append(f"{TICK} Accepted by CT {t.clock(op.accepted_at, seconds=True)}")
    elif op.broke_at:
        steps.append(f"{CROSS} No answer from CT {t.clock(op.broke_at, seconds=True)}")
    if op.went_down_at:
        steps.append(f"{TICK} Went down {t.clock(op.went_down_at, seconds=True)}")
    if op.ending is Ending.BACK and op.back_at:
        steps.append(f"{TICK} Restart proved {t.clock(op.back_at, seconds=True)}")
    if op.state is not State.ENDED:
        steps.append("… waiting for it to come back" if op.went_down_at else "… waiting for it to go down")
    return steps


def _next_step(op: Operation, dashboard: str) -> Block:
    buttons = [parts.run("Look", f"box {op.before.slug}", nth=1)]
    if op.ending is Ending.NEVER_RESTARTED:
        buttons.insert(0, parts.run("Try Again", again(op), nth=2))
    if op.before.location_slug:
        url = parts.dashboard_page(dashboard, "locations", op.before.location_slug, "devices", op.before.slug)
        buttons.append(parts.open_page("Open in CT", url))
    return parts.actions(*buttons)


def _plain_headline(op: Operation) -> str:
    name = t.name(op.before.name)
    return {
        None: f"{name} is being rebooted.",
        Ending.BACK: f"{name} is back.",
        Ending.BACK_UNPROVED: f"{name} is online again; its restart is not proved.",
        Ending.NEVER_RESTARTED: f"{name} has not restarted.",
    }.get(op.ending, f"{name} has not come back.")


def warning(op: Operation, now: float) -> Reply:
    """The one message that mentions the asker."""
    away = t.span(now - (op.went_down_at or op.sent_at or now))
    name = t.bold(op.before.name)
    text = f"{op.who.mention} {name} has been down for {away}. Check its power and its line; I keep watching."
    return Reply(f"{t.name(op.before.name)} has been down for {away}.", parts.paragraphs(text))
