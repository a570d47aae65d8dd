"""What can be changed about the practice CT while it runs (ct-api.md section 6)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

OUTCOMES = (
    "back",  # goes down and comes back
    "never_back",
    "never_restarts",  # accepted; the box stays up and its uptime goes on
    "back_without_uptime",
    "refused",  # 422, worded as `refusal` says
    "forbidden",  # 403
    "lost_answer",  # acts, then 500
    "dropped",  # acts, then the connection breaks without an answer
    "dropped_unacted",  # the connection breaks and nothing was done
    "late",  # acts, then answers after `late_seconds`
)
UPGRADES = (
    "done",
    "late_version",  # CT says that it is over and shows the box online before the box reports its new firmware
    "fails",  # the box comes back with the firmware that it had
    "never_back",
    "never_ends",  # CT goes on saying that it upgrades
)
RESYNCS = (
    "done",
    "unmarked",  # the same, but CT's state stays online all the while
    "fails",  # the box is as before, and CT's record of the job says FAIL
    "never_back",
    "never_ends",  # CT goes on saying that the box is busy
)
CREATIONS = ("ok", "refused", "forbidden", "lost_answer", "dropped", "dropped_unacted", "late")  # of any POST
REFUSALS = ("array", "object", "base", "message", "message_array", "message_objects", "raw", "empty")

CHOICES: dict[str, tuple[Any, ...]] = {
    "refresh_mode": ("immediate", "on_use"),
    "token_error_status": (401, 400),
    "token_type": ("bearer", "Bearer"),
    "revoke": ("either", "bearer", "client", "client_403", "absent"),
    "reboot": OUTCOMES,
    "refusal": REFUSALS,
    "field_refusal": ("object", "array", "message", "message_array", "message_objects", "raw", "empty"),
    "creation": CREATIONS,
    "created_status": (201, 200),
    "fixed_fields": ("ignored", "refused"),
    "metrics_auth": ("bearer", "api_token_401", "api_token_403"),
    "logs_auth": ("bearer", "api_token_401", "api_token_403"),
    "logs_order": ("newest", "oldest"),
    "logs_severity": ("word", "number"),
    "payload": ("answered", "silent"),
    "payload_command": ("description", "unique_id"),
    "payload_body": ("null", "empty", "absent"),
    "span_limit": ("plan", "role", "everybody"),
    "span_counts": ("length", "age"),
    "span_status": (403, 422),
    "stats_shape": ("stats", "flat"),
    "invites": ("listed", "unlisted", "fail"),
    "radtest": ("ok", "fails"),
    "upgrade": UPGRADES,
    "resync": RESYNCS,
    "location_sessions": ("counted", "always", "none"),
    "plan": ("account", "paid", "free"),
    "reboot_by": ("both", "patch", "post"),
    "reboot_shows": ("offline", "rebooting", "nothing"),
    "last_next_page": (None, 0),
    "paging": ("honest", "endless", "stuck", "vanishing"),
    "clients_online": ("always", "metadata"),
    "location_id": ("string", "number"),
}
"""The switches that take one of a few values."""

_NAMES = (
    "arrival_seconds",
    "speedtest_seconds",
    "upgrade_seconds",
    "sync_seconds",
    "payload_seconds",
    "invite_seconds",
)
_QUICK = dict(zip(_NAMES, (0.5, 0.6, 1.5, 0.6, 0.3, 0.3), strict=True))
_DEMO = dict(zip(_NAMES, (20.0, 8.0, 40.0, 8.0, 3.0, 6.0), strict=True))
_REAL = dict(zip(_NAMES, (120.0, 30.0, 300.0, 30.0, 45.0, 20.0), strict=True))

PRESETS: dict[str, dict[str, dict[str, Any]]] = {
    "speed": {
        "test": {"reboot_seconds": 1.5, "heartbeat_seconds": 0.5, "voucher_seconds": 0.6, **_QUICK},
        "demo": {"reboot_seconds": 25.0, "heartbeat_seconds": 10.0, "voucher_seconds": 8.0, **_DEMO},
        "real": {"reboot_seconds": 90.0, "heartbeat_seconds": 60.0, "voucher_seconds": 45.0, **_REAL},
    },
    "doorkeeper": {
        "old": {
            "refresh_mode": "immediate",
            "token_error_status": 401,
            "token_type": "bearer",
            "revoke": "bearer",
            "pkce": False,
            "code_reuse_revokes": False,
        },
        "new": {
            "refresh_mode": "on_use",
            "token_error_status": 400,
            "token_type": "Bearer",
            "revoke": "client_403",
            "pkce": True,
            "code_reuse_revokes": True,
        },
    },
}
"""One name that sets several switches."""


class SwitchError(ValueError):
    """A switch that does not exist, or a value that it does not take."""


@dataclass
class Switches:
    """Every switch with the value that is most like the CT of the guide."""

    # OAuth (ct-api.md 1)
    expires_in: int = 7200
    code_seconds: float = 600.0
    refresh_mode: str = "immediate"
    token_error_status: int = 401
    token_type: str = "bearer"
    revoke: str = "either"
    pkce: bool = True
    code_reuse_revokes: bool = False
    gives_refresh_token: bool = True
    created_at_skew: float = 0.0  # seconds by which CT's clock is ahead in `created_at`
    clock_skew: float = 0.0  # the same in the `Date` header
    login_first: bool = True  # whether client and redirect URI are looked at after the login only, as Doorkeeper does
    # Boxes (ct-api.md 4)
    reboot: str = "back"
    refusal: str = "array"
    reboot_by: str = "both"
    reboot_shows: str = "offline"
    reboot_seconds: float = 25.0
    heartbeat_seconds: float = 10.0
    late_seconds: float = 12.0
    arrival_seconds: float = 20.0  # until a box that was added makes contact; 0: it never does
    speedtest_seconds: float = 8.0
    sync_seconds: float = 8.0  # how long the boxes of a location are busy with a change of its networks
    payload_seconds: float = 3.0  # until a box has answered a command
    payload: str = "answered"
    payload_command: str = "description"  # what names the command in a payload
    payload_body: str = "null"  # how it looks before the box has answered
    upgrade_seconds: float = 40.0
    upgrade: str = "done"
    resync: str = "done"
    lists_muted: bool = True  # whether `state=offline` lists the boxes that are muted
    refuses_busy: bool = True  # a job while `allowed_job` is false is answered with 422
    # Things that people make (ct-api.md 3)
    creation: str = "ok"
    created_status: int = 201
    field_refusal: str = "object"  # shape of a 422 about fields
    fixed_fields: str = "ignored"  # what becomes of a change to what is fixed after create
    plan: str = "account"  # "account": the venues pay, the cafes don't
    voucher_seconds: float = 8.0  # until the codes of a batch are made
    voucher_quota: int = 0  # batches of the whole account; 0: as the plan says
    metrics_auth: str = "bearer"  # "api_token_…": a Bearer alone is refused with that status
    logs_auth: str = "bearer"  # likewise
    logs_order: str = "newest"  # which line comes first
    logs_severity: str = "word"
    logs_links: bool = False  # whether the list counts its pages
    logs_a_minute: int = 3  # lines of one box
    span_limit: str = "plan"  # who is refused figures beyond seven days: free plans, those below Administrator, all
    span_counts: str = "length"  # "age": how far back they reach counts, and not how long they are
    span_status: int = 403
    stats_shape: str = "stats"  # whether guests' figures stand under a name or on their own
    invites: str = "listed"  # "unlisted": nobody shows before they have come; "fail": accepted, and nothing happens
    invite_seconds: float = 6.0  # until what was asked of /invites is carried out
    events: bool = False  # whether /events exists
    radtest: str = "ok"
    location_sessions: str = "counted"  # whether guests have been there, which forbids to delete a location
    link_days: float = 30.0  # how long pdf_link and csv_link work
    # Lists (ct-api.md 2)
    default_per: int = 15
    max_per: int = 100
    last_next_page: int | None = None
    links_size: bool = True
    paging: str = "honest"
    clients_online: str = "always"
    aggregations: bool = False
    location_id: str = "string"

    def set(self, changes: Mapping[str, Any]) -> None:
        """Change several at once, or raise SwitchError and change none."""
        values: dict[str, Any] = {}
        for name, value in changes.items():
            if name in PRESETS:
                values |= _preset(name, value)
            else:
                values[name] = _checked(name, value)
        for name, value in values.items():
            setattr(self, name, value)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def _preset(name: str, value: Any) -> dict[str, Any]:
    if value not in PRESETS[name]:
        raise SwitchError(f"{name} is one of {', '.join(PRESETS[name])}")
    return PRESETS[name][value]


def _checked(name: str, value: Any) -> Any:
    default = DEFAULTS.get(name, KeyError)
    if default is KeyError:
        raise SwitchError(f"there is no switch {name}; there are {', '.join([*DEFAULTS, *PRESETS])}")
    if name in CHOICES:
        if value not in CHOICES[name] or isinstance(value, bool):
            raise SwitchError(f"{name} is one of {', '.join(map(repr, CHOICES[name]))}")
        return value
    if isinstance(default, bool) != isinstance(value, bool) or not isinstance(value, int | float):
        raise SwitchError(f"{name} is {'true or false' if isinstance(default, bool) else 'a number'}")
    return type(default)(value)


DEFAULTS: dict[str, Any] = {field.name: field.default for field in fields(Switches)}
