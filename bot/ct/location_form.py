"""What it takes to add a location, and what of it people change (ct-api 3.1). All under CT's own names."""

from collections.abc import Mapping
from typing import Any, TypedDict

from bot.ct.limits import Problems, found, number_problem, text_problem
from bot.ct.models import Model


class LocationChanges(TypedDict, total=False):
    """The settings that may be changed; `alert_interval` in minutes, `country` two letters."""

    location_name: str
    location_address: str
    street: str
    town: str
    postcode: str
    country: str
    phone1: str
    location_website: str
    timezone: str
    alert_interval: int
    reports_active: bool
    reports_emails: str


class LocationForm(Model, frozen=True, kw_only=True):
    """A location to be added. Empty fields are left to CT."""

    location_name: str
    location_address: str
    town: str | None = None
    postcode: str | None = None
    country: str | None = None
    add_to_global_map: bool = False
    project_id: int | None = None

    def problems(self) -> Problems:
        """What CT's form would refuse, by CT's name of the field."""
        return location_problems({name: getattr(self, name) for name in self.__struct_fields__})

    def body(self) -> dict[str, Any]:
        """As CT's own form sends it."""
        fields = {name: getattr(self, name) for name in self.__struct_fields__}
        return {"location": {name: value for name, value in fields.items() if value not in (None, "")}}


def location_problems(fields: Mapping[str, object]) -> Problems:
    """What CT's form would refuse of these fields; those that are not there are not looked at."""
    checks: dict[str, str | None] = {}
    for name, low, high in (("location_name", 5, 100), ("location_address", 5, 200)):
        if name in fields:
            checks[name] = text_problem(str(fields[name] or ""), low, high)
    if country := fields.get("country"):
        checks["country"] = _country_problem(str(country))
    if isinstance(interval := fields.get("alert_interval"), int):
        checks["alert_interval"] = number_problem(interval, 0, 10_080)
    return found(checks)


def _country_problem(country: str) -> str | None:
    is_code = len(country) == 2 and country.isascii() and country.isalpha() and country.isupper()
    return None if is_code else "Give the country’s two capital letters, such as GB."
