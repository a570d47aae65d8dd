"""Our clock against CT's and Slack's."""

import time
from email.utils import formatdate

import httpx
import pytest

from bot.doctor import clocks
from bot.doctor.findings import About, Group
from bot.doctor.wire import Heard

CLOCK = About(Group.SLACK, "Clock")
NOW = 1_790_000_000.0


def heard(ahead: float, *, date: str | None = None) -> Heard:
    """An answer that a server sent whose clock is behind ours by `ahead` seconds."""
    headers = {"date": formatdate(int(NOW - ahead), usegmt=True) if date is None else date}
    return Heard(200, httpx.Headers(headers), b"", NOW, 0.1)


@pytest.mark.parametrize("ahead", [0, 9, -9])
def test_a_few_seconds_mean_nothing(ahead: int) -> None:
    assert clocks.against_slack(CLOCK, heard(ahead)).verdict == "fine"
    assert clocks.against_ct(CLOCK, heard(ahead)).verdict == "fine"


def test_half_a_minute_is_a_warning() -> None:
    found = clocks.against_slack(CLOCK, heard(30))

    assert found.verdict == "warning"
    assert "our clock is 30 s ahead of Slack's" in found.seen.replace("29", "30")
    assert "NTP" in found.todo


def test_beyond_a_minute_nobody_can_sign_in_and_beyond_five_nothing_from_slack_is_taken() -> None:
    signing, all_of_it = clocks.against_slack(CLOCK, heard(-90)), clocks.against_slack(CLOCK, heard(400))

    assert (signing.verdict, all_of_it.verdict) == ("wrong", "wrong")
    assert "behind Slack's: signing in fails, and soon" in signing.seen
    assert "signing in fails, and every request from Slack" in all_of_it.seen


def test_cts_clock_is_never_more_than_a_warning() -> None:
    assert clocks.against_ct(CLOCK, heard(4000)).verdict == "warning"


@pytest.mark.parametrize("date", ["", "yesterday", "Mon, 99 Foo 2020 00:00:00 GMT"])
def test_an_answer_without_a_time_leaves_it_unknown(date: str) -> None:
    assert clocks.against_ct(CLOCK, heard(0, date=date)).verdict == "unknown"
    assert clocks.ahead(Heard(200, httpx.Headers({}), b"", time.time(), 0.0)) is None
