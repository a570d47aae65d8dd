"""What CT accepts in the form of a voucher: the limits of ct-api.md 3.6."""

from collections.abc import Mapping
from typing import Any

from bot.sandbox.ct.forms import BLANK, INVALID, Form
from bot.sandbox.ct.location import Location
from bot.sandbox.ct.practice import Practice
from bot.sandbox.ct.splash_pages import page_with_id
from bot.sandbox.ct.voucher import DEFAULTS
from bot.sandbox.ct.voucher_codes import FORMATS

FIXED = ("splash_page_id", "quantity", "access_restrict_period", "voucher_format")
PERIODS = ("", "daily", "weekly", "monthly", "all")
LIMITS = {
    "quantity": (10, 1000),
    "validity_minutes": (5, 518_412),
    "access_restrict_data": (50, 1_000_000),
    "access_period": (1, 43_201),
    "session_timeout": (1, 518_412),
    "idle_timeout": (10, 43_201),
    "simultaneous_use": (1, 100),
    "length": (6, 50),
    "download_speed": (56, 102_400),
    "upload_speed": (56, 102_400),
}


def new_settings(practice: Practice, place: Location, fields: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a new batch, or the refusal."""
    form = Form(practice, fields)
    page = fields.get("splash_page_id")
    if page in (None, ""):
        form.fail("splash_page_id", BLANK)
    elif page != "external" and page_with_id(practice, place, page) is None:
        form.fail("splash_page_id", INVALID)
    if place.archived:
        form.fail("base", "Vouchers can't be created while the location is archived.")
    _check(form, required=True)
    settings = {**DEFAULTS, **form.values, "splash_page_id": page}
    _check_together(form, settings)
    form.done()
    return settings


def changed_settings(practice: Practice, settings: Mapping[str, Any], fields: Mapping[str, Any]) -> dict[str, Any]:
    """The settings with the changes, or the refusal; what is fixed stays as it is."""
    form = Form(practice, {name: value for name, value in fields.items() if name not in FIXED})
    if practice.switches.fixed_fields == "refused":
        for name in FIXED:
            if name in fields and str(fields[name]) != str(settings[name]):
                form.fail(name, "can't be changed after create")
    _check(form, required=False)
    form.flag("is_active")
    merged = {**settings, **form.values}
    _check_together(form, merged)
    form.done()
    return merged


def _check(form: Form, *, required: bool) -> None:
    form.text("batch_name", 1, 100, required=required)
    form.text("batch_description", 1, 255, required=required)
    for name, (low, high) in LIMITS.items():
        form.whole(name, low, high)
    form.choice("access_type", (1, 2))
    form.choice("access_restrict_period", PERIODS)
    form.choice("voucher_format", FORMATS)
    form.flag("secure_password")


def _check_together(form: Form, settings: Mapping[str, Any]) -> None:
    """The rules between fields, for those that are right by themselves."""
    validity = settings["validity_minutes"]
    if settings["access_type"] == 2 and settings["access_restrict_data"] is None:
        form.fail("access_restrict_data", BLANK)
    if settings["session_timeout"] > validity:
        form.fail("session_timeout", f"must be less than or equal to {validity}")
    if settings["access_period"] is not None and settings["access_period"] < validity:
        form.fail("access_period", f"must be greater than or equal to {validity}")
