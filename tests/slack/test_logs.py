"""`/ct logs`: the newest lines of a box, to the asker alone; and earlier ones, searched ones, all as a file."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.sandbox.slack.seen import Seen
from bot.slack.box_logs import LogArgs
from bot.slack.grammar import compose, parse, usage
from tests.stage import LOBBY, Stage

LINE = re.compile(r"^(?:\d\d:){2}\d\d · (\w+) · [\w-]+\n(.*)$", re.MULTILINE)
HOSTILE = "wlan0: foreign network <!channel> *free* ```wifi``` <@U01ANA> seen, https://evil.example/x"


def lines(seen: Seen) -> list[tuple[str, str]]:
    """Severity and message of each."""
    return LINE.findall(seen.text)


def moments(seen: Seen) -> list[str]:
    """When each was logged."""
    return re.findall(r"^\d\d:\d\d:\d\d(?= · )", seen.text, re.MULTILINE)


def number(seen: Seen) -> int:
    """How many lines there are in all, as it says."""
    found = re.search(r": (\d+) lines?", seen.text)
    return int(found[1]) if found else 0


async def calls(stage: Stage) -> list[dict[str, Any]]:
    """The calls for logs that reached CT, and what it understood of each."""
    rows = (await stage.control.get("/_practice/log")).json()["rows"]
    return [row.get("asked", {}) for row in rows if row["path"] == "/api/v1/logs"]


async def asked(stage: Stage) -> list[dict[str, Any]]:
    """The same, once for all pages of one look."""
    found: list[dict[str, Any]] = []
    for call in await calls(stage):
        if call not in found:
            found.append(call)
    return found


async def test_the_newest_lines_come_first_and_in_words(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")

    seen = await ana.type("/ct logs lobby ap-3")

    assert re.match(r"Log of Lobby AP-3, last 15 min: \d+ lines(, \d+ warnings? or errors?)?\n", seen.text)
    assert len(lines(seen)) == 10
    assert {word for word, _ in lines(seen)} <= {"error", "warning", "notice", "info", "debug"}
    times = moments(seen)
    assert times == sorted(times, reverse=True) or times[0] < times[-1]  # it may be midnight
    assert "Only you can see this. 1–10 of" in seen.text
    assert seen.ephemeral
    await lee.never_sees("Log of")
    assert await stage.refusals() == []


async def test_there_is_no_way_to_share_it(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct logs lobby ap-3")

    assert seen.buttons == ["Next", "Earlier", "A Whole Hour", "Refresh", "Send as a File", "Diagnose…", "Whole Box"]


async def test_what_strangers_have_in_the_log_stays_text(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct logs lobby ap-3 about foreign")

    assert HOSTILE in seen.text
    assert seen.links == {}
    assert await stage.refusals() == []


async def test_a_password_in_a_line_is_blanked(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(logs_a_minute=60)

    seen = await ana.type("/ct logs lobby ap-3 for 1h about PAP")

    assert "sent [PAP AuthReq id=0x" in seen.text or "CT has no lines" in seen.text
    assert "canary" not in str(seen.raw)


async def test_pages_are_of_one_look_whatever_is_logged_meanwhile(stage: Stage) -> None:
    ana = await stage.link()
    first = await ana.type("/ct logs lobby ap-3 for 30 min")

    second = await ana.click("Next")
    again = await ana.click("Previous")

    assert number(first) == number(second) == number(again)
    assert lines(again) == lines(first)
    assert moments(first)[-1] >= moments(second)[0] or moments(first)[0] < moments(first)[-1]  # it may be midnight
    assert lines(second) != lines(first)
    assert len(await asked(stage)) == 1


async def test_earlier_lines_are_a_button_away(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct logs lobby ap-3 for 30 min about hostapd")

    earlier = await ana.click("Earlier")
    newest = await ana.click("Newest")

    first, second, *_ = await asked(stage)
    assert (second["end"], second["q"]) == (first["start"], "hostapd")
    assert re.match(r"Log of Lobby AP-3, 30 min until .+, about “hostapd”: \d+ lines", earlier.text)
    assert (await calls(stage))[-1]["end"] >= first["end"]
    assert "last 30 min" in newest.text


async def test_a_whole_hour_is_one_press(stage: Stage) -> None:
    ana = await stage.link()
    quarter = await ana.type("/ct logs lobby ap-3")

    hour = await ana.click("A Whole Hour")

    assert number(hour) > number(quarter)
    assert "last 1 h" in hour.text
    assert "A Whole Hour" not in hour.buttons


@pytest.mark.parametrize(
    ("typed", "seconds", "said"),
    [
        ("for 3h", 3600, "CT shows an hour of a log at once, not 3 h. Earlier leads further back."),
        ("for a day", 3600, "CT shows an hour of a log at once, not 1 day."),
        ("for 1 min", 300, "CT shows no less than 5 minutes of a log, not 1 min."),
        ("for 20 min", 1200, "Log of"),
    ],
)
async def test_a_span_that_ct_does_not_give_is_the_nearest_and_said(
    stage: Stage, typed: str, seconds: int, said: str
) -> None:
    ana = await stage.link()

    seen = await ana.type(f"/ct logs lobby ap-3 {typed}")

    [query] = await asked(stage)
    assert query["end"] - query["start"] == seconds
    assert said in seen.text
    assert lines(seen)


@pytest.mark.parametrize("typed", ["for 30 min about chilli", "about chilli for 30 min", "about chilli for 3 men"])
async def test_a_search_and_a_span_come_in_any_order(stage: Stage, typed: str) -> None:
    ana = await stage.link()

    seen = await ana.type(f"/ct logs lobby ap-3 {typed}")

    [query] = await asked(stage)
    if typed.endswith("men"):
        assert query["q"] == "chilli for 3 men"
        assert "CT has no lines." in seen.text
    else:
        assert (query["q"], query["end"] - query["start"]) == ("chilli", 1800)
        assert all("chilli" in message for _, message in lines(seen))


async def test_what_is_no_span_is_said_with_one_that_is(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct logs lobby ap-3 for ages")

    assert "I can't read “ages” as a length of time. Type 30 min, 2h or 1 day. Nothing was changed." in seen.text


async def test_of_a_silent_box_the_last_lines_are_one_press_away(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct logs terrace ap-4")
    last = await ana.click("Before It Went Silent")

    assert seen.text.startswith(
        "Log of Terrace AP-4, last 15 min: CT has no lines.\nIt is silent: heard 3 h 12 min ago."
    )
    assert seen.buttons == ["Before It Went Silent", "Refresh", "Whole Box"]
    assert len(lines(last)) == 10


async def test_all_lines_come_as_a_file_by_direct_message(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    seen = await ana.type("/ct logs lobby ap-3 for 30 min")

    said = await ana.click("Send as a File", until="are in your direct messages")
    file = await ana.sees("lobby-ap-3-log.txt", channel="app")

    text = (await stage.workspace.http.get(file.raw["files"][0]["url_private"])).text
    assert said.text == f"{number(seen)} lines of the log of Lobby AP-3 are in your direct messages with me."
    assert len(text.splitlines()) == number(seen)
    assert text.splitlines() == sorted(text.splitlines(), key=lambda line: line[:19])
    assert HOSTILE in text
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC  \w+ +\w+ +\S", text)
    assert "canary" not in text
    await lee.never_sees("lobby-ap-3-log.txt")
    assert await stage.refusals() == []


async def test_a_file_of_nothing_is_not_sent(stage: Stage) -> None:
    ana = await stage.link()

    empty = await ana.type("/ct logs as file terrace ap-4")
    await stage.turn(logs_auth="api_token_401")
    kept = await ana.type("/ct logs as file lobby ap-3")

    assert "CT has no lines." in empty.text
    assert "Before It Went Silent" in empty.buttons
    assert kept.text.startswith("CT shows logs to its own dashboard only")


async def test_a_slack_that_takes_no_file_is_said_to(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct logs lobby ap-3")
    await stage.workspace.fault("files.getUploadURLExternal", error="missing_scope")

    seen = await ana.click("Send as a File")

    assert seen.text.startswith("Slack did not let me send you the file.")


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("api_token_401", "CT shows logs to its own dashboard only, not to apps like me. Nothing was changed."),
        ("api_token_403", "CT refused: You are not allowed to do that. It may show logs to its own dashboard only, or"),
    ],
)
async def test_logs_for_the_dashboard_only_are_said_to_be_so_and_end_no_link(
    stage: Stage, word: str, said: str
) -> None:
    ana = await stage.link()
    await stage.turn(logs_auth=word)

    seen = await ana.type("/ct logs lobby ap-3")
    still_linked = await ana.type("/ct whoami")

    assert seen.text.startswith(said)
    assert seen.buttons == ["Open in CT", "Whole Box"]
    assert "ana@venues.example" in still_linked.text
    assert len(await asked(stage)) == 1
    assert (await stage.counts())["token"] == {"authorization_code": 1}


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (404, "CT keeps no log of Lobby AP-3, or does not show it to you."),
        (422, "CT refused: Practice fault 422."),
        (429, "CT asks us to slow down."),
        (500, "CT itself failed (500)."),
    ],
)
async def test_what_ct_answers_instead_is_told(stage: Stage, status: int, said: str) -> None:
    ana = await stage.link()
    fault = {"kind": "status", "prefix": "/api/v1/logs", "method": "GET", "status": status, "times": 9}
    (await stage.control.post("/_practice/faults", json=fault)).raise_for_status()

    seen = await ana.type("/ct logs lobby ap-3", timeout=10)

    assert said in seen.text
    assert "Nothing was changed." in seen.text


@pytest.mark.parametrize("order", ["newest", "oldest"])
async def test_too_many_lines_are_cut_at_the_old_end_and_said_to_be(stage: Stage, order: str) -> None:
    ana = await stage.link()
    await stage.turn(logs_a_minute=80, logs_order=order)

    seen = await ana.type("/ct logs lobby ap-3")
    queries = await calls(stage)
    earlier = await ana.click("Earlier")

    assert "15 min had more lines than I read at once: these are from " in seen.text
    newest = re.search(r"^(\d\d):(\d\d):\d\d · ", seen.text, re.MULTILINE)
    as_of = re.search(r"as of (\d\d):(\d\d)", seen.text)
    assert newest
    assert as_of
    ago = (int(as_of[1]) * 60 + int(as_of[2]) - int(newest[1]) * 60 - int(newest[2])) % 1440
    assert ago <= 2
    assert len(queries) == (5 if order == "newest" else 10)
    assert (await asked(stage))[-1]["end"] > queries[0]["start"]
    assert "until" in earlier.text


async def test_the_number_of_a_location_is_asked_for_where_the_box_does_not_tell_it(stage: Stage) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, extra={"location_id": "cafe-nord"})

    seen = await ana.type("/ct logs lobby ap-3")

    assert lines(seen)


async def test_a_box_without_ct_s_firmware_has_no_log(stage: Stage) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, is_cucumber=False, state="splash_only")

    seen = await ana.type("/ct logs lobby ap-3")

    assert "it does not run CT's firmware, so no log exists for it." in seen.text
    assert await asked(stage) == []


async def test_a_box_without_a_mac_is_said_to_have_none(stage: Stage) -> None:
    ana = await stage.link()
    await stage.box(LOBBY, extra={"calledstationid": None, "mac": None})

    seen = await ana.type("/ct logs lobby ap-3")

    assert "CT does not tell the MAC address of Lobby AP-3" in seen.text


async def test_a_missing_box_is_asked_for_and_the_rest_is_kept(stage: Stage) -> None:
    ana = await stage.link()

    missing = await ana.type("/ct logs about chilli")
    picked = await ana.choose("lobby ap-3", "Lobby AP-3")

    assert "Which box?" in missing.text
    assert "about “chilli”" in picked.text


def test_what_only_buttons_type_stands_in_no_usage_line() -> None:
    assert usage(LogArgs) == "<box> [for <how long>] [about <text>]"


async def test_the_unlinked_are_asked_to_connect(stage: Stage) -> None:
    assert "Connect CT" in (await stage.person("lee").type("/ct logs lobby ap-3")).buttons


async def test_the_card_of_a_box_leads_to_its_log_and_back(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct box lobby ap-3")

    log = await ana.click("Logs")
    card = await ana.click("Whole Box")

    assert log.text.startswith("Log of Lobby AP-3")
    assert card.text.startswith("● Lobby AP-3")


searches = st.text(st.characters(categories=("L", "N"), include_characters=" :-."), min_size=1, max_size=30).map(
    lambda text: " ".join(text.split())
)


@given(
    st.integers(1_000_000_000, 9_999_999_999), st.integers(5, 60), st.none() | searches.filter(bool), st.integers(1, 50)
)
def test_what_stands_behind_a_button_is_read_back(until: int, minutes: int, about: str | None, page: int) -> None:
    args = LogArgs("lobby-ap-3-4c0412", f"until {until}", f"{minutes} min", about, page)

    if about is None or not {"for", "about", "page"} & set(about.casefold().split()):
        assert parse(LogArgs, compose("logs", args).removeprefix("logs "), typed="/ct logs") == args
