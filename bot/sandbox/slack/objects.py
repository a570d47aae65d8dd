"""Block Kit's composition objects: texts, options, confirm dialogs."""

from typing import Any

from bot.sandbox.slack import limits
from bot.sandbox.slack.shapes import (
    Check,
    Report,
    any_of,
    array,
    by_type,
    exactly_one_of,
    flag,
    one_of,
    shape,
    string,
    url,
)


def plain(most: int) -> Check:
    return by_type({"plain_text": shape({"text": string(most)}, {"emoji": flag})}, "text type")


def words(most: int) -> Check:
    """plain_text or mrkdwn."""
    kinds = {
        "plain_text": shape({"text": string(most)}, {"emoji": flag}),
        "mrkdwn": shape({"text": string(most)}, {"verbatim": flag}),
    }
    return by_type(kinds, "text type")


def confirm_object() -> Check:
    return shape(
        {
            "title": plain(limits.CONFIRMATION_TITLE_MAX_LENGTH),
            "text": words(limits.CONFIRMATION_TEXT_MAX_LENGTH),
            "confirm": plain(limits.CONFIRMATION_CONFIRM_MAX_LENGTH),
            "deny": plain(limits.CONFIRMATION_DENY_MAX_LENGTH),
        },
        {"style": one_of("primary", "danger")},
    )


def option(*, rich: bool = False, link: bool = False) -> Check:
    """`rich`: checkboxes and radio buttons may use mrkdwn; `link`: only an overflow's options have a url."""
    text = words if rich else plain
    required = {"text": text(limits.OPTION_TEXT_MAX_LENGTH), "value": string(limits.OPTION_VALUE_MAX_LENGTH)}
    optional = {"description": text(limits.OPTION_DESCRIPTION_MAX_LENGTH)}
    return shape(required, optional | ({"url": url(limits.OPTION_URL_MAX_LENGTH)} if link else {}))


def options(most: int, *, rich: bool = False, link: bool = False, least: int = 1) -> Check:
    each = array(option(rich=rich, link=link), most=most, least=least)

    def check(value: Any, pointer: str, report: Report) -> None:
        each(value, pointer, report)
        if isinstance(value, list):
            held = [item.get("value") for item in value if isinstance(item, dict)]
            if len(held) != len({str(item) for item in held}):
                report.wrong(pointer, "option values must be unique")

    return check


def option_groups(*, least: int = 1) -> Check:
    group = shape(
        {
            "label": plain(limits.OPTION_GROUP_LABEL_MAX_LENGTH),
            "options": options(limits.OPTION_GROUP_OPTIONS_MAX_ITEMS, least=least),
        },
        {},
    )
    return array(group, most=limits.SELECT_OPTION_GROUPS_MAX_ITEMS, least=least)


def check_suggestions(answer: Any) -> list[str]:
    """What is wrong with an app's answer to `block_suggestion`; an empty list of options is a fair answer."""
    report = Report()
    members = {"options": options(limits.SELECT_OPTIONS_MAX_ITEMS, least=0), "option_groups": option_groups(least=0)}
    shape({}, members, exactly_one_of("options", "option_groups"))(answer, "", report)
    return report.messages


IMAGE_FIELDS = {
    "image_url": url(limits.IMAGE_IMAGE_URL_MAX_LENGTH, https=True),
    "slack_file": shape({}, {"id": string(255), "url": url(3000)}, any_of("id", "url")),
}
