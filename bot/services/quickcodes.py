"""QuickCodes: one password that everybody shares for a while; made and deleted at most once."""

from bot.ct import CTUser, SplashCode, SplashCodeForm
from bot.errors import UserError
from bot.services.changes import Step
from bot.services.operation import Ending, Operation
from bot.services.vouchers import CLOCKS_APART

_PER = 100
GONE = "That shared password is not there any more."


async def known(ct: CTUser, loc: str) -> list[SplashCode]:
    """The newest hundred."""
    return (await ct.splash_codes.list(loc, per=_PER)).items


async def create(ct: CTUser, op: Operation) -> None:
    """The one POST; the form holds the password and is never written down."""
    form: SplashCodeForm = op.params["form"]
    await ct.splash_codes.create(op.before.slug, form)


async def look_for_new(ct: CTUser, op: Operation) -> Step:
    """After a lost answer: is there one that was not there before?"""
    since = (op.sent_at or op.asked_at) - CLOCKS_APART
    for code in await known(ct, op.before.slug):
        if code.id not in op.params["known"] and (code.created_at is None or code.created_at >= since):
            return Step()
    return Step(ending=Ending.UNKNOWN, messages=("I see no new password there. Look before you try once more.",))


async def check_there(ct: CTUser, op: Operation) -> None:
    """Is it there still?"""
    if all(code.id != op.before.id for code in await known(ct, op.before.slug)):
        raise UserError(GONE)


async def delete(ct: CTUser, op: Operation) -> None:
    """The one DELETE."""
    await ct.splash_codes.delete(op.before.slug, op.before.id)


async def look_for_gone(ct: CTUser, op: Operation) -> Step:
    """After a lost answer: is it gone?"""
    if all(code.id != op.before.id for code in await known(ct, op.before.slug)):
        return Step()
    return Step(ending=Ending.UNKNOWN, messages=("It is still there.",))


def called(codes: list[SplashCode], query: str) -> list[SplashCode]:
    """Those that are meant by an id, a name or the password itself."""
    wanted = query.casefold()
    return [c for c in codes if wanted in {name.casefold() for name in (c.id, c.username, c.password) if name}]
