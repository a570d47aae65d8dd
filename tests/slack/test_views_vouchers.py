"""Vouchers and codes drawn: within Slack's limits, and whatever they are called, nothing in them is markup."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.ct import Code, CodeDetails, Listing, Location, Rules, SplashPage, Voucher
from bot.services.gifts import Gift
from bot.services.vouchers import Batch
from bot.slack import voucher_form
from bot.slack import voucher_words as words
from bot.slack.code_sheets import as_csv
from bot.slack.commands.voucher_new import FORM
from bot.slack.forms import Filled
from bot.slack.views import codes, vouchers
from tests.slack.drawing import NOW, check, check_blocks, shown
from tests.slack.foreign import texts

DAY = 86_400
LONG = "&" * 5_000


def place(name: str = "Harbour Hotel") -> Location:
    return Location(id="1", slug="harbour-hotel", name=name)


def voucher(name: str = "Day passes", **fields: Any) -> Voucher:
    return Voucher(
        **{
            "id": "v1",
            "name": name,
            "quantity": 50,
            "completed": True,
            "created_at": int(NOW) - DAY,
            "rules": Rules(access_type=1, validity_minutes=1440, period="", session_timeout=60, simultaneous_use=2),
            **fields,
        }
    )


def code(username: str = "k7m2p9", **fields: Any) -> Code:
    return Code(username=username, **{"active": True, **fields})


def listing(items: list[Any], *, complete: bool = True) -> Listing[Any]:
    return Listing(items=items, total=len(items), complete=complete)


@settings(max_examples=60, deadline=None)
@given(name=texts(), other=texts())
def test_no_name_and_no_code_becomes_markup_or_breaks_a_limit(name: str, other: str) -> None:
    here, batch = place(other), voucher(name, description=other)
    details = CodeDetails(code=code(name, activated_at=int(NOW) - 60, mac=other), voucher=batch, rules=batch.rules)
    gift = Gift(to="U01ANA", by="U01ANA", at=NOW)

    check(vouchers.no_batches(here))
    check(vouchers.batch_list(listing([batch] * 12), place=here, page=1, now=NOW, again="vouchers x"))
    check(vouchers.batch_card(Batch(batch, 3, 47), place=here, given=2, now=NOW))
    check(codes.few_codes(batch, listing([code(name)] * 9), place_slug="h", place_name=other, most=10, now=NOW))
    check(codes.code_card(details, place=here, gift=gift, now=NOW))
    check(codes.no_code(name, here))
    check(codes.gift("<@U01ANA>", here, code(name), batch.rules))
    check(codes.handed_over("<@U01ANA>", batch, here))
    check(codes.none_left(batch, here))
    check(codes.sent(3, 50, batch))
    for reply in codes.all_codes([code(name)] * 30, batch):
        check(reply)


@pytest.mark.parametrize("length", [6, 50])
def test_a_thousand_codes_fit_into_a_few_messages_and_none_is_lost(length: int) -> None:
    many = [code(f"{n:0{length}}") for n in range(1000)]

    found = codes.all_codes(many, voucher())

    assert len(found) <= 7
    said = "\n".join(str(reply.blocks[1].to_dict()) for reply in map(check, found))
    assert all(one.username in said for one in many)


def test_two_thousand_batches_are_paged() -> None:
    many = [voucher(f"Batch {n}", id=f"v{n}", created_at=int(NOW) - n) for n in range(2000)]

    reply = vouchers.batch_list(listing(many, complete=False), place=place(), page=200, now=NOW, again="vouchers h")

    text = shown(check(reply))
    assert "1991–2000 of 2,000" in text
    assert "only a part" in text


@pytest.mark.parametrize(
    ("fields", "activated", "said"),
    [
        ({}, None, "is valid, and nobody has used it yet"),
        ({}, 60, "is valid and in use"),
        ({}, 2 * DAY, "has most likely run out: its time was over 1 day ago"),
        ({"is_active": False}, None, "does not work: its whole batch is switched off"),
        ({"rules": Rules(validity_minutes=60, period="daily")}, 5 * DAY, "is valid and in use"),
        ({"rules": Rules(validity_minutes=60, period="all", access_period=2880)}, DAY, "is valid and in use"),
        ({"rules": Rules()}, 500 * DAY, "is valid and in use"),
    ],
)
def test_the_verdict_on_a_code_is_the_first_thing_said(fields: Any, activated: int | None, said: str) -> None:
    batch = voucher(**fields)
    since = None if activated is None else int(NOW) - activated
    details = CodeDetails(code=code(activated_at=since), voucher=batch, rules=batch.rules)

    text = shown(check(codes.code_card(details, place=place(), gift=None, now=NOW)))

    assert text.startswith(f"The code *k7m2p9* {said}.")


def test_a_code_without_a_batch_can_be_switched_and_no_more() -> None:
    details = CodeDetails(code=code(active=None))

    reply = check(codes.code_card(details, place=place(), gift=None, now=NOW))

    assert "as CT set it" in shown(reply)


def test_the_file_has_every_code_and_opens_in_a_spreadsheet() -> None:
    content = as_csv([code("é,1", password='a"b', serial="7", activated_at=5), code("x")])

    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert content.startswith(b"\xef\xbb\xbf")
    assert rows == [["code", "password", "serial", "used"], ["é,1", 'a"b', "7", "yes"], ["x", "", "", "no"]]


@given(name=texts(), number=st.integers(0, 120))
@settings(max_examples=40, deadline=None)
def test_the_form_fits_with_any_login_pages_and_carries_no_more_than_slack_lets_it(name: str, number: int) -> None:
    pages = [SplashPage(id=str(n), name=f"{n}{name}", active=n % 2 == 0) for n in range(number)]
    filled = voucher_form.first_filled(place(name), pages, None, None, "1 Jan 2027")
    filled = Filled(
        meta={**filled.meta, "channel": "C" * 20, "reply": "https://x.example/" + "y" * 200}, values=filled.values
    )

    view = FORM.view(filled)

    check_blocks(view.blocks or [], "modal")
    assert len(view.private_metadata or "") <= 3000


def test_what_the_form_starts_with_is_a_batch_that_ct_takes_but_for_the_login_page() -> None:
    filled = voucher_form.first_filled(place(), [], None, None, "1 Jan 2027")

    wanted = voucher_form.read({name: filled.text(name) for name in filled.values})

    assert set(wanted.problems) == {"splash_page_id"}


@pytest.mark.parametrize(
    ("pages", "meant"),
    [
        ([], None),
        ([("a", True, None)], "a"),
        ([("a", True, None), ("b", False, None)], "a"),
        ([("a", True, None), ("b", True, None)], None),
        ([("a", True, "Vouchers"), ("b", True, "QuickCode")], "a"),
        ([("a", True, "Vouchers"), ("b", True, "Vouchers")], None),
        ([("a", False, "Vouchers"), ("b", True, "Password")], "b"),
    ],
)
def test_a_login_page_is_taken_without_asking_only_when_there_is_one(
    pages: list[tuple[str, bool, str | None]], meant: str | None
) -> None:
    found = voucher_form.the_login_page([SplashPage(id=i, name=i, active=on, access=how) for i, on, how in pages])

    assert (found.id if found else None) == meant


@given(st.integers(words.LEAST_MINUTES, words.MOST_MINUTES))
def test_every_time_that_a_code_can_grant_is_typed_and_read_alike(minutes: int) -> None:
    assert words.parse_minutes(words.minutes_typed(minutes)) == minutes


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        (Rules(validity_minutes=1440), "1 day"),
        (Rules(validity_minutes=1800), "1 day 6 h"),
        (Rules(access_type=2, data_mb=2000, validity_minutes=60), "2 GB within 1 h"),
        (Rules(access_type=2, data_mb=1500), "1,500 MB"),
        (Rules(), "as CT set it"),
    ],
)
def test_what_a_code_gives_is_said_in_full(rules: Rules, said: str) -> None:
    assert words.grants(rules) == said
