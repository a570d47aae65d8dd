"""What a change is aimed at: read again just before it is made, and refused where CT takes no such change now."""

from bot.ct import Box, CTNotFoundError, CTUser, Location
from bot.errors import UserError
from bot.services.operation import Facts, Operation


class NotNowError(UserError):
    """It cannot be done to this thing now; the text says why."""


def refuse(why: str | None) -> None:
    """Raise NotNowError where there is a reason."""
    if why:
        raise NotNowError(why)


def unmanaged(box: Box, job: str) -> str | None:
    """Why this box takes no jobs at all, or None (`ct-api.md` 4.5: `is_cucumber`)."""
    if box.is_cucumber is False or box.state == "splash_only":
        return f"{box.name} only shows CT's login page: it does not run CT's firmware, so no {job} exists for it."
    return None


def cannot(box: Box, job: str = "reboot") -> str | None:
    """Why this box takes no such job now, or None (`ct-api.md` 4.2: `is_cucumber`, `state`, `allowed_job`)."""
    name = box.name
    if why := unmanaged(box, job):
        return why
    if box.state == "offline":
        return f"{name} is offline: it cannot hear us. Check its power and its line."
    if box.state in {"new", "initializing"}:
        return f"{name} is still being set up ({box.state}). Give it a few minutes."
    if box.state != "online":
        return f"{name} is busy: CT says “{box.state}”. Try again when that is over."
    if box.allowed_job is False:
        return f"{name} has a job under way, so CT takes no other for it now. Try again in a minute."
    return None


def cannot_upgrade(box: Box) -> str | None:
    """Why this box takes no new firmware now, or None (`ct-api.md` 4.2: v4, `next_firmware`, `upgrade_processing`)."""
    if why := unmanaged(box, "upgrade"):
        return why
    if box.generation is not None and box.generation != "4":
        return f"{box.name} is of generation {box.generation}: CT upgrades only those of generation 4 from afar."
    if box.upgrade_processing:
        return f"{box.name} is being upgraded already."
    if box.next_firmware in {None, "", box.firmware_version}:
        return f"CT has no newer firmware for {box.name}."
    return cannot(box, "upgrade")


def place_facts(location: Location) -> Facts:
    """The few facts of a location that an operation keeps."""
    return Facts(
        id=location.id,
        slug=location.slug,
        name=location.name,
        location_name=location.name,
        location_slug=location.slug,
        clients_online=location.clients_online,
    )


async def same_box(ct: CTUser, op: Operation) -> Box:
    """The box again. Raises NotNowError when it is gone, or was moved since the question was asked."""
    try:
        box = await ct.boxes.get(op.before.slug)
    except CTNotFoundError:
        raise NotNowError("CT no longer shows you this box.") from None
    if box.id != op.before.id or box.location_slug != op.before.location_slug:
        raise NotNowError("The box has been moved since I asked. Ask again to see where it is now.")
    return box


async def same_location(ct: CTUser, op: Operation) -> Location:
    """The location again. Raises NotNowError when it is gone."""
    try:
        location = await ct.locations.get(op.before.slug)
    except CTNotFoundError:
        raise NotNowError("CT no longer shows you this location.") from None
    if location.id != op.before.id:
        raise NotNowError("CT has another location under that name now. Ask again.")
    return location
