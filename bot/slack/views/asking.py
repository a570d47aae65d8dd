"""What one sees when I need to know more: pickers, suggestions, help, and what went wrong."""

from collections.abc import Sequence

from slack_sdk.models.blocks import Block, ButtonElement, ExternalDataSelectElement, Option, PlainTextObject

from bot.ct import Box, Location
from bot.services.directory import EITHER
from bot.slack import text as t
from bot.slack.registry import GROUPS, SLASH, Command, Registry
from bot.slack.reply import Reply
from bot.slack.views import parts

PICK = "ct.{noun}.pick"
ASK_BLOCK = "ct.ask:"
MOST_BUTTONS = 5
MOST_RELATED = 8
MOST_SECTION = 2_900  # characters; Slack takes 3,000


def is_pick(action_id: str) -> bool:
    """Is it the action id of a picker?"""
    return noun_of(action_id) is not None


def noun_of(action_id: str) -> str | None:
    """What a picker picks, by its action id."""
    prefix, _, suffix = PICK.partition("{noun}")
    if not (action_id.startswith(prefix) and action_id.endswith(suffix)):
        return None
    return action_id[len(prefix) : -len(suffix)] or None


def option(item: Box | Location) -> Option:
    """One choice of a picker: the name, and where or what it is; its value is the slug."""
    if isinstance(item, Box):
        more = ", ".join(part for part in (item.location_name, item.state) if part)
    else:
        more = ", ".join(part for part in (item.address, item.town) if part)
    return Option(
        text=PlainTextObject(text=t.name(item.name, 75), emoji=False),
        value=item.slug[:150],
        description=PlainTextObject(text=t.clean(more, 75), emoji=False) if t.clean(more, 75) else None,
    )


def picker(noun: str, ask_id: str, lead: str) -> Reply:
    """A select that searches as one types."""
    select = ExternalDataSelectElement(
        action_id=PICK.format(noun=noun),
        placeholder=PlainTextObject(text=f"Find a {noun}", emoji=False),
        min_query_length=0,
    )
    block = parts.section(t.esc(lead, 300), select)
    block.block_id = f"{ASK_BLOCK}{ask_id}"
    return Reply(t.clean(lead, 300), [block])


def which(noun: str, query: str, ask_id: str, candidates: Sequence[Box | Location], total: int, template: str) -> Reply:
    """Several match: the nearest as buttons, and a select for the rest."""
    plural = {"box": "boxes", EITHER: "boxes and locations"}.get(noun, f"{noun}s")
    lead = f"{total:,} {plural} match “{t.clean(query, 60)}”. Which one?"
    blocks: list[Block] = list(picker(noun, ask_id, lead).blocks)
    if total <= MOST_BUTTONS:
        blocks.append(parts.actions(*_buttons(candidates, template)))
    return Reply(lead, blocks)


def did_you_mean(noun: str, query: str, ask_id: str, suggestions: Sequence[Box | Location], template: str) -> Reply:
    """None matches: what sounds alike, and the select."""
    lead = f"No {noun} matches {t.bold(query, 60)}."
    if suggestions:
        names = ", ".join(t.bold(item.name, 60) for item in suggestions[:MOST_BUTTONS])
        lead += f" Did you mean {names}?"
    blocks: list[Block] = [parts.section(lead)]
    if suggestions:
        blocks.append(parts.actions(*_buttons(suggestions, template)))
    blocks += picker(noun, ask_id, f"Or look for another {noun}:" if suggestions else f"Look for a {noun}:").blocks
    return Reply(f"No {noun} matches {t.clean(query, 60)}.", blocks)


def _buttons(items: Sequence[Box | Location], template: str) -> list[ButtonElement]:
    names = [item.name for item in items]
    found = []
    few: Sequence[Box | Location] = items[:MOST_BUTTONS]
    for nth, item in enumerate(few):
        place = item.location_name if isinstance(item, Box) else item.town
        label = t.name(item.name, 40) + (f" ({t.name(place, 25)})" if names.count(item.name) > 1 and place else "")
        found.append(parts.run(label, template.replace("{}", item.slug, 1), nth=nth))
    return found


def help_page(registry: Registry) -> Reply:
    """All commands in three groups, by their names: on a phone all of it is seen at once; the rest is a word away."""
    blocks: list[Block] = [
        parts.section(f"Type {SLASH} and one of these; names may be rough, and what is missing I ask for.")
    ]
    for group in GROUPS:
        head, *rest = _columns(_by_subject([c.name for c in registry.visible(group) if c.name]), between=" · ")
        blocks += [parts.section(f"*{group}*\n{head}"), *(parts.section(text) for text in rest)]
    blocks.append(parts.section(f"*Example*  `{SLASH} reboot lobby ap because guests cannot log in`"))
    blocks.append(parts.context(f"What one does: {SLASH} help reboot · all on one subject: {SLASH} help voucher"))
    return Reply("\n".join(c.usage for c in registry.visible() if c.name), blocks)


def _by_subject(names: Sequence[str]) -> list[str]:
    """Names that begin alike as one: `voucher (codes, new)`."""
    subjects: dict[str, list[str]] = {}
    for name in names:
        first, _, rest = name.partition(" ")
        subjects.setdefault(first, []).append(rest)
    told = []
    for first, rests in subjects.items():
        more = [rest for rest in rests if rest]
        told.append(f"{first} {more[0]}" if more == rests and len(rests) == 1 else first)
        if len(rests) > 1:
            told[-1] += f" ({', '.join(more)})"
    return told


def help_subject(commands: Sequence[Command]) -> Reply:
    """All commands on one subject, with what they do."""
    lines = [f"`{t_code(c.usage)}`  {c.summary}" for c in commands]
    return Reply("\n".join(c.usage for c in commands), [parts.section(text) for text in _columns(lines)])


def _columns(entries: Sequence[str], *, between: str = "\n") -> list[str]:
    """The entries in as few texts as Slack's limit on a section allows."""
    texts = [""]
    for entry in entries:
        if len(texts[-1]) + len(entry) >= MOST_SECTION:
            texts.append("")
        texts[-1] += f"{between}{entry}" if texts[-1] else entry
    return texts


def help_on(command: Command, related: Sequence[Command] = ()) -> Reply:
    """One command in full, and the names of those beside it."""
    lines = [f"`{t_code(command.usage)}`", command.summary + "."]
    if command.details:
        lines.append(command.details)
    lines.append(f"Example: `{t_code(command.example)}`")
    blocks: list[Block] = [parts.section("\n".join(lines))]
    if related:
        blocks.append(parts.context("See also: " + " · ".join(t_code(c.usage) for c in related[:MOST_RELATED])))
    return Reply(command.usage, blocks)


def t_code(usage: str) -> str:
    """Our own usage text inside a code span."""
    return usage.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unknown_command(word: str, similar: Sequence[Command]) -> Reply:
    """Not a command of ours."""
    lead = f"I don't know “{t.esc(word, 40)}”."
    if similar:
        lead += f" Did you mean {' or '.join(f'`{t_code(c.usage)}`' for c in similar)}?"
    blocks: list[Block] = [parts.section(lead), parts.actions(parts.run("Help", "help"))]
    return Reply(f"I don't know “{t.clean(word, 40)}”. Try {SLASH} help.", blocks)


def trouble(what: str, done: str, then: str, *, ref: str | None = None, again: str | None = None) -> Reply:
    """An error in three parts: what happened, was anything done, what next."""
    tail = f" (ref {ref})" if ref else ""
    text = " ".join(part for part in (t.esc(what, 350), t.esc(done, 60), t.esc(then, 160) + tail) if part)
    blocks: list[Block] = [parts.section(text)]
    if again is not None:
        blocks.append(parts.actions(parts.run("Try Again", again)))
    return Reply(t.clean(f"{what} {done} {then}{tail}", 600), blocks, private=True)
