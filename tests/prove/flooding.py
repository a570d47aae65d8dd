"""Commands at a steady rate from a process of its own, as Slack's servers are no part of the bot's machine.

`python -m tests.prove.flooding RATE PORT…` reads bodies, a line each, signs each when its turn comes, sends them to the
ports in turn whatever becomes of them, and prints what was answered: each different status (0: none) and body, and how
often it came, as JSON.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Sequence

from aiohttp import ClientError, ClientSession

from tests.prove.raw import sign


async def flood(ports: Sequence[int], bodies: Sequence[bytes], *, rate: float) -> Counter[str]:
    """`rate`: a second, over all ports."""
    answers: Counter[str] = Counter()

    async def one(session: ClientSession, n: int, body: bytes) -> None:
        headers = {name.decode(): value.decode() for name, value in sign(body)}
        try:
            async with session.post(
                f"http://127.0.0.1:{ports[n % len(ports)]}/slack/events", data=body, headers=headers
            ) as answer:
                answers[f"{answer.status} {await answer.text()}"] += 1
        except (ClientError, OSError, TimeoutError):
            answers["0"] += 1

    async with ClientSession() as session, asyncio.TaskGroup() as group:
        began = time.monotonic()
        for n, body in enumerate(bodies):
            await asyncio.sleep(max(0.0, began + n / rate - time.monotonic()))
            group.create_task(one(session, n, body))
    return answers


async def elsewhere(ports: Sequence[int], bodies: Sequence[bytes], *, rate: float) -> Counter[str]:
    """The same from another process; waits until it is over."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.prove.flooding", str(rate), *map(str, ports)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    told, _ = await process.communicate(b"\n".join(bodies))
    assert process.returncode == 0, "the flood broke off"
    return Counter(json.loads(told))


if __name__ == "__main__":
    found = asyncio.run(
        flood([int(port) for port in sys.argv[2:]], sys.stdin.buffer.read().split(b"\n"), rate=float(sys.argv[1]))
    )
    sys.stdout.write(json.dumps(found))
