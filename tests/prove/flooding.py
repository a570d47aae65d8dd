"""Commands at a steady rate from a process of its own, as Slack's servers are no part of the bot's machine.

`python -m tests.prove.flooding RATE PORT…` reads bodies, a line each up to an empty one, and says that it is ready.
For each number that it reads then it sends so many of them, each when its turn comes, to the ports in turn, whatever
becomes of them, and prints what was answered: each different status (0: none) and body, and how often it came, as
JSON. It takes little of the machine: what it takes, the bot does not have.
"""

import asyncio
import contextlib
import itertools
import json
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from tests.prove.raw import Connection, Request, connect, exchange, sign


async def flood(ports: Sequence[int], requests: Sequence[Request], *, rate: float) -> Counter[str]:
    """`rate`: a second, over all ports."""
    answers: Counter[str] = Counter()
    free: dict[int, list[Connection]] = {port: [] for port in ports}

    async def one(port: int, request: Request) -> None:
        try:
            connection = free[port].pop() if free[port] else await connect(port)
            status, body, again = await exchange(connection, request)
        except (OSError, asyncio.IncompleteReadError, TimeoutError):
            answers["0"] += 1
            return
        answers[f"{status} {body.decode()}"] += 1
        if again:
            free[port].append(connection)
        else:
            connection[1].close()

    async with asyncio.TaskGroup() as group:
        began = time.monotonic()
        for n, request in enumerate(requests):
            await asyncio.sleep(max(0.0, began + n / rate - time.monotonic()))
            group.create_task(one(ports[n % len(ports)], request))
    for _, writer in itertools.chain(*free.values()):
        writer.close()
    return answers


@contextlib.asynccontextmanager
async def elsewhere(
    ports: Sequence[int], bodies: Sequence[bytes], *, rate: float
) -> AsyncIterator[Callable[[int], Awaitable[Counter[str]]]]:
    """The same from another process, which is up when the block begins; what is given sends so many of them.

    A process that starts takes a processor for half a second, and would be felt by everybody on a machine with two.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.prove.flooding", str(rate), *map(str, ports)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    tell, hear = process.stdin, process.stdout

    async def send(count: int) -> Counter[str]:
        tell.write(b"%d\n" % count)
        told = await hear.readline()
        assert told, "the flood broke off"
        return Counter(json.loads(told))

    try:
        tell.write(b"".join(body + b"\n" for body in [*bodies, b""]))
        await tell.drain()
        assert await hear.readline() == b"ready\n", "the flood did not come up"
        yield send
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _serve(rate: float, ports: Sequence[int]) -> None:
    bodies = iter([body.rstrip(b"\n") for body in iter(sys.stdin.buffer.readline, b"\n")])
    _tell("ready")
    for count in sys.stdin.buffer:
        requests = [Request(body, sign(body)) for body in itertools.islice(bodies, int(count))]
        _tell(json.dumps(asyncio.run(flood(ports, requests, rate=rate))))


if __name__ == "__main__":
    _serve(float(sys.argv[1]), [int(port) for port in sys.argv[2:]])
