"""Rich text, as far as a bot writes it: sections, lists, quotes, preformatted."""

from bot.sandbox.slack.shapes import Check, array, by_type, flag, integer, one_of, shape, string, url

_STYLE: dict[str, Check] = {
    "style": shape({}, dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight"), flag))
}
_PARTS: dict[str, Check] = {
    "text": shape({"text": string(100_000)}, _STYLE),
    "link": shape({"url": url(3000)}, _STYLE | {"text": string(100_000), "unsafe": flag}),
    "emoji": shape({"name": string(255)}, {"unicode": string(255), "skin_tone": integer(1, 6)}),
    "user": shape({"user_id": string(255)}, _STYLE),
    "channel": shape({"channel_id": string(255)}, _STYLE),
    "usergroup": shape({"usergroup_id": string(255)}, _STYLE),
    "broadcast": shape({"range": one_of("here", "channel", "everyone")}, _STYLE),
    "date": shape(
        {"timestamp": integer(), "format": string(255)}, _STYLE | {"url": url(3000), "fallback": string(255)}
    ),
    "color": shape({"value": string(255)}, {}),
}
_ELEMENTS: Check = array(by_type(_PARTS, "rich text element"), least=0)
_BORDER: dict[str, Check] = {"border": integer(0, 1)}
_SECTION = shape({"elements": _ELEMENTS}, {})
_BOXES: dict[str, Check] = {
    "rich_text_section": _SECTION,
    "rich_text_preformatted": shape({"elements": _ELEMENTS}, _BORDER | {"language": string(255)}),
    "rich_text_quote": shape({"elements": _ELEMENTS}, _BORDER),
    "rich_text_list": shape(
        {"elements": array(by_type({"rich_text_section": _SECTION})), "style": one_of("bullet", "ordered")},
        _BORDER | {"indent": integer(0, 8), "offset": integer(0, None)},
    ),
}
RICH_TEXT_FIELDS: dict[str, Check] = {"elements": array(by_type(_BOXES, "rich text element"), least=0)}
RICH_TEXT = by_type({"rich_text": shape(RICH_TEXT_FIELDS, {"block_id": string(255)})})
