"""Who may call the practice CT's resources (ct-api.md 1.6, 3.1)."""

import pytest

from tests.sandbox.ct_caller import ANA, IVY, OLEG, practising

PATHS = ["/me.json", "/locations", "/boxes", "/reports?dashboard=true&v=2"]


@pytest.mark.parametrize("path", PATHS)
async def test_a_stranger_gets_401_with_an_empty_body(path: str) -> None:
    async with practising() as caller:
        answer = await caller.http.get(f"/api/v1{path}")

        assert answer.status_code == 401
        assert answer.content == b""
        assert answer.headers["www-authenticate"] == (
            'Bearer realm="Doorkeeper", error="invalid_token", error_description="The access token is invalid"'
        )


async def test_revoked_and_expired_are_told_apart_by_their_description() -> None:
    async with practising(expires_in=60) as caller:
        revoked, expired = caller.ct.issue(ANA), caller.ct.issue(ANA)
        revoked.revoked = True
        caller.clock.now += 60
        answers = [await caller.me(token) for token in (revoked.access, expired.access, "nonsense")]

        assert [answer.status_code for answer in answers] == [401, 401, 401]
        assert "was revoked" in answers[0].headers["www-authenticate"]
        assert "expired" in answers[1].headers["www-authenticate"]
        assert "is invalid" in answers[2].headers["www-authenticate"]


async def test_a_token_may_stand_in_the_query_or_the_form() -> None:
    async with practising() as caller:
        token = caller.ct.issue(ANA).access
        in_query = await caller.http.get("/api/v1/me.json", params={"access_token": token})
        older = await caller.http.get("/api/v1/me.json", params={"bearer_token": token})
        slug = caller.slug("Bar AP-1")
        in_form = await caller.http.post(f"/api/v1/boxes/{slug}/reboot", data={"access_token": token})

        assert (in_query.status_code, older.status_code, in_form.status_code) == (200, 200, 200)


async def test_me_tells_who_and_carries_secrets_to_catch() -> None:
    async with practising() as caller:
        me = await caller.get("/me.json")

        assert (me["slug"], me["email"], me["account_id"], me["role_id"]) == ("ana-5f0c", ANA, "A253444", 100)
        assert me["locs"] == 37
        assert me["api_token"].startswith("canary-")


async def test_ping_asks_for_nothing() -> None:
    async with practising() as caller:
        assert (await caller.http.get("/api/v1/ping.json")).status_code == 200


async def test_another_accounts_objects_do_not_exist() -> None:
    async with practising() as caller:
        box = caller.ct.world.named("Lobby AP-3")
        oleg = caller.bearer(OLEG)
        paths = [
            f"/boxes/{box.slug}",
            f"/boxes/{box.id}",
            f"/locations/{box.location_slug}",
            f"/boxes?location_id={box.location_slug}",
        ]
        answers = [await caller.http.get(f"/api/v1{path}", headers=oleg) for path in paths]
        reboot = await caller.patch_box(box.slug, who=OLEG, action="reboot")

        assert [answer.status_code for answer in [*answers, reboot]] == [404] * 5
        assert (await caller.get("/locations", who=OLEG))["_links"]["total_entries"] == 2
        assert (await caller.get("/boxes", who=OLEG))["_links"]["total_entries"] == 6


async def test_an_observer_looks_and_changes_nothing() -> None:
    async with practising() as caller:
        slug = caller.slug("Lobby AP-3")
        place = caller.ct.world.boxes[slug].location_slug
        ivy = caller.bearer(IVY)
        refused = [
            await caller.patch_box(slug, who=IVY, action="reboot"),
            await caller.patch_box(slug, who=IVY, description="Ivy's own"),
            await caller.patch_box(slug, who=IVY, action="resync"),
            await caller.http.post(f"/api/v1/boxes/{slug}/reboot", headers=ivy),
            await caller.http.post(f"/api/v1/boxes/{slug}/reset", headers=ivy),
            await caller.http.patch(f"/api/v1/locations/{place}", json={"location": {"town": "X"}}, headers=ivy),
        ]

        assert [answer.status_code for answer in refused] == [403] * 6
        assert (await caller.get(f"/boxes/{slug}", who=IVY))["state"] == "online"


@pytest.mark.parametrize(("method", "path"), [("GET", "/nonsense"), ("PUT", "/boxes"), ("DELETE", "/me.json")])
async def test_an_unknown_path_or_verb_is_404_as_rails_says_it(method: str, path: str) -> None:
    async with practising() as caller:
        answer = await caller.http.request(method, f"/api/v1{path}", headers=caller.bearer())

        assert answer.status_code == 404
        assert answer.json() == {"status": 404, "error": "Not Found"}
