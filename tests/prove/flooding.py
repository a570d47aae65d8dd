"""Commands at a steady rate from a process of its own, as Slack's servers are no part of the bot's machine.

`python -m tests.prove.flooding RATE PORT…` reads bodies, a line each up to an empty one, says that it is ready and
waits for a line. Then it signs each when its turn comes, sends them to the ports in turn whatever becomes of them, and
prints what was answered: each different status (0: none) and body, and how often it came, as JSON.
"""

import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

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


@contextlib.asynccontextmanager
async def elsewhere(
    ports: Sequence[int], bodies: Sequence[bytes], *, rate: float
) -> AsyncIterator[Callable[[], Awaitable[Counter[str]]]]:
    """The same from another process, which is up when the block begins; what is given starts it and waits for its end.

    A process that starts takes a processor for half a second, and would be felt by everybody on a machine with two.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.prove.flooding", str(rate), *map(str, ports)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None

    async def start() -> Counter[str]:
        told, _ = await process.communicate(b"\n")
        assert process.returncode == 0, "the flood broke off"
        return Counter(json.loads(told))

    try:
        process.stdin.write(b"".join(body + b"\n" for body in [*bodies, b""]))
        await process.stdin.drain()
        assert await process.stdout.readline() == b"ready\n", "the flood did not come up"
        yield start
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _told() -> list[bytes]:
    bodies = [body.rstrip(b"\n") for body in iter(sys.stdin.buffer.readline, b"\n")]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.buffer.readline()
    return bodies


if __name__ == "__main__":
    found = asyncio.run(flood([int(port) for port in sys.argv[2:]], _told(), rate=float(sys.argv[1])))
    sys.stdout.write(json.dumps(found))
