"""The replicas that run on this Redis, and the due work that waits for them."""

from collections.abc import Sequence

from bot import __version__
from bot.doctor.findings import About, Finding, Group
from bot.settings import Settings
from bot.stores.replicas import Replica

REPLICAS = About(Group.BOT, "Replicas")
WORK = About(Group.BOT, "Due work")

_LATE, _STUCK = 5.0, 60.0


def together(found: Sequence[Replica], settings: Settings) -> Finding:
    """Whether those that run are of one mind, and of ours."""
    if not found:
        return REPLICAS.unknown("no bot runs on this Redis", "Start one: ct-bot serve.")
    ours = tuple(key.id for key in settings.ct_bot_data_keys)
    count = f"{len(found)} run{'s' if len(found) == 1 else ''}"
    if not set.intersection(*(set(replica.keys) for replica in found)):
        return REPLICAS.wrong(
            f"{count}, and they have no data key in common",
            "Give all of them the same CT_BOT_DATA_KEYS and restart them: people's links seem to come and go.",
        )
    if any(replica.keys != ours for replica in found):
        return REPLICAS.warning(
            f"{count}, with other data keys than these settings ({', '.join(ours)})",
            "Restart them with these settings.",
        )
    versions = sorted({replica.version for replica in found})
    if versions != [__version__]:
        return REPLICAS.warning(
            f"{count}, of version {' and '.join(versions)}; this is {__version__}",
            "Restart those of the other version.",
        )
    return REPLICAS.fine(f"{count}, version {__version__}" + (", all alike" if len(found) > 1 else ""))


def work(total: int, late_by: float, *, running: bool) -> Finding:
    """`late_by`: seconds since the oldest due item should have been picked up."""
    items = f"{total:,} item{'s' if total != 1 else ''} wait{'s' if total == 1 else ''}"
    if late_by <= _LATE:
        return WORK.fine(f"{items}, none late" if total else "nothing waits")
    seen = f"{items}, the oldest {late_by:,.0f} s late"
    if not running:
        return WORK.warning(seen, "Start a bot: reboots are followed up, and links given back, as soon as one runs.")
    todo = "Look into the log for “due work”; the bots may be too busy, or a start anew may help."
    return WORK.wrong(seen, todo) if late_by > _STUCK else WORK.warning(seen, todo)
