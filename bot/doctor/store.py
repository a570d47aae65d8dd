"""Redis: what it says of itself and how it answers, judged by what the bot entrusts to it (`guarantees.md` D)."""

import statistics
from urllib.parse import urlsplit

from redis.exceptions import AuthenticationError, BusyLoadingError, ResponseError

from bot.doctor.findings import About, Finding, Group
from bot.doctor.wire import causes, words
from bot.errors import StoreDownError
from bot.settings import LOOPBACK
from bot.stores.probe import Configuration, Exercise

OLDEST = (6, 2)
_SLOW, _SLOWEST = 0.02, 0.25  # seconds: of the middle ping, of the worst round trip; a second is all the bot waits
_SKEW = 30.0
_FULL, _NEARLY_FULL = 0.95, 0.8

SERVER = About(Group.REDIS, "Server")
VERSION = About(Group.REDIS, "Version")
ROLE = About(Group.REDIS, "Role")
MEMORY = About(Group.REDIS, "Memory")
ACCESS = About(Group.REDIS, "Password and TLS")
WRITES = About(Group.REDIS, "Writes")
SCRIPTS = About(Group.REDIS, "Scripts")
LATENCY = About(Group.REDIS, "Latency")
CLOCK = About(Group.REDIS, "Clock")

_REFUSALS = {
    "MISCONF": (
        "it cannot write to its disk, so it refuses every write",
        "Look for a full disk or wrong permissions on the Redis machine; its log says which.",
    ),
    "OOM": ("it is full, so it refuses every write", "Raise maxmemory, or find out what else fills this Redis."),
    "READONLY": ("it is a replica, which refuses every write", "Point REDIS_URL at the primary."),
    "NOREPLICAS": (
        "too few of its replicas are connected, so it refuses every write",
        "Bring the replicas back, or look at min-replicas-to-write.",
    ),
    "NOPERM": (
        "the user of REDIS_URL may not write",
        "Let that user read and write keys that begin with ct:, and run scripts.",
    ),
}


def away(error: StoreDownError) -> Finding:
    """It does not answer."""
    for cause in causes(error):
        match cause:
            case BusyLoadingError():
                return SERVER.wrong("is still loading its data", "Wait; a big AOF takes minutes. The bot goes on then.")
            case AuthenticationError():
                return SERVER.wrong("refuses the user or the password of REDIS_URL", "Put the right ones there.")
            case ResponseError():
                return SERVER.wrong(f"refuses us: {str(cause)[:80]}", "Look at the user and the database of REDIS_URL.")
    return SERVER.wrong(
        f"does not answer: {words(error.__cause__ or error)}",
        "Is it running, and is REDIS_URL right? Until it answers, the bot sends nothing to CT; it recovers by itself.",
    )


def described(config: Configuration) -> list[Finding]:
    """What INFO says, beyond persistence and eviction."""
    name = "Valkey" if config.text("valkey_version") else "Redis"
    version = config.text("valkey_version") or config.text("redis_version")
    findings = [SERVER.fine(f"{name} {version} answers" if version else "answers")]
    findings.append(_version(config, name))
    findings.append(_role(config))
    findings.append(_memory(config))
    return findings


def _version(config: Configuration, name: str) -> Finding:
    version = config.text("redis_version")  # Valkey says here which Redis it is like
    digits = [part for part in (version or "").split(".")[:2] if part.isdigit()]
    if len(digits) < 2:
        return VERSION.unknown("INFO is not allowed here", "Make sure that it is Redis 6.2 or newer, or Valkey.")
    if (int(digits[0]), int(digits[1])) < OLDEST:
        return VERSION.wrong(f"{name} {version} is too old", "Use Redis 6.2 or newer, or Valkey.")
    return VERSION.fine("new enough (6.2 is asked for)")


def _role(config: Configuration) -> Finding:
    role = config.text("role")
    if role is None:
        return ROLE.unknown("INFO is not allowed here", "Make sure that REDIS_URL leads to the primary.")
    if role != "master":
        return ROLE.wrong("this is a replica: nothing can be written", "Point REDIS_URL at the primary.")
    if config.text("cluster_enabled") == "1":
        return ROLE.wrong(
            "this is a node of a cluster, and the bot speaks to one server only",
            "Use a Redis without cluster mode; with replicas if you like.",
        )
    replicas = config.number("connected_slaves") or 0
    return ROLE.fine("the primary" + (f", with {replicas} replica{'s' if replicas != 1 else ''}" if replicas else ""))


def _memory(config: Configuration) -> Finding:
    used, most = config.number("used_memory"), config.number("maxmemory")
    if used is None or most is None:
        return MEMORY.unknown("INFO is not allowed here", "Watch its memory where you run it.")
    if most == 0:
        return MEMORY.fine(f"{_megabytes(used)} used, no limit set")
    seen = f"{_megabytes(used)} of {_megabytes(most)} used ({used / most:.0%})"
    todo = "Raise maxmemory, or find out what else fills this Redis: when it is full, the bot changes nothing any more."
    if used >= _FULL * most:
        return MEMORY.wrong(seen, todo)
    return MEMORY.warning(seen, todo) if used >= _NEARLY_FULL * most else MEMORY.fine(seen)


def _megabytes(count: int) -> str:
    return f"{count / 1_048_576:,.1f} MB"


def access(redis_url: str) -> Finding:
    """How it is protected on the way there, by its address alone."""
    parts = urlsplit(redis_url)
    if parts.scheme == "unix":
        return ACCESS.fine("a socket of this machine")
    if parts.hostname in LOOPBACK:
        return ACCESS.fine("reached on this machine")
    missing = [what for what, there in (("password", parts.password), ("TLS", parts.scheme == "rediss")) if not there]
    if not missing:
        return ACCESS.fine("both")
    return ACCESS.warning(
        f"no {' and no '.join(missing)} on the way to another machine",
        "Set a password and use rediss://, unless nobody else can reach that network: whoever writes to this Redis "
        "decides what the bot believes. CT's tokens in it are encrypted.",
    )


def tried(exercise: Exercise) -> list[Finding]:
    """How it did in practice."""
    return [_writes(exercise), _scripts(exercise), _latency(exercise), _clock(exercise)]


def _writes(exercise: Exercise) -> Finding:
    if exercise.write_refused is None:
        return WRITES.fine("it takes them")
    seen, todo = _REFUSALS.get(
        exercise.write_refused, (f"it refuses them ({exercise.write_refused})", "Its log says why.")
    )
    return WRITES.wrong(seen, f"{todo} Until then the bot sends nothing to CT.")


def _scripts(exercise: Exercise) -> Finding:
    if exercise.script_refused is None:
        return SCRIPTS.fine("Lua runs")
    return SCRIPTS.wrong(
        f"it refuses Lua ({exercise.script_refused})",
        "Allow EVALSHA, SCRIPT LOAD and TIME to the user of REDIS_URL: links and reboots are kept by scripts.",
    )


def _latency(exercise: Exercise) -> Finding:
    middle = statistics.median(exercise.pings)
    worst = max((*exercise.pings, exercise.write or 0.0))
    wrote = f", a write {_ms(exercise.write)}" if exercise.write is not None else ""
    seen = f"a ping takes {_ms(middle)}, {_ms(max(exercise.pings))} at most{wrote}"
    if middle <= _SLOW and worst <= _SLOWEST:
        return LATENCY.fine(seen)
    return LATENCY.warning(
        seen, "Put Redis near the bot, on a quiet machine: every answer waits for it, and after a second gives up."
    )


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def _clock(exercise: Exercise) -> Finding:
    if exercise.ahead is None:
        return CLOCK.unknown("it did not say", "Compare its machine's clock with this one's.")
    if abs(exercise.ahead) <= _SKEW:
        return CLOCK.fine("as ours" if abs(exercise.ahead) < 1 else f"{abs(exercise.ahead):.0f} s from ours")
    side = "ahead of" if exercise.ahead > 0 else "behind"
    return CLOCK.warning(
        f"{abs(exercise.ahead):.0f} s {side} ours",
        "Set both clocks by NTP: what expires goes by Redis's clock, what you read goes by ours.",
    )
