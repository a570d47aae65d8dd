"""How the bot reaches Redis, and the one way a failure of it leaves the stores.

Keys are `ct:<thing>:{<tag>}:...`; the tag (`SlackUser.tag`) is one hash slot an installation, so that one script can
check an installation's marks and save a token. Times are Redis's own (`TIME`), never a replica's.
"""

import functools
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from bot.errors import StoreDownError

P = ParamSpec("P")
T = TypeVar("T")

CONNECTIONS = 64


def connect(url: str) -> Redis:
    """A client that answers or fails within about two seconds, and never sends a command twice (`guarantees.md` D3).

    RESP2 keeps redis-py from asking each new connection for maintenance notices: fewer round trips, and a connection
    that died while idle is noticed before it is used.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=1.0,
        socket_connect_timeout=0.5,
        socket_timeout=1.0,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )
    return Redis.from_pool(pool)


def guarded(method: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Turn every failure of Redis into a StoreDownError, chained; its text holds no key and no argument."""

    @functools.wraps(method)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except (RedisError, OSError) as error:
            raise StoreDownError(f"The bot's store (Redis) is not answering ({type(error).__name__}).") from error

    return wrapper


class Script:
    """One Lua script: sent once, called by its hash."""

    def __init__(self, redis: Redis, text: str) -> None:
        self._run = redis.register_script(text)

    async def __call__(self, keys: list[str], *args: str | bytes | int | float) -> Any:
        """Run it; `Any` because Lua answers with whatever it likes: the caller knows its own script."""
        return await self._run(keys=keys, args=args)
