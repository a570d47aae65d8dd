"""A box, and what time makes of it: everything is computed from the clock when somebody looks."""

import math
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

JobKind = Literal["reboot", "reset", "resync", "upgrade", "setup"]
"""`setup` is the first contact of a box that was added."""

LEAVES_AT = 0.15  # share of a reboot's seconds until the box goes down; heartbeats of the old life go on until then
MISSED_AT = 0.40  # when CT notices
BOOTS_AT = 0.40  # when the new kernel starts to count its uptime
RETURN_SHARE = 0.8  # guests who come back soon
LATE_SHARE = 0.5  # how much later than its return a box may report what it has become
SILENT_AT = 0.5  # share of a resync until a box that never comes back falls silent
FORGOTTEN_AT, KNOWN_AT = 0.15, 0.5  # between these shares of a reset the box is `new`, then `initializing`


@dataclass
class Job:
    """A job that was sent to a box. `outcome` is one of switches.OUTCOMES, UPGRADES or RESYNCS."""

    kind: JobKind
    at: float
    seconds: float
    outcome: str
    shows: str
    version: str | None = None  # the firmware that an upgrade brings; the network's job that a resync is part of

    @property
    def back_at(self) -> float:
        return self.at + self.seconds

    @property
    def over_at(self) -> float:
        """When all of it can be seen."""
        if self.outcome == "never_ends":
            return math.inf
        return self.back_at + (LATE_SHARE * self.seconds if self.outcome == "late_version" else 0)

    @property
    def booted_at(self) -> float:
        return self.at + BOOTS_AT * self.seconds


@dataclass
class Box:
    """The resting facts of a box; a running job lies over them."""

    id: int
    slug: str
    mac: str
    description: str
    location_slug: str
    machine_type: str
    state: str = "online"
    is_cucumber: bool = True
    v: str = "4"
    firmware_version: str = "B_160201_01"
    next_firmware: str | None = None
    booted_at: float = 0.0
    back_at: float = 0.0  # first heartbeat since the boot
    heard_at: float | None = None  # last heartbeat of a box that sends none now
    ticks: bool = True  # sends heartbeats
    reports_uptime: bool = True
    guests: int = 0
    wan_ip: str | None = None
    public_ip: str | None = None
    zone_id: int | None = None
    zone_name: str | None = None
    tags: str = ""
    connection_status: str = "9"
    created_at: int = 0
    timezone: str = "Europe/London"
    ignored: bool = False
    is_monitored: bool = True
    reset_confirmation: bool = False
    upgrade_processing: bool = False
    allowed_job: bool | None = None  # overrules what follows from the state
    reboot: str | None = None  # overrules the switch of that name
    refusal: str | None = None
    job: Job | None = None
    planned: Job | None = None  # begins when its time has come
    reset_waits: bool = False  # a reset of an offline box, until its next start (ct-api.md 4.2)
    speedtests: list[float] = field(default_factory=list)  # when each began
    extra: dict[str, Any] = field(default_factory=dict)  # wire fields set by hand, whatever their type


class Moment(NamedTuple):
    """What CT knows of a box at one instant."""

    state: str
    allowed_job: bool
    last_heartbeat: int | None
    uptime: int | None
    clients: int


def moment(box: Box, now: float, beat: float) -> Moment:
    """The box as CT sees it `now`; a heartbeat comes every `beat` seconds."""
    job = box.job
    if job is None:
        return _resting(box, now, beat)
    if job.kind in ("reset", "upgrade", "setup"):
        return _renewed(box, job, now, beat)
    if job.kind == "resync" and job.outcome == "never_back":
        return _falls_silent(box, job, now, beat)
    if job.kind != "reboot" or job.outcome == "never_restarts":
        return _busy_while_up(box, job, now, beat)
    age = now - job.at
    if age < LEAVES_AT * job.seconds:
        seen = _resting(box, now, beat)
        return Moment("processing", False, seen.last_heartbeat, seen.uptime, seen.clients)
    if age < job.seconds or job.outcome == "never_back":
        return _down(box, job, now, beat)
    return _back(box, job, now, beat)


def _resting(box: Box, now: float, beat: float) -> Moment:
    heard = _latest_beat(box.back_at, now, beat) if box.ticks else box.heard_at
    uptime = None if heard is None or not box.reports_uptime else max(0, int(heard - box.booted_at))
    allowed = box.state == "online" if box.allowed_job is None else box.allowed_job
    clients = box.guests if box.ticks or not box.is_cucumber else 0
    return Moment(box.state, allowed, None if heard is None else int(heard), uptime, clients)


def _latest_beat(first: float, now: float, beat: float) -> float:
    return first + max(0, math.floor((now - first) / beat)) * beat


def _busy_while_up(box: Box, job: Job, now: float, beat: float) -> Moment:
    seen = _resting(box, now, beat)
    if now >= job.over_at or job.outcome == "unmarked":
        return seen
    return Moment("processing", False, seen.last_heartbeat, seen.uptime, seen.clients)


def _falls_silent(box: Box, job: Job, now: float, beat: float) -> Moment:
    seen = _resting(box, min(now, job.at + SILENT_AT * job.seconds), beat)
    word = "processing" if now < job.back_at else "offline"
    return Moment(word, False, seen.last_heartbeat, seen.uptime, seen.clients if now < job.back_at else 0)


def _renewed(box: Box, job: Job, now: float, beat: float) -> Moment:
    """A reset forgets the box and meets it anew, a setup meets it for the first time, an upgrade keeps it silent."""
    seen = _resting(box, min(now, job.at + FORGOTTEN_AT * job.seconds), beat)
    if now >= job.back_at and job.outcome == "never_back":
        return Moment("offline", False, seen.last_heartbeat, seen.uptime, 0)
    if now >= job.back_at and job.outcome != "never_ends":
        return _back(box, job, now, beat)
    age = (now - job.at) / job.seconds
    if job.kind == "setup":
        return Moment("initializing", False, None, None, 0)
    if age < FORGOTTEN_AT:
        return Moment("processing", False, seen.last_heartbeat, seen.uptime, seen.clients)
    if job.kind == "upgrade":
        return Moment("upgrading", False, seen.last_heartbeat, seen.uptime, 0)
    return Moment("new" if age < KNOWN_AT else "initializing", False, None, None, 0)


def _down(box: Box, job: Job, now: float, beat: float) -> Moment:
    before = _resting(box, job.at + LEAVES_AT * job.seconds, beat)
    word = "rebooting"
    if job.shows == "nothing":
        word = "online"
    elif job.shows == "offline" and now >= job.at + MISSED_AT * job.seconds:
        word = "offline"
    if job.outcome == "never_back" and now >= job.back_at:
        word = "offline"
    return Moment(word, False, before.last_heartbeat, before.uptime, 0)


def _back(box: Box, job: Job, now: float, beat: float) -> Moment:
    heard = _latest_beat(job.back_at, now, beat)
    reports = box.reports_uptime and job.outcome != "back_without_uptime"
    uptime = int(heard - job.booted_at) if reports else None
    return Moment("online", True, int(heard), uptime, _returned(box.guests, (now - job.back_at) / job.seconds))


def _returned(guests: int, age: float) -> int:
    """Guests on the box `age` reboot times after its return: half at once, most soon, all much later."""
    if age > 10:
        return guests
    return round(guests * min(RETURN_SHARE, 0.5 + 0.6 * age))


def settle(box: Box, now: float, beat: float) -> None:
    """Let a job that is over become the box's resting facts."""
    job = box.job
    if job is None or now < job.over_at:
        return
    if job.outcome == "never_back":
        seen = moment(box, now, beat)
        box.state, box.ticks, box.heard_at = "offline", False, seen.last_heartbeat
    elif job.kind != "resync" and job.outcome != "never_restarts":
        box.booted_at, box.back_at = job.booted_at, job.back_at
        box.reports_uptime = box.reports_uptime and job.outcome != "back_without_uptime"
    if job.kind in ("reset", "upgrade", "setup") and job.outcome != "never_back":
        box.state, box.ticks, box.upgrade_processing = "online", True, False
    if job.kind == "upgrade" and job.version and job.outcome in ("done", "late_version"):
        box.firmware_version, box.next_firmware = job.version, None
    box.job = None


def upgrading(box: Box, now: float) -> bool:
    """Does CT say so? It does not while nothing of it is left but a report."""
    job = box.job
    return job is not None and job.kind == "upgrade" and (now < job.back_at or job.outcome == "never_ends")


def advance(box: Box, now: float, beat: float) -> None:
    """Begin what was planned for by now, and settle what is over; a reboot stays while its guests come back."""
    if box.planned and now >= box.planned.at:
        settle(box, now, beat)
        if box.ticks or box.planned.kind == "setup":
            box.job = box.planned
        box.planned = None
    if box.job and box.job.kind != "reboot":
        settle(box, now, beat)
