"""Family L, last part: typed codes that are guessed, and id_tokens that Slack did not sign so."""

import asyncio
import contextlib
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from bot.sandbox.slack.id_tokens import id_token
from bot.sandbox.slack.people import ACME
from bot.sandbox.slack.signing_keys import SigningKeys
from bot.services.crockford import ALPHABET, LENGTH, new_code
from tests.prove.linking_walks import Browser, Links, browsers, events, exchanges, records, title, token_requests
from tests.prove.rows import Run, row
from tests.prove.theatre import Theatre, theatre
from tests.services.test_linking_sign_in import TAMPERED
from tests.slack.forged import deliver
from tests.web.typed_codes import shown

DONE = "Done. Go back to Slack."

# --- L10 ---------------------------------------------------------------------------------------------

_WRONG, _BURNT, _NOTHING = "more tr", "clear", "I am not waiting for a code"


class Guesser:
    """Mallory, and a victim who opens her links, allows it at CT, and tells nobody the code."""

    def __init__(self, run: Run, play: Theatre, http: httpx.AsyncClient, mallory: str, victim: Browser) -> None:
        self.run, self.play, self.http, self.mallory, self.victim = run, play, http, mallory, victim
        self.links = Links(play)
        self.told = Counter[str]()

    async def code(self) -> str:
        """What the victim's page shows."""
        at_ct = (await self.victim.press_continue(await self.links.new(self.mallory))).headers["location"]
        page = await self.victim.look(await self.victim.allow_at_ct(at_ct))
        found = shown(page)
        assert found is not None, title(page)
        return found.replace("-", "")

    async def enters(self, code: str, *, user: str = "") -> str:
        """Type it into the form, which tells one of the replicas; what the form says then."""
        bot = self.run.dice.choice(self.play.replicas).url
        answer = (await deliver(self.http, bot, submission(user or self.mallory, code))).json()
        said: str = answer.get("errors", {}).get("code") or answer["response_action"]
        kind = next((one for one in (_WRONG, _BURNT, _NOTHING) if one in said), said)
        self.told[kind] += 1
        return kind

    def near(self, code: str) -> str:
        """A random one, or one that differs in one place."""
        if self.run.dice.random() < 0.5:
            made = new_code()
            return made if made != code else self.near(code)
        place = self.run.dice.randrange(LENGTH)
        other = self.run.dice.choice(ALPHABET.replace(code[place], ""))
        return code[:place] + other + code[place + 1 :]

    async def attempt(self) -> int:
        """Five guesses burn it, one after another or all at once; then not even the right code is any good."""
        code = await self.code()
        guesses = [self.near(code) for _ in range(5)]
        stranger = await self.enters(code, user=self.play.people(1, prefix="UX")[0])
        if self.run.dice.random() < 0.5:
            told = [await self.enters(guess) for guess in guesses]
        else:
            told = sorted(await asyncio.gather(*map(self.enters, guesses)), reverse=True)
        after = [await self.enters(guess) for guess in (code, self.near(code), code.lower())]
        right = [_NOTHING, *[_WRONG] * 4, _BURNT, *[_NOTHING] * 3]
        answers = [stranger, *told, *after]
        late = "update" in answers  # the ack could not wait: the form says it later
        self.run.holds(late or answers == right, f"an attempt was answered {answers}")
        return len(answers)

    async def overtaken(self) -> int:
        """A newer link makes the code of the older one void."""
        code = await self.code()
        await self.links.new(self.mallory)
        told = await self.enters(code)
        self.run.holds(told in {_NOTHING, "update"}, f"the code of an older link was answered {told}")
        return 1


def submission(user: str, code: str) -> dict[str, Any]:
    """The form with a code in it, as Slack sends it."""
    field = {"type": "plain_text_input", "value": code}
    view = {
        "id": "V" + secrets.token_hex(5),
        "type": "modal",
        "callback_id": "ct.form:enter-code",
        "private_metadata": "{}",
        "state": {"values": {"code": {"field": field}}},
        "hash": secrets.token_hex(8),
    }
    return {
        "type": "view_submission",
        "team": {"id": ACME, "domain": "acme"},
        "user": {"id": user, "username": user.lower(), "name": user.lower(), "team_id": ACME},
        "trigger_id": secrets.token_hex(8),
        "enterprise": None,
        "view": view,
    }


@row(
    "L10",
    p=1,
    hold="a code is not guessed: five wrong ones burn it, and a newer link makes it void",
    full=10_000,
    small=90,
    unit="guesses",
)
async def l10(run: Run) -> None:
    async with theatre(run, policy={"link_proof": "typed_code"}) as play, httpx.AsyncClient(trust_env=False) as http:
        lanes = min(8, -(-run.n // 20))
        mallories, victims = play.people(lanes, prefix="UM"), play.people(lanes)
        async with browsers(play, victims) as some:
            guessers = [Guesser(run, play, http, *pair) for pair in zip(mallories, some, strict=True)]
            await asyncio.gather(*(_guesses(run, guesser, -(-run.n // lanes)) for guesser in guessers))
            run.holds(token_requests(play) == 0, f"{token_requests(play)} token requests reached CT")
            run.holds(await records(play) == [], "a guess linked somebody")
            lives = [await play.store.redis.ttl(key) for key in await records(play, "link")]
            run.holds(bool(lives) and all(0 < life <= 600 for life in lives), f"times to live: {sorted(set(lives))}")
            code = await guessers[0].code()
            honest = Counter(await asyncio.gather(*(guessers[0].enters(code) for _ in range(20))))
            await play.sees(mallories[0], "is now linked to this Slack account")
            right = honest in (Counter({_BURNT: 1, _NOTHING: 19}), Counter({"update": 1, _NOTHING: 19}))
            run.holds(right and exchanges(play) == 1, f"the right code, twenty times at once: {honest}")
        told = sum((guesser.told for guesser in guessers), Counter[str]())
        burnt = len([line for line in await events(play, "link_code_wrong") if line["left"] == "0"])
        run.note(f"{burnt} attempts burnt; told {dict(told)}")


async def _guesses(run: Run, guesser: Guesser, count: int) -> None:
    done = 0
    while done < count:
        made = await guesser.attempt() + await guesser.overtaken()
        done += made
        run.tried(made)


# --- L11 ---------------------------------------------------------------------------------------------

Tamper = Callable[[dict[str, Any], SigningKeys], str | None]
DOWN = "Slack could not be asked just now."


class Forger:
    """Makes id_tokens that prove nothing. It has a key of its own, and tokens that were good for somebody once."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._own = RSAKey.generate_key(2048, {"kid": "forged"})
        self._old: list[str] = []
        self.honest = False

    def token(self, held: dict[str, Any], keys: SigningKeys, _kind: str) -> str | None:
        """In place of the practice Slack's own."""
        if self.honest:
            return id_token(held, keys)
        makers: list[Tamper] = [self._odd_claims, self._kinds, self._flipped, self._signed_by_other, self._replayed]
        return self._run.dice.choice(makers)(held, keys)

    def _sign(self, held: dict[str, Any], keys: SigningKeys, key: RSAKey | None = None, **header: Any) -> str:
        signer = key or keys.key
        return jwt.encode({"alg": "RS256", "typ": "JWT", "kid": str(keys.key.kid), **header}, held, signer)

    def _odd_claims(self, held: dict[str, Any], keys: SigningKeys) -> str:
        changed = held | self._run.dice.choice(TAMPERED)
        return self._sign({name: value for name, value in changed.items() if value is not None}, keys)

    def _kinds(self, held: dict[str, Any], keys: SigningKeys) -> str | None:
        kinds = ["bad_aud", "bad_nonce", "no_nonce", "expired", "bad_iss", "no_kid", "hs256", "none", "other_user"]
        return id_token(held, keys, self._run.dice.choice([*kinds, "other_team", "future", "garbage", "missing"]))

    def _flipped(self, held: dict[str, Any], keys: SigningKeys) -> str:
        """One character changed; not the last, of which not every bit counts."""
        good = self._sign(held, keys)
        place = self._run.dice.randrange(len(good) - 1)
        other = self._run.dice.choice([one for one in "Ab9-." if one != good[place]])
        return good[:place] + other + good[place + 1 :]

    def _signed_by_other(self, held: dict[str, Any], keys: SigningKeys) -> str:
        """By a key that only says that it is Slack's, that nobody knows, or that the token itself brings along."""
        told: list[dict[str, Any]] = [{}, {"kid": "forged"}, {"kid": "../keys"}, {"jku": "http://127.0.0.1:9/keys"}]
        header = self._run.dice.choice([*told, {"jwk": self._own.as_dict(private=False)}])
        return self._sign(held, keys, self._own, **header)

    def _replayed(self, held: dict[str, Any], keys: SigningKeys) -> str:
        """A good token of an earlier sign-in, by the same person."""
        self._old.append(self._sign(held | {"nonce": secrets.token_urlsafe(32)}, keys))
        return self._run.dice.choice(self._old)


@contextlib.contextmanager
def forging(forger: Forger) -> Iterator[None]:
    """The practice Slack's token endpoint answers with the forger's id_tokens."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("bot.sandbox.slack.sign_in.id_token", forger.token)
        yield


@row(
    "L11",
    p=1,
    hold="an id_token that Slack did not sign for this sign-in, or that cannot be checked, lets nobody in",
    full=1_000,
    small=40,
    unit="id_tokens",
)
async def l11(run: Run) -> None:
    forger = Forger(run)
    async with theatre(run) as play:
        users, links = play.people(8), Links(play)
        async with browsers(play, users) as some:
            forger.honest = True
            with forging(forger):
                await _while_keys_are_down(run, play, links, some[0], users[0], seconds=60 if run.n >= 500 else 1)
                began, asked = time.monotonic(), _keys_asked(play)
                forger.honest = False
                lanes = (
                    _forged(run, links, browser, user, range(lane, run.n, len(users)))
                    for lane, (browser, user) in enumerate(zip(some, users, strict=True))
                )
                told = sum(await asyncio.gather(*lanes), Counter[int]())
                often, most = _keys_asked(play) - asked, 2 * (1 + int((time.monotonic() - began) / 60))
                run.holds(often <= most, f"Slack's keys were asked for {often} times")
                at_ct = [line for line in play.ct.log.rows if line["path"].startswith("/oauth/")]
                run.holds(not at_ct, f"{len(at_ct)} requests reached CT")
                forger.honest = True
                page = await some[0].link(await links.new(users[0]))
                run.holds(title(page) == DONE, f"the honest way ended in {title(page)!r}")
                if run.n >= 500:
                    await _after_new_keys(run, play, links, some[0], users[0])
        run.note(f"answered {dict(told)}; keys asked for {often} times meanwhile")


def _keys_asked(play: Theatre) -> int:
    return sum(call["method"] == "openid.connect.keys" for call in play.slack.world.journal.calls)


async def _forged(run: Run, links: Links, browser: Browser, user: str, turns: range) -> Counter[int]:
    told = Counter[int]()
    for _ in turns:
        page = await browser.look(await browser.to_slack_callback(await links.new(user)))
        told[page.status_code] += 1
        run.holds(page.status_code in {400, 403, 503}, f"a forged id_token was answered {page.status_code}")
        run.holds("location" not in page.headers, "a forged id_token led on to CT")
        run.tried()
    return told


async def _while_keys_are_down(
    run: Run, play: Theatre, links: Links, browser: Browser, user: str, *, seconds: float
) -> None:
    """Fresh replicas know no keys: each visit ends on a page that says so, and the link lives on."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        link = await links.new(user)
        for how in ("down", "garbage"):
            play.slack.world.switches.jwks = how
            page = await browser.look(await browser.to_slack_callback(link))
            run.holds((page.status_code, title(page)) == (503, DOWN), f"keys {how}: {title(page)!r}")
        await asyncio.sleep(0.2)
    play.slack.world.switches.jwks = "up"
    for _ in play.replicas:
        page = await browser.look(await browser.to_slack_callback(link))
        run.holds(page.status_code == 303, f"keys are up again: {title(page)!r}")


async def _after_new_keys(run: Run, play: Theatre, links: Links, browser: Browser, user: str) -> None:
    """Slack signs with a new key: within a minute or so everybody gets in again."""
    play.slack.sign_in.roll_keys()
    began, link = time.monotonic(), await links.new(user)
    while True:
        page = await browser.look(await browser.to_slack_callback(link))
        if page.status_code == 303 or time.monotonic() > began + 75:
            break
        run.holds((page.status_code, title(page)) == (503, DOWN), f"a new key: {title(page)!r}")
        await asyncio.sleep(1)
    run.holds(page.status_code == 303, "a new key was not taken in 75 s")
    run.note(f"a new key was taken after {time.monotonic() - began:.0f} s")
