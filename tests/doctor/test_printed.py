"""The findings for a terminal and for a program."""

import json
import re

import pytest

from bot.doctor import printed
from bot.doctor.findings import About, Finding, Group

SERVER, APPLICATION = About(Group.REDIS, "Server"), About(Group.CT, "Application")
FINE, WRONG = SERVER.fine("answers"), APPLICATION.wrong("CT does not know it", "Copy the App ID anew.")
WARNING, UNKNOWN = SERVER.warning("slow", "Move it."), SERVER.unknown("nobody knows", "Look.")


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "100")


def test_each_line_begins_with_its_verdict_in_words_and_what_to_do_stands_below() -> None:
    assert printed.text([FINE, WRONG], {Group.REDIS: "r.example:6379"}).splitlines() == [
        "Redis (r.example:6379)",
        "  fine     Server       answers",
        "",
        "CT",
        "  WRONG    Application  CT does not know it",
        "                        → Copy the App ID anew.",
        "",
        "1 wrong, 0 warnings, 0 unknown, 1 fine.",
    ]


def test_nothing_in_it_is_colour() -> None:
    assert "\x1b" not in printed.text([FINE, WRONG, WARNING, UNKNOWN])


def test_long_sentences_are_wrapped_under_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "70")
    lines = printed.text([APPLICATION.wrong("word " * 40, "do " * 60)]).splitlines()

    assert max(map(len, lines)) <= 70
    assert [line for line in lines[2:8] if not line.startswith(" " * 24)] == []


def test_an_address_is_never_broken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    url = "https://bot.acme.example/oauth/ct/callback-that-is-longer-than-the-terminal"

    assert f" {url}\n" in printed.text([APPLICATION.wrong("no", f"Put {url} there.")])


def test_what_comes_from_outside_cannot_drive_the_terminal_nor_show_a_token() -> None:
    hostile = SERVER.fine("@ct in \x1b[2JAcme\n\r\u202e xoxb-1-canary")
    text, told = printed.text([hostile]), printed.as_json([hostile])

    assert not re.search("[\x00-\x09\x0b-\x1f\u202e]", text)
    assert "canary" not in text + told
    assert "Acme" in text


def test_the_json_holds_every_finding_and_the_verdict_of_all() -> None:
    told = json.loads(printed.as_json([FINE, WARNING, WRONG]))

    assert told["verdict"] == "wrong"
    assert told["findings"][2] == {
        "group": "CT",
        "name": "Application",
        "verdict": "wrong",
        "seen": "CT does not know it",
        "todo": "Copy the App ID anew.",
    }


def test_unknown_is_no_trouble_of_the_whole() -> None:
    assert [printed.verdict(found) for found in ([FINE, UNKNOWN], [FINE, WARNING], [WARNING, WRONG])] == [
        *("fine", "warning", "wrong"),
    ]


def test_nothing_found_is_said_too() -> None:
    nothing: list[Finding] = []

    assert printed.text(nothing).endswith("0 wrong, 0 warnings, 0 unknown, 0 fine.")
