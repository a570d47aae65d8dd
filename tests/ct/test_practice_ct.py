"""The client against the practice CT: every call, both reboot routes, Doorkeepers old and new."""

from collections.abc import AsyncIterator, Callable
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from bot.ct import (
    CTAuthError,
    CTClient,
    CTConnectionError,
    CTForbiddenError,
    CTInvalidError,
    CTNotFoundError,
    CTOAuthError,
    CTServerError,
    CTUser,
)
from bot.sandbox.ct import CLIENT_ID, CLIENT_SECRET, REFUSALS, PracticeCT
from bot.sandbox.serving import serve

CALLBACK = "http://127.0.0.1:9/oauth/ct/callback"
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # RFC 7636, appendix B


@pytest.fixture
async def practice() -> AsyncIterator[tuple[PracticeCT, str]]:
    ct = PracticeCT(redirect_uris=[CALLBACK], switches={"speed": "test"})
    async with serve(ct.app) as url:
        yield ct, url


@pytest.fixture
async def client(practice: tuple[PracticeCT, str]) -> AsyncIterator[CTClient]:
    _, url = practice
    client = CTClient(auth_url=url, api_url=url, client_id=CLIENT_ID, client_secret=CLIENT_SECRET)
    yield client
    await client.aclose()


@pytest.fixture
def ct(practice: tuple[PracticeCT, str]) -> PracticeCT:
    return practice[0]


@pytest.fixture
def ana(ct: PracticeCT, client: CTClient) -> CTUser:
    return client.as_user(ct.issue("ana@venues.example").access)


@pytest.fixture
def online(ct: PracticeCT) -> str:
    """A box that may be rebooted."""
    return next(
        box.slug
        for box in ct.world.boxes.values()
        if box.reboot is None and ct.practice.moment(box).allowed_job and ct.practice.moment(box).state == "online"
    )


async def code_for(client: CTClient, email: str) -> str:
    """Walk CT's pages as a browser would."""
    url = client.oauth.authorize_url(redirect_uri=CALLBACK, state="s t&", code_challenge=CHALLENGE)
    async with httpx.AsyncClient(base_url=url.partition("/oauth")[0], follow_redirects=False) as browser:
        await browser.post("/login", data={"email": email, "password": "practice", "return_to": "/"})
        page = await browser.get(url)
        token = page.text.partition('name="authenticity_token" value="')[2].partition('"')[0]
        params = dict(httpx.URL(url).params)
        answer = await browser.post("/oauth/authorize", data={**params, "authenticity_token": token})
    query = parse_qs(urlsplit(answer.headers["location"]).query)
    assert query["state"] == ["s t&"]
    return query["code"][0]


async def test_linking_refreshing_and_revoking_go_round(client: CTClient, ct: PracticeCT) -> None:
    code = await code_for(client, "kim@venues.example")
    pair = await client.oauth.exchange(code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER)
    first = await client.as_user(pair.access_token).me()
    assert pair.refresh_token
    newer = await client.oauth.refresh(pair.refresh_token)
    second = await client.as_user(newer.access_token).me()

    assert first == second
    assert first.email == "kim@venues.example"
    assert first.account_id == "A253444"
    assert await client.oauth.revoke(newer.access_token, access_token=newer.access_token)
    with pytest.raises(CTAuthError):
        await client.as_user(newer.access_token).me()


@pytest.mark.parametrize("doorkeeper", ["old", "new"])
async def test_a_code_works_once_with_any_doorkeeper(client: CTClient, ct: PracticeCT, doorkeeper: str) -> None:
    ct.switches.set({"doorkeeper": doorkeeper})
    code = await code_for(client, "ana@venues.example")
    pair = await client.oauth.exchange(code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER)
    with pytest.raises(CTOAuthError) as raised:
        await client.oauth.exchange(code=code, redirect_uri=CALLBACK, code_verifier=VERIFIER)

    assert (pair.token_type, pair.expires_in) == ("bearer", 7200)
    assert raised.value.error == "invalid_grant"
    assert raised.value.status == (401 if doorkeeper == "old" else 400)


@pytest.mark.parametrize("doorkeeper", ["old", "new"])
async def test_refusals_of_the_token_endpoint_have_their_names(
    client: CTClient, ct: PracticeCT, practice: tuple[PracticeCT, str], doorkeeper: str
) -> None:
    ct.switches.set({"doorkeeper": doorkeeper})
    stranger = CTClient(auth_url=practice[1], api_url=practice[1], client_id=CLIENT_ID, client_secret="wrong")
    with pytest.raises(CTOAuthError, match="invalid_grant"):
        await client.oauth.refresh("used")
    with pytest.raises(CTOAuthError, match="invalid_request"):
        await client.oauth.refresh("")
    with pytest.raises(CTOAuthError, match="invalid_client"):
        await stranger.oauth.refresh(ct.issue("ana@venues.example").refresh or "")
    await stranger.aclose()


@pytest.mark.parametrize("mode", ["either", "bearer", "client", "client_403"])
async def test_every_doorkeeper_lets_us_revoke(client: CTClient, ct: PracticeCT, mode: str) -> None:
    ct.switches.set({"revoke": mode})
    row = ct.issue("ana@venues.example")

    assert await client.oauth.revoke(row.refresh or "", access_token=row.access)
    assert row.revoked


async def test_a_ct_without_a_revoke_endpoint_is_found_out(client: CTClient, ct: PracticeCT) -> None:
    ct.switches.set({"revoke": "absent"})

    assert not await client.oauth.revoke("any", access_token=None)


async def test_every_list_is_read_whole(ana: CTUser, ct: PracticeCT) -> None:
    locations, boxes = await ana.locations.all(), await ana.boxes.all()
    overview = await ana.reports.overview()
    offline = await ana.boxes.all(state="offline")

    assert (locations.total, locations.complete) == (37, True)
    assert (boxes.total, boxes.complete) == (412, True)
    assert overview.total == 412
    assert overview.locations == 37
    assert {box.state for box in offline.items} == {"offline"}
    assert offline.total == overview.boxes["offline"]


async def test_lists_can_be_narrowed(ana: CTUser) -> None:
    location = next(one for one in (await ana.locations.list()).items if one.boxes_count)
    boxes = await ana.boxes.list(location=location.slug, per=100)
    found = await ana.boxes.list(q=boxes.items[0].name)

    assert boxes.total_entries == location.boxes_count
    assert {box.location_slug for box in boxes.items} == {location.slug}
    assert boxes.items[0].slug in {box.slug for box in found.items}
    assert (await ana.locations.get(location.slug)).name == location.name


@pytest.mark.parametrize(
    "switches",
    [
        {"last_next_page": 0},
        {"links_size": False},
        {"location_id": "number"},
        {"clients_online": "metadata"},
        {"aggregations": True},
    ],
    ids=str,
)
async def test_lists_are_read_in_every_dialect(ana: CTUser, ct: PracticeCT, switches: dict[str, object]) -> None:
    ct.switches.set(switches)
    locations, boxes = await ana.locations.all(), await ana.boxes.all()

    assert (locations.total, boxes.total) == (37, 412)
    assert all(isinstance(box.location_id, str) for box in boxes.items)
    assert (await ana.boxes.get(boxes.items[0].slug)).clients_online is not None


@pytest.mark.parametrize(("paging", "rows"), [("endless", 412), ("stuck", 100), ("vanishing", 400)])
async def test_lying_lists_end(ana: CTUser, ct: PracticeCT, paging: str, rows: int) -> None:
    ct.switches.set({"paging": paging})
    listing = await ana.boxes.all()

    assert (len(listing.items), listing.complete) == (rows, False)
    assert listing.total == 412


async def test_a_box_tells_its_story(ana: CTUser, online: str) -> None:
    box = await ana.boxes.get(online)
    heartbeats = await ana.boxes.heartbeats(online)
    await ana.boxes.reboot(online)
    operations = await ana.boxes.operations(online)

    assert box.state == "online"
    assert box.allowed_job
    assert box.clients_online is not None
    assert [one.at for one in heartbeats] == sorted(one.at for one in heartbeats)
    assert heartbeats
    assert operations.items[0].kind == "reboot"


@pytest.mark.parametrize(
    ("routes", "reboots", "sent"),
    [
        ("both", 2, ["PATCH", "PATCH"]),
        ("patch", 2, ["PATCH", "PATCH"]),
        ("post", 2, ["PATCH", "POST", "POST"]),
    ],
)
async def test_a_reboot_finds_its_route(
    ana: CTUser, ct: PracticeCT, online: str, routes: str, reboots: int, sent: list[str]
) -> None:
    ct.switches.set({"reboot_by": routes, "refuses_busy": False})
    for _ in range(reboots):
        await ana.boxes.reboot(online)

    assert [row["method"] for row in ct.log.select({}) if "/boxes/" in row["path"]] == sent


@pytest.mark.parametrize("refusal", REFUSALS)
async def test_a_refused_reboot_says_why_in_every_shape(ana: CTUser, ct: PracticeCT, online: str, refusal: str) -> None:
    ct.switches.set({"reboot": "refused", "refusal": refusal})
    with pytest.raises(CTInvalidError) as raised:
        await ana.boxes.reboot(online)

    told = "This device can't be rebooted right now."
    assert (raised.value.messages and raised.value.messages[0].endswith(told)) or refusal == "empty"
    assert not raised.value.maybe_acted


@pytest.mark.parametrize(
    ("outcome", "error", "maybe_acted"),
    [
        ("forbidden", CTForbiddenError, False),
        ("lost_answer", CTServerError, True),
        ("dropped", CTConnectionError, True),
        ("dropped_unacted", CTConnectionError, True),
    ],
)
async def test_a_bungled_reboot_is_sent_once_and_told_as_it_is(
    ana: CTUser, ct: PracticeCT, online: str, outcome: str, error: type[Exception], maybe_acted: bool
) -> None:
    ct.switches.set({"reboot": outcome})
    with pytest.raises(error) as raised:
        await ana.boxes.reboot(online)

    assert getattr(raised.value, "maybe_acted", None) is maybe_acted
    assert [row["method"] for row in ct.log.select({}) if "/boxes/" in row["path"]] == ["PATCH"]


@pytest.mark.parametrize(
    "call",
    [
        lambda oleg, box: oleg.boxes.get(box),
        lambda oleg, box: oleg.boxes.reboot(box),
        lambda oleg, box: oleg.boxes.operations(box),
        lambda oleg, box: oleg.boxes.heartbeats(box),
    ],
)
async def test_a_box_of_another_account_does_not_exist(
    client: CTClient, ct: PracticeCT, online: str, call: Callable[[CTUser, str], "object"]
) -> None:
    oleg = client.as_user(ct.issue("oleg@cafes.example").access)
    with pytest.raises(CTNotFoundError):
        await call(oleg, online)  # type: ignore[misc]


async def test_a_dead_token_is_a_401_with_nothing_to_say(client: CTClient, ct: PracticeCT) -> None:
    row = ct.issue("ana@venues.example")
    row.revoked = True
    with pytest.raises(CTAuthError) as raised:
        await client.as_user(row.access).boxes.list()

    assert raised.value.messages == []
