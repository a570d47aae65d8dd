"""What one sees of diagnostic commands, and of what boxes answer: foreign text, as it is, to the asker alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block, ButtonElement

from bot.ct import Box, BoxCommand
from bot.services.blanking import BLANK
from bot.services.names import fold
from bot.services.operation import Operation
from bot.slack import text as t
from bot.slack.reply import Reply
from bot.slack.views import parts
from bot.slack.views.boxes import in_dashboard

SHORT_LINES, SHORT = 40, 3_000  # what one reads on a phone, in lines and characters
MOST = 9_000  # characters: Slack takes about 13,000 in all
MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class Answer:
    """What is shown of an answer; in `hidden` places something that looked like a secret was blanked.

    `cut`: there was more, which nobody reads in chat.
    """

    text: str
    hidden: int
    cut: bool = False


def is_short(answer: Answer) -> bool:
    """Short enough for a message."""
    return len(answer.text) <= SHORT and answer.text.count("\n") < SHORT_LINES


def in_message(op: Operation, answer: Answer) -> Reply:
    """As it is; of one that is too long, what there is room for."""
    shown = answer.text[:MOST]
    cut = answer.cut or len(shown) < len(answer.text)
    notes = [_hidden(answer), "That is not all of it: CT has the rest." if cut else ""]
    blocks: list[Block] = [parts.preformatted(shown or "(nothing that can be shown)")]
    if told := " ".join(note for note in notes if note):
        blocks.append(parts.context(told))
    return Reply(_about(op), blocks, private=True)


def file_name(op: Operation) -> str:
    """`lobby-ap-3-process-list.txt`."""
    words = fold(" ".join((op.before.name, op.params["detail"])))
    return f"{words.replace(' ', '-')[:80]}.txt"


def file_comment(op: Operation, answer: Answer) -> str:
    """Beside the file; Slack reads it as mrkdwn."""
    number = t.count(answer.text.count("\n") + 1, "line")
    cut = "That is not all of it: CT has the rest." if answer.cut else ""
    what = f"{t.esc(op.params['detail'], 60)} of {t.bold(op.before.name)}, {number}."
    return " ".join(part for part in (what, _hidden(answer), cut) if part)


def unread(op: Operation) -> Reply:
    """The box has answered, but CT did not give the answer out a second time."""
    text = "I could not read its answer from CT. Nothing was changed on the box: run it again, or look at it in CT."
    return Reply(f"{_about(op)}: {text}", parts.paragraphs(text), private=True)


def _about(op: Operation) -> str:
    return f"{t.name(op.params['detail'], 60)} of {t.name(op.before.name)}"


def _hidden(answer: Answer) -> str:
    if not answer.hidden:
        return ""
    places = t.count(answer.hidden, "place")
    return f"{places} looked like {'a secret' if answer.hidden == 1 else 'secrets'}: blanked as {BLANK}."


def then(op: Operation) -> list[ButtonElement]:
    """What can be done next."""
    slug = op.before.slug
    return [
        parts.run("Run Again", f"diagnose {slug} run:{op.params['command']}", nth=1),
        parts.run("Whole Box", f"box {slug}", nth=2),
        parts.run("Another Command…", f"diagnose {slug}", nth=3),
    ]


# --- which command --------------------------------------------------------------------------------


def question(box: Box, typed: str | None, hits: Sequence[BoxCommand]) -> str:
    """What the picker says."""
    name = t.clean(box.name, 60)
    if typed is None:
        return f"Which command shall {name} run? It only looks, and changes nothing."
    many = f"{len(hits)} commands match" if hits else "CT has no command"
    return f"{many} “{t.clean(typed, 40)}”. Which one shall {name} run?"


def not_offered(picker: Reply, box: Box, left: Sequence[BoxCommand], *, dashboard: str) -> Reply:
    """The picker, and which of CT's commands are not in it."""
    if not left:
        return picker
    named = ", ".join(t.esc(one.name, 40) for one in left[:MOST_NAMED])
    more = f" and {len(left) - MOST_NAMED} more" if len(left) > MOST_NAMED else ""
    note = f"To be run in CT itself, for they may change the box or show passwords: {named}{more}."
    return Reply(picker.text, [*picker.blocks, parts.context(note), *_in_ct(box, dashboard)])


def only_in_ct(box: Box, refused: BoxCommand, *, dashboard: str) -> Reply:
    """A command that I do not run."""
    text = (
        f"I run only commands that look. {t.bold(refused.name, 60)} may change {t.bold(box.name)} or show passwords, "
        "so nothing was sent. Run it in CT's dashboard."
    )
    pick = parts.run("Another Command…", f"diagnose {box.slug}")
    return Reply(t.plain(text), [parts.section(text), parts.actions(pick, *_page(box, dashboard))])


def nothing_to_run(box: Box, left: Sequence[BoxCommand], *, dashboard: str) -> Reply:
    """CT has commands, but none of which I know that it only looks."""
    text = "Of none of CT's commands do I know that it only looks, so I run none. Run them in CT's dashboard."
    named = ", ".join(t.esc(one.name, 40) for one in left[:MOST_NAMED])
    return Reply(text, [parts.section(text), parts.context(f"CT has: {named}"), *_in_ct(box, dashboard)])


def _page(box: Box, dashboard: str) -> list[ButtonElement]:
    url = in_dashboard(box, dashboard)
    return [parts.open_page("Open in CT", url)] if url else []


def _in_ct(box: Box, dashboard: str) -> list[Block]:
    page = _page(box, dashboard)
    return [parts.actions(*page)] if page else []
