"""`/ct upgrade cancel <box>`: withdraw an upgrade that is planned for a box."""

from collections.abc import Mapping
from dataclasses import dataclass
from time import time as now

from bot.ct import BoxDetails, CTUser
from bot.services.changes import Act
from bot.services.lost_answers import until
from bot.services.operation import Operation
from bot.services.reboot import facts
from bot.services.targets import refuse, same_box
from bot.slack import text as t
from bot.slack.acts import ActView
from bot.slack.context import Context
from bot.slack.grammar import rest
from bot.slack.registry import command
from bot.slack.reply import Reply
from bot.slack.views import parts


@dataclass(frozen=True)
class UpgradeCancelArgs:
    box: str = rest("box", required=True, pick="box")


async def _cancel(ct: CTUser, op: Operation) -> None:
    await ct.boxes.cancel_upgrade(op.before.slug)


async def _check(ct: CTUser, op: Operation) -> Mapping[str, int | None]:
    await same_box(ct, op)
    details = await ct.boxes.details(op.before.slug)
    refuse(_cannot(details))
    return {"planned": details.upgrade_at}


def _cannot(details: BoxDetails) -> str | None:
    box = details.box
    if box.upgrade_processing:
        return f"{box.name} is being upgraded already: that cannot be taken back."
    return None if details.upgrade_at else f"No upgrade of {box.name} is planned."


async def _is_withdrawn(ct: CTUser, op: Operation) -> bool:
    """A plan whose time has come is gone as well: that proves nothing."""
    details = await ct.boxes.details(op.before.slug)
    return details.upgrade_at is None and not details.box.upgrade_processing and now() < op.params["planned"]


CANCEL_UPGRADE = ActView(
    act=Act(
        kind="box_upgrade_cancel",
        perform=_cancel,
        check=_check,
        lost=until(_is_withdrawn, otherwise="CT does not show that it was withdrawn in time."),
    ),
    done=lambda op: f"The upgrade planned for {t.bold(op.before.name)} is withdrawn. It keeps its firmware.",
    announce=lambda op: f"withdrew the upgrade planned for {t.bold(op.before.name)}",
    again=lambda op: f"upgrade cancel {op.before.slug}",
    buttons=lambda op: [parts.run("Plan It Again…", f"upgrade {op.before.slug} tonight")],
)


@command(
    "upgrade cancel",
    "Withdraw an upgrade that is planned for a box",
    group="Act",
    args=UpgradeCancelArgs,
    example="ap-3",
)
async def upgrade_cancel(ctx: Context, args: UpgradeCancelArgs) -> Reply:
    return await ctx.do(CANCEL_UPGRADE, facts(await ctx.box(args.box)))
