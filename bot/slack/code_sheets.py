"""The codes of a batch, on their way to one person: a few as text to copy, all as a file; in messages without files."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from bot.ct import Code, Location
from bot.identity import SlackUser
from bot.services.names import fold
from bot.services.operation import Facts
from bot.services.vouchers import read_codes
from bot.slack.after import After
from bot.slack.views import codes as views

FEW = 10
FILE_SECONDS = 6.0  # due work ends after eighteen; then they go as text


@dataclass(frozen=True, slots=True)
class Sent:
    """How the codes went: how many of how many, and whether as a file."""

    number: int
    total: int
    as_file: bool


async def send_codes(
    after: After, who: SlackUser, place: Facts | Location, voucher_id: str, *, now: float
) -> Sent | None:
    """Read all codes with the person's own account and send them by direct message; None when Slack takes none."""
    voucher, codes = await after.ct(who, lambda ct: read_codes(ct, place.slug, voucher_id))
    where = place.location_name or "" if isinstance(place, Facts) else place.name
    head = views.few_codes(voucher, codes, place_slug=place.slug, place_name=where, most=FEW, now=now)
    if not await after.courier.tell(who.user_id, head):
        return None
    sent = Sent(len(codes.items), codes.total, as_file=True)
    if len(codes.items) <= FEW and codes.complete:
        return Sent(sent.number, sent.total, as_file=False)
    comment = views.file_comment(codes, where)
    if await after.courier.send_file(
        who.user_id,
        name=f"{fold(voucher.name).replace(' ', '-')[:60]}.csv",
        content=as_csv(codes.items),
        comment=comment,
        within=FILE_SECONDS,
    ):
        return sent
    for reply in views.all_codes(codes.items, voucher):
        await after.courier.tell(who.user_id, reply)
    return Sent(sent.number, sent.total, as_file=False)


def as_csv(codes: Sequence[Code]) -> bytes:
    """A file for spreadsheets: the code, its password where CT gives one, its serial number, and when it was used."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["code", "password", "serial", "used"])
    for code in codes:
        writer.writerow([code.username, code.password or "", code.serial or "", "yes" if code.activated_at else "no"])
    return text.getvalue().encode("utf-8-sig")
