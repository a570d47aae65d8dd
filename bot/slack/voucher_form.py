"""The form of a new batch of vouchers: its fields, how it is filled at first, and what was filled in."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from slack_sdk.models.blocks import Block

from bot.ct import Location, Problems, SplashPage, VoucherForm
from bot.errors import UsageError
from bot.slack import text as t
from bot.slack import voucher_words as words
from bot.slack.forms import Filled, choice_field, number_field, text_field
from bot.slack.views import parts

EXTERNAL = "external"
DESCRIPTION = "Made from Slack"
TIME, DATA = "1", "2"
_MOST_PAGES_TEXT = 1_500  # of what Slack lets a form carry


@dataclass(frozen=True, slots=True)
class Wanted:
    """A form that was filled in, or what is wrong with it."""

    form: VoucherForm | None
    problems: Problems


def login_pages(pages: Sequence[SplashPage]) -> list[tuple[str, str]]:
    """Ids and names, those that are on first; as many as a form can carry."""
    found, size = [], 0
    for page in sorted(pages, key=lambda page: (page.active is False, page.name.casefold())):
        pair = (page.id, t.name(page.name, 60) + (" (off)" if page.active is False else ""))
        size += len(json.dumps(pair)) + 2
        if size > _MOST_PAGES_TEXT:
            break
        found.append(pair)
    return found


def the_login_page(pages: Sequence[SplashPage]) -> SplashPage | None:
    """The one that is meant without saying: the only one that is on and takes vouchers, or is on at all."""
    on = [page for page in pages if page.active is not False]
    by_voucher = [page for page in on if page.access and "voucher" in page.access.casefold()]
    candidates = by_voucher or on
    return candidates[0] if len(candidates) == 1 else None


def usual_name(wish: words.Wish | None, day: str) -> str:
    """A batch must have a name: what it is, and when it was made."""
    return f"{words.amount(wish)} codes, {day}".lstrip() if wish and words.amount(wish) else f"Vouchers, {day}"


def first_filled(
    place: Location, pages: Sequence[SplashPage], wish: words.Wish | None, name: str | None, day: str
) -> Filled:
    """CT's own defaults, and what was typed."""
    page = the_login_page(pages)
    wish_minutes = wish.minutes if wish else None
    values = {
        "splash_page_id": page.id if page else "",
        "batch_name": name or usual_name(wish, day),
        "batch_description": DESCRIPTION,
        "quantity": wish.quantity if wish else words.FEWEST,
        "access_type": DATA if wish and wish.megabytes else TIME,
        "validity_minutes": words.minutes_typed(wish_minutes or 60),
        "access_restrict_data": wish.megabytes if wish else None,
        "access_restrict_period": "multi",
        "simultaneous_use": 2,
        "voucher_format": "alphanumeric",
    }
    meta = {"place": place.slug, "name": t.name(place.name), "pages": json.dumps(login_pages(pages))}
    return Filled(meta=meta, values=values)


def fields(filled: Filled) -> Sequence[Block]:
    """The fields of CT's own form that people change; the others keep CT's defaults."""
    pages = [(str(id_), str(name)) for id_, name in json.loads(filled.meta.get("pages", "[]"))]
    return [
        parts.section(f"For {t.bold(filled.meta.get('name', ''))}. Only you get the codes, in a direct message."),
        choice_field("splash_page_id", "Login page", filled, [*pages, (EXTERNAL, "A login page outside CT")]),
        number_field("quantity", "How many codes", filled, low=words.FEWEST, high=words.MOST),
        choice_field("access_type", "What a code gives", filled, [(TIME, "Time"), (DATA, "Data")]),
        text_field("validity_minutes", "For how long", filled, longest=20, hint="Such as 90 min, 8 h, 1 day"),
        number_field(
            "access_restrict_data",
            "MB, if it gives data",
            filled,
            low=words.LEAST_MB,
            high=words.MOST_MB,
            optional=True,
        ),
        number_field("simultaneous_use", "Devices at a time with one code", filled, low=1, high=100),
        choice_field("access_restrict_period", "How often it can be used", filled, _periods()),
        choice_field("voucher_format", "What codes are made of", filled, list(words.FORMATS.items())),
        text_field("batch_name", "Name of the batch", filled, longest=100),
        text_field("batch_description", "Description", filled, longest=255),
    ]


def _periods() -> list[tuple[str, str]]:
    """A choice cannot have CT's empty value."""
    return [(value or "multi", f"{text[:1].upper()}{text[1:]}") for value, text in words.PERIODS.items()]


def read(values: Mapping[str, str]) -> Wanted:
    """What was filled in, checked as CT's own form does."""
    try:
        minutes = words.parse_minutes(values.get("validity_minutes", ""))
    except UsageError as error:
        return Wanted(None, {"validity_minutes": str(error)})
    data = values.get("access_restrict_data") or None
    period = values.get("access_restrict_period", "")
    by_data = values.get("access_type") == DATA
    form = VoucherForm(
        splash_page_id=values.get("splash_page_id", ""),
        batch_name=values.get("batch_name", ""),
        batch_description=values.get("batch_description", ""),
        quantity=_whole(values.get("quantity")),
        access_type=int(DATA if by_data else TIME),
        validity_minutes=minutes,
        access_restrict_data=_whole(data) if by_data and data else None,
        access_restrict_period="" if period == "multi" else period,
        simultaneous_use=_whole(values.get("simultaneous_use")),
        voucher_format=values.get("voucher_format", ""),
    )
    return Wanted(form, form.problems())


def _whole(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else -1
