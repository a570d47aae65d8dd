"""Every view of the bot, drawn with foreign text wherever text goes, and checked by `tests.slack.drawing`."""

import dataclasses
import enum
import importlib
import inspect
import pkgutil
import random
import sys
import types
import typing
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_args, get_origin

import msgspec

from bot.ct import BoxDetails, Code, CodeDetails, Listing, Location, Page, SplashCode, SplashPage, Voucher, VoucherForm
from bot.doctor.findings import Finding, Group
from bot.services.figures import Figures, Span
from bot.services.gifts import Gift
from bot.services.guards import Freeze
from bot.services.login_pages import Views
from bot.services.vouchers import Batch
from bot.slack import views
from bot.slack.views import box_details, clients, codes, doctor, freeze, login_pages, quickcodes, reboot, vouchers
from tests.slack.drawing import ANA, DASHBOARD, NOW, check, check_markdown
from tests.slack.foreign import shows_nothing_hidden
from tests.slack.strangers import Strangers

Drawing = Callable[[Strangers], None]
ELSEWHERE = (
    "test_views_sweep",
    "test_u1_injection",
    "test_u1_logs_and_answers",
    "test_u1_networks_and_guests",
    "test_invite",
    "test_report",
    "test_team",
)
# Views that nothing foreign gets into; `test_what_holds_no_foreign_text` and the tests of help draw them.
OURS_ALONE = frozenset(
    {
        *(f"account.{name}" for name in ("open_link", "open_typed_link", "code_waits", "no_code_wanted", "code_burnt")),
        *(f"account.{name}" for name in ("not_linked", "unlinked", "disowned", "cut_off", "revoke_failed")),
        *(f"asking.{name}" for name in ("help_page", "help_subject", "help_on")),
        "home.welcome",
    }
)


class Counting(Strangers):
    """Counts the texts that were put somewhere."""

    texts = 0

    def text(self) -> str:
        self.texts += 1
        return super().text()


def made(some: Strangers, wanted: Any) -> Any:
    """A value of a type, with foreign text in every text of it."""
    inside = get_args(wanted)
    if wanted is str:
        return some.id()
    if wanted is int:
        return some.number()
    if wanted is float:
        return NOW - some.dice.random() * 10_000
    if wanted is bool:
        return some.flag()
    if isinstance(wanted, types.UnionType) or get_origin(wanted) is typing.Union:
        return some.maybe(lambda: made(some, next(one for one in inside if one is not type(None))))
    return _several(some, get_origin(wanted), inside) if inside else _one(some, wanted)


def _several(some: Strangers, kind: Any, inside: tuple[Any, ...]) -> Any:
    if kind is not None and issubclass(kind, Mapping):
        return {made(some, inside[0]): made(some, inside[1]) for _ in range(some.dice.randrange(4))}
    return [made(some, inside[0]) for _ in range(some.dice.randrange(14))]


def _one(some: Strangers, wanted: Any) -> Any:
    if isinstance(wanted, type) and issubclass(wanted, enum.Enum):
        return some.dice.choice(list(wanted))
    if isinstance(wanted, type) and (issubclass(wanted, msgspec.Struct) or dataclasses.is_dataclass(wanted)):
        hints = typing.get_type_hints(wanted)
        return wanted(**{name: made(some, hint) for name, hint in hints.items() if not name.startswith("_")})
    raise TypeError(f"nothing can be made of {wanted}")


def _lines(texts: Sequence[str]) -> None:
    for text in texts:
        if text:
            check_markdown(text)
            assert shows_nothing_hidden(text)


def a_box_in_full(some: Strangers) -> None:
    details = made(some, BoxDetails)
    for draw in (box_details.health, box_details.radio, box_details.firmware):
        check(draw(details, NOW))


def voucher(some: Strangers) -> Voucher:
    """A batch; where CT keeps its files is an address by trade, and stands behind a button."""
    batch: Voucher = made(some, Voucher)
    return msgspec.structs.replace(batch, pdf_link=None, csv_link=some.maybe(lambda: f"{DASHBOARD}/#/files/x.csv"))


def vouchers_and_their_codes(some: Strangers) -> None:
    place, batch = some.place(), voucher(some)
    rows = Listing(items=some.several(lambda: voucher(some), 14), total=some.number(), complete=some.flag())
    if rows.items:
        check(vouchers.batch_list(rows, place=place, page=some.number(), now=NOW, again=some.id()))
    check(vouchers.no_batches(place))
    check(vouchers.batch_card(Batch(batch, some.number(), some.number()), place=place, given=some.number(), now=NOW))
    _lines(vouchers.new_batch_lines(made(some, VoucherForm), some.text()))
    _lines(vouchers.off_lines(Batch(batch, some.number(), some.number())))
    many = [made(some, Code) for _ in range(some.dice.randrange(1, 12))]
    few = Listing(items=many, total=len(many), complete=some.flag())
    check(codes.few_codes(batch, few, place_slug=some.id(), place_name=some.text(), most=10, now=NOW))
    _lines([codes.file_comment(few, some.text())])
    for reply in codes.all_codes(many, batch):
        check(reply)


def one_code(some: Strangers) -> None:
    place, batch, code = some.place(), voucher(some), made(some, Code)
    gift = some.maybe(lambda: Gift(to="U01ANA", by="U01ANA", at=NOW))
    check(codes.code_card(made(some, CodeDetails), place=place, gift=gift, now=NOW))
    check(codes.no_code(some.text(), place))
    check(codes.gift("<@U01ANA>", place, code, batch.rules))
    check(codes.handed_over("<@U01ANA>", batch, place))
    check(codes.none_left(batch, place))
    check(codes.sent(some.number(), some.number(), batch))


def quickcodes_and_login_pages(some: Strangers) -> None:
    place = some.place()
    found = [made(some, SplashCode) for _ in range(some.dice.randrange(12))]
    page = Page(items=found, current_page=some.number(), total_pages=some.number(), total_entries=some.number())
    check(quickcodes.listed(page, place=place, now=NOW))
    check(quickcodes.no_page(place))
    _lines(quickcodes.delete_lines(made(some, SplashCode), place, NOW))
    pages = some.several(lambda: made(some, SplashPage), 30)
    _login_pages(some, pages, place)
    _lines(login_pages.off_lines(made(some, SplashPage), some.number()))


def _login_pages(some: Strangers, pages: list[SplashPage], place: Location) -> None:
    end, step = int(NOW), 86_400
    spans = [Span(end - 7 * step, end), Span(end - 14 * step, end - 7 * step)]
    now, before = (
        Figures([(span.start + n * step, float(some.number())) for n in range(some.dice.randrange(8))], some.id())
        for span in spans
    )
    seen = some.maybe(lambda: Views(spans[0], now, before))
    check(login_pages.listed(pages, place=place, now=NOW, dashboard=DASHBOARD, views=seen))


def an_examination(some: Strangers) -> None:
    """What Redis, Slack and CT said themselves stands in it."""
    findings = sorted(some.several(lambda: made(some, Finding), 40), key=lambda one: list(Group).index(one.group))
    check(doctor.problems(findings, NOW, some.id()))
    check(doctor.everything(findings, NOW, some.id()))
    check(clients.pick_one(some.id()))


def a_freeze_and_a_second_person(some: Strangers) -> None:
    stands = Freeze(user_id=ANA.user_id, at=NOW - some.number(), reason=some.words())
    for draw in (freeze.refused, freeze.began, freeze.frozen_already):
        check(draw(stands))
    check(freeze.ended(ANA, stands, NOW))
    op = some.reboot()
    check(reboot.waits(op))
    check(reboot.approved(op, some.flag()))


HERE: tuple[Drawing, ...] = (
    a_box_in_full,
    vouchers_and_their_codes,
    one_code,
    quickcodes_and_login_pages,
    an_examination,
    a_freeze_and_a_second_person,
)


def drawings() -> dict[str, Drawing]:
    """All of them by name: the ones of here, and the tests of views that take strangers."""
    found: dict[str, Drawing] = {draw.__name__: draw for draw in HERE}
    for module in ELSEWHERE:
        for name, test in vars(importlib.import_module(f"tests.slack.{module}")).items():
            inner = getattr(getattr(test, "hypothesis", None), "inner_test", None)
            if inner and [p.annotation for p in inspect.signature(inner).parameters.values()] == [Strangers]:
                found[name] = inner
    return found


def drawn(name: str, seeds: Sequence[int]) -> tuple[int, list[str]]:
    """Draw one of them with each seed: (texts put into it, what fell)."""
    draw, texts, fell = drawings()[name], 0, list[str]()
    for seed in seeds:
        some = Counting(seed)
        try:
            draw(some)
        except Exception as error:
            fell.append(f"{name}, seed {seed}: {type(error).__name__}: {str(error)[:200]}")
        texts += some.texts
    return texts, fell


def never_drawn(seed: int) -> list[str]:
    """Public functions of the views that none of the drawings calls."""
    called: set[Any] = set()

    def note(frame: Any, event: str, _: object) -> None:
        if event == "call":
            called.add(frame.f_code)

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        for name in drawings():
            drawn(name, [random.Random(f"{seed}{n}").randrange(2**32) for n in range(4)])
    finally:
        sys.setprofile(before)
    return [name for name, code in view_functions().items() if code not in called and name not in OURS_ALONE]


def view_functions() -> dict[str, Any]:
    """Everything in `bot.slack.views` that makes a Reply of something, by its name."""
    found = {}
    for info in pkgutil.iter_modules(views.__path__):
        module = importlib.import_module(f"{views.__name__}.{info.name}")
        for name, held in vars(module).items():
            ours = inspect.isfunction(held) and held.__module__ == module.__name__ and not name.startswith("_")
            if (
                ours
                and inspect.signature(held).parameters
                and "Reply" in str(inspect.signature(held).return_annotation)
            ):
                found[f"{info.name}.{name}"] = held.__code__
    return found
