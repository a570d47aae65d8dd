"""`ct-bot links`: what whoever runs the bot may have to do with everybody's links, while replicas go on serving."""

import contextlib
import sys
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

from aiohttp import ClientSession

from bot.crypto import Keyring, SealError, key_id_of
from bot.ct import CTClient
from bot.errors import ConfigError, StoreDownError
from bot.identity import SlackUser
from bot.services.notices import Account, Resume
from bot.services.pairs import Link, PairSealer
from bot.services.sessions import Sessions
from bot.settings import Policy, Settings
from bot.slack.installation import InstallationOfToken
from bot.slack.web_client import web_client
from bot.stores.audit import Audit
from bot.stores.due import DueQueue
from bot.stores.redis import connect
from bot.stores.replicas import Replicas
from bot.stores.tokens import LinkRecord, TokenStore
from bot.tasks import TaskSet

PATIENCE = 10.0  # times as long as a command waits for Redis
YES = "end all links"


@dataclass(frozen=True, slots=True)
class _Bench:
    """What the three acts work with."""

    tags: list[str]
    tokens: TokenStore
    sealer: PairSealer
    sessions: Sessions
    replicas: Replicas
    key: str  # the id of the data key that writes

    async def records(self) -> AsyncIterator[tuple[SlackUser, LinkRecord]]:
        """Everybody's link, of this workspace (or organisation) and of those that the policy lets in."""
        for tag in self.tags:
            for who in await self.tokens.members(tag):
                record = await self.tokens.load(who)
                if record is not None:
                    yield who, record


async def links(act: str, settings: Settings, policy: Policy) -> int:
    """`count`, `rewrap` or `end`; prints what it did. Raises ConfigError when Slack or Redis does not answer."""
    try:
        async with _bench(settings, policy) as bench:
            match act:
                case "rewrap":
                    return await _rewrap(bench)
                case "end":
                    return await _end(bench)
                case _:
                    return await _count(bench)
    except StoreDownError as error:
        raise ConfigError([f"REDIS_URL: {error} Nothing more was done; it may be run again."]) from None


async def _count(bench: _Bench) -> int:
    counts: Counter[tuple[str, str]] = Counter()
    async for _, record in bench.records():
        counts[record.status.value, key_id_of(record.sealed)] += 1
    _say(f"{sum(counts.values())} links")
    for (status, key), number in sorted(counts.items()):
        _say(f"  {number} {status.lower().replace('_', ' ')}, sealed with the data key {key}")
    return 0


async def _rewrap(bench: _Bench) -> int:
    """Seal every link with the first data key; a link that changes meanwhile is sealed with it anyway."""
    if blind := [replica for replica in await bench.replicas.all() if bench.key not in replica.keys]:
        count = f"{len(blind)} bots run" if len(blind) > 1 else "A bot runs"
        _say(f"{count} without the data key {bench.key}: to them, every link would be lost. Nothing was done.")
        _say("Start them anew with these CT_BOT_DATA_KEYS, wait until the old ones have ended, and try again.")
        return 1
    written, stood, lost = 0, 0, 0
    async for who, record in bench.records():
        try:
            pair = bench.sealer.open(who, record.sealed)
        except SealError:
            lost += 1
            continue
        sealed = bench.sealer.rewrapped(who, record, Link(record.gen, pair, record.account))
        if sealed is None:
            stood += 1
        else:
            await bench.tokens.rewrap(who, record.gen, sealed)
            written += 1
    _say(f"{written} links are sealed anew with the first data key; {stood} were already.")
    if lost:
        _say(f"{lost} links cannot be opened with the keys in CT_BOT_DATA_KEYS: their people link again.")
    return 0


def sure_to_end() -> bool:
    """Ask whoever sits at the terminal; without one the answer is no."""
    if sys.stdin.isatty() and input(f"Type '{YES}' to end everybody's link to CT: ").strip() == YES:
        return True
    _say(f"Nothing was done. Type '{YES}' when asked, or give --yes.")
    return False


async def _end(bench: _Bench) -> int:
    ended = 0
    for tag in bench.tags:
        ended += await bench.sessions.forget_installation(tag, team_id=None)
    _say(f"{ended} links are ended. The running bot revokes them at CT within minutes; people link again by /ct link.")
    return 0


@contextlib.asynccontextmanager
async def _bench(settings: Settings, policy: Policy) -> AsyncIterator[_Bench]:
    async with contextlib.AsyncExitStack() as stack:
        redis = connect(settings.redis_url, patience=PATIENCE)
        stack.push_async_callback(redis.aclose)
        session = await stack.enter_async_context(ClientSession())
        ct = CTClient(
            auth_url=settings.ct_auth_url,
            api_url=settings.ct_api_url,
            client_id=settings.ct_client_id,
            client_secret=settings.ct_client_secret,
        )
        stack.push_async_callback(ct.aclose)
        home = await InstallationOfToken(
            client=web_client(settings.slack_bot_token, settings.slack_api_url, session)
        ).ask()
        if home is None:
            raise ConfigError(["Slack does not say whose links these are: is SLACK_BOT_TOKEN good? See ct-bot doctor."])
        keyring, tokens = Keyring(settings.ct_bot_data_keys), TokenStore(redis)
        sessions = Sessions(
            ct=ct,
            tokens=tokens,
            queue=DueQueue(redis),
            keyring=keyring,
            notices=_Nobody(),
            audit=Audit(redis),
            tasks=TaskSet(),
        )
        tags = list(dict.fromkeys([home.enterprise_id or home.team_id, *policy.allowed_teams]))
        key = settings.ct_bot_data_keys[0].id
        yield _Bench(tags, tokens, PairSealer(keyring), sessions, Replicas(redis), key)


class _Nobody:
    """The running bot tells people; the command line tells whoever typed it."""

    async def linked(self, who: SlackUser, account: Account, *, resume: Resume | None, switched: bool) -> None: ...

    async def link_cut_off(self, who: SlackUser) -> None: ...

    async def link_ended(self, who: SlackUser) -> None: ...

    async def revoke_failed(self, who: SlackUser) -> None: ...


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
