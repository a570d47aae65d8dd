"""Row U3: an id reaches the route it is for, as exactly itself, or nothing is sent."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.ct import CTClient, CTError, CTRequestError, CTUser
from bot.ct.paths import path, segment
from tests.ct.broken import Broken, answers, listening

Operation = Callable[[CTUser, str], Awaitable[object]]

OPERATIONS: dict[str, tuple[Operation, set[str]]] = {
    "boxes.get": (lambda ana, id_: ana.boxes.get(id_), {"GET /api/v1/boxes/{}"}),
    "boxes.reboot": (
        lambda ana, id_: ana.boxes.reboot(id_),
        {"PATCH /api/v1/boxes/{}", "POST /api/v1/boxes/{}/reboot"},
    ),
    "boxes.operations": (lambda ana, id_: ana.boxes.operations(id_), {"GET /api/v1/boxes/{}/operations"}),
    "boxes.heartbeats": (
        lambda ana, id_: ana.boxes.heartbeats(id_),
        {"GET /api/v1/boxes/{}/heartbeats", "GET /api/v1/boxes/{}"},
    ),
    "locations.get": (lambda ana, id_: ana.locations.get(id_), {"GET /api/v1/locations/{}"}),
}

HOSTILE = [
    "",
    ".",
    "..",
    "...",
    "../locations/x",
    "..%2flocations",
    "%2e%2e",
    "%2E%2e%2Fme.json",
    "..;/me.json",
    "a/../../me.json",
    "/me.json",
    "//elsewhere.example/x",
    "http://elsewhere.example/",
    "a\\..\\b",
    "a?metadata=false",
    "a#b",
    "a\r\nHost: elsewhere.example",
    "a\nb",
    "a\tb",
    "a\x00b",
    "a b",
    "a\u2028b",
    "\u202eb1",
    "\ud800",
    "．．／me",
    "@elsewhere.example",
    ":80",
    "{}",
    "{0}",
    "b1,b2",
    "b1&x=1",
    "b1;x",
    "x" * 201,
]
PIECES = st.sampled_from(
    ["..", ".", "/", "%2f", "%2e", "\\", "?", "#", ";", "\r\n", "%", "{}", "b1", "me.json", " ", "@", ":"]
)
IDS = st.one_of(st.sampled_from(HOSTILE), st.lists(PIECES, max_size=6).map("".join), st.text(max_size=12))


@pytest.fixture
async def server() -> AsyncIterator[Broken]:
    """Remembers request targets as they came over the wire, before any server could tidy them up."""
    async with listening(answers(404)) as server:
        yield server


@pytest.fixture
async def ana(server: Broken) -> AsyncIterator[CTUser]:
    client = CTClient(auth_url=server.url, api_url=server.url, client_id="app", client_secret="secret", deadline=5)
    yield client.as_user("token")
    await client.aclose()


def route_of(target: str, id_: str) -> str:
    """The route a target hits, with `{}` where the id stands as exactly itself."""
    method, _, rest = target.partition(" ")
    segments = [unquote(one, errors="strict") for one in urlsplit(rest).path.split("/")]
    assert not {".", ".."} & set(segments)
    return f"{method} " + "/".join("{}" if one == id_ else one for one in segments)


@pytest.mark.parametrize("name", OPERATIONS)
@given(id_=IDS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_only_the_routes_of_an_operation_are_hit(server: Broken, ana: CTUser, name: str, id_: str) -> None:
    server.arrived.clear()
    operate, routes = OPERATIONS[name]
    with pytest.raises(CTError) as raised:
        await operate(ana, id_)

    hit = {route_of(target, id_) for target in server.arrived}

    assert hit == (set() if isinstance(raised.value, CTRequestError) else routes)


@pytest.mark.parametrize("id_", HOSTILE[:18])
def test_what_could_end_a_segment_is_refused_as_a_value_error(id_: str) -> None:
    with pytest.raises(ValueError, match="not an id") as raised:
        segment(id_)

    assert isinstance(raised.value, CTRequestError)
    assert not raised.value.maybe_acted


@pytest.mark.parametrize(
    "id_", ["1813", "lobby-ap-3-x7f", "AA-BB-CC-DD-EE-FF", "aa:bb:cc:dd:ee:ff", "guest.1@x", "é-1"]
)
def test_ids_that_ct_has_pass_and_stay_one_segment(id_: str) -> None:
    quoted = segment(id_)

    assert re.fullmatch(r"[A-Za-z0-9._~%-]+", quoted)
    assert unquote(quoted) == id_


def test_a_template_takes_as_many_ids_as_it_has_places() -> None:
    assert path("/locations/{}/clients/{}", "cafe", "AA-BB") == "/locations/cafe/clients/AA-BB"


@given(q=st.text(max_size=20))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_a_search_text_stays_in_its_parameter(server: Broken, ana: CTUser, q: str) -> None:
    server.arrived.clear()
    with pytest.raises(CTError):
        await ana.boxes.list(q=q)

    assert all(urlsplit(target).path == "GET /api/v1/boxes" for target in server.arrived)
    assert all("\r" not in target and target.count("page=") == 1 for target in server.arrived) or "page=" in q
