"""What the policy file says of guarded boxes, quiet hours and admins."""

import json
from collections.abc import Mapping
from datetime import datetime

import pytest

from bot.guards import Guards
from bot.identity import SlackUser
from bot.settings import Policy

EVENING = {"from": "18:00", "to": "23:30", "time_zone": "Europe/London"}
NIGHT = {"from": "22:00", "to": "02:00", "time_zone": "Europe/London", "days": ["fri"]}


def guards(**fields: object) -> Guards:
    return Policy.from_json(json.dumps({"guards": fields})).guards


def quiet(rule: Mapping[str, object], at: str, *, location: str | None = "cafe", tags: tuple[str, ...] = ()) -> bool:
    when = datetime.fromisoformat(at).timestamp()
    return bool(guards(quiet_hours=[rule]).reasons(location=(location,), tags=tags, at=when))


def test_without_guards_the_ceilings_and_thresholds_are_the_defaults() -> None:
    assert guards() == Guards()
    assert (Guards().per_user_and_hour, Guards().per_workspace_and_day) == (20, 100)
    assert (Guards().most_alone, Guards().most_percent) == (5, 20)
    assert Guards().reasons(location=("cafe",), tags=("core",), at=0) == []


@pytest.mark.parametrize(
    ("at", "within"),
    [
        ("2026-07-01T16:59:59+00:00", False),
        ("2026-07-01T17:00:00+00:00", True),  # 18:00 in London's summer
        ("2026-07-01T22:29:59+00:00", True),
        ("2026-07-01T22:30:00+00:00", False),
        ("2026-12-01T17:30:00+00:00", False),
        ("2026-12-01T18:00:00+00:00", True),
    ],
)
def test_quiet_hours_go_by_the_clock_of_their_time_zone(at: str, within: bool) -> None:
    assert quiet(EVENING, at) is within


@pytest.mark.parametrize(
    ("at", "within"),
    [
        ("2026-12-04T21:59:00+00:00", False),  # a Friday
        ("2026-12-04T22:00:00+00:00", True),
        ("2026-12-05T01:59:00+00:00", True),
        ("2026-12-05T02:00:00+00:00", False),
        ("2026-12-05T23:00:00+00:00", False),
        ("2026-12-04T01:00:00+00:00", False),
    ],
)
def test_quiet_hours_over_midnight_belong_to_the_day_on_which_they_begin(at: str, within: bool) -> None:
    assert quiet(NIGHT, at) is within


def test_quiet_hours_may_be_for_some_places_or_tags_only() -> None:
    rule, at = {**EVENING, "locations": ["Harbour-Hotel"], "tags": ["stage"]}, "2026-12-01T19:00:00+00:00"

    assert quiet(rule, at, location="harbour-hotel")
    assert quiet(rule, at, tags=("Stage",))
    assert not quiet(rule, at)
    assert not quiet(rule, at, location=None)


def test_a_box_is_protected_by_its_location_or_by_a_tag() -> None:
    policy = guards(protected_locations=["Café Nord", "harbour"], protected_tags=["core"])

    assert policy.reasons(location=("cafe-nord-b59a3e", "café nord"), tags=(), at=0) == ["its location is protected"]
    assert policy.reasons(location=(None,), tags=("guests", "Core"), at=0) == ["its tag “Core” is protected"]
    assert policy.reasons(location=("x", None), tags=("cores",), at=0) == []


def test_an_admin_of_another_team_is_named_with_it() -> None:
    policy = guards(admins=["U1", "T2:U2"])

    assert policy.admits(SlackUser("T1", "U1"), guests=("T2",))
    assert policy.admits(SlackUser("T2", "U2"), guests=("T2",))
    assert not policy.admits(SlackUser("T2", "U1"), guests=("T2",))
    assert not policy.admits(SlackUser("T1", "U2"), guests=("T2",))
    assert not guards().admits(SlackUser("T1", "U1"), guests=())
