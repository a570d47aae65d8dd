"""Which of CT's commands only look, and which one is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ct import BoxCommand
from bot.services.diagnoses import meant, only_looks

LOOK = (
    *("ifconfig", "iwinfo", "Health check", "Process list", "Routes", "DHCP config", "DHCP leases"),
    *("Show the interfaces", "Run ifconfig", "Routing table", "dmesg", "Kernel log", "Memory usage", "Disk space"),
    *("uptime", "ARP table", "ifconfig -a", "List processes"),
)
DO_NOT = (
    *("Config dump", "DHCP config dump", "Wireless config", "Interface config", "Login screens off", "Reboot"),
    *("Restart DHCP", "Bounce dhcp", "Kill process", "Flush routes", "Add route", "Renew DHCP leases"),
    *("Health checks off", "Check disk", "ps; reboot", "ps ; ps", "ps && ps", "ps | ps", "$(ps)", "ps > disk"),
    *("Upload kernel", "перезапуск dhcp", "🔄 DHCP", "Show password", "uci show", "Free memory", "dhcp\u200bstop"),
    *("", " ", "cmd-1", "Show all", "Network status"),
)


def command(name: str, id_: str = "1") -> BoxCommand:
    return BoxCommand(id=id_, name=name)


@pytest.mark.parametrize("name", LOOK)
def test_what_only_looks_is_offered(name: str) -> None:
    assert only_looks(command(name))
    assert only_looks(command(f"  {name.upper()} "))


@pytest.mark.parametrize("name", DO_NOT)
def test_what_may_change_something_or_show_secrets_is_not(name: str) -> None:
    assert not only_looks(command(name))


@given(st.sampled_from(LOOK), st.text(st.characters(categories=("L", "N", "S", "P")), max_size=12))
def test_one_unknown_word_is_enough_to_be_left_out(name: str, word: str) -> None:
    assert not only_looks(command(f"{name} x{word}"))


THERE = [
    command("ifconfig", "c1"),
    command("Health check", "c2"),
    command("Process list", "c3"),
    command("Routes", "c4"),
    command("DHCP config", "c5"),
    command("DHCP leases", "c6"),
]


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        ("c3", ["c3"]),
        ("ROUTES", ["c4"]),
        ("route", ["c4"]),
        ("routing table", ["c4"]),
        ("interfaces", ["c1"]),
        ("health", ["c2"]),
        ("ps", ["c3"]),
        ("processes", ["c3"]),
        ("dhcp config", ["c5"]),
        ("dhcp", ["c5", "c6"]),
        ("dmesg", []),
        ("traceroute", []),
    ],
)
def test_a_command_is_found_by_what_it_is_called(typed: str, ids: list[str]) -> None:
    assert [one.id for one in meant(THERE, typed)] == ids
