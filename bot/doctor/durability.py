"""Whether this Redis keeps what it is given: links and running reboots live nowhere else (`guarantees.md` D4).

The same three findings decide whether the bot starts, and stand in what the doctor says.
"""

from bot.doctor.findings import About, Finding, Group
from bot.stores.probe import Configuration

AOF = About(Group.REDIS, "Append-only file")
FSYNC = About(Group.REDIS, "appendfsync")
EVICTION = About(Group.REDIS, "Eviction")

_SET = "(CONFIG SET {0}, and in redis.conf for the next start; on a managed Redis in its parameters)"
_NOT_TOLD = "Look at it where you run it: appendonly yes, appendfsync always, maxmemory-policy noeviction."


def durability(config: Configuration) -> list[Finding]:
    """Persistence and eviction."""
    return [_aof(config), _fsync(config), _eviction(config)]


def _aof(config: Configuration) -> Finding:
    enabled, written = config.text("aof_enabled"), config.text("aof_last_write_status")
    if enabled is None:
        return AOF.unknown("this Redis does not say", _NOT_TOLD)
    if enabled != "1":
        return AOF.wrong(
            "it is off: a restart of Redis forgets links and running reboots",
            f"Set appendonly yes {_SET.format('appendonly yes')}.",
        )
    if written not in {None, "ok"}:
        return AOF.wrong(
            "its last write failed",
            "Look for a full disk or wrong permissions on the Redis machine; its log says which.",
        )
    return AOF.fine("on")


def _fsync(config: Configuration) -> Finding:
    if config.text("aof_enabled") == "0":
        return FSYNC.unknown("of no use while the append-only file is off", "Set it to always.")
    todo = f"Set appendfsync always {_SET.format('appendfsync always')}."
    match config.appendfsync:
        case "always":
            return FSYNC.fine("always: what the bot was told is kept is on the disk")
        case "everysec":
            return FSYNC.warning(
                "everysec: if the machine fails, the last second is lost; somebody may have to link again", todo
            )
        case "no":
            return FSYNC.wrong("no: if the machine fails, the last half minute and more is lost", todo)
        case _:
            return FSYNC.unknown("CONFIG is not allowed here", _NOT_TOLD)


def _eviction(config: Configuration) -> Finding:
    """`volatile-*` spares the links, but takes what has a time to live.

    That is: the marks that keep an unlinked link dead, the records of running reboots, the locks of boxes, the
    deliveries that were seen. Without a limit nothing is taken at all.
    """
    policy, dropped = config.text("maxmemory_policy"), config.number("evicted_keys") or 0
    todo = f"Set maxmemory-policy noeviction {_SET.format('maxmemory-policy noeviction')}."
    if policy is None:
        return EVICTION.unknown("this Redis does not say", _NOT_TOLD)
    if policy.startswith("allkeys"):
        return EVICTION.wrong(f"{policy}: when memory runs short, it drops links", todo)
    if policy != "noeviction" and config.text("maxmemory") == "0":
        return EVICTION.warning(f"{policy}: nothing is dropped today, for no limit is set", todo)
    if policy != "noeviction":
        return EVICTION.wrong(
            f"{policy}: when memory runs short, it drops the records of running reboots and the marks of an unlink",
            todo,
        )
    if dropped:
        return EVICTION.warning(
            f"noeviction, but it has dropped {dropped:,} keys since it started, under another policy",
            "Nothing more is dropped. Whoever is missing a link types /ct link.",
        )
    return EVICTION.fine("noeviction: nothing is dropped")
