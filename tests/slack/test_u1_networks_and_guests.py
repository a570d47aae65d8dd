"""Row U1 and Slack's limits for networks, Wi-Fi details, guests' devices, history and usage."""

import pytest
from hypothesis import Phase, example, given, settings

from bot.ct import Change, Client, Location, Network, NetworkDetails
from bot.services.devices import Devices
from bot.services.figures import STEPS, Figures, Span
from bot.services.history import Entry, Missing
from bot.services.usage import Usage
from bot.slack.forms import Filled
from bot.slack.grammar import parse
from bot.slack.registry import load
from bot.slack.views import clients, history, networks, usage
from tests.slack.drawing import NOW, check, pressable
from tests.slack.strangers import Strangers, strangers

REGISTRY = load()
often = settings(max_examples=150, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))


def network(some: Strangers) -> Network:
    return Network(
        id=some.id(),
        ssid=some.text(),
        active=some.maybe(some.flag),
        access_type=some.dice.choice((None, "open", "password", "radius", some.text())),
        hidden=some.maybe(some.flag),
        captive_portal=some.maybe(some.flag),
        band=some.dice.choice((None, "dual", some.text())),
        state=some.words(),
    )


def device(some: Strangers) -> Client:
    return Client(
        id=some.id(),
        mac=some.words(),
        name=some.words(),
        description=some.words(),
        manufacturer=some.words(),
        online=some.maybe(some.flag),
        splash_status=some.dice.choice((None, "pass", "dnat", some.text())),
        ssid=some.words(),
        box_mac=some.words(),
        ip=some.words(),
        channel=some.count(),
        snr=some.count(),
        tx_kbps=some.count(),
        rx_kbps=some.count(),
        last_seen=some.time(),
        conn_type=some.dice.choice((None, "wired", some.text())),
        blocked=some.maybe(some.flag),
        allowed=some.maybe(some.flag),
    )


def entry(some: Strangers) -> Entry:
    change = Change(field=some.id(), before=some.words(), after=some.words(), hidden=some.flag())
    return Entry(
        at=some.time() or 0,
        who=some.words(),
        slack_user=some.maybe(lambda: "U01ANA"),
        kind=some.text(),
        outcome=some.text(),
        thing=some.words(),
        reason=some.words(),
        changes=tuple([change] * some.dice.randrange(9)),
    )


@often
@given(strangers())
def test_a_list_of_networks(some: Strangers) -> None:
    place, found = some.place(), [network(some) for _ in range(some.dice.randrange(1, 20))]

    check(networks.network_list(place, found, now=NOW))
    check(networks.none_yet(place))
    check(networks.radius(found[0], passed=some.maybe(some.flag), said=some.text()))


@often
@given(strangers())
def test_wifi_details(some: Strangers) -> None:
    details = [NetworkDetails(network=network(some), key=some.words()) for _ in range(some.dice.randrange(20))]

    check(networks.wifi(some.place(), details))


@pytest.mark.parametrize(
    ("key", "shown"),
    [
        ("a*b_c~`d<&>!", "Password: a*b_c~`d<&>!"),
        ("grüße-an-alle", "Password: grüße-an-alle"),
        ("pass\u202eword", networks.UNTYPEABLE),
        ("two\nlines-of-it", networks.UNTYPEABLE),
    ],
)
def test_a_password_is_shown_as_it_is_or_not_at_all(key: str, shown: str) -> None:
    reply = networks.wifi(Location(id="1", slug="l", name="L"), [NetworkDetails(network=Network(id="1"), key=key)])

    assert reply.blocks[1].to_dict()["text"]["text"].endswith(f"\n{shown}")
    assert "ass" not in reply.text


@often
@given(strangers())
def test_guests_devices(some: Strangers) -> None:
    thing = some.box() if some.flag() else some.place()
    devices = Devices([device(some) for _ in range(some.dice.randrange(25))], some.flag())

    check(clients.client_list(thing, devices, page=some.number(), now=NOW))
    check(clients.count(thing, devices, now=NOW))
    check(clients.client_card(device(some), some.place(), now=NOW))


@often
@given(strangers())
@example(Strangers(7571))  # four changes of ampersands alone
@example(Strangers(1_595_004_949))
def test_a_history(some: Strangers) -> None:
    thing = some.box() if some.flag() else some.place()
    missing = [Missing("its boxes", some.flag()) for _ in range(some.dice.randrange(3))]
    page = some.number()

    check(
        history.history(
            thing,
            some.several(lambda: entry(some), 25),
            missing=missing,
            complete=some.flag(),
            page=page,
            now=NOW,
            again=some.text(),
        )
    )


@often
@given(strangers())
def test_usage(some: Strangers) -> None:
    thing = some.box() if some.flag() else some.place()
    period = some.dice.choice(list(STEPS))
    end, step = int(NOW), period // STEPS[period]

    def figures() -> Figures:
        steps = [(end - period + n * step, float(some.number())) for n in range(some.dice.randrange(STEPS[period] + 1))]
        return Figures(steps, some.id())

    used = Usage(Span(end - period, end), figures(), figures(), some.several(some.heartbeat, 6))
    check(usage.usage(thing, used, now=NOW, again=some.id()))


@often
@given(strangers())
def test_the_forms_of_networks_fit(some: Strangers) -> None:
    meta = {name: some.text()[:300] for name in ("id", "slug", "name", "place", "hurt")} | {"access": "password"}
    for name in ("network-edit", "wifi-share"):
        form = REGISTRY.forms[name]
        values = {"ssid": some.text()[:32], "share_to": some.text()[:200]}
        form.view(Filled(meta=meta, values=values, problems={"ssid": some.id(), "": some.id()})).to_dict()


@pytest.mark.parametrize("seed", range(20))
def test_every_button_is_a_command_that_can_be_read(seed: int) -> None:
    some = Strangers(seed)
    place = some.place()
    place = type(place)(id="1", slug="cafe-1", name=place.name)
    one = Client(id="7", mac="8C-85-90-12-34-56", online=True, splash_status="pass", blocked=some.flag())
    net = Network(id="3", ssid="Staff", access_type="password", active=some.maybe(some.flag))
    replies = [
        networks.network_list(place, [net], now=NOW),
        networks.wifi(place, [NetworkDetails(network=net, key="12345678")]),
        clients.client_list(place, Devices([one] * 25, True), page=2, now=NOW),
        clients.count(place, Devices([one], True), now=NOW),
        clients.client_card(one, place, now=NOW),
    ]

    for text in [value for reply in replies for value in pressable(check(reply)).values()]:
        command, rest = REGISTRY.match(text)

        assert command is not None, text
        assert parse(command.args, rest, typed=text) is not None
