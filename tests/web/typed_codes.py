"""Walks and attacks where people show who they are by a typed code; with a large `n` they are proof runs (row L10).

Nothing in here asserts: each returns what it counted, and the caller says what must hold.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

import httpx

from bot.identity import SlackUser
from bot.services.crockford import ALPHABET, LENGTH, new_code
from bot.services.link_exchange import Outcome
from bot.services.notices import Resume
from bot.services.typed_code import Refused, Why
from tests.web.site import ANA, Site
from tests.web.visitor import Visitor

MALLORY = SlackUser("T01ACME", "U66MAL")
_SHOWN = re.compile(r'<p class="code">([0-9A-Z]{4}-[0-9A-Z]{4})</p>')


def shown(page: httpx.Response) -> str | None:
    """The code on a page, if it shows one."""
    found = _SHOWN.search(page.text)
    return found[1] if found else None


async def code_from(
    site: Site, browser: Visitor, who: SlackUser = ANA, *, handle: str = "ana", resume: Resume | None = None
) -> str:
    """A new link of `who`, opened in this browser up to the code that its last page shows."""
    page = await browser.look(await callback_of(site, browser, who, handle=handle, resume=resume))
    code = shown(page)
    if code is None:
        raise LookupError(f"{page.status_code}: {page.text}")
    return code


async def callback_of(
    site: Site, browser: Visitor, who: SlackUser = ANA, *, handle: str = "ana", resume: Resume | None = None
) -> str:
    """The same, up to where CT sends the browser with its code; not visited yet."""
    link = await site.link_for(who, handle=handle, resume=resume)
    return await browser.allow_at_ct((await browser.press_continue(link)).headers["location"])


def wrong_code(right: str) -> str:
    """The right one but for its last character: the nearest miss there is."""
    return right[:-1] + ALPHABET[(ALPHABET.index(right[-1]) + 1) % len(ALPHABET)]


@dataclass
class Guessing:
    """`answers`: what the guesses were told. `hits`: how many of them linked anything."""

    guesses: int = 0
    attempts: int = 0
    hits: int = 0
    token_requests: int = 0
    answers: Counter[str] = field(default_factory=Counter)


async def guess(site: Site, victim: Visitor, *, n: int, burnt: int = 5) -> Guessing:
    """Mallory guesses `n` times, over as many attempts as it takes, each guess on the next replica.

    The victim opens Mallory's link each time, allows it at CT, and tells nobody the code. Each attempt is guessed at
    until it is burnt, and `burnt` times more. Guesses are random, and near misses: what differs in one place only.
    """
    run, before = Guessing(), site.exchanges
    while run.guesses < n:
        code = (await code_from(site, victim, MALLORY, handle="mallory")).replace("-", "")
        run.attempts += 1
        for turn in range(min(5 + burnt, n - run.guesses)):
            text = (
                new_code()
                if turn % 2
                else code[: turn % LENGTH] + _other(code[turn % LENGTH]) + code[turn % LENGTH + 1 :]
            )
            if text == code:
                continue
            told = await site.replicas[turn % len(site.replicas)].enter(MALLORY, text)
            run.guesses += 1
            run.hits += told is Outcome.DONE
            run.answers[told.why if isinstance(told, Refused) else told] += 1
    run.token_requests = site.exchanges - before
    return run


def _other(char: str) -> str:
    return ALPHABET[(ALPHABET.index(char) + 7) % len(ALPHABET)]


@dataclass
class Phishing:
    """What Mallory has after the victim opened her links and typed nothing."""

    runs: int = 0
    pages_with_mallorys_name: int = 0
    token_requests: int = 0
    linked: int = 0
    typed_by_the_victim: Counter[str] = field(default_factory=Counter)


async def phish(site: Site, victim: Visitor, victim_as: SlackUser, *, n: int) -> Phishing:
    """`n` victims who allow everything and then do what the page says: type the code in their own Slack, or nothing."""
    run, before = Phishing(), site.exchanges
    for turn in range(n):
        page = await victim.look(await callback_of(site, victim, MALLORY, handle="mallory"))
        code = shown(page) or ""
        run.runs += 1
        run.pages_with_mallorys_name += "<bdi>@mallory</bdi>" in page.text
        if turn % 2:
            told = await site.replicas[turn % len(site.replicas)].enter(victim_as, code)
            run.typed_by_the_victim[told.why if isinstance(told, Refused) else told] += 1
    run.token_requests = site.exchanges - before
    run.linked = sum([await r.sessions.account(MALLORY) is not None for r in site.replicas])
    return run


def refused(told: Outcome | Refused, why: Why) -> bool:
    return isinstance(told, Refused) and told.why is why
