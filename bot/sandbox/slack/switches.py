"""Everything about the practice Slack that can be turned while it runs."""

from dataclasses import asdict, dataclass, fields
from typing import Any


@dataclass
class Switches:
    """Slack's own values by default; a test turns what it wants to see go wrong."""

    ack_seconds: float = 3.0
    options_seconds: float = 3.0
    trigger_seconds: float = 3.0
    response_url_seconds: float = 1800.0
    response_url_uses: int = 5
    retry_delays: tuple[float, ...] = (0.0, 60.0, 300.0)
    retry_scale: float = 1.0
    signature: str = "good"
    copies: int = 1
    enterprise_id: str | None = None
    org_install: bool = False
    outsider_commands: bool = True
    id_token: str = "good"
    jwks: str = "up"
    message_edits: bool = True
    clock_skew: float = 0.0  # seconds by which Slack's clock is ahead: in `Date`, in signatures, in id_tokens

    def asdict(self) -> dict[str, Any]:
        return asdict(self)

    def turn(self, changes: dict[str, Any]) -> None:
        """Set the named switches; an unknown name is a `KeyError`, and then nothing changes."""
        known = {field.name for field in fields(self)}
        if unknown := changes.keys() - known:
            raise KeyError(f"no such switch: {', '.join(sorted(unknown))}")
        for name, value in changes.items():
            setattr(self, name, tuple(value) if name == "retry_delays" else value)
