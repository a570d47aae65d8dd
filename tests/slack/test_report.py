"""`/ct report`: a location in numbers, in words and beside the time before; CT's own report by e-mail, once."""

import re
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ct import Box, GuestStats
from bot.services.figures import NO_FIGURES, Figures, Span
from bot.services.report import Guests, Numbers, Report
from bot.services.venues import Venue
from bot.slack import text as t
from bot.slack.grammar import parse
from bot.slack.registry import load
from bot.slack.views import figures, report
from tests.slack.drawing import NOW, check, pressable, shown
from tests.slack.hotel import SLUG
from tests.slack.strangers import Strangers, strangers
from tests.slack.test_usage import charts
from tests.slack.upsets import calls, demote, lose_answer
from tests.stage import Stage

REPORTS = "/api/v1/reports"
METRICS = "/api/v1/metrics"
REGISTRY = load()


async def mails(stage: Stage) -> list[dict[str, Any]]:
    """What CT sent by e-mail."""
    found: list[dict[str, Any]] = (await stage.control.get("/_practice/mails")).json()["mails"]
    return found


async def test_a_week_is_told_in_words_beside_the_week_before_above_two_charts(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct report harbour hotel")

    title, guests, who, visits, people, traffic, views, *_ = seen.text.splitlines()
    assert title == "Harbour Hotel, last 7 days"
    assert re.fullmatch(r"[\d,]+ guests logged in, (\d+% (more|fewer) than|as) in the 7 days before", guests)
    assert re.fullmatch(r"[\d,]+ of them new · \d+% had been there before", who)
    assert re.fullmatch(
        r"[\d,]+ visits, (\d+% (more|fewer)|as before) · \d+ min long on average \(\d+ min before\)", visits
    )
    assert re.fullmatch(r"[\d,]+ people at most \(\w{3} \d\d\)", people)
    assert re.fullmatch(r"[\d.]+ [GT]B of traffic, (\d+% (more|less)|as before)", traffic)
    assert re.fullmatch(r"Login pages seen [\d,]+ times, (\d+% (more|less)|as before)", views)
    assert "40 boxes: 37 online, 3 offline now\nCT e-mails a weekly report of it to 2 addresses." in seen.text
    assert [chart["title"] for chart in charts(seen)] == ["People", "Login page views"]
    assert seen.buttons == ["24 Hours", "30 Days", "E-mail It to Me…", "Weekly E-mail Off…", "Share Here"]
    assert "canary" not in str(seen.raw)
    assert seen.ephemeral
    assert await stage.refusals() == []


async def test_other_periods_are_typed_or_pressed_and_are_compared_with_their_own_like(stage: Stage) -> None:
    ana = await stage.link()

    day = await ana.type("/ct report café nord 24h")
    month = await ana.click("30 Days")
    other = await ana.type("/ct report café nord for 3 days")

    assert "last 24 hours\n" in day.text
    assert " in the 24 hours before" in day.text
    assert "last 30 days\n" in month.text
    assert " in the 30 days before" in month.text
    assert "I can show 24h, 7d or 30d, not “3 days”." in other.text
    assert await stage.refusals() == []


async def test_it_is_shared_as_it_is_shown_for_it_says_nothing_of_anybody(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct report harbour hotel")

    await ana.click("Share Here")

    seen = await stage.person("lee").sees("Harbour Hotel, last 7 days")
    assert len(charts(seen)) == 2
    assert "guests logged in" in seen.text


async def test_a_slack_without_charts_reads_them_as_signs(stage: Stage) -> None:
    ana = await stage.link()
    await stage.workspace.fault("response_url", status=400, error="invalid_blocks")

    seen = await ana.type("/ct report café nord")

    assert charts(seen) == []
    assert re.search(r"Login page views  [▁▂▃▄▅▆▇]{7,8}  \w{3} \d\d to now, at most [\d,]+", seen.text)


@pytest.mark.parametrize("status", [403, 422])
async def test_a_plan_that_ends_at_seven_days_is_told_in_ct_s_words_with_the_shorter_span(
    stage: Stage, status: int
) -> None:
    ana = await stage.link()
    await stage.turn(plan="free", span_status=status)

    seen = await ana.type("/ct report café nord 30d")
    asked = await calls(stage, "GET", METRICS)
    week = await ana.click("7 Days")

    why = "Please upgrade your plan to see more than the last 7 days."
    assert f"CT shows no figures of that long: {why} Ask for 7 days." in seen.text
    assert "6 boxes: 4 online, 2 offline now" in seen.text
    assert seen.buttons == ["7 Days", "E-mail It to Me…", "Weekly E-mail On…"]
    assert charts(seen) == []
    assert asked == 1
    assert " in the 7 days before" in week.text


async def test_a_role_that_sees_seven_days_only_is_told_so(stage: Stage) -> None:
    lee = await stage.link("lee")
    await stage.turn(span_limit="role")

    assert "check that you are allowed to see more" in (await lee.type("/ct report café nord 30d")).text


async def test_a_week_before_that_ct_does_not_give_is_said_to_be_missing(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(plan="free", span_counts="age")

    seen = await ana.type("/ct report café nord")

    assert re.search(r"\n[\d,]+ guests logged in\n", seen.text)
    assert "Of the 7 days before CT tells nothing: Please upgrade your plan" in seen.text
    assert len(charts(seen)) == 2


@pytest.mark.parametrize("word", ["api_token_401", "api_token_403"])
async def test_figures_kept_for_the_dashboard_are_said_to_be_and_the_e_mail_is_offered(stage: Stage, word: str) -> None:
    ana = await stage.link()
    await stage.turn(metrics_auth=word)

    seen = await ana.type("/ct report café nord")
    still_linked = await ana.type("/ct whoami")

    told = "to its own dashboard only" if word.endswith("401") else "You are not allowed to do that."
    assert told in seen.text
    assert seen.buttons == ["E-mail It to Me…", "Weekly E-mail On…"]
    assert "ana@venues.example" in still_linked.text


async def test_guests_figures_are_read_in_either_shape(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(stats_shape="flat")

    assert "guests logged in" in (await ana.type("/ct report café nord")).text


async def test_a_location_that_is_missing_or_unknown_is_asked_for(stage: Stage) -> None:
    ana = await stage.link()

    missing = await ana.type("/ct report for 24h")
    picked = await ana.choose("café nord", "Café Nord")
    unknown = await ana.type("/ct report atlantis")

    assert "Which location?" in missing.text
    assert "Café Nord, last 24 hours" in picked.text
    assert "No location matches atlantis." in unknown.text


async def test_the_card_of_a_location_leads_to_its_numbers(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct location café nord")

    assert "Café Nord, last 7 days" in (await ana.click("Its Numbers")).text


# CT's own report, by e-mail


async def test_ct_e_mails_its_report_to_the_asker_after_one_question(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct report harbour hotel 24h")

    asked = await ana.click("E-mail It to Me…")
    assert asked.text.startswith("Have CT e-mail you the report of logins at Harbour Hotel, last 24 hours?")
    assert "to the address of your CT account, and to nobody else" in asked.text
    assert "You act as ana@venues.example." in asked.text
    assert await mails(stage) == []
    await ana.click("Send It", until="CT sends you the report of logins at Harbour Hotel, last 24 hours.")

    [mail] = await mails(stage)
    assert (mail["to"], mail["type"], mail["location"]) == ("ana@venues.example", "radius", SLUG)
    assert mail["end"] - mail["start"] == t.DAY
    await stage.person("lee").never_sees("report of logins")
    assert [row["event"] for row in await stage.audit()][-2:] == ["report_email_intent", "report_email_accepted"]
    assert await stage.refusals() == []


@pytest.mark.parametrize(("typed", "sent"), [("people", "people"), ("Devices", "client"), ("order", "order")])
async def test_another_kind_of_report_is_typed(stage: Stage, typed: str, sent: str) -> None:
    ana = await stage.link()
    await ana.type(f"/ct report email harbour hotel about {typed}")

    await ana.click("Send It", until="CT sends you the report of")

    assert [mail["type"] for mail in await mails(stage)] == [sent]


async def test_another_kind_of_report_is_one_press_away(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct report email harbour hotel 24h")

    other = await ana.click("Orders Instead")

    assert other.text.startswith("Have CT e-mail you the report of orders at Harbour Hotel, last 24 hours?")


async def test_a_kind_that_there_is_not_is_answered_with_those_that_there_are(stage: Stage) -> None:
    ana = await stage.link()

    seen = await ana.type("/ct report email harbour hotel about weather")

    assert "CT has no report about “weather”. Type about logins, people, devices, orders" in seen.text


async def test_a_lost_answer_is_one_mail_and_said_to_be_unknown(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct report email harbour hotel")
    await lose_answer(stage, "POST", REPORTS)

    await ana.click("Send It", until="it may or may not have reached CT")

    told = await ana.sees("look into your mailbox before you ask again", channel="app", timeout=10)
    assert "I will not send it again." in told.text
    assert await calls(stage, "POST", REPORTS) == 1
    assert len(await mails(stage)) == 1


async def test_ct_s_refusal_of_a_report_is_told(stage: Stage) -> None:
    ana = await stage.link()
    await stage.turn(plan="free")
    await ana.type("/ct report email harbour hotel 30d")

    seen = await ana.click("Send It", until="CT refused")

    assert "Please upgrade your plan to see more than the last 7 days.\nNothing was changed." in seen.text
    assert await mails(stage) == []


# The weekly e-mail of a location


async def test_the_weekly_e_mail_is_switched_off_and_on_after_one_question(stage: Stage) -> None:
    ana, lee = await stage.link(), stage.person("lee")
    await ana.type("/ct report harbour hotel")

    off = await ana.click("Weekly E-mail Off…")
    assert off.text.startswith("Switch the weekly e-mail about Harbour Hotel off?\nIt goes to 2 addresses in CT's")
    await ana.click("Switch It Off", until="CT e-mails no weekly report of Harbour Hotel now.")
    await lee.sees("@ana switched the weekly e-mail about Harbour Hotel off")
    await ana.click("Switch It On…", until="Switch the weekly e-mail about Harbour Hotel on?")
    await ana.click("Switch It On", until="CT e-mails a weekly report of Harbour Hotel.")

    extra = stage.ct.world.locations[SLUG].extra
    assert (extra["reports_active"], extra["reports_emails"].count("@")) == (True, 2)
    assert await calls(stage, "PATCH", f"/api/v1/locations/{SLUG}") == 2
    assert await stage.refusals() == []


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("harbour hotel", "Harbour Hotel: CT e-mails a weekly report of it to 2 addresses."),
        ("harbour hotel on", "The weekly e-mail about Harbour Hotel is on already."),
        ("nordhaven library on", "CT has no address to send it to. Add one in CT's dashboard"),
        ("nordhaven library", "Nordhaven Library: CT e-mails no weekly report of it."),
    ],
)
async def test_what_there_is_nothing_to_switch_about_is_said(stage: Stage, typed: str, told: str) -> None:
    ana = await stage.link()

    seen = await ana.type(f"/ct report weekly {typed}")

    assert told in seen.text
    assert await calls(stage, "PATCH", "/api/v1/locations") == 0


async def test_a_lost_switch_is_looked_into(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct report weekly café nord on")
    await lose_answer(stage, "PATCH", "/api/v1/locations")

    await ana.click("Switch It On", until="it may or may not have reached CT")

    await ana.sees("CT e-mails a weekly report of Café Nord.", channel="app", timeout=10)
    assert await calls(stage, "PATCH", "/api/v1/locations") == 1


async def test_who_may_only_look_switches_nothing(stage: Stage) -> None:
    ana = await stage.link()
    await ana.type("/ct report weekly café nord on")
    await demote(stage)

    assert "Nothing was changed." in (await ana.click("Switch It On", until="CT refused")).text


@pytest.mark.parametrize("typed", ["report", "report email", "report weekly"])
async def test_who_is_not_linked_is_asked_to_link(stage: Stage, typed: str) -> None:
    assert "I need your CT account" in (await stage.person("lee").type(f"/ct {typed} harbour hotel")).text


# In any words and numbers


def drawn(some: Strangers) -> Report:
    period = some.dice.choice(list(figures.PERIODS))
    span = Span(int(NOW) - period, int(NOW))

    def series() -> Figures:
        number = some.dice.randrange(9)
        return Figures([(span.start + n * span.step, float(some.number())) for n in range(number)], some.text())

    def numbers() -> Numbers:
        shut = some.dice.random() < 0.2
        stats = GuestStats(
            uniques=some.count(),
            new=some.count(),
            sessions=some.count(),
            returning=some.maybe(some.dice.random),
            average=some.count(),
        )
        guests = Guests(why=some.id(), shut=True, too_long=some.flag()) if shut else Guests(stats, some.text())
        return Numbers(guests, series(), series())

    place = replace_in(some)
    return Report(Venue(place, some.several(some.box, 9), some.flag()), span, numbers(), numbers(), series())


def replace_in(some: Strangers) -> Any:
    place = some.place()
    weekly = {"weekly_report": some.maybe(some.flag), "weekly_readers": some.count()}
    return type(place)(**{**{name: getattr(place, name) for name in place.__struct_fields__}, **weekly})


@given(strangers())
def test_a_report_of_anything_is_what_we_wrote(some: Strangers) -> None:
    check(report.report(drawn(some), now=NOW))


@pytest.mark.parametrize("seed", range(10))
def test_every_button_is_a_command_that_can_be_read(seed: int) -> None:
    found = drawn(Strangers(seed))
    place = type(found.venue.location)(id="1", slug="cafe-1", name="<!channel>", weekly_report=bool(seed % 2))
    reply = check(report.report(replace(found, venue=Venue(place, [], True)), now=NOW))

    for text in pressable(reply).values():
        command, rest = REGISTRY.match(text)

        assert command is not None, text
        assert parse(command.args, rest, typed=text).location == "cafe-1"


def test_a_place_of_which_ct_has_no_figures_says_so_once() -> None:
    span = Span(int(NOW) - t.DAY, int(NOW))
    none = Numbers(Guests(why=NO_FIGURES), Figures(why=NO_FIGURES), Figures(why=NO_FIGURES))
    venue = Venue(replace_in(Strangers(1)), [Box(id="1", slug="b", state="online")], True)

    text = shown(check(report.report(Report(venue, span, none, none, Figures(why=NO_FIGURES)), now=NOW)))

    assert "Guests, people, traffic and login pages: CT has no figures for that time." in text


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_a_comparison_says_which_way_it_went(now: int, before: int) -> None:
    words = figures.against(now, before, "the 7 days before", less="fewer")

    assert ("more" in words) == (bool(before) and now >= before * 1.005)
    assert ("fewer" in words) == (bool(before) and now <= before * 0.995)
    assert figures.against(now, None) == figures.against(None, before) == ""
