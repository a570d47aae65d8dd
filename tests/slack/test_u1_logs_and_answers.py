"""Row U1 and Slack's limits for logs, and for what boxes answer to diagnostic commands."""

import pytest
from hypothesis import Phase, given, settings

from bot.ct import Box, BoxCommand, LogLine
from bot.services.diagnoses import only_looks
from bot.services.logs import Log
from bot.services.operation import Facts
from bot.slack.box_logs import LogArgs, Shown, ways
from bot.slack.commands.diagnose import DIAGNOSE
from bot.slack.grammar import parse
from bot.slack.registry import load
from bot.slack.reply import Reply
from bot.slack.text import lines
from bot.slack.views import answers, logs
from tests.slack.drawing import DASHBOARD, NOW, check, check_markdown, pressable
from tests.slack.foreign import shows_nothing_hidden
from tests.slack.strangers import Strangers, strangers

REGISTRY = load()
often = settings(max_examples=150, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def line(some: Strangers) -> LogLine:
    return LogLine(
        at=some.moment(),
        message=some.text(),
        facility=some.words(),
        severity=some.dice.choice((None, "err", "4", "99", "²", some.text())),
    )


def log(some: Strangers) -> Log:
    end = int(NOW) - some.dice.choice((0, 30, 5000, 10**6))
    found = some.several(lambda: line(some), 40)
    return Log(end - some.dice.choice((300, 900)), end, 900, found, some.flag())


def command(some: Strangers) -> BoxCommand:
    return BoxCommand(id=some.id(), name=some.id())


@often
@given(strangers())
def test_a_log(some: Strangers) -> None:
    box, found = some.box(), log(some)
    about = some.maybe(lambda: some.text()[:300])
    shown = Shown(box, found, LogArgs(box.slug, "until 1790000000", "15 min", about), "")

    reply = check(
        logs.log_page(box, found, about=about, page=some.number(), ways=ways(shown), now=NOW, note=shown.note)
    )

    assert reply.private
    assert "Share Here" not in pressable(reply)


@often
@given(strangers())
def test_a_log_as_a_file(some: Strangers) -> None:
    box, found = some.box(), log(some)
    text = logs.as_file(found).decode()

    assert text.count("\n") == len(found.lines)
    assert shows_nothing_hidden(text)
    check_markdown(logs.file_comment(box, found))
    check(logs.sent(box, found))
    check(logs.not_sent())
    check(logs.kept_back(box, some.text(), dashboard=DASHBOARD))


@often
@given(strangers())
def test_an_answer(some: Strangers) -> None:
    op = some.reboot().but(kind="box_diagnose", params={"command": some.id()[:100], "detail": some.id()})
    text = "\n".join(some.several(some.text, 60))
    answer = answers.Answer(lines(text), some.number(), some.flag())

    assert shows_nothing_hidden(answer.text)
    check(answers.in_message(op, answer))
    check(answers.unread(op))
    check_markdown(answers.file_comment(op, answer))
    check(DIAGNOSE.outcome(op))
    assert answers.file_name(op).endswith(".txt")


@often
@given(strangers())
def test_the_question_which_command(some: Strangers) -> None:
    box, found = some.box(), some.several(lambda: command(some), 12, 1)
    lead = answers.question(box, some.words(), some.several(lambda: command(some), 3))

    check(answers.not_offered(Reply("x", []), box, found, dashboard=DASHBOARD))
    check(answers.only_in_ct(box, found[0], dashboard=DASHBOARD))
    check(answers.nothing_to_run(box, found, dashboard=DASHBOARD))
    assert lead.strip()
    assert not any(only_looks(one) for one in found)


def test_columns_stay_where_they_are() -> None:
    text = "\r\neth0\tUP\n  lo   \x1b[32mUP\x1b[0m\u202e\n\n\x00end\n\n"

    assert lines(text) == "eth0    UP\n  lo   UP\n\nend"


@pytest.mark.parametrize(
    ("told", "word"),
    [("3", "error"), ("7", "debug"), ("8", "8"), ("ERR", "error"), ("warn", "warning"), ("odd", "odd"), (None, "")],
)
def test_a_severity_is_told_in_words(told: str | None, word: str) -> None:
    assert logs.severity(LogLine(severity=told)) == word


@pytest.mark.parametrize("seed", range(20))
def test_every_button_is_a_command_that_can_be_read(seed: int) -> None:
    some = Strangers(seed)
    box = Box(id="1", slug="lobby-1", name=some.text(), state="online", location_slug="cafe-1", mac="AA")
    found = Log(int(NOW) - 900, int(NOW), 900, [line(some) for _ in range(25)], True)
    shown = Shown(box, found, LogArgs("lobby-1", "until 1790000000", "15 min", "dhcp"), "")
    before = Facts(id="1", slug="lobby-1", name=some.text())
    op = some.reboot().but(params={"command": "c-1", "detail": "Routes"}, before=before)
    replies = [
        logs.log_page(box, found, about="dhcp", page=2, ways=ways(shown), now=NOW),
        answers.only_in_ct(box, BoxCommand(id="2", name=some.id()), dashboard=DASHBOARD),
    ]
    values = [value for reply in replies for value in pressable(check(reply)).values()]

    for text in [*values, *(button.value or "" for button in answers.then(op))]:
        if not text.startswith(DASHBOARD):
            found_command, rest = REGISTRY.match(text)

            assert found_command is not None, text
            assert found_command.name, text
            assert parse(found_command.args, rest, typed=text) is not None
