"""Operations as records: written once, settled once, changed by compare-and-set, every step in the audit stream."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from bot.identity import SlackUser
from bot.services.operation import Ending, Operation, State
from bot.stores.audit import Audit, row_of, say
from bot.stores.operations import OperationStore, Who

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Operation).decode

MOST_RACES = 5


class Operations:
    """The typed face of the operation store, shared by asking, sending and following up.

    `ended` hears of every ending, by kind.
    """

    def __init__(self, *, store: OperationStore, audit: Audit, ended: Callable[[str, str], None]) -> None:
        self._store = store
        self._audit = audit
        self._ended = ended

    async def create(self, op: Operation, *, life: int) -> None:
        """Write a question that lives `life` seconds by Redis' clock."""
        await self._store.create(op.id, owner=op.who.key, life=life, data=_encode(op))

    async def settle(
        self,
        who: SlackUser,
        op_id: str,
        state: State,
        *,
        as_who: Who = "owner",
        since: State = State.PROPOSED,
        life: int | None = None,
    ) -> tuple[str, Operation | None]:
        """Answer the question, once: ('ok' | 'gone' | 'foreign' | 'own' | 'settled' | 'expired', record)."""
        outcome, data = await self._store.settle(
            op_id, by=who.key, state=state.value, who=as_who, since=since.value, life=life
        )
        return outcome, _decode(data) if data else None

    async def load(self, op_id: str) -> Operation | None:
        """The record, or None when there is none (any more)."""
        found = await self._store.load(op_id)
        if found is None:
            return None
        op, state = _decode(found[0]), State(found[1])
        if state is State.ENDED and op.ending is None:
            return op.but(state=state, ending=Ending.EXPIRED)
        return op.but(state=state)

    async def save(self, op: Operation, **changes: Any) -> Operation | None:
        """Write the record with `changes`; None when somebody else changed it since it was read."""
        changed = op.but(version=op.version + 1, **changes)
        # Before CT is called the record must outlive this Redis: else a second press could call CT once more.
        save = self._store.save_surely if changed.state is State.SENDING else self._store.save
        saved = await save(op.id, version=op.version, state=changed.state.value, data=_encode(changed))
        return self._saved(op, changed) if saved else None

    async def note(self, event: str, op: Operation, changes: Mapping[str, Any], **more: str) -> Operation | None:
        """The same, and in one step with it a row in the audit: neither stands without the other (row O2)."""
        changed = op.but(version=op.version + 1, **changes)
        row, state = row_of(event, **_told(changed), **more), changed.state.value
        if not await self._store.save(op.id, version=op.version, state=state, data=_encode(changed), row=row):
            return None
        say(row)
        return self._saved(op, changed)

    def _saved(self, op: Operation, changed: Operation) -> Operation:
        if changed.ending is not None and changed.ending is not op.ending:
            self._ended(op.kind, changed.ending.value)
        return changed

    async def place(self, op: Operation, shown: Operation) -> Operation:
        """Remember where the card was posted, whoever changed the record meanwhile; the first place wins.

        An outcome that is not written stays known to the caller: what is stored says less.
        """
        placed = await self._place(op, shown)
        return placed if op.written else op.but(card_channel=placed.card_channel, card_ts=placed.card_ts)

    async def _place(self, op: Operation, shown: Operation) -> Operation:
        if shown.card_ts is None or shown.card_ts == op.card_ts:
            return op
        for _ in range(MOST_RACES):
            saved = await self.save(op, card_channel=shown.card_channel, card_ts=shown.card_ts)
            if saved:
                return saved
            op = await self.load(op.id) or op
            if op.card_ts is not None:
                return op
        return op.but(card_channel=shown.card_channel, card_ts=shown.card_ts)

    async def stands(self, op: Operation) -> bool:
        """True when what this record says is stored: an outcome that the store did not take may have been by now."""
        if op.written:
            return True
        stored = await self.load(op.id)
        return stored is None or stored.state is State.ENDED

    async def record(self, event: str, op: Operation, **more: str) -> None:
        """One row in the audit stream, beside the record: who, with whose CT account, what, where, why."""
        await self._audit.record(event, **_told(op), **more)


def _told(op: Operation) -> dict[str, Any]:
    return {
        "operation": op.id,
        "user": op.who.key,
        "acting_as": op.acting_as,
        "box": op.before.slug,
        "box_name": op.before.name,
        "location": op.before.location_name or "",
        "channel": op.channel_id,
        "reason": op.reason or "",
        "detail": op.params.get("detail"),
    }
