"""A replica in a process of its own that runs one command: to be killed or frozen in the middle of it."""

import asyncio
import sys

from tests.services.replicas import Replica, Told


async def run(redis_url: str, ct_url: str) -> None:
    replica = Replica(redis_url, ct_url, told=Told())
    me = await replica.me()
    await replica.close()
    sys.stdout.write(str(me.email))


if __name__ == "__main__":
    asyncio.run(run(*sys.argv[1:]))
