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

CONNECTIONS = 32  # a round trip takes a tenth of a millisecond: the loop is busy long before so many are


def connect(url: str, *, patience: float = 1.0) -> Redis:
    """A client that never sends a command twice, and fails after 2.5 × `patience` seconds (`guarantees.md` D3).

    RESP2 and no driver info spare each new connection its greetings, and redis-py its maintenance notices: a connection
    that died while idle is noticed before it is used.
    """
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=CONNECTIONS,
        timeout=1.5 * patience,
        socket_connect_timeout=0.5 * patience,
        socket_timeout=patience,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        driver_info=None,
    )
    return Redis.from_pool(pool)


def guarded(method: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Turn every failure of Redis into a StoreDownError, chained; its text holds no key and no argument."""

    @functools.wraps(method)
    async def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await method(*args, **kwargs)
        except (RedisError, OSError) as error:
            raise _down(error) from error
        except RuntimeError as error:
            # How uvloop says that a connection was reset under a command; redis-py lets it through.
            if "handler is closed" not in str(error):
                raise
            raise _down(error) from error

    return wrapper


def _down(error: Exception) -> StoreDownError:
    return StoreDownError(f"The bot's store (Redis) is not answering ({type(error).__name__}).")


class Script:
    """One Lua script: sent once, called by its hash."""

    def __init__(self, redis: Redis, text: str) -> None:
        self._run = redis.register_script(text)

    async def __call__(self, keys: list[str], *args: str | bytes | int | float) -> Any:
        """Run it; `Any` because Lua answers with whatever it likes: the caller knows its own script."""
        return await self._run(keys=keys, args=args)
