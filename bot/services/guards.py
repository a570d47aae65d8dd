"""What stands before a reboot beside its question: freeze, protected boxes, quiet hours, ceilings (`guarantees.md` 4).

Everything here is asked twice: when the card is made, so that people know, and at the click, which alone counts.
"""

import time
from collections.abc import Callable, Sequence

import msgspec

from bot.ct import Box
from bot.errors import NotAllowedError, UserError
from bot.guards import Guards
from bot.identity import SlackUser
from bot.services.operation import Operation
from bot.services.sending import APPROVED_BY
from bot.stores.audit import Audit
from bot.stores.ceilings import CeilingStore
from bot.stores.freezes import FreezeStore

A_FEW = 5  # of so many boxes at a location, or fewer, one or two are always a large part
TYPED = "typed"  # among an operation's params: the asker has typed the box's name


class Freeze(msgspec.Struct, frozen=True, kw_only=True):
    """Who froze reboots, when (epoch seconds), why."""

    user_id: str
    at: float
    reason: str | None = None


class FrozenError(UserError):
    """Nothing is rebooted at present."""

    def __init__(self, freeze: Freeze) -> None:
        super().__init__("Reboots are frozen.")
        self.freeze = freeze


class CeilingError(UserError):
    """Too many reboots in an hour, or in a day."""


class UnguardedError(UserError):
    """It needs a second person, and this click did not bring one."""


class RebootGuards:
    """Asks the policy and the store. Whatever the store does not answer raises StoreDownError: then nothing is sent."""

    def __init__(
        self,
        *,
        guards: Guards,
        guests: tuple[str, ...],
        freezes: FreezeStore,
        ceilings: CeilingStore,
        audit: Audit,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.policy = guards
        self._guests = guests
        self._freezes = freezes
        self._ceilings = ceilings
        self._audit = audit
        self._clock = clock

    # --- the freeze ---------------------------------------------------------------------------

    async def frozen(self) -> Freeze | None:
        """The freeze that stands, if any."""
        data = await self._freezes.find()
        return msgspec.json.decode(data, type=Freeze) if data else None

    async def thawed(self) -> None:
        """Raises FrozenError while a freeze stands."""
        if freeze := await self.frozen():
            raise FrozenError(freeze)

    async def freeze(self, who: SlackUser, reason: str | None) -> tuple[Freeze, bool]:
        """The freeze that stands now, and whether it is this one. Raises NotAllowedError for all but admins."""
        self._admin(who)
        mine = Freeze(user_id=who.user_id, at=self._clock(), reason=reason)
        await self._audit.record("reboots_frozen", user=who.key, reason=reason or "")
        if await self._freezes.begin(msgspec.json.encode(mine)):
            return mine, True
        return await self.frozen() or mine, False

    async def unfreeze(self, who: SlackUser) -> Freeze | None:
        """The freeze that was lifted; None when there was none. Raises NotAllowedError likewise."""
        self._admin(who)
        freeze = await self.frozen()
        await self._audit.record("reboots_unfrozen", user=who.key)
        return freeze if await self._freezes.end() else None

    def _admin(self, who: SlackUser) -> None:
        if not self.policy.admits(who, guests=self._guests):
            raise NotAllowedError(
                "Only admins of this bot may freeze reboots: whoever runs it names them in its policy file."
            )

    # --- one box ------------------------------------------------------------------------------

    def reasons(self, box: Box) -> list[str]:
        """Why this box needs its name typed and a second person now; empty where it needs neither."""
        return self.policy.reasons(location=(box.location_slug, box.location_name), tags=box.tags, at=self._clock())

    def sweep_reasons(self, boxes: Sequence[Box], there: Sequence[Box]) -> list[str]:
        """Why these boxes together need a second person; `there` are all boxes of their locations."""
        most = self.policy.most_alone
        found = [f"these are more than {_boxes(most)}"] if len(boxes) > most else []
        for slug in dict.fromkeys(box.location_slug for box in boxes):
            here = [box for box in there if box.location_slug == slug]
            meant = {box.id for box in boxes if box.location_slug == slug}
            name = (here[0].location_name if here else None) or slug
            if len(here) > A_FEW and len(meant) * 100 > self.policy.most_percent * len(here):
                found.append(f"these are {len(meant)} of the {len(here)} boxes at {name}")
            if not any(box.state == "online" and box.id not in meant for box in here):
                found.append(f"no other box at {name} is online")
        return found

    async def admit(self, box: Box, op: Operation) -> None:
        """At the click. Raises FrozenError, UnguardedError, CeilingError, StoreDownError."""
        await self.thawed()
        if (why := self.reasons(box)) and not (op.params.get(TYPED) and op.params.get(APPROVED_BY)):
            raise UnguardedError(f"{box.name} needs its name typed and a second person: {', '.join(why)}. Ask again.")
        await self.room(op.who)

    async def room(self, who: SlackUser, count: int = 1) -> None:
        """Would so many more be within the ceilings? Raises CeilingError."""
        self._within(await self._count(who, count=count), count)

    async def take(self, op: Operation) -> None:
        """Count this one. Raises CeilingError, and then it is not counted."""
        self._within(await self._count(op.who, op_id=op.id), 1)

    async def give_back(self, op: Operation) -> None:
        """It was not sent after all."""
        await self._ceilings.give_back(op.who, op.id)

    async def _count(self, who: SlackUser, **what: str | int) -> str | None:
        hourly, daily = self.policy.per_user_and_hour, self.policy.per_workspace_and_day
        return await self._ceilings.take(who, hourly=hourly, daily=daily, **what)  # type: ignore[arg-type]

    def _within(self, full: str | None, count: int) -> None:
        more = "another one" if count == 1 else f"{count} more"
        hourly, daily = self.policy.per_user_and_hour, self.policy.per_workspace_and_day
        if full == "person":
            raise CeilingError(
                f"With {more} you would reboot more than {_boxes(hourly)} in an hour, "
                "which the policy does not allow. Wait, or let somebody else look at it with you."
            )
        if full == "workspace":
            raise CeilingError(
                f"With {more} this workspace would reboot more than {_boxes(daily)} in a day, "
                "which the policy does not allow. Ask whoever runs the bot."
            )


def _boxes(count: int) -> str:
    return f"{count} {'box' if count == 1 else 'boxes'}"
