"""What a message reads like on the screen."""

from typing import Any

import pytest

from bot.sandbox.slack.dates import date_text
from bot.sandbox.slack.rendering import Names, Rendered, Renderer
from tests.sandbox.slack_app_under_test import actions, button, plain, section

NOW = 1795404901.0  # 2026-11-23 03:35:01 UTC
NAMES = Names({"U01ANA": "ana"}, {"C01NOC": "noc"})


def rendered(*blocks: dict[str, Any], user: str = "U01ANA") -> Rendered:
    return Renderer(NAMES, user=user, now=NOW).message({"text": "not shown", "blocks": list(blocks)})


def said(text: str) -> str:
    return Renderer(NAMES, now=NOW).message({"text": text}).text


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("*bold* _slanted_ ~gone~ `code`", "bold slanted gone code"),
        ("```\nblock\n```", "block"),
        ("2 * 3 * 4 snake_case_name a~b~c", "2 * 3 * 4 snake_case_name a~b~c"),
        ("<@U01ANA> in <#C01NOC|noc>", "@ana in #noc"),
        ("<@U99NIL> in <#C99NIL|gone>", "@U99NIL in #gone"),
        ("&lt;!channel&gt; &amp; *&lt;b&gt;*", "<!channel> & <b>"),
        ("<!here> <!subteam^S1|@oncall>", "@here @oncall"),
        ("<https://x.example/_a_|the *page*> <https://y.example>", "the *page* https://y.example"),
        ("*<@U01ANA> said*", "@ana said"),
        ("a < b and c > d", "a < b and c > d"),
    ],
)
def test_markup_reads_as_it_looks(text: str, reads: str) -> None:
    assert said(text) == reads


@pytest.mark.parametrize(
    ("token", "reads"),
    [
        ("{date_num} {time_secs}", "2026-11-23 03:35:01"),
        ("{date}", "November 23rd, 2026"),
        ("{date_short}", "Nov 23, 2026"),
        ("{date_long}", "Monday, November 23rd, 2026"),
        ("{date_short_pretty} at {time}", "Today at 03:35"),
        ("since {date_pretty}", "since today"),
        ("{nonsense}", "{nonsense}"),
    ],
)
def test_a_date_token_reads_as_a_clock_in_utc(token: str, reads: str) -> None:
    assert said(f"<!date^{int(NOW)}^{token}|then>") == reads


@pytest.mark.parametrize(
    ("ago", "reads"),
    [(0, "now"), (20, "20 seconds ago"), (60, "1 minute ago"), (7200, "2 hours ago"), (-86400, "in 1 day")],
)
def test_an_ago_token_counts(ago: int, reads: str) -> None:
    assert date_text(f"!date^{int(NOW) - ago}^{{ago}}", "then", now=NOW) == reads


def test_days_around_today_have_names() -> None:
    reads = [date_text(f"!date^{int(NOW) + days * 86400}^{{date_pretty}}", "", now=NOW) for days in (-1, 1, 2)]

    assert reads == ["Yesterday", "Tomorrow", "November 25th, 2026"]


def test_a_malformed_date_reads_as_its_fallback() -> None:
    assert said("<!date^soon^{time}|some time>") == "some time"


def test_blocks_read_from_top_to_bottom_and_hide_the_text() -> None:
    menu = {"type": "overflow", "action_id": "m", "options": []}
    seen = rendered(
        {"type": "header", "text": plain("Lobby AP-3")},
        {"type": "divider"},
        section("*online*", fields=[plain("14 people"), plain("up 41 days")], accessory=menu),
        {"type": "context", "elements": [plain("as of 03:14"), {"type": "image", "alt_text": "green"}]},
        actions(button("Reboot Lobby AP-3"), button("Open in CT", "ct", url="https://ct.example/b")),
    )

    assert seen.text == (
        "Lobby AP-3\nonline\n14 people\nup 41 days\n[…]\nas of 03:14  green\n[Reboot Lobby AP-3]  [Open in CT]"
    )
    assert seen.buttons == ["Reboot Lobby AP-3", "Open in CT"]
    assert seen.links == {"Open in CT": "https://ct.example/b"}


def test_links_are_listed_by_their_words() -> None:
    renderer = Renderer(NAMES, now=NOW)
    seen = renderer.message({"text": "<https://x.example/?a=1&amp;b=2|Connect> or <https://y.example>"})

    assert seen.links == {"Connect": "https://x.example/?a=1&b=2", "https://y.example": "https://y.example"}


def test_a_button_for_somebody_else_is_not_on_the_screen() -> None:
    block = actions(button("Approve", visible_to_user_ids=["U02LEE"]))

    assert rendered(block).buttons == []
    assert rendered(block, user="U02LEE").buttons == ["Approve"]


def test_selects_show_their_choice_or_their_placeholder() -> None:
    select = {"type": "external_select", "action_id": "s", "placeholder": plain("Search a box")}
    chosen = {"type": "static_select", "action_id": "t", "initial_option": {"text": plain("AP-3"), "value": "3"}}
    radio = {"type": "radio_buttons", "action_id": "r", "options": [{"text": plain("One"), "value": "1"}]}

    assert rendered(actions(select, chosen, radio)).text == "[Search a box]  [AP-3]  ( ) One"


def test_tables_charts_cards_and_rich_text_have_words_too() -> None:
    table = {"type": "data_table", "caption": "Boxes", "rows": [[{"type": "raw_text", "text": "Box"},
             {"type": "raw_number", "value": 3}], [{"type": "rich_text", "elements": [{"type": "rich_text_section",
             "elements": [{"type": "user", "user_id": "U01ANA"}]}]}, {"type": "action_cell",
             "element": button("Look")}]]}  # fmt: skip
    chart = {
        "type": "data_visualization",
        "title": "Up",
        "chart": {"type": "pie", "segments": [{"label": "a", "value": 1}]},
    }
    lines = {"type": "data_visualization", "title": "Days", "chart": {"type": "line", "series": [
             {"name": "up", "data": [{"label": "Mon", "value": 2}]}]}}  # fmt: skip
    card = {"type": "card", "title": plain("Card"), "body": plain("Body"), "actions": [button("Go")]}
    rich = {"type": "rich_text", "elements": [
        {"type": "rich_text_section", "elements": [
            {"type": "text", "text": "See "}, {"type": "link", "url": "https://x.example"},
            {"type": "channel", "channel_id": "C01NOC"}, {"type": "emoji", "name": "tada"},
            {"type": "date", "timestamp": int(NOW), "format": "{time}"}, {"type": "broadcast", "range": "here"}]},
        {"type": "rich_text_list", "style": "bullet", "elements": [{"type": "rich_text_section", "elements": [
            {"type": "text", "text": "one"}]}]}]}  # fmt: skip
    box = {"type": "container", "title": plain("Box"), "child_blocks": [section("inside")]}
    plan = {"type": "plan", "title": "Plan", "tasks": [{"type": "task_card", "title": "Do", "status": "complete"}]}
    carousel = {"type": "carousel", "elements": [card]}
    picture = {"type": "image", "alt_text": "a map", "image_url": "https://x.example/a.png"}
    markdown = {"type": "markdown", "text": "# Title\n**strong**"}

    seen = rendered(table, chart, lines, carousel, rich, box, plan, picture, markdown)

    assert seen.text.splitlines() == [
        "Boxes", "Box | 3", "@ana | [Look]", "Up", "a: 1", "Days", "up: Mon 2", "Card", "Body", "[Go]",
        "See https://x.example#noc:tada:03:35@here", "• one", "Box", "inside", "Plan", "Do (complete)", "a map",
        " Title", "strong",
    ]  # fmt: skip


def test_a_modal_reads_from_its_title_to_its_ends() -> None:
    view = {
        "title": plain("Reboot"),
        "submit": plain("Send"),
        "close": plain("Cancel"),
        "blocks": [
            {"type": "alert", "text": plain("Careful")},
            {
                "type": "input",
                "label": plain("Reason"),
                "hint": plain("Others see it"),
                "element": {"type": "plain_text_input", "action_id": "r", "placeholder": plain("because")},
            },
        ],
    }
    seen = Renderer(NAMES, now=NOW).view(view)

    assert seen.text == "Reboot\nCareful\nReason\n[because]\nOthers see it\n[Send]  [Cancel]"


def test_attachments_and_files_are_read_after_the_message() -> None:
    message = {"text": "Here", "attachments": [{"fallback": "old style"}], "files": [{"title": "All boxes"}]}

    assert Renderer(NAMES, now=NOW).message(message).text == "Here\nold style\n[All boxes]"
